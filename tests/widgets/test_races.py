"""Requests at bad moments: stale orders, closed projects, repeats, cancels, nonsense. Each is answered."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

import lorairo as lr
from lorairo.widgets.wire import Answer, Dispatcher, Route

if TYPE_CHECKING:
    from collections.abc import Callable

WAIT = 20


def test_a_closed_project_answers_with_a_clear_error(project: lr.Project, browse: Callable[..., Any]):
    browser = browse()
    browser.ask("hello")
    project.close()
    asked: dict[str, dict[str, Any]] = {
        "hello": {},
        "search": {"query": "dog"},
        "index": {"version": 1, "start": 0, "stop": 5},
        "thumbs": {"ids": [1]},
        "image": {"id": 1},
        "details": {"id": 1},
        "tags": {"target": "selected"},
        "complete": {"text": "do", "target": "selected"},
        "search_complete": {"text": "do", "cursor": 2},
        "edit": {"action": "stars", "target": {"id": 1}, "value": 3},
        "undo": {},
        "setting": {"key": "cell", "value": 160},
    }
    for kind, payload in asked.items():
        reply, _ = browser.reply(kind, **payload)
        assert "open it again" in reply["error"]["message"], kind
    assert "closed" in repr(project)


def test_a_selection_after_closing_is_told_and_not_raised(project: lr.Project, browse: Callable[..., Any]):
    view = project.view()
    browser = browse(view)
    browser.ask("hello")
    project.close()
    view.lens.select(view.lens.selected)
    assert "open it again" in browser.event("notice")["text"]


def test_an_edit_that_is_cancelled_and_asked_again_is_made_once():
    begun, go_on, sent = threading.Event(), threading.Event(), threading.Event()
    made: list[int] = []
    replies: list[dict[str, Any]] = []

    def edit(_payload: dict[str, Any]) -> Answer:
        made.append(1)
        begun.set()
        assert go_on.wait(WAIT)
        return Answer({})

    def send(message: dict[str, Any], _buffers: object) -> None:
        replies.append(message)
        sent.set()

    dispatcher = Dispatcher({"edit": Route(edit, changes=True)}, send)
    request = {"v": 1, "id": "a-1", "kind": "edit", "payload": {}}
    dispatcher.receive(request)
    assert begun.wait(WAIT)
    dispatcher.receive({**request, "kind": "cancel"})
    dispatcher.receive(request)
    go_on.set()
    assert sent.wait(WAIT)
    dispatcher.receive(request)
    assert made == [1]
    assert [reply["ok"] for reply in replies] == [{}, {}]


@pytest.mark.parametrize("payload", ["text", [1, 2], 3])
def test_a_payload_that_is_no_object_is_answered(payload: object):
    replies: list[dict[str, Any]] = []
    dispatcher = Dispatcher({}, lambda message, _buffers: replies.append(message))
    dispatcher.receive({"v": 1, "id": "a-1", "kind": "hello", "payload": payload})
    assert "object" in replies[0]["error"]["message"]


def test_names_of_tags_are_never_taken_letter_by_letter(project: lr.Project, browse: Callable[..., Any]):
    reply, _ = browse().reply("edit", action="tags.add", target={"id": 1}, names="dog")
    assert "list" in reply["error"]["message"]
    assert project.history.empty


def test_a_caption_from_a_file_can_be_emptied_in_the_box(
    project: lr.Project, browse: Callable[..., Any], photos: Any
):
    (photos / "05.txt").write_text("A brown dog sits in the sun, and looks.", encoding="utf-8")
    project.add(photos / "05.jpg", captions="prose")
    browser = browse()
    image_id = int(project.view("name:05.jpg").ids[0])
    assert browser.ask("details", id=image_id)[0]["caption"]["source"] == "file"
    edit = {"action": "caption", "target": {"id": image_id}, "text": ""}
    assert browser.ask("edit", **edit)[0]["count"] == 1
    assert browser.ask("details", id=image_id)[0]["caption"]["text"] == ""
    assert browser.ask("edit", **edit)[0]["count"] == 0
    assert browser.ask("tags", target={"id": image_id})[0]["captions"]["empty"] == 1


def test_what_was_deleted_is_not_counted_as_selected(project: lr.Project, browse: Callable[..., Any]):
    view = project.view()
    view.selected = [1, 2, 3]
    browser = browse(view)
    project.view()[[2]].delete(confirm=True)
    assert browser.ask("hello")[0]["selection"] == {"ranges": [[0, 2]], "count": 2}


def test_a_listener_that_fails_does_not_keep_the_news_from_others(
    project: lr.Project, browse: Callable[..., Any]
):
    first = project.view()

    def fails(_change: object) -> None:
        raise ValueError("a mistake in a cell")

    first.changed.connect(fails)
    browser = browse()
    browser.ask("hello")
    project.view().head(1).stars(3)
    assert "stars" in browser.event("changed")["kinds"]


def test_views_nobody_listens_to_any_more_are_let_go(project: lr.Project):
    def listener(_change: object) -> None:
        pass

    for _ in range(50):
        view = project.view()
        view.changed.connect(listener)
        view.changed.disconnect(listener)
    assert len(project._kept) <= 1
