"""Files and batches of Gemini on the wire, kept in memory; each question is answered as a single one is."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

from api_server import Received, Sent
from google_wire import Asked, asked_of, error
from routes import routed

Ends = Literal["SUCCEEDED", "PARTIALLY_SUCCEEDED", "EXPIRED", "CANCELLED", "FAILED"]


@dataclass
class Batches:
    """A service that takes batches; give it to `serving`.

    Attributes
    ----------
    answer
        What becomes of each question, as `google_wire` makes it.
    polls
        Times a batch is asked for before it has ended.
    ends
        How: of one that expires or is cancelled, only the first half was run.
    prefix
        Of the names of states: ``BATCH_STATE`` as the service says, or ``JOB_STATE`` as the library does.
    hold
        Until it is set, the answer to a batch that was made does not leave.
    """

    answer: Callable[[Asked], Sent]
    polls: int = 1
    ends: Ends = "SUCCEEDED"
    prefix: str = "BATCH_STATE"
    hold: threading.Event | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    batches: dict[str, dict[str, Any]] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    polled: threading.Event = field(default_factory=threading.Event)
    made: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._uploads: dict[str, str] = {}

    @property
    def lines(self) -> list[list[dict[str, Any]]]:
        """The questions of each batch, in the order they were made; kept when the files are deleted."""
        return [batch["lines"] for batch in self.batches.values()]

    def __call__(self, received: Received) -> Sent:
        with self._lock:
            return self._answered(received)

    def _answered(self, received: Received) -> Sent:
        here = "/v1(?:beta)?"
        found = routed(
            received,
            [
                ("POST", f"/upload{here}/files", lambda: self._begin(received)),
                ("POST", "/uploading/(.+)", lambda number: self._upload(number, received.body)),
                (
                    "POST",
                    f"{here}/(models/.+):batchGenerateContent",
                    lambda m: self._create(m, received.body),
                ),
                ("GET", f"{here}/batches", self._list),
                ("GET", f"{here}/(batches/[^:]+)", self._poll),
                ("POST", f"{here}/(batches/.+):cancel", self._cancel),
                ("DELETE", f"{here}/(batches/.+)", lambda name: self._delete(name, self.batches)),
                ("GET", f"{here}/files", self._list_files),
                ("GET", f"(?:/download)?{here}/(files/.+):download", self._download),
                ("DELETE", f"{here}/(files/.+)", lambda name: self._delete(name, self.files)),
            ],
        )
        return found or error(404, "NOT_FOUND", f"{received.method} {received.path} is nothing")

    def _list(self) -> Sent:
        return Sent(body={"operations": [self._told(name) for name in self.batches]})

    def _cancel(self, name: str) -> Sent:
        self.batches[name]["ends"] = "CANCELLED"
        return Sent(body={})

    def _list_files(self) -> Sent:
        return Sent(body={"files": [{"name": name, "displayName": self.names[name]} for name in self.files]})

    def _download(self, name: str) -> Sent:
        return Sent(body=self.files[name], content_type="text/plain")

    def _begin(self, received: Received) -> Sent:
        number = str(next(self._numbers))
        told = received.body["file"]  # the library writes it so; the service takes either
        self._uploads[number] = told.get("display_name", told.get("displayName", ""))
        host = received.headers["Host"]
        return Sent(body={}, headers={"x-goog-upload-url": f"http://{host}/uploading/{number}"})

    def _upload(self, number: str, body: Any) -> Sent:
        name = f"files/{number}"
        # The server of the tests reads a body that is one document of JSON.
        self.files[name] = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.names[name] = self._uploads[number]
        told = {"name": name, "displayName": self.names[name], "sizeBytes": "1", "state": "ACTIVE"}
        return Sent(body={"file": told}, headers={"x-goog-upload-status": "final"})

    def _create(self, model: str, body: dict[str, Any]) -> Sent:
        name = f"batches/b{next(self._numbers)}"
        told = body["batch"]
        data = self.files[told["inputConfig"]["fileName"]]
        lines = [json.loads(line) for line in data.split(b"\n") if line]
        self.batches[name] = {
            "model": model,
            "shown": told.get("displayName", ""),
            "lines": lines,
            "left": self.polls,
            "ends": self.ends,
            "state": "PENDING",
        }
        self.made.set()
        return Sent(body=self._told(name), wait=self.hold)

    def _poll(self, name: str) -> Sent:
        self.polled.set()
        batch = self.batches.get(name)
        if batch is None or name in self.deleted:
            return error(404, "NOT_FOUND", f"{name} is not found")
        if batch["ends"] != "CANCELLED" and batch["left"] > 0:
            batch["left"] -= 1
            batch["state"] = "RUNNING"
        elif batch["state"] != batch["ends"]:
            batch["state"] = batch["ends"]
            self._run(batch)
        return Sent(body=self._told(name))

    def _run(self, batch: dict[str, Any]) -> None:
        ends, lines = batch["ends"], batch["lines"]
        ran = {"SUCCEEDED": len(lines), "PARTIALLY_SUCCEEDED": len(lines), "FAILED": 0}.get(
            ends, len(lines) // 2
        )
        told = []
        for line in reversed(lines[:ran]):
            sent = self.answer(asked_of(line["request"]))
            what = {"response": sent.body} if sent.status < 400 else {"error": sent.body["error"]}
            told.append({"key": line["key"], **what})
        if told:
            batch["output"] = f"files/batch-{next(self._numbers)}"
            text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in told)
            self.files[batch["output"]] = text.encode()
            self.names[batch["output"]] = ""

    def _delete(self, name: str, kept: dict[str, Any]) -> Sent:
        if name not in kept or name in self.deleted:
            return error(404, "NOT_FOUND", f"{name} is not found")
        if kept is self.files:
            del self.files[name]
        self.deleted.append(name)
        return Sent(body={})

    def _told(self, name: str) -> dict[str, Any]:
        batch = self.batches[name]
        metadata = {
            "@type": "type.googleapis.com/google.ai.generativelanguage.v1.GenerateContentBatch",
            "name": name,
            "displayName": batch["shown"],
            "model": batch["model"],
            "state": f"{self.prefix}_{batch['state']}",
            "createTime": "2026-01-01T00:00:00Z",
        }
        if "output" in batch:
            metadata["output"] = {"responsesFile": batch["output"]}
        return {"name": name, "metadata": metadata}
