"""Numbers in sentences."""

from __future__ import annotations


def images(count: int) -> str:
    """Write ``1 image``, ``1,214 images``."""
    return f"{count:,} image" if count == 1 else f"{count:,} images"


def texts(count: int) -> str:
    """Write ``1 text``, ``1,214 texts``."""
    return f"{count:,} text" if count == 1 else f"{count:,} texts"
