"""What the log says about an operation, given how many images changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Say = Callable[[int], str]

_NAMED = 3


def images(count: int) -> str:
    """Return ``1 image`` or ``1,284 images``."""
    return f"{count:,} {'image' if count == 1 else 'images'}"


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED:,} more"


def tagged(names: Sequence[str]) -> Say:
    """Say ``Tagged 40 images smile``."""
    return lambda count: f"Tagged {images(count)} {_list(names)}"


def removed(names: Sequence[str]) -> Say:
    """Say ``Removed smile from 40 images``."""
    return lambda count: f"Removed {_list(names)} from {images(count)}"


def replaced(pairs: Mapping[str, str]) -> Say:
    """Say ``Replaced grey_hair by gray_hair on 118 images``."""
    named = _list([f"{old} by {new}" for old, new in pairs.items()]) or "nothing"
    return lambda count: f"Replaced {named} on {images(count)}"


def cleared(names: Sequence[str]) -> Say:
    """Say ``Left smile to the models on 40 images``."""
    return lambda count: f"Left {_list(names)} to the models on {images(count)}"


def ordered(names: Sequence[str]) -> Say:
    """Say ``Put smile first on 40 images``."""
    return lambda count: f"Put {_list(names)} first on {images(count)}"


def captioned(*, removed: bool) -> Say:
    """Say ``Captioned 40 images``, ``Removed the captions of 40 images``."""
    if removed:
        return lambda count: f"Removed the caption{'' if count == 1 else 's'} of {images(count)}"
    return lambda count: f"Captioned {images(count)}"


def rated(stars: int) -> Say:
    """Say ``Rated 3 images 4``."""
    return lambda count: f"Rated {images(count)} {stars}"


def excluded(count: int) -> str:
    """Say ``Excluded 2 images``."""
    return f"Excluded {images(count)}"


def included(count: int) -> str:
    """Say ``Included 2 images``."""
    return f"Included {images(count)}"


def reviewed(mark: bool) -> Say:
    """Say ``Marked 3 images reviewed``."""
    return lambda count: f"Marked {images(count)} {'reviewed' if mark else 'not reviewed'}"


def joined(dataset: str) -> Say:
    """Say ``Added 3 images to train``."""
    return lambda count: f"Added {images(count)} to {dataset}"


def left(dataset: str) -> Say:
    """Say ``Removed 3 images from train``."""
    return lambda count: f"Removed {images(count)} from {dataset}"


def policy(model_key: str, thresholds: Mapping[str, float]) -> Say:
    """Say ``Set wd-vit-tagger-v3 to general 0.35: 96 images changed``."""
    limits = ", ".join(f"{name} {value:g}" for name, value in thresholds.items())
    model = model_key.partition("/")[2] or model_key
    return lambda count: f"Set {model} to {limits}: {images(count)} changed"
