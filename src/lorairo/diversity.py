"""How images lie in the space of a model: what is far from all, what stands for all, what is one scene."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lorairo.duplicates.components import Components

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Places = NDArray[np.float32]

_BLOCK = 1024  # images that are compared with all others at once
_REFERENCES = 20_000  # images that neighbours are looked for among: more take minutes and say the same


def farthest_first(places: Places, count: int, kept: Sequence[int] = ()) -> NDArray[np.int64]:
    """Choose images that stand for all: each next one is the farthest from those chosen before.

    Greedy k-center (Gonzalez 1985, "Clustering to minimize the maximum intercluster distance"): no other
    choice of as many leaves the farthest image less than half as far from the nearest chosen one.

    Parameters
    ----------
    places
        float32[n, dimensions], rows of length 1.
    count
        How many to choose, those of `kept` included.
    kept
        Rows that are chosen already; without any, the row nearest to the middle comes first.

    Returns
    -------
    numpy.ndarray
        Rows, in the order in which they were chosen; as many as there are when `count` is more.
    """
    chosen = list(dict.fromkeys(kept))
    if len(places) and not chosen:
        chosen = [int((places @ places.mean(axis=0)).argmax())]
    nearest = np.full(len(places), -np.inf, np.float32)  # cosine to the nearest chosen one
    for row in chosen:
        nearest = np.maximum(nearest, places @ places[row])
    nearest[chosen] = np.inf
    while len(chosen) < min(count, len(places)):
        row = int(nearest.argmin())
        chosen.append(row)
        nearest = np.maximum(nearest, places @ places[row])
        nearest[row] = np.inf
    return np.array(chosen[: max(count, len(kept))], np.int64)


def loneliness(places: Places, neighbours: int = 5) -> NDArray[np.float32]:
    """Return how far each image lies from its nearest neighbours: the mean of 1 - cosine.

    Parameters
    ----------
    places
        float32[n, dimensions], rows of length 1.
    neighbours
        How many count. Of more than 20,000 images every n-th may be a neighbour.
    """
    step = -(-len(places) // _REFERENCES) or 1
    others = places[::step]
    count = min(neighbours, len(others) - 1)
    found = np.zeros(len(places), np.float32)
    if count < 1:
        return found
    for start in range(0, len(places), _BLOCK):
        near = places[start : start + _BLOCK] @ others.T
        rows = np.arange(start, start + len(near))
        itself = rows % step == 0
        near[np.flatnonzero(itself), rows[itself] // step] = -np.inf
        best = np.partition(near, -count, axis=1)[:, -count:]
        found[rows] = 1 - best.mean(axis=1)
    return found


def join_alike(found: Components, rows: NDArray[np.int64], places: Places, likeness: float) -> None:
    """Put images into one set whose cosine is at least `likeness`, and what follows from that.

    Parameters
    ----------
    found
        Sets so far.
    rows
        What each of the places is called there.
    places
        float32[n, dimensions], rows of length 1.
    likeness
        0..1.
    """
    for start in range(0, len(places), _BLOCK):
        near = places[start : start + _BLOCK] @ places[start:].T
        mine, theirs = np.nonzero(np.triu(near, 1) >= likeness)
        found.merge(rows[start + mine], rows[start + theirs])


def effective_size(sizes: NDArray[np.integer]) -> float:
    """Return how many scenes of equal size would be as varied: the inverse Simpson index (1949).

    Parameters
    ----------
    sizes
        Images of each scene.
    """
    total = float(sizes.sum())
    return total**2 / float((sizes.astype(np.float64) ** 2).sum()) if total else 0.0


class Neighbours:
    """What lies near in the space of a model, for a search of duplicates.

    Parameters
    ----------
    rows
        What each of the places is called there.
    places
        float32[n, dimensions], rows of length 1.
    likeness
        Cosine from which on two are near, 0..1.
    """

    def __init__(self, rows: NDArray[np.int64], places: Places, likeness: float) -> None:
        self._rows, self._places, self._likeness = rows, places, likeness
        self._row = {int(row): number for number, row in enumerate(rows.tolist())}

    def joined(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return labels once near ones are put together too."""
        found = Components(len(labels))
        found.merge(np.arange(len(labels)), labels)
        join_alike(found, self._rows, self._places, self._likeness)
        return found.labels().astype(np.int64)

    def alike(self, a: int, b: int) -> bool:
        """Whether two are near; those without a place are near nothing."""
        first, second = self._row.get(a), self._row.get(b)
        if first is None or second is None:
            return False
        return float(self._places[first] @ self._places[second]) >= self._likeness
