"""Tables that are edited and written back: nothing lost, nothing written that was not asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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


def test_one_order_for_all_is_one_operation(project: lr.Project):
    view = project.view()
    for number, image_id in enumerate(view.ids.tolist()):
        view[[image_id]].add_tags(*[f"tag_{(number * 5 + step) % 7}" for step in range(4)])
    table = view.to_frame(["tags"])
    table["tags"] = table["tags"].map(lambda text: ", ".join(sorted(text.split(", "))))
    before = len(project.history)
    view.update(table)
    assert view["tags"].tolist() == table["tags"].tolist()
    assert len(project.history) == before + 1


def test_orders_that_contradict_each_other_are_written(project: lr.Project):
    view = project.view()
    view.add_tags("cat", "hat", "coat")
    table = view.to_frame(["tags"])
    orders = ["hat, cat, coat", "coat, hat, cat", "cat, coat, hat"]
    table["tags"] = [orders[number % 3] for number in range(len(table))]
    view.update(table)
    assert view["tags"].tolist() == table["tags"].tolist()


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("tags", ["cat, hat, coat", "hat, cat", "", "dog, cat"]),
        ("stars", [1, 2, 3, 0]),
        ("stars", [4, 4, 4, 4]),
        ("reviewed", [True, False, True, True]),
        ("excluded", [True, True, False, True]),
    ],
)
def test_one_column_is_one_operation(project: lr.Project, column: str, values: list[object]):
    view = project.view().head(4)
    table = view.to_frame([column])
    table[column] = values
    before = len(project.history)
    project.view().update(table)
    assert project.view(everything=True)[table.index][column].tolist() == values
    assert len(project.history) == before + 1


def test_two_columns_are_one_step_of_undo(project: lr.Project):
    view = project.view().head(2)
    first = view["tags"].tolist()
    table = view.to_frame(["tags", "stars"])
    table["tags"], table["stars"] = ["cat", "hat"], [1, 2]
    project.view().update(table)
    project.undo()
    assert (view["tags"].tolist(), view["stars"].tolist()) == (first, [0, 0])


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


def test_what_is_no_table_to_write_back_is_refused(project: lr.Project):
    view = project.view()
    table = view.df
    for odd, message in (
        ({"tags": "cat"}, "not dict"),
        (table["tags"], "not Series"),
        (table[["width"]], "no column .* are: tags, "),
        (table.assign(captoin="a dog")[["captoin"]], "no column"),
        (pd.concat([table[["tags"]], table[["tags"]]], axis=1), "'tags' stands twice"),
        (table.assign(caption=[["a"]] * len(table)), "not several"),
    ):
        with pytest.raises(ArgumentError, match=message):
            view.update(odd)
    assert project.history.empty


def test_tags_may_be_lists(project: lr.Project):
    view = project.view().head(2)
    view.update(view.df.assign(tags=[["Red Hat", "dog"], []]))
    assert view["tags"].tolist() == ["red_hat, dog", ""]


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


def test_captions_of_other_variants_are_written(project: lr.Project):
    view = project.view().head(2)
    table = view.to_frame(["caption", "caption:short"])
    table["caption:short"] = ["a dog", None]
    view.update(table)
    assert view.captions("short").tolist() == ["a dog"]
    assert view["caption:short"].fillna("none").tolist() == ["a dog", "none"]
    assert view.captions().empty


def test_reasons_are_written_with_the_exclusion(project: lr.Project):
    ids = project.view().ids[:3].tolist()
    view = project.view(everything=True)[ids]
    view[ids[:2]].exclude("blurry")
    table = view.to_frame(["excluded", "reason"])
    table["excluded"], table["reason"] = [True, False, True], ["dark", "blurry", "copy"]
    view.update(table)
    assert view["excluded"].tolist() == [True, False, True]
    assert view["reason"].fillna("none").tolist() == ["dark", "none", "copy"]
    project.undo()
    assert view["reason"].fillna("none").tolist() == ["blurry", "blurry", "none"]


def test_a_reason_alone_excludes_nothing(project: lr.Project):
    table = project.view().head(2).to_frame(["stars", "reason"]).astype({"reason": object})
    table["stars"], table["reason"] = 5, "blurry"
    with pytest.raises(ArgumentError, match="is not excluded"):
        project.view().update(table)
    assert len(project.view("stars:5")) == 0


TEXTS = st.text(st.sampled_from("ab <&é犬"), min_size=1, max_size=6).map(str.strip).filter(bool)
ROWS = st.fixed_dictionaries(
    {
        "tags": st.lists(st.sampled_from(["dog", "outdoors", "red_hat", "^_^", "saber_(fate)"]), unique=True),
        "caption": st.none() | TEXTS,
        "caption:short": st.none() | TEXTS,
        "stars": st.integers(0, 5),
        "reason": st.none() | st.sampled_from(["blurry", "copy"]),
        "excluded": st.booleans(),
        "reviewed": st.booleans(),
    }
)


@pytest.fixture(scope="module")
def drawn_on(tmp_path_factory: pytest.TempPathFactory, draw: Any) -> Iterator[lr.Project]:
    """A project with five pictures that many examples write to."""
    folder: Path = tmp_path_factory.mktemp("drawn")
    (folder / "photos").mkdir()
    for number in range(5):
        draw(number, (32, 24)).save(folder / "photos" / f"{number}.png")
    (folder / "photos" / "0.txt").write_text("dog, outdoors", encoding="utf-8")
    (folder / "photos" / "1.txt").write_text("A dog that sits and looks at me.", encoding="utf-8")
    with lr.open_project(folder / "project") as project:
        project.add(folder / "photos")
        yield project


def known(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table, with one word for what is not there."""
    return frame.astype(object).where(frame.notna(), None).to_dict("records")  # type: ignore[no-any-return]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROWS, min_size=5, max_size=5), written=st.lists(st.booleans(), min_size=5, max_size=5))
def test_what_is_written_is_read_back_and_one_undo_takes_it_back(
    drawn_on: lr.Project, rows: list[dict[str, Any]], written: list[bool]
):
    columns = list(rows[0])
    view = drawn_on.view(everything=True)
    first = view.to_frame(columns)
    table = first.astype(object)
    for image_id, row, chosen in zip(table.index, rows, written, strict=True):
        if chosen:
            row["reason"] = row["reason"] if row["excluded"] else None
            for name, value in row.items():
                table.loc[image_id, name] = ", ".join(value) if name == "tags" else value
    done = view.update(table)
    assert known(view.to_frame(columns)) == known(table)
    if done.operation_id is None:
        assert known(table) == known(first)
    else:
        drawn_on.undo()
        assert known(view.to_frame(columns)) == known(first)
        drawn_on.redo()
    assert view.update(view.to_frame(columns)).operation_id is None


def test_changed_columns_that_cannot_be_written_are_named(project: lr.Project, tmp_path: Path):
    view = project.view()
    view.score({"warmth": lambda _picture: 1 / 3}, version="1").wait()
    view.df.to_csv(tmp_path / "table.csv")
    table = pd.read_csv(tmp_path / "table.csv", index_col="image_id")
    assert view.update(table).message == "Updated 0 cells", "digits that a file loses are no change"
    table["stars"] = 3
    table["mine"] = "anything"
    assert view.update(table.assign(width=5)).message == (
        f"Updated {len(view)} cells; width differs and cannot be written back"
    )
    told = view.update(table.assign(name="x", warmth=[None] * len(table))).message
    assert told == "Updated 0 cells; name, warmth differ and cannot be written back"
    assert view["width"].tolist() == table["width"].tolist()
