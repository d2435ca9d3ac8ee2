"""What the log says about an operation, given how many images changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lorairo.config import nearest
from lorairo.store.cuts import HALF

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


def listed(count: int) -> str:
    """Say ``Replaced the tags of 40 images``."""
    return f"Replaced the tags of {images(count)}"


def captioned(*, removed: bool) -> Say:
    """Say ``Captioned 40 images``, ``Removed the captions of 40 images``."""
    if removed:
        return lambda count: f"Removed the caption{'' if count == 1 else 's'} of {images(count)}"
    return lambda count: f"Captioned {images(count)}"


def sentences(verb: str, number: int) -> Say:
    """Say ``Struck 2 sentences of 40 images``, ``Left sentences of 1 image to the models``."""
    what = f"{number:,} {'sentence' if number == 1 else 'sentences'}" if number else "sentences"
    back = " to the models" if verb == "Left" else ""
    return lambda count: f"{verb} {what} of {images(count)}{back}"


def paired(verdict: str) -> Say:
    """Say ``Marked 3 images as different pictures``, ``Marked 3 images as variants``."""
    what = {"different": "different pictures", "variant": "variants of each other"}[verdict]
    return lambda count: f"Marked {images(count)} as {what}"


def unpaired(count: int) -> str:
    """Say ``Took back what was decided about duplicates of 3 images``."""
    return f"Took back what was decided about duplicates of {images(count)}"


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


def each_set(field: str) -> Say:
    """Say ``Rated 3 images``."""
    ways = {"stars": "Rated", "excluded": "Excluded or included", "reviewed": "Marked reviewed or not"}
    return lambda count: f"{ways[field]} {images(count)}"


def joined(dataset: str) -> Say:
    """Say ``Added 3 images to train``."""
    return lambda count: f"Added {images(count)} to {dataset}"


def left(dataset: str) -> Say:
    """Say ``Removed 3 images from train``."""
    return lambda count: f"Removed {images(count)} from {dataset}"


def no_dataset(name: str, known: list[str]) -> str:
    """Say ``Removed nothing: there is no dataset trian: did you mean 'train'?``."""
    near = nearest(name, known) if known else "none has been made"
    return f"Removed nothing: there is no dataset {name}: {near}"


def policy(model_key: str, given: Mapping[str, Any]) -> Say:
    """Say ``Set wd-vit-tagger-v3 to general 0.35: 96 images changed``."""
    parts = [_limit(name, value) for name, value in given["thresholds"].items()]
    found = given.get("calibrated")
    if given.get("method") == "pr":
        parts.append(f"{_tags(len(found))} calibrated" if found is not None else "calibrated tags")
    elif given.get("method") is not None:
        parts.append(_METHODS[given["method"]])
    parts += [_limit(name, value) for name, value in given.get("per_tag", {}).items()]
    model = model_key.partition("/")[2] or model_key
    return lambda count: f"Set {model} to {_list(parts)}: {images(count)} changed"


_METHODS = {"fixed": "fixed thresholds", "mcut": "the widest gap of each image"}


def _limit(name: str, value: float | None) -> str:
    return f"{name} as by default" if value is None else f"{name} {value:g}"


def _tags(count: int) -> str:
    return f"{count:,} {'tag' if count == 1 else 'tags'}"


def combined(given: Mapping[str, Any]) -> Say:
    """Say ``Tags count by the vote of the models: 96 images changed``."""
    ways = {
        "union": "where any model says them",
        "intersection": "where all models say them",
        "vote": f"by a vote of {given.get('at_least', HALF):.0%} of the models",
    }
    return lambda count: f"Tags count {ways[given['combine']]}: {images(count)} changed"
