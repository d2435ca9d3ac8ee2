"""Groups cut where pictures in them were told apart."""

from __future__ import annotations

import numpy as np

from lorairo.duplicates.bits import distance
from lorairo.duplicates.cutting import cut

HASHES = np.array([0b0, 0b1, 0b11, 0b111, 1 << 40], np.uint64)


def groups_of(told: dict[int, set[str]], *, together: int = 4) -> list[list[int]]:
    """Cut one group of the first `together`, in which those within two bits are alike."""
    labels = np.array([0] * together + list(range(together, len(HASHES))))

    def bits(place: int, others: np.ndarray) -> np.ndarray:
        return distance(HASHES[others], HASHES[place])

    def joins(a: int, b: int) -> bool:
        return int(distance(HASHES[a : a + 1], HASHES[b])[0]) <= 2

    marks = {place: frozenset(said) for place, said in told.items()}
    found = cut(labels, marks, bits, joins)
    return [np.flatnonzero(found == label).tolist() for label in np.unique(found)]


def test_a_group_without_two_of_one_mark_stays():
    assert groups_of({0: {"x"}, 1: {"y"}, 4: {"x"}}) == [[0, 1, 2, 3], [4]]


def test_two_that_were_told_apart_are_not_joined_by_those_between():
    (with_first, with_last, _) = groups_of({0: {"x"}, 3: {"x"}})
    assert (with_first[0], with_last[-1]) == (0, 3)
    assert sorted(with_first + with_last) == [0, 1, 2, 3]


def test_what_lies_between_goes_with_what_it_is_nearest_to():
    assert groups_of({0: {"x"}, 2: {"x"}, 3: {"x"}}) == [[0, 1], [2], [3], [4]]


def test_all_told_apart_are_alone():
    assert groups_of({place: {"x"} for place in range(4)}) == [[0], [1], [2], [3], [4]]


def test_marks_of_different_verdicts_do_not_meet():
    assert groups_of({0: {"x", "y"}, 1: {"z"}, 2: {"y"}, 3: {"z"}}) == [[0, 1], [2, 3], [4]]
