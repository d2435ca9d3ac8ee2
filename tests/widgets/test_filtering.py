"""What the filters are told, and what they do to the search that all widgets of a view share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import lorairo as lr

Open = Callable[..., Any]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[lr.Project]:
    """Twelve images: 1 to 6 are a dog, 5 to 9 are in a park, 12 is blurry; warmth is 0.0, 0.1 and so on."""
    with lr.open_project(tmp_path / "project") as project:
        project.add([Image.new("RGB", (64, 48 + 4 * number), (number * 10, 0, 0)) for number in range(12)])
        view = project.view()
        view[:6].add_tags("dog")
        view[4:9].add_tags("park")
        view[11:].add_tags("blurry")
        view.score({"warmth": lambda picture: picture.getpixel((0, 0))[0] / 100}, background=False)
        yield project


def histogram(browser: Any, column: str, bins: int = 12) -> dict[str, Any]:
    """Ask for one."""
    ok, _ = browser.ask("histograms", columns=[column], bins=bins)
    found: dict[str, Any] = ok["histograms"][0]
    return found


def facets(browser: Any, **asked: Any) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Ask for the tags: the whole answer, and the rows by name."""
    defaults = {"filter": "", "order": "count", "start": 0, "stop": 100, "keep": False}
    ok, _ = browser.ask("facets", **(defaults | asked))
    return ok, {row["name"]: row for row in ok["rows"]}


def test_a_histogram_counts_all_what_passes_the_others_and_what_passes(browse: Open, project: lr.Project):
    view = project.view()
    browser = browse(view)
    view.shown = "dog tags:>=2"
    found = histogram(browser, "tags")
    assert (found["min"], found["max"], found["integer"]) == (0, 2, True)
    assert found["total"] == [2, 8, 2]
    assert found["others"] == [0, 4, 2]
    assert found["passed"] == [0, 0, 2]
    assert found["range"] == {"low": 2, "high": None}


def test_a_score_that_no_image_has_is_known_to_be_unknown(browse: Open, project: lr.Project):
    found = histogram(browse(project.view()), "beauty")
    assert (found["known"], found["missing"], found["total"]) == (0, 12, [])


def test_excluded_images_count_where_the_search_asks_for_them(browse: Open, project: lr.Project):
    project.view()[:2].exclude()
    view = project.view()
    browser = browse(view)
    assert sum(histogram(browser, "tags")["total"]) == 10
    view.shown = "is:excluded"
    found = histogram(browser, "tags")
    assert (sum(found["total"]), sum(found["passed"])) == (12, 2)


def test_a_view_that_was_counted_off_stays_those_images(browse: Open, project: lr.Project):
    browser = browse(project.view()[:6])
    assert sum(histogram(browser, "tags")["total"]) == 6
    assert facets(browser)[1]["park"]["total"] == 2


def test_without_columns_those_come_that_say_something_or_that_were_chosen(browse: Open, project: lr.Project):
    browser = browse(project.view())
    ok, _ = browser.ask("histograms", columns=[], bins=12)
    first = [each["column"] for each in ok["histograms"]]
    assert "tags" in first
    assert {"warmth", "aspect", "stars"} <= set(ok["available"])
    browser.ask("setting", key="histograms", value=["warmth"])
    ok, _ = browser.ask("histograms", columns=[], bins=12)
    assert [each["column"] for each in ok["histograms"]] == ["warmth"]


def test_the_answer_to_a_brush_brings_the_histograms_of_after_it(browse: Open):
    browser = browse()
    change = {"kind": "range", "column": "sharpness", "low": 0.3, "high": None}
    wanted = {"columns": ["sharpness", "aspect"], "bins": 12}
    ok, _ = browser.ask("narrow", change=change, live=True, histograms=wanted)
    after, _ = browser.ask("histograms", **wanted)
    assert ok["histograms"]["histograms"] == after["histograms"]
    assert after["histograms"][0]["range"] == {"low": 0.3, "high": None}
    plain, _ = browser.ask("narrow", change=change, live=False)
    assert "histograms" not in plain


def test_a_brush_narrows_what_cells_see_and_says_so_to_every_widget(browse: Open, project: lr.Project):
    view = project.view()
    view.shown = "dog"
    browser, gallery = browse(view), browse(view)
    gallery.ask("hello", client="g")
    change = {"kind": "range", "column": "tags", "low": 2, "high": None}
    ok, _ = browser.ask("narrow", change=change, live=True)
    assert (ok["query"], ok["live"], ok["count"]) == ("dog tags:>=2", True, 2)
    assert len(view.shown) == 2
    told = gallery.event("changed")
    assert (told["count"], told["live"]) == (2, True)
    ok, _ = browser.ask("narrow", change=change, live=False)
    assert ok["live"] is False
    while gallery.event("changed")["live"]:
        pass


