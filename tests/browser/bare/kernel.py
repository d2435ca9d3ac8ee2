"""A kernel without Jupyter: real widgets, whose comm is a web page that asks for their messages.

Run as ``kernel.py PORT FOLDER EXPRESSION [TRAIT ANSWER]``: serves the widget that the expression makes of
``view``. The two numbers are the protocols it claims in its trait and speaks in its answers, for pages of
another lorairo.
"""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import comm
from comm.base_comm import BaseComm

import lorairo as lr
from lorairo.widgets import wire

HERE = Path(__file__).resolve().parent
PATIENCE = 20.0  # seconds a page waits for the next message before it asks again


class Messages:
    """What the kernel's side sent, in order, for pages that ask from some place on."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._sent: list[tuple[Any, list[bytes]]] = []

    def add(self, content: Any, buffers: list[bytes]) -> None:
        """Keep a message and tell who waits."""
        with self._changed:
            self._sent.append((content, buffers))
            self._changed.notify_all()

    def after(self, place: int) -> tuple[int, list[tuple[Any, list[bytes]]]]:
        """Wait for messages behind a place, -1 for the end; return the new place and the messages."""
        with self._changed:
            start = len(self._sent) if place < 0 else place
            if place >= 0:
                self._changed.wait_for(lambda: len(self._sent) > start, PATIENCE)
            return len(self._sent), self._sent[start:]


class PageComm(BaseComm):
    """A comm whose custom messages go to the page; state is asked for, never pushed."""

    made: ClassVar[dict[str, PageComm]] = {}
    messages = Messages()

    def publish_msg(
        self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **keys: Any
    ) -> None:
        """Send one message."""
        PageComm.made[self.comm_id] = self
        if msg_type == "comm_msg" and data["method"] == "custom":
            PageComm.messages.add(data["content"], [bytes(buffer) for buffer in buffers or []])


def packed(place: int, messages: list[tuple[Any, list[bytes]]]) -> bytes:
    """Put messages into one body: the length of the head, the head as JSON, all buffers."""
    rows = [{"content": content, "lengths": [len(b) for b in buffers]} for content, buffers in messages]
    head = json.dumps({"place": place, "messages": rows}).encode()
    return b"".join(
        [len(head).to_bytes(4, "big"), head, *(b for _content, buffers in messages for b in buffers)]
    )


class Handler(BaseHTTPRequestHandler):
    """The page, its iframes, the state of the widget and its messages."""

    widget: Any
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with a page, the state or messages."""
        path, _question, query = self.path.partition("?")
        if path == "/messages":
            body = packed(*PageComm.messages.after(int(query)))
            self._answer(body, "application/octet-stream")
        elif path == "/state":
            names = set(self.widget.trait_names(sync=True)) - {"layout"}
            state = {name: getattr(self.widget, name) for name in names}
            self._answer(json.dumps(state).encode(), "application/json")
        elif path == "/favicon.ico":
            self._answer(b"", "image/x-icon")
        else:
            page = "outer.html" if path == "/" else "view.html"
            self._answer((HERE / page).read_bytes(), "text/html; charset=utf-8")

    def do_POST(self) -> None:
        """Hand a message from the page to the widget, as a kernel does."""
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        message = {"content": {"data": {"method": "custom", "content": content}}, "buffers": []}
        PageComm.made[self.widget.model_id].handle_msg(message)
        self._answer(b"", "text/plain")

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main(port: str, folder: str, expression: str, trait: str = "", answer: str = "") -> None:
    """Serve one widget until ended."""
    comm.create_comm = PageComm
    project = lr.open_project(Path(folder) / "project")
    project.add(Path(folder) / "photos")
    Handler.widget = eval(expression, {"lr": lr, "view": project.view()})
    if trait:
        Handler.widget.protocol, wire.PROTOCOL = int(trait), int(answer)
    ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
