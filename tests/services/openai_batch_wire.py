"""Files and batches of OpenAI on the wire, kept in memory; each question is answered as a single one is."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

from api_server import Received, Sent
from openai_wire import Asked, asked, error
from routes import routed

Ends = Literal["completed", "expired", "cancelled", "failed"]


@dataclass
class Batches:
    """A service that takes batches; give it to `serving`.

    Attributes
    ----------
    answer
        What becomes of each question, as `openai_wire` makes it: a status of 400 or more goes to the file
        of errors.
    polls
        Times a batch is asked for before it has ended.
    ends
        How; of one that expires or is cancelled, only the first half was run.
    errors
        Why it failed.
    hold
        Until it is set, the answer to a batch that was made does not leave.
    """

    answer: Callable[[Asked], Sent]
    polls: int = 1
    ends: Ends = "completed"
    errors: list[dict[str, Any]] = field(default_factory=list)
    hold: threading.Event | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    batches: dict[str, dict[str, Any]] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    asked_for: dict[str, int] = field(default_factory=dict)
    polled: threading.Event = field(default_factory=threading.Event)
    made: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._lock = threading.Lock()

    @property
    def lines(self) -> list[list[dict[str, Any]]]:
        """The questions of each batch, in the order they were made; kept when the files are deleted."""
        return [batch["lines"] for batch in self.batches.values()]

    def __call__(self, received: Received) -> Sent:
        with self._lock:
            return self._answered(received)

    def _answered(self, received: Received) -> Sent:
        found = routed(
            received,
            [
                ("POST", "/v1/files", lambda: self._upload(received.body)),
                ("GET", "/v1/files", self._list_files),
                ("GET", "/v1/files/([^/]+)/content", self._content),
                ("DELETE", "/v1/files/([^/]+)", self._delete),
                ("POST", "/v1/batches", lambda: self._create(received.body)),
                ("GET", "/v1/batches", self._list),
                ("GET", "/v1/batches/([^/]+)", self._poll),
                ("POST", "/v1/batches/([^/]+)/cancel", self._cancel),
            ],
        )
        return found or error(404, None, f"Invalid URL ({received.method} {received.path})")

    def _list_files(self) -> Sent:
        return _listed([_file(name, self.names[name]) for name in self.files])

    def _list(self) -> Sent:
        return _listed([self._told(name) for name in self.batches])

    def _cancel(self, name: str) -> Sent:
        self.batches[name]["ends"] = "cancelled"
        return Sent(body=self._told(name, "cancelling"))

    def _upload(self, body: bytes) -> Sent:
        boundary = body.partition(b"\r\n")[0]
        part = next(part for part in body.split(boundary) if b"filename=" in part)
        head, _, data = part.partition(b"\r\n\r\n")
        found = re.search(rb'filename="([^"]+)"', head)
        assert found is not None
        name = f"file-{next(self._numbers)}"
        self.files[name] = data.removesuffix(b"\r\n")
        self.names[name] = found[1].decode()
        return Sent(body=_file(name, self.names[name]))

    def _content(self, name: str) -> Sent:
        if name not in self.files:
            return error(404, None, f"No such File object: {name}")
        return Sent(body=self.files[name], content_type="application/octet-stream")

    def _delete(self, name: str) -> Sent:
        if self.files.pop(name, None) is None:
            return error(404, None, f"No such File object: {name}")
        self.deleted.append(name)
        return Sent(body={"id": name, "object": "file", "deleted": True})

    def _create(self, body: dict[str, Any]) -> Sent:
        name = f"batch_{next(self._numbers)}"
        lines = [json.loads(line) for line in self.files[body["input_file_id"]].split(b"\n") if line]
        self.batches[name] = {**body, "lines": lines, "ends": self.ends, "left": self.polls}
        self.made.set()
        return Sent(body=self._told(name, "validating"), wait=self.hold)

    def _poll(self, name: str) -> Sent:
        self.polled.set()
        self.asked_for[name] = self.asked_for.get(name, 0) + 1
        batch = self.batches.get(name)
        if batch is None:
            return error(404, None, f"No batch found with id '{name}'.")
        if batch["ends"] != "cancelled" and batch["left"] > 0:
            batch["left"] -= 1
            return Sent(body=self._told(name, "in_progress"))
        if "output_file_id" not in batch:
            self._run(batch)
        return Sent(body=self._told(name, batch["ends"]))

    def _run(self, batch: dict[str, Any]) -> None:
        """Answer the questions, last first, as the order is nobody's promise."""
        ends, lines = batch["ends"], batch["lines"]
        ran = {"completed": len(lines), "failed": 0}.get(ends, len(lines) // 2)
        good, bad = [], []
        for line in reversed(lines[:ran]):
            sent = self.answer(asked(Received("POST", line["url"], {}, line["body"], 0.0, 0)))
            response = {
                "status_code": sent.status,
                "request_id": f"req_{line['custom_id']}",
                "body": sent.body,
            }
            told = {"id": "batch_req_1", "custom_id": line["custom_id"], "response": response, "error": None}
            (good if sent.status < 400 else bad).append(told)
        if ends in ("expired", "cancelled"):
            why = {"code": f"batch_{ends}", "message": f"This request was not run: the batch was {ends}."}
            bad += [
                {"id": "batch_req_1", "custom_id": line["custom_id"], "response": None, "error": why}
                for line in lines[ran:]
            ]
        batch["output_file_id"] = self._keep(good)
        batch["error_file_id"] = self._keep(bad)

    def _keep(self, lines: list[dict[str, Any]]) -> str | None:
        if not lines:
            return None
        name = f"file-{next(self._numbers)}"
        # As they write it: characters as they are, so that a line may hold what Unicode calls a line end.
        self.files[name] = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
        self.names[name] = f"{name}.jsonl"
        return name

    def _told(self, name: str, status: str | None = None) -> dict[str, Any]:
        batch = self.batches[name]
        ended = status == batch["ends"]
        failed = {"object": "list", "data": self.errors} if ended and status == "failed" else None
        return {
            "id": name,
            "object": "batch",
            "endpoint": batch["endpoint"],
            "errors": failed,
            "input_file_id": batch["input_file_id"],
            "completion_window": batch["completion_window"],
            "status": status or "in_progress",
            "output_file_id": batch.get("output_file_id"),
            "error_file_id": batch.get("error_file_id"),
            "created_at": int(time.time()),
            "request_counts": {"total": len(batch["lines"]), "completed": 0, "failed": 0},
            "metadata": batch.get("metadata"),
        }


def _file(name: str, filename: str) -> dict[str, Any]:
    return {
        "id": name,
        "object": "file",
        "bytes": 1,
        "created_at": int(time.time()),
        "filename": filename,
        "purpose": "batch",
        "status": "processed",
    }


def _listed(rows: list[dict[str, Any]]) -> Sent:
    return Sent(body={"object": "list", "data": rows, "has_more": False})
