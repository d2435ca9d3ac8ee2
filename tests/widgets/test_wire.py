"""The wire: envelopes, repeats, cancels, errors."""

from __future__ import annotations

import queue
import threading
from typing import Any

from lorairo.errors import QueryError
from lorairo.widgets.wire import Answer, Dispatcher, Route


class Browser:
    """The other end: keeps what was sent to it."""

    def __init__(self, routes: dict[str, Route]) -> None:
        self.messages: queue.Queue[tuple[dict[str, Any], list[bytes] | None]] = queue.Queue()
        self.dispatcher = Dispatcher(routes, lambda content, buffers: self.messages.put((content, buffers)))

    def ask(
        self, kind: str, payload: dict[str, Any] | None = None, request: str = "a-1", version: int = 1
    ) -> None:
        self.dispatcher.receive({"v": version, "id": request, "kind": kind, "payload": payload or {}})

    def next(self) -> tuple[dict[str, Any], list[bytes] | None]:
        return self.messages.get(timeout=10)


def test_a_request_is_answered_with_its_id_and_buffers():
    browser = Browser({"echo": Route(lambda payload: Answer({"said": payload["say"]}, [b"bytes"]))})
    browser.ask("echo", {"say": "hi"})
    assert browser.next() == ({"v": 1, "id": "a-1", "ok": {"said": "hi"}}, [b"bytes"])


def test_an_edit_asked_again_is_made_once_and_answered_twice():
    made: list[int] = []

    def edit(_payload: dict[str, Any]) -> Answer:
        made.append(1)
        return Answer({"count": len(made)})

    browser = Browser({"edit": Route(edit, changes=True)})
    browser.ask("edit")
    first = browser.next()
    browser.ask("edit")
    assert browser.next() == first
    assert made == [1]


def test_a_cancelled_request_gets_no_reply():
    started, go_on = threading.Event(), threading.Event()

    def slow(_payload: dict[str, Any]) -> Answer:
        started.set()
        go_on.wait(10)
        return Answer({})

    browser = Browser({"slow": Route(slow), "echo": Route(lambda _payload: Answer({}))})
    browser.ask("slow", request="a-1")
    assert started.wait(10)
    browser.dispatcher.receive({"v": 1, "id": "a-1", "kind": "cancel", "payload": {}})
    go_on.set()
    browser.ask("echo", request="a-2")
    assert browser.next()[0]["id"] == "a-2"
    assert browser.messages.empty()


def test_changes_run_in_the_order_they_came():
    order: list[int] = []
    browser = Browser(
        {"edit": Route(lambda payload: (order.append(payload["n"]), Answer({}))[1], changes=True)}
    )
    for n in range(20):
        browser.ask("edit", {"n": n}, request=f"a-{n}")
    for _ in range(20):
        browser.next()
    assert order == list(range(20))


def test_errors_are_told():
    def wrong(_payload: dict[str, Any]) -> Answer:
        raise QueryError("Expected a number after sharpness:>, got hi", position=11, length=2)

    def broken(_payload: dict[str, Any]) -> Answer:
        raise ZeroDivisionError("oh")

    browser = Browser({"search": Route(wrong), "broken": Route(broken)})
    browser.ask("search")
    assert browser.next()[0]["error"] == {
        "kind": "query",
        "message": "Expected a number after sharpness:>, got hi",
        "position": 11,
        "length": 2,
    }
    browser.ask("broken", request="a-2")
    assert "ZeroDivisionError" in browser.next()[0]["error"]["message"]
    browser.ask("unheard", request="a-3")
    assert browser.next()[0]["error"]["kind"] == "request"
    browser.ask("search", request="a-4", version=2)
    assert "Reload the page" in browser.next()[0]["error"]["message"]


def test_messages_of_others_are_left_alone():
    browser = Browser({})
    for content in (None, "text", {"method": "custom"}, {"id": 3}):
        browser.dispatcher.receive(content)
    assert browser.messages.empty()
