"""The tags at hand, as the editor asks for them."""

from __future__ import annotations

from collections.abc import Callable
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
