"""Bins of a column: every known value is in one, and the last takes in the largest."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lorairo.query import Index
from lorairo.query.distribution import Bins, values_at


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=50), st.integers(1, 60))
def test_every_value_is_in_one_bin(values: list[float], count: int) -> None:
    array = np.array(values)
    bins = Bins.over(array, count, integer=False)
    assert bins.counts(array).sum() == len(values)
    assert len(bins.counts(array)) == bins.count <= count


@given(st.lists(st.integers(-500, 5000), min_size=1, max_size=50), st.integers(1, 60))
def test_bins_of_whole_numbers_are_whole(values: list[int], count: int) -> None:
    array = np.array(values, dtype=np.float64)
    bins = Bins.over(array, count, integer=True)
    assert bins.width.is_integer()
    assert bins.count <= count
    counted = bins.counts(array)
    for bin_, found in enumerate(counted.tolist()):
        first = bins.low + bin_ * bins.width
        assert found == sum(first <= value < first + bins.width for value in values)


def test_few_whole_numbers_get_a_bin_each() -> None:
    stars = np.array([0, 0, 3, 5, 5, 5], dtype=np.float64)
    bins = Bins.over(stars, 36, integer=True)
    assert (bins.count, bins.width) == (6, 1)
    assert bins.counts(stars).tolist() == [2, 0, 0, 1, 0, 3]


def test_a_constant_column_is_one_bin_and_an_empty_one_none() -> None:
    assert Bins.over(np.full(4, 0.5), 36, integer=False).counts(np.full(4, 0.5)).tolist() == [4]
    empty = Bins.over(np.empty(0), 36, integer=False)
    assert math.isnan(empty.low)
    assert empty.counts(np.array([1.0])).tolist() == []


def test_values_outside_are_not_counted() -> None:
    bins = Bins.over(np.array([0.0, 1.0]), 4, integer=False)
    assert bins.counts(np.array([-1.0, 0.5, 2.0])).tolist() == [0, 0, 1, 0]


def test_unknown_values_are_left_out(index: Index) -> None:
    every = np.arange(len(index))
    sharpness, whole = values_at(index, "sharpness", every)
    assert sorted(round(value, 1) for value in sharpness.tolist()) == [0.1, 0.4, 0.5, 0.9]
    assert not whole
    tags, whole = values_at(index, "tags", every)
    assert whole
    assert len(tags) == len(index)
    assert len(values_at(index, "no_such_score", every)[0]) == 0
    assert len(values_at(index, "name", every)[0]) == 0
