"""What the review of duplicates asks: a search that tells how far it is, groups, and what is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageOps

import lorairo as lr
from lorairo.duplicated import DECISIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Draw = Callable[..., Image.Image]
    Open = Callable[..., Any]


@pytest.fixture
def project(tmp_path: Path, draw: Draw) -> Iterator[lr.Project]:
    """Three pictures; of the first a smaller and a mirrored copy, of the second a smaller one."""
    folder = tmp_path / "copies"
    folder.mkdir()
    for seed in range(3):
        draw(seed + 2, (480, 360)).save(folder / f"{seed}.png")
    first = Image.open(folder / "0.png")
    first.resize((240, 180)).save(folder / "0_small.jpg", quality=70)
    ImageOps.mirror(first).save(folder / "0_turned.png")
    Image.open(folder / "1.png").resize((300, 225)).save(folder / "1_small.jpg")
    with lr.open_project(tmp_path / "project") as project:
        project.add(folder)
        yield project


def found(browser: Any, **options: Any) -> dict[str, Any]:
    """Ask until the search is over."""
    while True:
        told, _ = browser.ask("duplicates.find", **{"radius": 6, **options})
        if told["state"] != "looking":
            return told
        options.pop("again", None)


def decisions(buffers: list[bytes]) -> list[str]:
    return [DECISIONS[code] for code in buffers[0]]


def test_a_search_is_begun_once_and_tells_what_it_found(browse: Open):
    browser = browse(kind="DuplicateReview")
    told = found(browser)
    assert (told["state"], told["groups"], told["images"], told["looked"]) == ("found", 2, 6, 5)
    assert 0 < told["done"] == told["steps"]
    assert found(browser)["search"] == told["search"]
    assert found(browser, again=True)["search"] == told["search"] + 1
    assert found(browser, radius=0)["search"] == told["search"] + 2


def test_the_list_names_groups_by_what_needs_a_look(browse: Open, project: lr.Project):
    browser = browse(kind="DuplicateReview")
    search = found(browser)["search"]
    rows = browser.ask("duplicates.groups", search=search, start=0, stop=50)[0]["rows"]
    assert [(row["images"], row["kind"], row["excluded"]) for row in rows] == [
        (3, "mirrored", 0),
        (2, "same", 0),
    ]
    first = project.view("name:0.png").ids[0]
    assert rows[0]["ids"][0] == first


def test_a_group_has_its_pictures_with_what_speaks_for_them(browse: Open, project: lr.Project):
    project.view("name:1_small*").add_tags("hat")
    project.view("name:1.png").add_tags("scarf")
    project.view("name:1.png").remove_tags("scarf")
    browser = browse(kind="DuplicateReview")
    told, _ = browser.ask("duplicates.group", search=found(browser)["search"], group=2)
    kept, other = told["pictures"]
    assert (kept["name"], kept["width"], kept["format"], kept["reason"]) == (
        "1.png",
        480,
        "PNG",
        "most pixels",
    )
    assert kept["path"].endswith("copies/1.png")
    assert 0 <= kept["sharpness"] <= 1
    assert (kept["tags"], kept["rejected"]) == ([], ["scarf"])
    assert (other["name"], other["tags"], other["excluded"]) == ("1_small.jpg", ["hat"], False)


def test_keeping_one_excludes_the_others_and_undo_comes_back(browse: Open, project: lr.Project):
    browser = browse(kind="DuplicateReview")
    search = found(browser)["search"]
    small = int(project.view("name:1_small*").ids[0])
    told, buffers = browser.ask("duplicates.keep", search=search, group=2, image=small, merge=True)
    assert told["message"] == "Excluded 1 image"
    assert told["excluded"] == 1
    assert decisions(buffers) == ["", "kept"]
    assert project.view("is:excluded")["name"].tolist() == ["1.png"]
    assert told["can_undo"]["message"] == "Excluded 1 image"
    browser.ask("undo")
    _, buffers = browser.ask("duplicates.standing", search=search)
    assert decisions(buffers) == ["", ""]


@pytest.mark.parametrize("verdict", ["different", "variant"])
def test_a_verdict_is_an_operation(browse: Open, project: lr.Project, verdict: str):
    browser = browse(kind="DuplicateReview")
    search = found(browser)["search"]
    _, buffers = browser.ask("duplicates.mark", search=search, group=1, verdict=verdict)
    assert decisions(buffers) == [verdict, ""]
    assert project.history.iloc[0]["kind"] == f"duplicates.{verdict}"
    again = found(browser, again=True)
    assert again["groups"] == (1 if verdict == "different" else 2)


def test_what_was_found_before_is_not_decided_about(browse: Open):
    browser = browse(kind="DuplicateReview")
    old = found(browser)["search"]
    found(browser, again=True)
    reply, _ = browser.reply("duplicates.mark", search=old, group=1, verdict="different")
    assert reply["error"]["kind"] == "stale"


def test_a_search_that_fails_says_why(browse: Open, monkeypatch: pytest.MonkeyPatch):
    browser = browse(kind="DuplicateReview")

    def broken(*_: object, **__: object) -> None:
        raise lr.Error("the disk is away")

    with monkeypatch.context() as patched:
        patched.setattr(lr.View, "find_duplicates", broken)
        told = found(browser)
    assert (told["state"], told["message"]) == ("failed", "the disk is away")
    assert found(browser)["state"] == "found"


def test_no_duplicates_are_told_with_what_was_looked_at(browse: Open, project: lr.Project):
    told = found(browse(project.view("name:2*"), kind="DuplicateReview"))
    assert (told["groups"], told["images"], told["looked"]) == (0, 1, 0)


def test_the_workbench_reviews_too(browse: Open, project: lr.Project):
    browser = browse(kind="Workbench")
    told = found(browser)
    ids = browser.ask("duplicates.groups", search=told["search"], start=0, stop=1)[0]["rows"][0]["ids"]
    assert np.isin(ids, project.index.ids).all()


def test_pictures_are_compared_pixel_by_pixel(browse: Open, project: lr.Project, tmp_path: Path):
    again = tmp_path / "again"
    again.mkdir()
    Image.open(tmp_path / "copies" / "0.png").save(again / "0_again.bmp")
    project.add(again)
    browser = browse(kind="DuplicateReview")
    a, b, other = (int(project.view(f"name:{name}").ids[0]) for name in ("0.png", "0_again.bmp", "1.png"))
    assert browser.ask("duplicates.pixels", a=a, b=b)[0]["identical"] is True
    assert browser.ask("duplicates.pixels", a=a, b=other)[0]["identical"] is False
    (again / "0_again.bmp").unlink()
    assert browser.reply("duplicates.pixels", a=a, b=b)[0]["error"]["kind"] == "unreadable"
