"""Clicks are in a recipe as the calls a person would have typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import lorairo as lr
from lorairo.store.logged import logged
from lorairo.widgets import chronicle
from lorairo.widgets.editing import _ACTIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ASKED: dict[str, tuple[dict[str, Any], str]] = {
    "tags.add": ({"names": ["Big Hat"]}, '.add_tags("big_hat")'),
    "tags.accept": ({"names": ["smile"]}, '.add_tags("smile")'),
    "tags.remove": ({"names": ["dog"]}, '.remove_tags("dog")'),
    "tags.reject": ({"names": ["cat"]}, '.reject_tags("cat")'),
    "tags.clear": ({"names": ["park"]}, '.clear_tags("park")'),
    "tags.order": ({"names": ["outdoors", "dog"]}, '.order_tags("outdoors", "dog")'),
    "tags.arrange": ({}, '.order_tags("1girl")'),
    "tags.set": ({"names": ["cat", "dog"]}, '.set_tags(["cat", "dog"])'),
    "tags.rename": ({"old": "dog", "new": "puppy"}, '.replace_tags({"dog": "puppy"})'),
    "stars": ({"value": 4}, ".stars(4)"),
    "exclude": ({"reason": "blurry"}, '.exclude(reason="blurry")'),
    "include": ({}, ".include()"),
    "toggle_excluded": ({}, ".exclude()"),
    "reviewed": ({"value": True}, ".mark_reviewed()"),
    "caption": ({"text": "a dog"}, '.set_caption("a dog")'),
    "sentences.accept": ({"sentence": "It runs."}, '.accept_sentences("It runs.", variant="default")'),
    "sentences.strike": ({"sentence": "A dog."}, '.strike_sentences("A dog.")'),
    "sentences.clear": ({"sentence": "It runs."}, '.clear_sentences("It runs.")'),
    "captions.replace": ({"pattern": "old", "replacement": "new"}, '.set_caption("my new dog")'),
    "captions.compose": ({"template": "{tags}"}, '.set_caption("dog, outdoors, park")'),
    "dataset.add": ({"name": "train"}, '.add_to("train")'),
    "dataset.remove": ({"name": "test"}, '.remove_from("test")'),
}


@pytest.mark.parametrize("action", _ACTIONS)
def test_a_click_is_the_call_it_stands_for(
    browse: Callable[..., Any], project: lr.Project, tmp_path: Path, photos: Path, action: str
):
    one = project.view(everything=True)[[1]]
    one.add_tags("park")
    one.add_to("test")
    if action == "include":
        one.exclude()
    if action == "tags.arrange":
        one.add_tags("1girl")
    if action == "captions.replace":
        one.set_caption("my old dog")
    if action.startswith("sentences."):
        one.annotate({"talker": lambda _picture: "A dog. It runs."}, background=False)
    if action == "sentences.clear":
        one.strike_sentences("A dog.", "It runs.")
    asked, call = ASKED[action]
    browse().ask("edit", action=action, target={"ids": [1]}, **asked)
    with project.database.read() as c:
        assert all(entry.parameters is not None for entry in logged(c))
    recipe = project.recipe()
    assert f"{call}  # 00.jpg" in recipe.text
    with lr.open_project(tmp_path / "elsewhere") as other:
        other.add(photos)
        report = lr.replay(recipe.save(tmp_path / "clicks.py"), other)
    assert report.equal
    assert report.differences.empty


def test_buttons_that_turn_back_leave_nothing(browse: Callable[..., Any], project: lr.Project):
    browser = browse()
    browser.ask("edit", action="stars", value=4, target={"ids": [1, 2]})
    browser.ask("undo")
    assert "stars" not in project.recipe().text
    browser.ask("redo")
    assert "recorded(1).stars(4)  # 00.jpg, 01.jpg" in project.recipe().text


def test_the_history_shows_the_recipe_with_its_fingerprint(
    browse: Callable[..., Any], project: lr.Project, monkeypatch: pytest.MonkeyPatch
):
    project.view("dog").stars(4)
    browser = browse(kind="History")
    shown, _ = browser.ask("history.recipe")
    assert shown["text"] == project.recipe().text
    assert shown["whole"]
    assert shown["fingerprint"] == project.fingerprint()
    monkeypatch.setattr(chronicle, "MAX_TEXT", 300)
    shown, _ = browser.ask("history.recipe")
    assert not shown["whole"]
    assert len(shown["text"]) <= 300
    assert project.recipe().text.startswith(shown["text"])
