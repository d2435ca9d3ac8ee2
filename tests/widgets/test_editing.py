"""What a widget changes is one operation, seen by cells at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import lorairo as lr

Open = Callable[..., object]


def test_tags_of_the_selection(browse: Open, project: lr.Project):
    view = project.view()
    browser = browse(view)
    view.selected = [1, 2, 3]
    ok, _ = browser.ask("edit", action="tags.add", names=["Big Hat"], target="selected")
    assert ok["message"] == "Tagged 3 images big_hat"
    assert len(project.view("big_hat")) == 3
    ok, _ = browser.ask("undo")
    assert ok["message"] == "Undone: tagged 3 images big_hat"
    assert ok["can_redo"] is not None
    ok, _ = browser.ask("redo")
    assert len(project.view("big_hat")) == 3


@pytest.mark.parametrize(
    ("edit", "query", "count"),
    [
        ({"action": "stars", "value": 4}, "stars:4", 2),
        ({"action": "exclude", "reason": "blurry"}, "reason:blurry", 2),
        ({"action": "toggle_excluded"}, "is:excluded", 2),
        ({"action": "reviewed", "value": True}, "is:reviewed", 2),
        ({"action": "caption", "text": "red hat", "variant": "default"}, 'caption:"red hat"', 2),
        ({"action": "dataset.add", "name": "train"}, "dataset:train", 2),
        ({"action": "tags.rename", "old": "dog", "new": "puppy"}, "puppy", 1),
        ({"action": "tags.reject", "names": ["dog"]}, "dog", 2),
    ],
)
def test_every_edit_is_found_again_and_undone(
    browse: Open, project: lr.Project, edit: dict, query: str, count: int
):
    before = len(project.view(query))
    browser = browse()
    browser.ask("edit", target={"ids": [1, 2]}, **edit)
    assert len(project.view(query)) == count
    browser.ask("undo")
    assert len(project.view(query)) == before


def test_an_empty_caption_removes_it(browse: Open, project: lr.Project):
    browser = browse()
    browser.ask("edit", action="caption", text="x", variant="default", target={"id": 2})
    browser.ask("edit", action="caption", text=None, variant="default", target={"id": 2})
    assert project[2].caption is None


def test_a_refused_edit_says_why(browse: Open):
    reply, _ = browse().reply("edit", action="stars", value=9, target={"id": 1})
    assert "0 to 5" in reply["error"]["message"]
    reply, _ = browse().reply("edit", action="paint", target={"id": 1})
    assert "paint" in reply["error"]["message"]


def test_settings_are_remembered(browse: Open, project: lr.Project):
    browse().ask("setting", key="cell", value=200)
    hello, _ = browse().ask("hello", client="b")
    assert hello["cell"] == 200
    assert len(project.history) == 0


def test_one_image_in_detail(browse: Open, project: lr.Project):
    project.view().head(1).add_tags("smile")
    project.view().head(1).remove_tags("outdoors")
    ok, _ = browse().ask("details", id=1)
    assert [(tag["name"], tag["source"]) for tag in ok["tags"]] == [("dog", "file"), ("smile", "hand")]
    assert [tag["name"] for tag in ok["rejected"]] == ["outdoors"]
    assert (ok["width"], ok["height"], ok["name"]) == (320, 240, "00.jpg")
    assert ok["scores"]["sharpness"] >= 0


def test_many_images_in_common(browse: Open, project: lr.Project):
    view = project.view()
    view.add_tags("animal")
    view.selected = view.ids
    ok, _ = browse(view).ask("tags", target="selected")
    assert [tag["name"] for tag in ok["on_all"]] == ["animal"]
    assert {tag["name"]: tag["count"] for tag in ok["on_some"]} == {"dog": 3, "outdoors": 3}
    assert ok["captions"] == {"different": 0, "empty": 12, "text": None, "variant": "default"}


def test_completion_counts_in_the_target(browse: Open, project: lr.Project):
    view = project.view()
    view.selected = [1, 2]
    ok, _ = browse(view).ask("complete", text="do", target="selected", limit=5)
    option = ok["options"][0]
    assert (option["name"], option["count"], option["in_target"]) == ("dog", 3, 1)


def test_find_and_replace_previews_first(browse: Open, project: lr.Project):
    project.view().set_caption({1: "a red dog", 2: "blue"})
    browser = browse()
    asked = {"pattern": "red", "replacement": "green", "regex": False, "target": {"ids": [1, 2]}}
    ok, _ = browser.ask("captions.preview", limit=5, **asked)
    assert ok["changed"] == 1
    assert ok["samples"] == [{"id": 1, "before": "a red dog", "after": "a green dog"}]
    browser.ask("edit", action="captions.replace", **asked)
    assert project[1].caption == "a green dog"


def test_which_images_have_a_tag(browse: Open):
    ok, _ = browse().ask("having", name="dog", ids=[1, 2, 5])
    assert ok["ids"] == [1, 5]


def test_an_edit_of_a_selection_that_is_gone_does_nothing(browse: Open, project: lr.Project):
    view = project.view()
    browser = browse(view)
    view.selected = [1, 2, 3]
    seen, _ = browser.ask("tags", target="selected")
    view.selected = [7]
    edit = {"action": "tags.add", "names": ["hat"], "target": "selected"}
    reply, _ = browser.reply("edit", revision=seen["revision"], **edit)
    assert reply["error"]["kind"] == "stale"
    assert len(project.view("hat")) == 0
    seen, _ = browser.ask("tags", target="selected")
    browser.ask("edit", revision=seen["revision"], **edit)
    assert project.view("hat").ids.tolist() == [7]
