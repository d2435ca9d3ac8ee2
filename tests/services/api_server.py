"""A service on this machine: real HTTP, answers by script, and its own clock for what came when."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True)
class Received:
    """A request as it came; `body` is parsed where it is JSON. `at` is the server's clock, seconds."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    at: float
    number: int


@dataclass(frozen=True)
class Sent:
    """An answer. `cut` ends its body after so many bytes, `drop` closes without one, `wait` is awaited."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    cut: int | None = None
    drop: bool = False
    wait: threading.Event | None = None
    delay: float = 0.0

    @property
    def data(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        if isinstance(self.body, str):
            return self.body.encode()
        return json.dumps(self.body).encode()


Script = Callable[[Received], Sent]


class ApiServer(ThreadingHTTPServer):
    """Answers every request by `script`; remembers what came, in order, and how many were there at once."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.script = script
        self.received: list[Received] = []
        self.most_at_once = 0
        self._under_way = 0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def came(self, method: str, path: str, headers: Mapping[str, str], body: Any) -> Received:
        with self._lock:
            received = Received(method, path, headers, body, time.monotonic(), len(self.received))
            self.received.append(received)
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
        return received

    def went(self) -> None:
        with self._lock:
            self._under_way -= 1

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no error of the server."""


class _Exchange(BaseHTTPRequestHandler):
    server: ApiServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(data) if data else None
        except (UnicodeDecodeError, json.JSONDecodeError):
            body = data
        received = self.server.came(self.command, self.path, dict(self.headers.items()), body)
        try:
            sent = self.server.script(received)
            if sent.wait is not None:
                sent.wait.wait()
            if sent.delay:
                time.sleep(sent.delay)
            self._send(sent)
        finally:
            self.server.went()

    def _send(self, sent: Sent) -> None:
        if sent.drop:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        data = sent.data
        self.send_response(sent.status)
        self.send_header("Content-Type", sent.content_type)
        self.send_header("Content-Length", str(len(data)))
        for name, value in sent.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data if sent.cut is None else data[: sent.cut])
        if sent.cut is not None:
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_POST = do_DELETE = _answer  # noqa: N815 - as http.server names them


@contextmanager
def serving(script: Script) -> Iterator[ApiServer]:
    """Serve until the block ends."""
    server = ApiServer(script)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
