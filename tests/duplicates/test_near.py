from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorairo.duplicates import bits, near
from lorairo.duplicates.components import Components

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORDS = st.integers(0, 2**64 - 1)


def planted(count: int, crowd: int = 0, seed: int = 0) -> NDArray[np.uint64]:
    """Random hashes, a twentieth of them relatives of others; `crowd` of them around one."""
    chance = np.random.default_rng(seed)
    hashes = chance.integers(0, 2**64, count, dtype=np.uint64)
    for place in chance.integers(0, count, count // 20):
        hashes[place] = flipped(hashes[chance.integers(0, count)], chance.choice(64, chance.integers(0, 9)))
    for place in chance.choice(count, crowd, replace=False):
        hashes[place] = flipped(hashes[0], chance.choice(64, chance.integers(0, 14)))
    return hashes


def flipped(word: np.uint64, places: NDArray[np.int64]) -> np.uint64:
    for place in places:
        word ^= np.uint64(1) << np.uint64(place)
    return word


def by_force(hashes: NDArray[np.uint64], radius: int) -> NDArray[np.int64]:
    """The same groups, every pair looked at."""
    found = Components(len(hashes))
    for place, word in enumerate(hashes):
        close = np.flatnonzero(bits.distance(word, hashes) <= radius)
        found.merge(np.full(len(close), place), close)
    return found.labels()


@pytest.mark.parametrize("radius", [0, 1, 3, 4, 6, 8, 10, 13])
@pytest.mark.parametrize(("count", "crowd"), [(3000, 0), (3000, 900), (400, 400)])
def test_groups_are_those_of_every_pair_looked_at(count: int, crowd: int, radius: int):
    hashes = planted(count, crowd, seed=radius)
    assert near.groups(hashes, radius).tolist() == by_force(hashes, radius).tolist()


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=40), st.lists(st.integers(0, 63), max_size=80), st.integers(0, 16))
def test_any_hashes_are_grouped_as_by_force(words: list[int], changes: list[int], radius: int):
    hashes = np.array(words, np.uint64)
    for number, place in enumerate(changes):  # relatives of one another
        if len(hashes) > 1:
            to = number % (len(hashes) - 1) + 1
            hashes[to] = flipped(hashes[to - 1], np.array([place]))
    assert near.groups(hashes, radius).tolist() == by_force(hashes, radius).tolist()


@pytest.mark.parametrize("radius", [4, 8])
def test_a_hundred_thousand_are_grouped_as_by_a_search_of_one_part_alone(radius: int):
    """Another exact way: all that share the bits of one part of `radius + 1`, compared pair by pair."""
    hashes = planted(100_000, crowd=2000)
    found = Components(len(hashes))
    edges = np.linspace(0, 64, radius + 2).astype(int)
    for low, high in pairwise(edges):
        keys = (hashes >> np.uint64(low)) & np.uint64((1 << int(high - low)) - 1)
        order = np.argsort(keys, kind="stable")
        ordered, shared = hashes[order], keys[order]
        for step in range(1, len(hashes)):
            same = np.flatnonzero(shared[:-step] == shared[step:])
            if not len(same):
                break
            close = same[bits.distance(ordered[same], ordered[same + step]) <= radius]
            found.merge(order[close], order[close + step])
    assert np.array_equal(near.groups(hashes, radius), found.labels())


def test_thousands_of_one_hash_are_one_group_at_once():
    hashes = np.concatenate([np.zeros(50_000, np.uint64), planted(1000)])
    found = near.groups(hashes, 6)
    assert set(found[:50_000].tolist()) == {0}


def test_a_second_opinion_is_asked_of_near_pairs_alone_and_decides():
    hashes = planted(2000, crowd=300)
    asked: list[tuple[int, int]] = []

    def alike(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
        asked.extend(zip(a.tolist(), b.tolist(), strict=True))
        return (a % 2) == (b % 2)

    found = near.groups(hashes, 6, alike=alike)
    a, b = np.array(asked).T
    assert (bits.distance(hashes[a], hashes[b]) <= 6).all()
    expected = np.empty(2000, np.int64)
    for parity in (0, 1):
        expected[parity::2] = by_force(hashes[parity::2], 6) * 2 + parity
    assert found.tolist() == expected.tolist()


def test_a_thing_with_two_hashes_is_found_by_either():
    hashes = np.array([0, 2**40 - 1, 1, 2**63 - 1], np.uint64)
    owners = np.array([0, 0, 1, 1])
    assert near.groups(hashes, 1, owners=owners).tolist() == [0, 0]
    assert near.groups(hashes, 0, owners=owners).tolist() == [0, 1]


def test_no_hashes_have_no_groups():
    assert near.groups(np.array([], np.uint64), 6).tolist() == []


def test_ones_are_counted_alike_with_and_without_numpy_2():
    words = planted(1000)
    assert bits._by_table(words).tolist() == [int(word).bit_count() for word in words]
    assert bits.distance(words, np.uint64(0)).tolist() == [int(word).bit_count() for word in words]
