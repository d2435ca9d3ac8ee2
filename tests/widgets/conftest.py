"""A widget with a browser at the other end that only keeps what was sent."""

from __future__ import annotations

import itertools
import queue
from typing import TYPE_CHECKING, Any

import pytest

import lorairo as lr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lorairo.widgets.linked import Linked


class Browser:
    """Asks a widget as the page does, and waits for the reply."""

    def __init__(self, widget: Linked) -> None:
        self.widget = widget
        self.messages: queue.Queue[tuple[dict[str, Any], list[bytes]]] = queue.Queue()
        self.events: list[dict[str, Any]] = []
        self._numbers = itertools.count()
        widget.send = lambda content, buffers=None: self.messages.put((content, buffers or []))
        widget._dispatcher._send = widget.send

    def ask(self, kind: str, **payload: Any) -> tuple[dict[str, Any], list[bytes]]:
        """Return payload and buffers of the reply; an error reply is raised as an assertion."""
        reply, buffers = self.reply(kind, **payload)
        assert "ok" in reply, reply
        return reply["ok"], buffers

    def reply(self, kind: str, **payload: Any) -> tuple[dict[str, Any], list[bytes]]:
        request = f"t-{next(self._numbers)}"
        self.widget._dispatcher.receive({"v": 1, "id": request, "kind": kind, "payload": payload})
        while True:
            content, buffers = self.messages.get(timeout=20)
            if content.get("id") == request:
                return content, buffers
            self.events.append(content)

    def event(self, name: str) -> dict[str, Any]:
        """Wait for an event."""
        while True:
            content, _buffers = self.messages.get(timeout=20)
            if content.get("event") == name:
                payload: dict[str, Any] = content["payload"]
                return payload


@pytest.fixture
def project(tmp_path: Path, photos: Path) -> Iterator[lr.Project]:
    """A project with twelve pictures."""
    with lr.open_project(tmp_path / "project") as project:
        project.add(photos)
        yield project


@pytest.fixture
def browse(project: lr.Project) -> Iterator[Callable[..., Browser]]:
    """Open a widget on a view of the project."""
    opened: list[Linked] = []

    def open_widget(view: Any = None, kind: str = "Gallery", **options: Any) -> Browser:
        widget = getattr(lr, kind)(view if view is not None else project.view(), **options)
        opened.append(widget)
        return Browser(widget)

    yield open_widget
    for widget in opened:
        widget.close()
