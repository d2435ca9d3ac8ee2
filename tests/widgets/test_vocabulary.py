"""The tags at hand, as the editor asks for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import lorairo as lr

Open = Callable[..., Any]


def test_recent_tags_come_from_the_log_the_newest_first(browse: Open, project: lr.Project):
    browser = browse()
    image = {"id": int(project.view().ids[0])}
    for name in ("red hat", "smile", "red hat"):
        browser.ask("edit", action="tags.add", target=image, names=[name])
        browser.ask("edit", action="tags.remove", target=image, names=[name])
    ok, _ = browser.ask("tags.recent", limit=5)
    assert ok["recent"] == ["red_hat", "smile"]
    ok, _ = browser.ask("tags.recent", limit=1)
    assert ok["recent"] == ["red_hat"]


def test_a_pinned_tag_stays_until_it_is_let_go(browse: Open, project: lr.Project):
    browser = browse()
    browser.ask("tags.pin", tag="Red Hat", pinned=True)
    browser.ask("tags.pin", tag="smile", pinned=True)
    ok, _ = browse().ask("tags.recent")
    assert ok["pinned"] == ["red_hat", "smile"]
    ok, _ = browser.ask("tags.pin", tag="red_hat", pinned=False)
    assert ok["pinned"] == ["smile"] == project.pinned_tags


def test_both_fields_complete_over_what_the_project_knows(browse: Open, project: lr.Project, tmp_path: Path):
    (tmp_path / "words.csv").write_text("dog,0,9,doggo\nmy_dog,4,0,rex\n", encoding="utf-8")
    project.vocabulary.from_file(tmp_path / "words.csv")
    browser = browse()
    ok, _ = browser.ask("complete", text="rex", target=None)
    assert [(each["name"], each["category"], each["alias"]) for each in ok["options"]] == [
        ("my_dog", 4, "rex")
    ]
    ok, _ = browser.ask("search_complete", text="doggo", cursor=5)
    assert [each["text"] for each in ok["options"]] == ["dog"]
