from __future__ import annotations

import numpy as np
import pytest

from lorairo.inference.labels import Labels


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
