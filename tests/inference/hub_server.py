"""A hub on this machine: repositories out of a folder, over HTTP, as huggingface_hub asks for them."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from huggingface_hub import constants

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(ThreadingHTTPServer):
    """Serves ``folder/owner/name/...``; each of `cuts` ends one answer after so many bytes."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.folder = folder
        self.commit = COMMIT
        self.cuts: list[int] = []
        self.asked: list[str] = []
        self.ranges: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Asked(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._file(body=False)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if found := re.fullmatch(r"/api/models/(.+?)/(revision|tree)/.+", path):
            self._listing(found[1], tree=found[2] == "tree")
        else:
            self._file(body=True)

    def _listing(self, repo: str, *, tree: bool) -> None:
        root = self.server.folder / repo
        if not root.is_dir():
            self._answer(401, b"{}", {"X-Error-Code": "RepoNotFound"})
            return
        files = [file for file in sorted(root.rglob("*")) if file.is_file()]
        names = {file.relative_to(root).as_posix(): file.stat().st_size for file in files}
        told: object = [
            {"type": "file", "path": name, "size": size, "oid": name} for name, size in names.items()
        ]
        if not tree:
            siblings = [{"rfilename": name, "size": size} for name, size in names.items()]
            told = {"id": repo, "modelId": repo, "sha": self.server.commit, "siblings": siblings}
        self._answer(200, json.dumps(told).encode(), {"Content-Type": "application/json"})

    def _file(self, *, body: bool) -> None:
        found = re.fullmatch(r"/(.+?)/resolve/(\w+)/(.+)", self.path.partition("?")[0])
        file = self.server.folder / found[1] / found[3] if found else None
        if file is None or found is None or not file.is_file():
            self._answer(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        data = file.read_bytes()
        headers = {"ETag": f'"{hashlib.sha256(data).hexdigest()}"', "X-Repo-Commit": self.server.commit}
        if not body:
            self.send_response(200)
            self._head({**headers, "Content-Length": str(len(data))})
            return
        self.server.asked.append(found[3])
        start = 0
        if asked := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", "")):
            self.server.ranges.append(asked[0])
            start = int(asked[1])
        self.send_response(206 if start else 200)
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        self._head({**headers, "Content-Length": str(len(data) - start)})
        cut = self.server.cuts.pop(0) if self.server.cuts else None
        self.wfile.write(data[start:] if cut is None else data[start : start + cut])
        self.close_connection = cut is not None

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        self._head({**headers, "Content-Length": str(len(body))})
        self.wfile.write(body)

    def _head(self, headers: dict[str, str]) -> None:
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


@contextmanager
def serving(folder: Path) -> Iterator[Hub]:
    """Serve a folder in this block."""
    hub = Hub(folder)
    thread = threading.Thread(target=hub.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join()


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """The hub, with nothing on it yet."""
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with serving(tmp_path / "hub") as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server
