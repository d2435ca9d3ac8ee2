"""The tag matrix, base and edits over it, against a plain list of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lorairo.query import matrix as module
from lorairo.query.matrix import TagMatrix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WIDTH = 9
Rows = list[list[int]]
row_lists = st.lists(st.integers(0, WIDTH + 2), max_size=5, unique=True)


def packed(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.uint8]]:
    offsets = np.cumsum([0, *(len(row) for row in rows)])
    tags = np.array([tag for row in rows for tag in row], dtype=np.int32)
    return offsets.astype(np.int64), tags, (tags % 4).astype(np.uint8)


def check(matrix: TagMatrix, rows: Rows) -> None:
    assert matrix.length == len(rows)
    for position, row in enumerate(rows):
        tags, sources = matrix.row(position)
        assert tags.tolist() == row
        assert sources.tolist() == [tag % 4 for tag in row]
    assert matrix.per_row.tolist() == [len(row) for row in rows]
    for tag in range(WIDTH + 5):
        having = [position for position, row in enumerate(rows) if tag in row]
        assert matrix.postings(tag).tolist() == having
        assert np.flatnonzero(matrix.mask(tag)).tolist() == having
        if tag < matrix.width:
            assert matrix.counts[tag] == len(having)
    for part in (range(len(rows)), range(0, len(rows), 2), range(0), range(len(rows) // 3)):
        counted = matrix.count(np.array(part, dtype=np.int64))
        wanted = np.bincount([tag for position in part for tag in rows[position]], minlength=matrix.width)
        assert counted.tolist() == wanted.tolist()
    for source in range(4):
        some = [position for position, row in enumerate(rows) if any(tag % 4 == source for tag in row)]
        assert matrix.rows_from(source).tolist() == some


@settings(max_examples=60, deadline=None)
@given(st.data(), st.lists(row_lists, max_size=12), st.sampled_from([1, 4, 4096]), st.sampled_from([3, 4096]))
def test_edits_of_any_size_over_edits(data: st.DataObject, rows: Rows, most_rows: int, most_lists: int):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MOST_ROWS", most_rows)
        patch.setattr(module, "_MOST_LISTS", most_lists)
        rows = [list(row) for row in rows]
        matrix = TagMatrix(*packed(rows), WIDTH)
        for _ in range(data.draw(st.integers(1, 4))):
            check(matrix, rows)
            before = matrix
            old = [list(row) for row in rows]
            grown = len(rows) + data.draw(st.integers(0, 3))
            chosen = data.draw(st.sets(st.integers(0, max(0, len(rows) - 1)), max_size=6)) if rows else set()
            positions = sorted(chosen | set(range(len(rows), grown)))
            new = [data.draw(row_lists) for _ in positions]
            rows += [[] for _ in range(grown - len(rows))]
            hint = {tag for p, row in zip(positions, new, strict=True) for tag in {*row} ^ {*rows[p]}}
            for position, row in zip(positions, new, strict=True):
                rows[position] = row
            given_rows = packed(new)
            matrix = matrix.amended(np.array(positions, dtype=np.int64), *given_rows, length=grown, hint=hint)
            check(before, old)
        check(matrix, rows)


def test_tag_ids_beyond_sixteen_bits():
    rows = [[70_000, 3], [3, 65_536], [70_000]]
    matrix = TagMatrix(*packed(rows), 10)
    assert matrix.postings(70_000).tolist() == [0, 2]
    assert matrix.postings(65_536).tolist() == [1]
    assert matrix.postings(3).tolist() == [0, 1]
    assert matrix.postings(100_000).tolist() == []
