"""A few images that stand for many: spread over ratings, datasets, what splits the tags, and shapes."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.query.order import content_ranks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lorairo.query import Index

    Positions = NDArray[np.int64]

_SPLITTING = 3  # tags: eight groups of images
_CONSIDERED = 200  # most frequent tags
_COMMON = 0.1  # share of images: a tag that fewer have, or lack, splits off what hardly comes up
_SQUARE = 1.25  # longer side to shorter


def spread(index: Index, positions: Positions, count: int, seed: int) -> Positions:
    """Choose up to `count` of some positions so that each kind of image comes as often as in the whole.

    The images are put in an order in which alike ones are neighbours, by rating, datasets, the three tags
    that most nearly halve them, and shape; then every n-th is taken. Among alike ones, and for where the
    count begins, the hash of `seed` and content decides: the same on every machine.

    Parameters
    ----------
    index
        Where the facts are.
    positions
        To choose from.
    count
        How many at most.
    seed
        Another one gives another choice.

    Returns
    -------
    numpy.ndarray
        Positions, in the order in which they were given.
    """
    if count >= len(positions):
        return positions
    alike: list[NDArray[Any]] = [
        content_ranks(index, seed, positions),
        _shapes(index, positions),
        *_splits(index, positions),
        _datasets(index, positions),
        index.ratings[positions],
    ]
    order = np.lexsort(alike)
    start = int.from_bytes(hashlib.sha256(f"laboratory|{seed}".encode()).digest()[:4], "big") / 2**32
    taken = order[((np.arange(count) + start) * len(positions) / count).astype(np.int64)]
    return positions[np.sort(taken)]


def _shapes(index: Index, positions: Positions) -> NDArray[np.int8]:
    """Tell upright, square and lying pictures apart."""
    ratio = np.maximum(index.column("width")[positions], 1) / np.maximum(index.column("height")[positions], 1)
    return (ratio > _SQUARE).astype(np.int8) - (ratio < 1 / _SQUARE).astype(np.int8)


def _splits(index: Index, positions: Positions) -> list[NDArray[np.bool_]]:
    """Say of each image whether it has the tags that most nearly halve all of them."""
    counts = {index.tag_name(tag): (tag, count) for tag, count in index.facets(positions, _CONSIDERED)}
    lowest = _COMMON * len(positions)
    kept = [name for name, (_, count) in counts.items() if lowest <= count <= len(positions) - lowest]
    nearest = sorted(kept, key=lambda name: (abs(counts[name][1] - len(positions) / 2), name))
    splits = []
    for name in reversed(nearest[:_SPLITTING]):
        having = np.zeros(len(index), dtype=bool)
        having[index.postings(counts[name][0])] = True
        splits.append(having[positions])
    return splits


def _datasets(index: Index, positions: Positions) -> NDArray[np.int64]:
    """Return one number for each set of datasets that an image can be in."""
    number = np.zeros(len(index), dtype=np.int64)
    for name in sorted(index.datasets):
        inside = np.zeros(len(index), dtype=np.int64)
        inside[index.datasets[name]] = 1
        _, number = np.unique(2 * number + inside, return_inverse=True)
    return number[positions]
