"""A view: fixed query, live contents, narrowing, tables."""

from __future__ import annotations

import threading

import numpy as np
import pandas as pd
import pytest

import lorairo as lr
from lorairo.errors import ArgumentError, QueryError


def test_contents_are_live_and_snapshots_are_not(project: lr.Project):
    view = project.view("smile")
    before = view.snapshot
    project.view().head(3).add_tags("smile")
    assert len(before.ids) == 0
    assert len(view) == 3
    with pytest.raises(ValueError, match="read-only"):
        view.ids[0] = 7


def test_narrowing_leaves_the_view_alone(project: lr.Project):
    view = project.view()
    narrow = view.where("dog").sort("-width").head(2)
    assert (len(view), len(narrow)) == (12, 2)
    assert "dog" in narrow.query


@pytest.mark.parametrize(
    "expression",
    [
        "project.view()",
        'project.view("dog -blurry")',
        "project.view(everything=True)",
        'project.view("is:excluded")',
        'project.view("dog").where("width:>300").sort("-width")[0:2]',
        "project.view().sample(5, seed=3)[1:4:2]",
    ],
)
def test_a_view_says_how_it_is_typed(project: lr.Project, expression: str):
    project.view().head(2).exclude()
    view = eval(expression, {"project": project})
    assert view.expression == expression
    assert eval(view.where("smile OR dog").expression, {"project": project}).ids.tolist() == (
        view.where("smile OR dog").ids.tolist()
    )
    assert view[[1, 2]].expression is None


def test_a_mistake_in_a_search_says_where(project: lr.Project):
    with pytest.raises(QueryError) as caught:
        project.view("sharpness:>hi")
    assert "Expected a number" in str(caught.value)
    with pytest.raises(ArgumentError):
        project.view().sort("no_such_column")


def test_indexing(project: lr.Project):
    view = project.view()
    assert view[2:5].ids.tolist() == [3, 4, 5]
    assert view[[5, 2]].ids.tolist() == [5, 2]
    assert view[view["width"] > 300].ids.tolist() == [1, 4, 7, 10]
    assert view[(view["width"] > 300).to_numpy()].ids.tolist() == [1, 4, 7, 10]
    assert isinstance(view["sharpness"], pd.Series)
    with pytest.raises(ArgumentError, match=r"project\[3\]"):
        _ = view[3]
    with pytest.raises(ArgumentError, match="sharpness"):
        _ = view["sharpnes"]


def test_sorting_puts_the_largest_first(project: lr.Project):
    values = project.view().sort("-sharpness")["sharpness"].to_numpy()
    assert np.all(np.diff(values) <= 0)


def test_a_sample_depends_on_content_and_seed_only(project: lr.Project):
    first = project.view().sample(5, seed=1).ids.tolist()
    assert first == project.view().sort("-width").sample(5, seed=1).sort("id").ids.tolist() or sorted(
        first
    ) == sorted(project.view().sort("-width").sample(5, seed=1).ids.tolist())
    assert sorted(first) != sorted(project.view().sample(5, seed=2).ids.tolist())


def test_excluded_images_hide_until_asked_for(project: lr.Project):
    project.view()[:2].exclude(reason="blurry")
    assert len(project.view()) == 10
    assert len(project.view(everything=True)) == 12
    assert len(project.view("is:excluded")) == 2


def test_the_table_is_a_copy_with_the_project_in_it(project: lr.Project):
    frame = project.view().df
    assert frame.index.name == "image_id"
    frame.loc[1, "stars"] = 5
    assert project.view().df.loc[1, "stars"] == 0
    assert frame.lorairo.view().ids.tolist() == list(range(1, 13))


def test_update_writes_edits_back_as_one_operation(project: lr.Project):
    frame = project.view().df
    frame.loc[1, "stars"] = 5
    frame.loc[2, "tags"] = "cat, smile"
    frame.loc[1, "tags"] = "dog"
    frame.loc[3, "caption"] = "a caption"
    frame.loc[4, "excluded"] = True
    project.view().update(frame)
    assert project[1].tags == ["dog"]
    assert project[2].tags == ["cat", "smile"]
    assert project[3].caption == "a caption"
    assert project.view("is:excluded").ids.tolist() == [4]
    project.undo()
    assert project[1].tags == ["dog", "outdoors"]
    assert project[2].tags == []
    assert len(project.view("is:excluded")) == 0


def test_update_refuses_rows_of_other_images(project: lr.Project):
    frame = project.view().df
    with pytest.raises(ArgumentError, match="outside"):
        project.view("dog").update(frame)


def test_tags_are_counted(project: lr.Project):
    counts = project.view().tags().set_index("tag")["images"]
    assert counts["dog"] == 3


def test_the_tag_frame_says_where_tags_come_from(project: lr.Project):
    project.view().head(1).add_tags("smile")
    project.view().head(1).remove_tags("outdoors")
    frame = project.view().head(1).tag_frame.set_index("tag")
    assert frame.loc["smile", "source"] == "hand"
    assert frame.loc["dog", "source"] == "file"
    assert frame.loc["outdoors", "state"] == "rejected"


def test_shown_and_selected_are_views(project: lr.Project):
    view = project.view()
    view.shown = "dog"
    view.selected = [1, 5]
    assert len(view.shown) == 3
    kept = view.selected
    view.selected = [2]
    assert kept.ids.tolist() == [1, 5]
    kept.add_tags("hat")
    assert len(project.view("hat")) == 2
    assert len(view) == 12
    with pytest.raises(QueryError):
        view.shown = "sharpness:>hi"
    assert len(view.shown) == 3


def test_changed_is_emitted_after_the_contents_changed(project: lr.Project):
    view, seen = project.view("smile"), []
    view.changed.connect(lambda _change: seen.append(len(view)))
    project.view().head(4).add_tags("smile")
    assert seen == [4]


def test_pictures(project: lr.Project):
    view = project.view()
    image = view.image(1)
    assert (image.size, image.mode) == ((320, 240), "RGB")
    assert view.thumbnail(1)[:2] == b"\xff\xd8"


def test_the_contact_sheet_has_no_script_and_escapes(project: lr.Project):
    sheet = project.view('"<script>alert(1)</script>"')._repr_html_()
    assert "<script" not in sheet
    assert "&lt;script&gt;" in sheet
    assert len(project.view()._repr_html_()) < 300_000


def test_readers_and_writers_in_threads_see_whole_states(project: lr.Project):
    wrong: list[str] = []
    stop = threading.Event()

    def read() -> None:
        view = project.view("flip")
        while not stop.is_set():
            if len(view.ids) not in {0, 12}:
                wrong.append(f"{len(view.ids)} of 12 tagged")

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        project.view().add_tags("flip")
        project.view().remove_tags("flip")
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_scorer_of_your_own(project: lr.Project):
    view = project.view()
    view["warmth"] = lambda image: float(np.asarray(image)[..., 0].mean() - np.asarray(image)[..., 2].mean())
    assert view["warmth"].notna().all()
    assert len(project.view("warmth:>-300")) == 12
