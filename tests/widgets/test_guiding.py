"""The guided pass: which image is next, how much is left, and where it goes on another day."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lorairo as lr

Open = Callable[..., Any]


def guide(browser: Any, step: str, here: int | None = None, *, again: bool = False) -> dict[str, Any]:
    """Go a step."""
    ok, _ = browser.ask("guide", step=step, **{"from": here}, again=again)
    told: dict[str, Any] = ok
    return told


def mark(browser: Any, image: int) -> None:
    """Mark an image as reviewed, as Enter does."""
    browser.ask("edit", action="reviewed", value=True, target={"id": image})


def test_it_goes_on_to_what_is_not_reviewed_and_counts(browse: Open, project: lr.Project):
    ids = project.view().ids.tolist()
    project.view()[1:3].mark_reviewed()
    browser = browse(project.view())
    first = guide(browser, "resume")
    assert (first["id"], first["place"], first["total"], first["reviewed"]) == (ids[0], 0, 12, 2)
    assert first["ahead"] == ids[3:7]
    mark(browser, ids[0])
    second = guide(browser, "next", ids[0])
    assert (second["id"], second["reviewed"]) == (ids[3], 3)
    back = guide(browser, "back", ids[3])
    assert (back["id"], back["marked"]) == (ids[2], True)


def test_the_image_shown_is_the_one_selected_in_the_widgets_of_the_view(browse: Open, project: lr.Project):
    view = project.view()
    browser = browse(view)
    told = guide(browser, "resume")
    assert view.selected.ids.tolist() == [told["id"]]
    assert view.lens.active == told["id"]


def test_after_the_last_come_those_passed_over_and_then_nothing(browse: Open, project: lr.Project):
    ids = project.view().ids.tolist()
    project.view()[:10].mark_reviewed()
    browser = browse(project.view())
    assert guide(browser, "resume")["id"] == ids[10]
    mark(browser, ids[11])
    assert guide(browser, "next", ids[11])["id"] == ids[10]
    mark(browser, ids[10])
    done = guide(browser, "next", ids[10])
    assert (done["id"], done["reviewed"], done["ahead"]) == (None, 12, [])
    again = guide(browser, "resume", again=True)
    assert again["id"] is not None
    assert guide(browser, "next", ids[11], again=True)["id"] is None  # with those marked, the end is the end


def test_another_day_and_another_kernel_go_on_where_it_stopped(tmp_path: Path, photos: Path, browse: Open):
    place = tmp_path / "later"
    with lr.open_project(place) as project:
        project.add(photos)
        ids = project.view().ids.tolist()
        browser = browse(project.view())
        guide(browser, "resume")
        mark(browser, ids[0])
        guide(browser, "next", ids[0])
        guide(browser, "next", ids[1])  # passed over, not marked
        browser.widget.close()
    with lr.open_project(place) as project:
        browser = browse(project.view())
        told = guide(browser, "resume")
        assert (told["id"], told["reviewed"]) == (ids[2], 1)
        assert guide(browse(project.view("dog")), "resume")["id"] == project.view("dog -is:reviewed").ids[0]


def test_what_is_edited_on_the_way_moves_nothing(browse: Open, project: lr.Project):
    view = project.view("dog")
    ids = view.ids.tolist()
    browser = browse(view)
    guide(browser, "resume")
    browser.ask("edit", action="tags.remove", names=["dog"], target={"id": ids[0]})
    assert guide(browser, "next", ids[0])["id"] == ids[1]
    assert guide(browser, "back", ids[1])["id"] == ids[0]


def test_an_image_that_was_deleted_meanwhile_is_passed(browse: Open, project: lr.Project):
    ids = project.view().ids.tolist()
    browser = browse(project.view())
    guide(browser, "resume")
    project.view()[1:2].delete(confirm=True)
    assert guide(browser, "next", ids[0])["id"] == ids[2]


def test_a_step_that_is_none_is_refused(browse: Open, project: lr.Project):
    refused, _ = browse(project.view()).reply("guide", step="sideways")
    assert "goes resume, next, back" in refused["error"]["message"]


def test_the_widget_says_what_it_does(project: lr.Project):
    widget = project.view().review(again=True)
    assert widget.task == {"kind": "guided", "again": True}
    widget.close()
    with pytest.raises(lr.Error, match="has no option 'speed'"):
        project.view().review(speed=3)
