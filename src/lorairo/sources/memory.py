"""Pictures that exist only in memory: they get bytes, and with them an identity."""

from __future__ import annotations

import hashlib
import io
from functools import partial
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageOps

from lorairo.sources.items import Found, Readable, SourceItem, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

MEMORY_FOLDER: Final = "memory"
"""Folder inside the project where such pictures are kept."""

_PNG_MODES: Final = frozenset(("1", "L", "LA", "I;16", "P", "RGB", "RGBA"))


def find_images(images: Iterable[Image.Image]) -> Found:
    """Take Pillow images; equal ones once, and what cannot be decoded as a problem."""
    found = Found()
    for image in images:
        try:
            found.items.append(item_of(image))
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            name = shown(str(getattr(image, "filename", "") or "image in memory"))
            found.problems.append((name, f"cannot be decoded: {error}"))
    return found.sort()


def item_of(image: Image.Image, beside: tuple[Readable, ...] = ()) -> SourceItem:
    """Encode an image, upright, without loss.

    Parameters
    ----------
    image
        Any mode; those that PNG cannot hold become RGB.
    beside
        Texts that belong to it.
    """
    upright = ImageOps.exif_transpose(image)
    if upright.mode not in _PNG_MODES:
        upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    buffer = io.BytesIO()
    upright.save(buffer, "PNG", compress_level=1, icc_profile=image.info.get("icc_profile"))
    return item_of_bytes(buffer.getvalue(), ".png", beside)


def item_of_bytes(data: bytes, suffix: str, beside: tuple[Readable, ...] = ()) -> SourceItem:
    """Take encoded bytes as they are."""
    name = f"{hashlib.sha256(data).hexdigest()}{suffix}"
    return SourceItem(
        f"{MEMORY_FOLDER}/{name}", name, MEMORY_FOLDER, len(data), 0, partial(bytes, data), beside
    )
