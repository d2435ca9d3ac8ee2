"""Tables that are edited and written back: nothing lost, nothing written that was not asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lorairo as lr
from lorairo.errors import ArgumentError


def test_an_edit_that_leaves_the_view_does_not_lose_the_others(project: lr.Project):
    view = project.view("dog")
    ids = view.ids.tolist()
    table = view.df
    table["tags"], table["stars"], table["excluded"], table["reviewed"] = "cat", 5, True, True
    view.update(table)
    assert ids
    assert len(view) == 0
    changed = project.view(everything=True)[ids]
    assert changed["tags"].tolist() == ["cat"] * len(ids)
    assert changed["stars"].tolist() == [5] * len(ids)
    assert changed["excluded"].all()
    assert changed["reviewed"].all()
    project.undo()
    assert view.ids.tolist() == ids


def test_a_new_order_of_tags_is_written(project: lr.Project):
    view = project.view("dog outdoors").head(1)
    table = view.to_frame(["tags"])
    table["tags"] = "outdoors, dog"
    image_id = int(table.index[0])
    project.view(everything=True).update(table)
    assert project[image_id].tags == ["outdoors", "dog"]
    project.undo()
    assert project[image_id].tags == ["dog", "outdoors"]


def test_another_spelling_of_the_same_tags_is_no_change(project: lr.Project):
    view = project.view().head(1)
    view.add_tags("long hair")
    table = view.to_frame(["tags"])
    table["tags"] = table["tags"].str.replace("_", " ")
    done = view.update(table)
    assert (done.count, done.operation_id) == (0, None)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [("stars", "x", "stars"), ("stars", 7, "0 to 5"), ("excluded", "yes", "True or False")],
)
def test_what_a_column_cannot_hold_is_refused_before_anything_is_written(
    project: lr.Project, column: str, value: object, message: str
):
    table = project.view().to_frame(["tags", column]).astype(object)
    table["tags"] = "cat"
    table.iloc[3, 1] = value
    with pytest.raises(ArgumentError, match=message):
        project.view().update(table)
    assert len(project.view("cat")) == 0


def test_rows_that_stand_twice_or_have_no_id_are_refused(project: lr.Project):
    table = project.view().to_frame(["stars"])
    with pytest.raises(ArgumentError, match="twice"):
        project.view().update(pd.concat([table, table]))
    with pytest.raises(ArgumentError, match="image_id"):
        project.view().update(table.set_axis([f"row {i}" for i in range(len(table))]))


def test_emptied_cells_clear(project: lr.Project):
    view = project.view().head(2)
    view.stars(4)
    table = view.to_frame(["stars", "tags"])
    table["stars"], table["tags"] = np.nan, None
    view.update(table)
    assert view["stars"].tolist() == [0, 0]
    assert view["tags"].tolist() == ["", ""]


def test_a_caption_from_a_file_can_be_emptied_and_comes_back(project: lr.Project):
    view = project.view(everything=True)
    project.view().head(1).set_caption("by hand")
    image_id = int(view.ids[0])
    table = view[[image_id]].to_frame(["caption"])
    table["caption"] = None
    project.view().update(table)
    assert project[image_id].caption is None
    assert image_id not in view.captions().index
    project.undo()
    assert project[image_id].caption == "by hand"
