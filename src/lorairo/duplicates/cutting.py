"""Groups in which somebody told pictures apart, cut so that no such two are together.

Two pictures that were told apart may both be like a third. Then the third stays with that it is nearest to.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Marks = Mapping[int, frozenset[str]]
    Distances = Callable[[int, NDArray[np.int64]], NDArray[np.uint8]]
    Joins = Callable[[int, int], bool]

_NEAREST = 256  # others that each picture of a large group is compared with, the nearest ones


def cut(labels: NDArray[np.int64], told: Marks, distances: Distances, joins: Joins) -> NDArray[np.int64]:
    """Cut groups where two of a group share a mark.

    Parameters
    ----------
    labels
        int64[n]: of each picture the lowest of its group.
    told
        Marks by position; two that share one are different pictures.
    distances
        In how many bits the hash of one position differs from those of others.
    joins
        Whether two positions show the same, nobody having told them apart.

    Returns
    -------
    numpy.ndarray
        Labels, as they came.
    """
    meeting: dict[int, list[int]] = defaultdict(list)
    for place in sorted(told):
        meeting[int(labels[place])].append(place)
    found = labels.copy()
    for label, places in meeting.items():
        marks = [mark for place in places for mark in told[place]]
        if len(set(marks)) < len(marks):
            members = np.flatnonzero(labels == label)
            for part in _parts(members, told, distances, joins):
                found[part] = part[0]
    return found


def _parts(
    members: NDArray[np.int64], told: Marks, distances: Distances, joins: Joins
) -> Sequence[list[int]]:
    """Join the members anew, the nearest first, but never two parts that share a mark."""
    pairs: list[tuple[int, int, int]] = []
    for number, place in enumerate(members.tolist()):
        others = members[number + 1 :]
        bits = distances(place, others)
        nearest = np.argsort(bits, kind="stable")
        pairs += [(int(bits[k]), place, int(others[k])) for k in islice(nearest.tolist(), _NEAREST)]
    part_of = {place: [place] for place in members.tolist()}
    marks_of = {place: set(told.get(place, ())) for place in members.tolist()}  # by the first of each part
    for _, a, b in sorted(pairs):
        one, other = part_of[a], part_of[b]
        if one is other or marks_of[one[0]] & marks_of[other[0]] or not joins(a, b):
            continue
        one, other = sorted((one, other), key=lambda part: part[0])
        marks_of[one[0]] |= marks_of[other[0]]
        one += other
        part_of.update(dict.fromkeys(other, one))
    return list({id(part): sorted(part) for part in part_of.values()}.values())
