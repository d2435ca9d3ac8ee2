"""Which picture of a group stands for the others, and why."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LOSSLESS = frozenset({"PNG", "BMP", "TIFF", "QOI", "PPM", "PSD"})
"""Formats that lose nothing; WebP and AVIF may, and count by their bytes."""

_SHARPER = 0.02  # of the sharpness figure, 0..1: less is chance


@dataclass(frozen=True)
class Candidate:
    """What speaks for a picture.

    Attributes
    ----------
    width, height
        Pixels.
    format, bytes
        Of its file.
    stars
        A person's, 0..5.
    sharpness
        0..1; NaN where unknown.
    captioned
        Whether anybody or anything wrote a caption for it.
    grey
        Whether it lacks the colours that another of the group has.
    """

    width: int
    height: int
    format: str
    bytes: int
    stars: int
    sharpness: float
    captioned: bool = False
    grey: bool = False

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height

    @property
    def density(self) -> float:
        """Bytes for each pixel: how little was lost, among files of one format."""
        return self.bytes / max(1, self.pixels)


def keeper(group: Sequence[Candidate]) -> tuple[int, str]:
    """Propose which picture to keep.

    A person's stars count first. Then colours, pixels, sharpness, a format that loses nothing, little
    compression, and a caption; of equals the first one.

    Parameters
    ----------
    group
        At least two.

    Returns
    -------
    place, reason
        Its place in the group, and what decided, in words.
    """
    left = list(range(len(group)))
    for reason, best in _RULES:
        kept = best([group[place] for place in left])
        if len(kept) < len(left):
            left = [left[place] for place in kept]
            if len(left) == 1:
                return left[0], reason
    return left[0], _last_reason(group, left)


def _last_reason(group: Sequence[Candidate], left: Sequence[int]) -> str:
    """Say why the first of several equals is kept."""
    return "equal to the others, added first" if len(left) == len(group) else "added first of the best"


def _most(values: Sequence[float], slack: float = 0.0) -> list[int]:
    """Return the places of the largest values, those within `slack` of it included."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return list(range(len(values)))
    limit = max(known) - slack
    return [place for place, value in enumerate(values) if value >= limit]


_RULES: tuple[tuple[str, Callable[[Sequence[Candidate]], list[int]]], ...] = (
    ("most stars", lambda group: _most([one.stars for one in group])),
    ("in colour", lambda group: _most([not one.grey for one in group])),
    ("most pixels", lambda group: _most([one.pixels for one in group])),
    ("sharpest", lambda group: _most([one.sharpness for one in group], _SHARPER)),
    ("no loss by compression", lambda group: _most([one.format in LOSSLESS for one in group])),
    ("least compressed", lambda group: _most([one.density for one in group])),
    ("has a caption", lambda group: _most([one.captioned for one in group])),
)