def test_a_cell_moves_the_brush(browse: Open, project: lr.Project):
    view = project.view()
    browser = browse(view)
    browser.ask("hello", client="a")
    view.shown = "warmth:>0.45"
    assert browser.event("changed")["count"] == 7
    assert histogram(browser, "warmth")["range"] == {"low": 0.45, "high": None}


def test_facets_count_what_is_shown_over_all_and_keep_the_chosen_on_top(browse: Open, project: lr.Project):
    view = project.view()
    browser = browse(view)
    browser.ask("narrow", change={"kind": "tag", "name": "park", "state": "include"}, live=False)
    browser.ask("narrow", change={"kind": "tag", "name": "blurry", "state": "exclude"}, live=False)
    assert view.lens.query == "park -blurry"
    ok, rows = facets(browser)
    assert list(rows) == ["park", "blurry", "dog"]
    assert (rows["dog"]["count"], rows["dog"]["total"], rows["dog"]["state"]) == (2, 6, None)
    assert (rows["park"]["count"], rows["park"]["total"], rows["park"]["state"]) == (5, 5, "include")
    assert (rows["blurry"]["count"], rows["blurry"]["state"]) == (0, "exclude")
    assert (ok["count"], ok["tags"], ok["images"], ok["terms"]) == (3, 3, 5, 2)
    browser.ask("narrow", change={"kind": "tag", "name": "dog", "state": "only"}, live=False)
    assert view.lens.query == "dog"
    browser.ask("narrow", change={"kind": "clear"}, live=False)
    assert view.lens.query == ""


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("count", ["dog", "park", "blurry"]),
        ("name", ["blurry", "dog", "park"]),
        ("split", ["dog", "park", "blurry"]),
        ("category", ["dog", "park", "blurry"]),
    ],
)
def test_facets_come_in_the_order_asked_for(
    browse: Open, project: lr.Project, order: str, expected: list[str]
):
    assert list(facets(browse(project.view()), order=order)[1]) == expected


def test_facets_are_filtered_and_come_in_pages(browse: Open, project: lr.Project):
    browser = browse(project.view())
    ok, rows = facets(browser, filter="AR")
    assert (ok["count"], ok["tags"], list(rows)) == (1, 3, ["park"])
    ok, rows = facets(browser, start=1, stop=2)
    assert (ok["count"], ok["start"], list(rows)) == (3, 1, ["park"])


def test_the_order_holds_while_somebody_points_at_it(browse: Open, project: lr.Project):
    browser = browse(project.view())
    assert list(facets(browser)[1]) == ["dog", "park", "blurry"]
    browser.ask("narrow", change={"kind": "tag", "name": "blurry", "state": "include"}, live=False)
    _, rows = facets(browser, keep=True)
    assert list(rows) == ["dog", "park", "blurry"]
    assert (rows["blurry"]["state"], rows["dog"]["count"]) == ("include", 0)
    assert next(iter(facets(browser)[1])) == "blurry"


def test_a_tag_typed_that_no_image_has_is_in_the_list_too(browse: Open, project: lr.Project):
    view = project.view()
    browser = browse(view)
    view.shown = "-no_such_tag"
    assert facets(browser)[1]["no_such_tag"]["state"] == "exclude"


@pytest.mark.parametrize(
    "change",
    [
        None,
        {"kind": "sideways"},
        {"kind": "range", "column": "warmth", "low": "a lot", "high": None},
        {"kind": "range", "column": "no_such_column", "low": 1, "high": None},
        {"kind": "tag", "name": "dog", "state": "maybe"},
        {"kind": "tag", "name": " ", "state": "include"},
        {"kind": "also", "query": "sharpness:>"},
    ],
)
def test_what_cannot_be_done_is_refused_and_leaves_the_search(
    browse: Open, project: lr.Project, change: dict[str, Any] | None
):
    view = project.view()
    view.shown = "dog"
    assert "error" in browse(view).reply("narrow", change=change, live=False)[0]
    assert view.lens.query == "dog"


def test_a_histogram_widget_takes_scores_and_numbers(project: lr.Project):
    widget = lr.ScoreHistogram(project, "warmth", "aspect")
    assert widget.columns == ["warmth", "aspect"]
    widget.close()
    widget = lr.ScoreHistogram(project, ["warmth", "tags"], height=300)
    assert (widget.columns, widget.height) == (["warmth", "tags"], 300)
    widget.close()
    with pytest.raises(lr.Error, match="'name' holds no numbers"):
        lr.ScoreHistogram(project, "name")


def test_a_brush_whose_widget_is_closed_counts_as_released(browse: Open, project: lr.Project):
    view = project.view()
    browser, other = browse(view), browse(view)
    dragged = {"kind": "range", "column": "warmth", "low": 0.2, "high": None}
    assert browser.ask("narrow", change=dragged, live=True)[0]["live"]
    browser.widget.close()
    assert not other.ask("hello", client="c")[0]["live"]
    assert view.lens.query == "warmth:>=0.2"
