"""The history panel's side of the kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lorairo as lr
from lorairo.config import config

Open = Callable[..., Any]


def rows(browser: Any, **payload: Any) -> list[dict[str, Any]]:
    ok, _ = browser.ask("history", **{"start": 0, "stop": 100, "filter": "", **payload})
    found: list[dict[str, Any]] = ok["rows"]
    return found


def test_a_page_says_who_did_what_on_how_many_images(browse: Open, project: lr.Project):
    view = project.view()
    view.head(3).add_tags("big_hat")
    with project.batch("my cleanup"):
        view.head(2).stars(4)
        view.head(3).exclude("blurry")
    cleanup, tagged = rows(browse(kind="History"))
    assert (tagged["message"], tagged["images"]) == ("Tagged 3 images big_hat", 3)
    assert (tagged["author"], tagged["by"], tagged["undone"]) == (config.author, "person", False)
    assert tagged["time"].endswith("+00:00")
    assert (cleanup["message"], cleanup["images"], cleanup["by"]) == ("my cleanup", 3, "rule")


def test_pages_are_cut_from_the_filtered_list(browse: Open, project: lr.Project):
    for number in range(5):
        project.view().head(1).add_tags(f"tag_{number}")
    project.view().head(2).stars(3)
    browser = browse(kind="History")
    ok, _ = browser.ask("history", start=1, stop=3, filter="TAGGED")
    assert [row["message"] for row in ok["rows"]] == ["Tagged 1 image tag_3", "Tagged 1 image tag_2"]
    assert (ok["start"], ok["total"], ok["undone"], ok["changes"]) == (1, 5, 0, 6)
    assert ok["since"] is not None


def test_a_project_nobody_changed_has_no_history(browse: Open):
    ok, _ = browse(kind="History").ask("history", start=0, stop=100, filter="")
    assert (ok["rows"], ok["total"], ok["since"]) == ([], 0, None)


def test_what_was_compacted_is_one_row_that_offers_no_undo(browse: Open, project: lr.Project):
    for number in range(3):
        project.view().head(2).add_tags(f"tag_{number}")
    browser = browse(kind="History")
    project.compact(keep=1, days=0)
    newest, folded = rows(browser)
    assert (newest["folded"], folded["folded"]) == (False, True)
    assert folded["message"].endswith(": 2 operations")
    assert folded["images"] == 2


def test_undo_of_an_older_change_and_its_redo(browse: Open, project: lr.Project):
    project.view().head(2).add_tags("big_hat")
    project.view().head(1).stars(2)
    browser = browse(kind="History")
    older = rows(browser)[1]["id"]
    ok, _ = browser.ask("history.undo", operation=older, later="ask")
    assert ok["message"] == "Undone: tagged 2 images big_hat"
    assert len(project.view("big_hat")) == 0
    assert [row["undone"] for row in rows(browser)] == [True, False]
    ok, _ = browser.ask("history.undo", operation=older, later="ask")
    assert ok["message"] == "Redone: tagged 2 images big_hat"
    assert len(project.view("big_hat")) == 2


def test_later_changes_of_the_same_values_are_asked_about_first(browse: Open, project: lr.Project):
    project.view().head(3).stars(2)
    project.view().head(1).stars(5)
    browser = browse(kind="History")
    older = rows(browser)[1]["id"]
    ok, _ = browser.ask("history.undo", operation=older, later="ask")
    assert (ok["message"], ok["later"]) == (None, 1)
    assert len(project.view("stars:2")) == 2
    ok, _ = browser.ask("history.undo", operation=older, later="keep")
    assert ok["message"] == "Undone: rated 3 images 2; 1 image changed since and kept"
    assert len(project.view("stars:5")) == 1


def test_later_changes_can_be_undone_too_as_one_step(browse: Open, project: lr.Project):
    project.view().head(3).stars(2)
    project.view().head(1).stars(5)
    project.view().head(2).stars(4)
    browser = browse(kind="History")
    older = rows(browser)[2]["id"]
    ok, _ = browser.ask("history.undo", operation=older, later="undo")
    assert ok["message"] == "Undone: rated 3 images 2, and 2 later changes"
    assert len(project.view("stars:0")) == len(project)
    project.redo()
    assert len(project.view("stars:4")) == 2
    assert len(project.view("stars:2")) == 1


def test_a_batch_is_undone_and_redone_as_a_whole(browse: Open, project: lr.Project):
    with project.batch("my cleanup"):
        project.view().head(2).stars(4)
        project.view().head(2).add_tags("big_hat")
    browser = browse(kind="History")
    (row,) = rows(browser)
    browser.ask("history.undo", operation=row["id"], later="ask")
    assert len(project.view("stars:4")) + len(project.view("big_hat")) == 0
    ok, _ = browser.ask("history.undo", operation=row["id"], later="ask")
    assert ok["message"] == "Redone: my cleanup"
    assert len(project.view("stars:4 big_hat")) == 2


def test_a_row_selects_its_images_in_the_linked_widgets(browse: Open, project: lr.Project):
    view = project.view()
    view.head(3).add_tags("big_hat")
    browser = browse(view, kind="History")
    (row,) = rows(browser)
    assert browser.ask("history.select", operation=row["id"])[0]["count"] == 3
    assert view.selected.ids.tolist() == view.head(3).ids.tolist()


def test_a_change_that_is_not_there_is_refused_by_name(browse: Open):
    reply, _ = browse(kind="History").reply("history.undo", operation=77, later="ask")
    assert reply["error"]["message"].startswith("there is no change 77")


def test_a_read_only_project_refuses_undo_and_shows_its_history(browse: Open, project: lr.Project):
    project.view().head(1).stars(2)
    location = project.location
    project.close()
    with lr.open_project(location, readonly=True) as opened:
        browser = browse(opened.view(), kind="History")
        (row,) = rows(browser)
        reply, _ = browser.reply("history.undo", operation=row["id"], later="ask")
        assert "read-only" in reply["error"]["message"]
