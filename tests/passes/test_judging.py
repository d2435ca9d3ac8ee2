"""The figures of a pass: known intervals, and a threshold that is what the answers ask for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorairo.errors import ArgumentError
from lorairo.passes import suggest, wilson

JUDGED = st.lists(st.tuples(st.sampled_from([0.0, 0.05, 0.2, 0.35, 0.351, 0.9, 1.0]), st.booleans()))


def judged(pairs: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    """Take scores and answers apart."""
    scores = np.array([score for score, _ in pairs], dtype=np.float32)
    return scores, np.array([yes for _, yes in pairs], dtype=bool)


@pytest.mark.parametrize(
    ("right", "asked", "low", "high"),
    [  # by the formula of Wilson (1927), worked out apart
        (9, 10, 0.5958, 0.9821),
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (29, 29, 0.8830, 1.0),
        (0, 0, 0.0, 1.0),
    ],
)
def test_the_interval_is_that_of_the_textbook(right: int, asked: int, low: float, high: float):
    assert wilson(right, asked) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@given(st.integers(0, 200), st.integers(0, 200))
def test_the_interval_holds_the_share_and_mirrors(right: int, wrong: int):
    asked = right + wrong
    low, high = wilson(right, asked)
    assert 0 <= low <= high <= 1
    if asked:
        assert low <= right / asked <= high
    assert wilson(wrong, asked) == (pytest.approx(1 - high), pytest.approx(1 - low))


def test_a_threshold_that_parts_yes_from_no_is_found():
    scores, yes = judged([(0.9, True), (0.8, True), (0.7, True), (0.4, False), (0.2, False)])
    found = suggest(scores, yes)
    assert found is not None
    assert 0.4 < found.threshold <= 0.7
    assert (found.precision, found.recall, found.f1, found.answers) == (1, 1, 1, 5)
    assert found.threshold == 0.55  # half way, so that it holds for others too, and short


def test_a_wanted_precision_is_met_by_the_lowest_threshold_that_does():
    scores, yes = judged([(0.9, True), (0.8, False), (0.7, True), (0.6, True), (0.5, False), (0.4, False)])
    found = suggest(scores, yes, precision=0.75)
    assert found is not None
    assert (found.precision, found.recall) == (0.75, 1)
    assert 0.5 < found.threshold <= 0.6
    strict = suggest(scores, yes, precision=0.95)
    assert strict is not None
    assert 0.8 < strict.threshold <= 0.9


def test_without_a_yes_or_without_a_score_there_is_nothing_to_suggest():
    assert suggest(*judged([(0.9, False), (0.2, False)])) is None
    assert suggest(*judged([(0.0, True)])) is None
    assert suggest(*judged([])) is None
    assert suggest(*judged([(0.9, False), (0.2, True)]), precision=0.9) is None


@given(JUDGED)
def test_no_threshold_does_better_than_the_one_suggested(pairs: list[tuple[float, bool]]):
    scores, yes = judged(pairs)
    found = suggest(scores, yes)
    if found is None:
        assert not (yes & (scores > 0)).any()
        return
    over = scores >= np.float32(found.threshold)
    assert found.precision == pytest.approx(yes[over].mean())
    assert found.recall == pytest.approx(yes[over].sum() / yes.sum())
    for other in np.unique(scores[scores > 0]):
        shown = scores >= other
        assert 2 * yes[shown].sum() / (shown.sum() + yes.sum()) <= found.f1 + 1e-9


@given(JUDGED, st.floats(0.05, 1))
def test_a_lower_threshold_would_miss_the_wanted_precision(pairs: list[tuple[float, bool]], wanted: float):
    scores, yes = judged(pairs)
    found = suggest(scores, yes, precision=wanted)
    if found is None:
        return
    assert found.precision >= wanted
    for other in np.unique(scores[(scores > 0) & (scores < found.threshold)]):
        assert yes[scores >= other].mean() < wanted


def test_a_precision_is_a_share():
    with pytest.raises(ArgumentError, match="between 0 and 1"):
        suggest(*judged([(0.9, True)]), precision=90)
