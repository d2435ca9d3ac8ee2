"""A widget without a browser: what asks in the place of the page, for benchmarks of the kernel's side."""

from __future__ import annotations

import contextlib
import queue
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lorairo.widgets.linked import Linked


class Page:
    """The browser's end of a widget: asks, and waits for the answer."""

    def __init__(self, widget: Linked) -> None:
        self.answers: dict[str, queue.Queue[dict[str, Any]]] = {}
        self.events: queue.Queue[float] = queue.Queue()
        self.view = widget.view
        self._dispatcher = widget._dispatcher  # noqa: SLF001 - in the place of the notebook's connection
        widget.send = self._dispatcher._send = self._answered  # noqa: SLF001 - as above
        self.version = self.ask("hello")["version"]

    def _answered(self, content: dict[str, Any], _buffers: object = None) -> None:
        if content.get("event") == "changed":
            self.events.put(time.perf_counter())
        elif "id" in content:
            self.answers[content["id"]].put(content)

    def send(self, kind: str, **payload: object) -> str:
        number = f"b-{len(self.answers)}"
        self.answers[number] = queue.Queue()
        self._dispatcher.receive({"v": 1, "id": number, "kind": kind, "payload": payload})
        return number

    def answer(self, number: str) -> dict[str, Any]:
        found: dict[str, Any] = self.answers[number].get(timeout=120)["ok"]
        return found

    def ask(self, kind: str, **payload: object) -> dict[str, Any]:
        return self.answer(self.send(kind, **payload))

    def rest(self) -> None:
        """Wait until nothing is told any more."""
        with contextlib.suppress(queue.Empty):
            while True:
                self.events.get(timeout=0.5)
