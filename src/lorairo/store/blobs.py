"""The bodies of evidence and state: one blob of records per image, many joined for vectorised work."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

EFFECTIVE = np.dtype([("tag", "<u4"), ("source", "u1")])
"""A tag an image has, and where it comes from: MODEL, HAND, RULE or FILE."""

DECISION = np.dtype(
    [
        ("tag", "<u4"),
        ("place", "<u4"),  # tag whose place in the evidence this one takes (a replacement); 0 = its own
        ("order", "<u4"),  # operation that added it: hand-added tags stand in this order
        ("index", "<u2"),  # its position inside that operation
        ("rank", "<u2"),  # explicit rank from 1; 0 = none
        ("state", "i1"),  # 1 accepted, -1 rejected, 0 only ranked
        ("source", "u1"),
    ]
)
"""What people said about one tag of one image."""

SCORED = np.dtype([("tag", "<u4"), ("score", "<f4")])
"""One answer of a model; a file's tags have the score 1."""

MODEL, HAND, RULE, FILE = 0, 1, 2, 3
SOURCE_NAMES = ("model", "hand", "rule", "file")
ACCEPTED, REJECTED = 1, -1

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Ragged:
    """Records of many images, joined.

    Attributes
    ----------
    values
        All records, those of image 0 first.
    offsets
        int64[n + 1]; image i has ``values[offsets[i]:offsets[i + 1]]``.
    """

    values: Array
    offsets: NDArray[np.int64]

    @classmethod
    def join(cls, blobs: Sequence[bytes], dtype: np.dtype[Any]) -> Ragged:
        """Join one blob per image."""
        lengths = np.fromiter(map(len, blobs), dtype=np.int64, count=len(blobs))
        return cls(np.frombuffer(b"".join(blobs), dtype), _offsets(lengths // dtype.itemsize))

    @classmethod
    def grouped(cls, values: Array, rows: NDArray[np.int64], count: int) -> Ragged:
        """Take records that are sorted by row already."""
        return cls(values, _offsets(np.bincount(rows, minlength=count)))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def counts(self) -> NDArray[np.int64]:
        """Records per image."""
        return np.diff(self.offsets)

    @property
    def rows(self) -> NDArray[np.int64]:
        """The image of each record."""
        return np.repeat(np.arange(len(self)), self.counts)

    @property
    def within(self) -> NDArray[np.int64]:
        """The position of each record among those of its image."""
        return np.arange(len(self.values)) - np.repeat(self.offsets[:-1], self.counts)

    def take(self, rows: NDArray[np.int64]) -> Ragged:
        """Return the records of some images, in the order given."""
        if len(rows) == len(self) and np.array_equal(rows, np.arange(len(self))):
            return self
        counts = self.counts[rows]
        offsets = _offsets(counts)
        places = np.repeat(self.offsets[rows] - offsets[:-1], counts) + np.arange(offsets[-1])
        return Ragged(self.values[places], offsets)

    def split(self) -> list[bytes]:
        """Return one blob per image."""
        body = np.ascontiguousarray(self.values).tobytes()
        places = (self.offsets * self.values.dtype.itemsize).tolist()
        return [body[start:stop] for start, stop in pairwise(places)]


def _offsets(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    offsets = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets


def numbered(rows: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which of `count` rows occur, sorted, and the position of each among them."""
    occurs = np.zeros(count, dtype=bool)
    occurs[rows] = True
    return np.flatnonzero(occurs), (np.cumsum(occurs) - 1)[rows]


def keys(rows: NDArray[np.int64], tags: Array) -> NDArray[np.int64]:
    """Return one number per (row, tag)."""
    return (rows.astype(np.int64) << 32) | tags.astype(np.int64)


def find(within: Ragged, rows: NDArray[np.int64], tags: Array) -> NDArray[np.int64]:
    """Return where each (row, tag) stands in ``within.values``, or -1.

    Only records whose tag is asked for are sorted, so asking for one tag of 100,000 images costs one pass.
    """
    found = np.full(len(tags), -1, dtype=np.int64)
    have = np.ascontiguousarray(within.values["tag"])
    if not len(tags) or not len(have):
        return found
    wanted = np.zeros(int(max(have.max(), tags.max())) + 1, dtype=bool)
    wanted[tags] = True
    places = np.flatnonzero(wanted[have])
    if not len(places):
        return found
    row_of = np.searchsorted(within.offsets, places, side="right") - 1
    known = keys(row_of, have[places])
    order = np.argsort(known, kind="stable")
    known, places = known[order], places[order]
    asked = keys(rows, tags)
    at = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    hit = known[at] == asked
    found[hit] = places[at[hit]]
    return found
