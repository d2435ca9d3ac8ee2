from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lorairo.errors import ModelError
from lorairo.inference.labels import mcut, read_labels

if TYPE_CHECKING:
    from pathlib import Path

WD = {"9": "rating", "0": "general", "4": "character"}


def labels_of(folder: Path, text: str) -> Path:
    file = folder / "selected_tags.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_names_become_canonical_and_faces_stay(tmp_path: Path):
    file = labels_of(
        tmp_path,
        "tag_id,name,category,count\n1,sensitive,9,0\n2,Long_Hair,0,5\n3,^_^,0,5\n4,rem_(re:zero),4,5\n",
    )
    labels = read_labels(file, WD)
    assert labels.names == ("sensitive", "long_hair", "^_^", "rem_(re:zero)")
    assert labels.categories.tolist() == [9, 0, 0, 4]
    assert labels.stored[0] == ("rating:sensitive", 9)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,count\na,1\n", "category"),
        ("", "no column name"),
        ("name,category\na,7\n", "category '7'"),
        ("name,category\n ,0\n", "line 2"),
        ("name,category\nlewd,9\n", "no rating"),
    ],
)
def test_a_table_that_is_none_is_named(tmp_path: Path, text: str, said: str):
    with pytest.raises(ModelError, match=said):
        read_labels(labels_of(tmp_path, text), WD)


def test_rating_is_the_likeliest_and_ties_go_by_name(tmp_path: Path):
    rows = ["general,9", "explicit,9", "b,0", "a,0", "c,0"]
    labels = read_labels(labels_of(tmp_path, "name,category\n" + "\n".join(rows) + "\n"), WD)
    scores = np.array([[0.2, 0.7, 0.5, 0.5, 0.9]], dtype=np.float32)
    assert labels.ratings(scores) == [("explicit", pytest.approx(0.7))]
    assert [name for name, _ in labels.ranked(scores[0], 0.35)] == ["c", "a", "b"]


def test_mcut_cuts_the_largest_gap():
    assert mcut(np.array([0.1, 0.95, 0.9, 0.12])) == pytest.approx(0.51)
    assert mcut(np.array([0.4])) == float("inf")


@given(st.lists(st.floats(0, 1, width=32), min_size=2, max_size=50))
def test_no_gap_is_wider_than_the_one_mcut_cuts(scores: list[float]):
    cut = mcut(np.array(scores))
    above, below = [s for s in scores if s >= cut], [s for s in scores if s <= cut]
    gaps = np.diff(sorted(scores))
    assert min(above) - max(below) == pytest.approx(max(gaps), abs=1e-6)
