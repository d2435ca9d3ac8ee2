from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorairo.diversity import effective_size, farthest_first, join_alike, loneliness
from lorairo.duplicates.components import Components


def unit(count: int, dimensions: int = 8, seed: int = 0) -> np.ndarray:
    found = np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_each_next_one_is_the_farthest_from_those_before():
    places = unit(200)
    chosen = farthest_first(places, 30)
    assert len(set(chosen.tolist())) == 30
    for step in range(1, 30):
        nearest = (places @ places[chosen[:step]].T).max(axis=1)
        assert nearest[chosen[step]] == pytest.approx(nearest.min(), abs=1e-6)


def test_one_of_each_bunch_comes_before_a_second_of_any():
    centres = unit(5, seed=3)
    bunches = np.repeat(centres, 20, axis=0) + np.random.default_rng(1).normal(0, 0.01, (100, 8)).astype(
        np.float32
    )
    bunches /= np.linalg.norm(bunches, axis=1, keepdims=True)
    assert set(farthest_first(bunches, 5) // 20) == set(range(5))


def test_what_is_to_be_kept_comes_first_and_counts():
    places = unit(50)
    chosen = farthest_first(places, 10, [7, 3])
    assert chosen[:2].tolist() == [7, 3]
    assert len(chosen) == 10
    assert farthest_first(places, 1, [7, 3]).tolist() == [7, 3]


@pytest.mark.parametrize(("there", "asked"), [(0, 3), (1, 3), (3, 3), (3, 10)])
def test_there_are_never_more_than_there_are(there: int, asked: int):
    assert sorted(farthest_first(unit(there), asked).tolist()) == list(range(there))


def test_equal_images_are_chosen_once_each():
    places = np.repeat(unit(1), 4, axis=0)
    assert sorted(farthest_first(places, 4).tolist()) == [0, 1, 2, 3]


def test_loneliness_is_the_distance_to_the_nearest():
    places = unit(300)
    cosine = places @ places.T
    np.fill_diagonal(cosine, -np.inf)
    expected = 1 - np.sort(cosine, axis=1)[:, -5:].mean(axis=1)
    assert loneliness(places, 5) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_images_are_as_lonely_as_can_be_said(count: int):
    assert len(loneliness(unit(count))) == count


def test_alike_images_join_others_of_their_set():
    places = unit(40)
    found = Components(40)
    found.merge(np.array([0]), np.array([39]))
    join_alike(found, np.arange(40), places, 0.7)
    together = np.eye(40, dtype=bool) | (places @ places.T >= 0.7)
    together[0, 39] = together[39, 0] = True
    for _ in range(40):
        together = together @ together
    expected = together.argmax(axis=1)
    assert found.labels().tolist() == expected.tolist()


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=50))
def test_the_effective_size_lies_between_one_and_the_number_of_scenes(sizes: list[int]):
    found = effective_size(np.array(sizes))
    assert 1 - 1e-9 <= found <= len(sizes) + 1e-9


def test_scenes_of_equal_size_count_as_they_are():
    assert effective_size(np.array([4, 4, 4])) == pytest.approx(3)
    assert effective_size(np.array([37, 1, 1, 1])) == pytest.approx(1.17, abs=0.01)
    assert effective_size(np.array([], np.int64)) == 0
