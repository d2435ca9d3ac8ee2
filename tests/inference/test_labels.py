from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorairo.inference.labels import Labels, mcut


def labels_of(*pairs: tuple[str, int]) -> Labels:
    names, categories = zip(*pairs, strict=True)
    return Labels(names, np.array(categories, np.uint8))


def test_rating_is_the_likeliest_and_ties_go_by_name():
    labels = labels_of(("general", 9), ("explicit", 9), ("b", 0), ("a", 0), ("c", 0))
    scores = np.array([[0.2, 0.7, 0.5, 0.5, 0.9]], dtype=np.float32)
    assert labels.ratings(scores) == [("explicit", pytest.approx(0.7))]
    assert [name for name, _ in labels.ranked(scores[0], 0.35)] == ["c", "a", "b"]


@pytest.mark.parametrize(("word", "ours"), [("safe", "general"), ("s", None), ("lewd", None)])
def test_a_rating_that_is_not_ours_is_kept_and_not_guessed(word: str, ours: str | None):
    labels = labels_of((word, 9), ("explicit", 9))
    (found,) = labels.ratings(np.array([[0.9, 0.1]], np.float32))
    assert (found and found[0]) == ours
    assert labels.stored[0] == (f"rating:{word}", 9)


def test_a_model_without_ratings_gives_none():
    assert labels_of(("a", 0)).ratings(np.zeros((2, 1), np.float32)) == [None, None]


def test_mcut_cuts_the_largest_gap():
    assert mcut(np.array([0.1, 0.95, 0.9, 0.12])) == pytest.approx(0.51)
    assert mcut(np.array([0.4])) == float("inf")


@given(st.lists(st.floats(0, 1, width=32), min_size=2, max_size=50))
def test_no_gap_is_wider_than_the_one_mcut_cuts(scores: list[float]):
    cut = mcut(np.array(scores))
    above, below = [s for s in scores if s >= cut], [s for s in scores if s <= cut]
    gaps = np.diff(sorted(scores))
    assert min(above) - max(below) == pytest.approx(max(gaps), abs=1e-6)
