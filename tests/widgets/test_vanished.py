"""Pictures and projects that vanish while a widget shows them: it says so, keeps answering, and recovers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import lorairo as lr

Open = Callable[..., object]


def test_a_widget_whose_pictures_vanished_names_them_and_shows_them_again(
    browse: Open, project: lr.Project, photos: Path
):
    ids = project.view().ids.tolist()
    browser = browse()
    browser.ask("hello", client="a")
    project.thumbnails.remove([bytes.fromhex(record.sha256) for record in project.view()])
    photos.rename(photos.with_name("away"))
    reply, (body,) = browser.ask("thumbs", ids=ids)
    assert (reply["ids"], body) == ([], b"")
    assert set(reply["errors"]) == {str(image_id) for image_id in ids}
    large, _ = browser.reply("image", id=ids[0])
    assert "cannot be read" in large["error"]["message"]
    assert browser.ask("search", query="dog")[0]["count"] == 3, "what the project knows is still there"
    photos.with_name("away").rename(photos)
    reply, _ = browser.ask("thumbs", ids=ids)
    assert (reply["ids"], reply["errors"]) == (ids, {})


def test_a_widget_whose_project_vanished_refuses_edits_and_shows_what_it_has(
    browse: Open, project: lr.Project
):
    ids = project.view().ids.tolist()
    browser = browse()
    browser.ask("hello", client="a")
    project.location.rename(project.location.with_name("away"))
    reply, _ = browser.reply("edit", action="stars", value=3, target={"ids": ids[:1]})
    assert "is gone: this change was not saved" in reply["error"]["message"]
    assert browser.ask("thumbs", ids=ids)[0]["ids"] == ids
    project.location.with_name("away").rename(project.location)
    assert project.view()["stars"].tolist() == [0] * len(ids)
