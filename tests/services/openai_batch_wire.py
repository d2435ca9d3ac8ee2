"""Files and batches of OpenAI on the wire, kept in memory; each question is answered as a single one is."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from api_server import Received, Sent
from batch_wire import Taking, read_jsonl
from openai_wire import asked, error
from routes import Route


@dataclass
class Batches(Taking):
    """OpenAI, where a batch ends as ``completed``, ``expired``, ``cancelled`` or ``failed``.

    An answer with a status of 400 or more goes to the file of errors.

    Attributes
    ----------
    errors
        Why it failed.
    """

    ends: str = "completed"
    errors: list[dict[str, Any]] = field(default_factory=list)

    def _routes(self, received: Received) -> Iterable[Route]:
        return [
            ("POST", "/v1/files", lambda: self._upload(received.body)),
            ("GET", "/v1/files", self._list_files),
            ("GET", "/v1/files/([^/]+)/content", self._content),
            ("DELETE", "/v1/files/([^/]+)", self._delete),
            ("POST", "/v1/batches", lambda: self._create(received.body)),
            ("GET", "/v1/batches", self._list),
            ("GET", "/v1/batches/([^/]+)", self._poll),
            ("POST", "/v1/batches/([^/]+)/cancel", self._cancel),
        ]

    def _nothing(self, what: str) -> Sent:
        return error(404, None, f"There is no {what}")

    def _list_files(self) -> Sent:
        return _listed([_file(name, self.names[name]) for name in self.files])

    def _list(self) -> Sent:
        return _listed([self._told(name) for name in self.batches])

    def _cancel(self, name: str) -> Sent:
        self.batches[name] |= {"ends": "cancelled", "status": "cancelling"}
        return Sent(body=self._told(name))

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
            return self._nothing(name)
        return Sent(body=self.files[name], content_type="application/octet-stream")

    def _delete(self, name: str) -> Sent:
        if self.files.pop(name, None) is None:
            return self._nothing(name)
        self.deleted.append(name)
        return Sent(body={"id": name, "object": "file", "deleted": True})

    def _create(self, body: dict[str, Any]) -> Sent:
        name = f"batch_{next(self._numbers)}"
        lines = read_jsonl(self.files[body["input_file_id"]])
        return self._made(name, {**body, "lines": lines, "status": "validating"})

    def _poll(self, name: str) -> Sent:
        self.polled.set()
        batch = self.batches.get(name)
        if batch is None:
            return self._nothing(name)
        if self._goes_on(batch):
            batch["status"] = "in_progress"
        else:
            batch["status"] = batch["ends"]
            if "output_file_id" not in batch:
                self._answer_all(batch)
        return Sent(body=self._told(name))

    def _answer_all(self, batch: dict[str, Any]) -> None:
        ran, left = self._run(batch)
        ends = batch["ends"]
        good, bad = [], []
        for line in ran:
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
                for line in left
            ]
        batch["output_file_id"] = self._keep(f"file-{next(self._numbers)}", good)
        batch["error_file_id"] = self._keep(f"file-{next(self._numbers)}", bad)

    def _told(self, name: str) -> dict[str, Any]:
        batch = self.batches[name]
        failed = {"object": "list", "data": self.errors} if batch["status"] == "failed" else None
        return {
            "id": name,
            "object": "batch",
            "endpoint": batch["endpoint"],
            "errors": failed,
            "input_file_id": batch["input_file_id"],
            "completion_window": batch["completion_window"],
            "status": batch["status"],
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
