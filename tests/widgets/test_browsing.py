"""What a gallery is told: the order, thumbnails, searches, selections."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

import lorairo as lr

Open = Callable[..., object]


def page(body: bytes, n: int) -> dict[str, np.ndarray]:
    """Read an index page as the browser does."""
    parts, offset = {}, 0
    for name, dtype, width in (
        ("ids", "<i4", 1),
        ("aspect", "<u2", 1),
        ("rgb", "u1", 3),
        ("flags", "u1", 1),
        ("stars", "u1", 1),
    ):
        parts[name] = np.frombuffer(body, dtype, n * width, offset)
        offset += parts[name].nbytes
    assert offset == len(body)
    return parts


def test_hello_says_what_is_there(browse: Open, project: lr.Project):
    hello, _ = browse().ask("hello", client="a")
    assert (hello["count"], hello["total"], hello["state"]) == (12, 12, "ready")
    assert hello["project"] == project.name
    assert hello["can_undo"] is None


def test_an_empty_project_says_so(browse: Open, tmp_path: Path):
    with lr.open_project(tmp_path / "empty") as empty:
        hello, _ = browse(empty.view()).ask("hello", client="a")
    assert (hello["count"], hello["state"]) == (0, "empty")


def test_the_index_carries_placeholders_flags_and_stars(browse: Open, project: lr.Project):
    project.view()[:2].exclude()
    project.view(everything=True)[2:3].stars(4)
    browser = browse(project.view(everything=True))
    hello, _ = browser.ask("hello", client="a")
    ok, (body,) = browser.ask("index", version=hello["version"], start=0, stop=100)
    assert (ok["start"], ok["stop"]) == (0, 12)
    parts = page(body, 12)
    assert parts["ids"].tolist() == list(range(1, 13))
    assert (parts["flags"] & 1).tolist() == [1, 1] + [0] * 10
    assert parts["stars"][2] == 4
    assert parts["aspect"][2] == 8192
    assert parts["aspect"][0] == round(8192 + 2048 * np.log2(320 / 240))


def test_thumbnails_come_packed_and_in_the_order_asked_for(browse: Open):
    ok, (body,) = browse().ask("thumbs", version=1, ids=[3, 1, 99], size=256)
    assert ok["ids"] == [3, 1]
    assert list(ok["errors"]) == ["99"]
    first = Image.open(io.BytesIO(body[: ok["lengths"][0]]))
    assert first.size == (256, 256)
    assert sum(ok["lengths"]) == len(body)


def test_the_large_view_is_bounded(browse: Open):
    ok, (body,) = browse().ask("image", id=1, max=100)
    assert max(Image.open(io.BytesIO(body)).size) == 100
    assert (ok["width"], ok["height"]) == (100, 75)


def test_a_search_narrows_what_is_shown_in_the_kernel_too(browse: Open, project: lr.Project):
    view = project.view()
    browser = browse(view)
    ok, _ = browser.ask("search", query="dog")
    assert (ok["count"], ok["total"]) == (3, 12)
    assert len(view.shown) == 3
    assert len(view) == 12


def test_a_mistake_is_marked_and_the_last_search_stays(browse: Open, project: lr.Project):
    view = project.view()
    browser = browse(view)
    browser.ask("search", query="dog")
    reply, _ = browser.reply("search", query="dog sharpness:>hi")
    assert reply["error"]["kind"] == "query"
    assert reply["error"]["position"] >= 4
    assert len(view.shown) == 3


def test_nothing_matching_says_what_to_leave_out(browse: Open):
    ok, _ = browse().ask("search", query="dog no_such_tag")
    assert ok["count"] == 0
    assert {(r["term"], r["count"]) for r in ok["relaxations"]} == {("dog", 0), ("no_such_tag", 3)}


def test_a_selection_is_a_view_in_the_next_cell(browse: Open, project: lr.Project):
    view = project.view()
    browser = browse(view)
    hello, _ = browser.ask("hello", client="a")
    browser.ask("select", version=hello["version"], ranges=[[0, 3], [5, 6]], active=1)
    assert view.selected.ids.tolist() == [1, 2, 3, 6]
    browser.ask("select", version=hello["version"], all=True, **{"except": [[0, 10]]}, active=None)
    assert view.selected.ids.tolist() == [11, 12]


def test_positions_of_an_older_order_are_refused(browse: Open):
    browser = browse()
    hello, _ = browser.ask("hello", client="a")
    browser.ask("search", query="dog")
    reply, _ = browser.reply("select", version=hello["version"], ranges=[[0, 12]], active=None)
    assert reply["error"]["kind"] == "stale"


def test_an_excluded_image_stays_in_place_until_the_next_search(browse: Open, project: lr.Project):
    browser = browse()
    hello, _ = browser.ask("hello", client="a")
    ok, _ = browser.ask("edit", action="exclude", target={"ids": [2]})
    assert ok["version"] == hello["version"]
    assert ok["affected"]["2"]["flags"] & 1
    _, (body,) = browser.ask("index", version=hello["version"], start=0, stop=12)
    assert page(body, 12)["ids"].tolist() == list(range(1, 13))
    ok, _ = browser.ask("search", query="")
    assert ok["count"] == 11


def test_a_change_in_a_cell_reaches_the_widget(browse: Open, project: lr.Project):
    browser = browse()
    browser.ask("hello", client="a")
    project.view()[[4]].stars(5)
    event = browser.event("changed")
    assert "stars" in event["kinds"]
    assert event["images"] == [4]
    assert event["can_undo"] == {"message": "Rated 1 image 5"}


def test_linked_widgets_share_the_selection(browse: Open, project: lr.Project):
    view = project.view()
    gallery, editor = browse(view), browse(view, "TagEditor")
    hello, _ = gallery.ask("hello", client="a")
    editor.ask("hello", client="b")
    gallery.ask("select", version=hello["version"], ranges=[[0, 2]], active=1)
    assert editor.event("changed")["selection"]["count"] == 2


def test_the_static_fallback_stands_beside_the_live_view(browse: Open):
    data, _metadata = browse().widget._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "<img" in data["text/html"]
    assert "<script" not in data["text/html"]
    assert "12 images" in data["text/plain"]


def test_an_unknown_option_names_those_there_are(project: lr.Project):
    try:
        lr.Gallery(project, heigth=400)
    except lr.Error as error:
        assert "height" in str(error)  # noqa: PT017 - the message is what a person reads
    else:
        raise AssertionError("a misspelt option went through")


def test_a_cell_size_that_is_asked_for_counts_more_than_one_remembered(browse: Open, project: lr.Project):
    browse().ask("setting", key="cell", value=200)
    gallery = lr.Gallery(project, cell=90)
    assert gallery._hello()["cell"] == 90
    gallery.close()


def test_a_search_from_a_cell_that_finds_nothing_says_what_to_leave_out(browse: Open, project: lr.Project):
    view = project.view()
    browser = browse(view)
    browser.ask("hello", client="a")
    view.shown = "dog no_such_tag"
    assert [part["count"] for part in browser.event("changed")["relaxations"]] == [0, 3]
