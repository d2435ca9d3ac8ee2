"""Files and batches of Gemini on the wire, kept in memory; each question is answered as a single one is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from api_server import Received, Sent
from batch_wire import Taking, read_jsonl
from google_wire import asked_of, error
from routes import Route


@dataclass
class Batches(Taking):
    """Gemini, where a batch ends as ``SUCCEEDED`` or in part, ``EXPIRED``, ``CANCELLED``, ``FAILED``.

    Attributes
    ----------
    prefix
        Of the names of states: ``BATCH_STATE`` as the service says, or ``JOB_STATE`` as the library does.
    """

    ends: str = "SUCCEEDED"
    prefix: str = "BATCH_STATE"

    def __post_init__(self) -> None:
        super().__post_init__()
        self._uploads: dict[str, str] = {}

    def _routes(self, received: Received) -> Iterable[Route]:
        here = "/v1(?:beta)?"
        return [
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
        ]

    def _nothing(self, what: str) -> Sent:
        return error(404, "NOT_FOUND", f"{what} is not found")

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
        lines = read_jsonl(self.files[told["inputConfig"]["fileName"]])
        shown = told.get("displayName", "")
        return self._made(name, {"model": model, "shown": shown, "lines": lines, "state": "PENDING"})

    def _poll(self, name: str) -> Sent:
        self.polled.set()
        batch = self.batches.get(name)
        if batch is None or name in self.deleted:
            return self._nothing(name)
        if self._goes_on(batch):
            batch["state"] = "RUNNING"
        elif batch["state"] != batch["ends"]:
            batch["state"] = batch["ends"]
            self._answer_all(batch)
        return Sent(body=self._told(name))

    def _answer_all(self, batch: dict[str, Any]) -> None:
        told = []
        for line in self._run(batch)[0]:
            sent = self.answer(asked_of(line["request"]))
            what = {"response": sent.body} if sent.status < 400 else {"error": sent.body["error"]}
            told.append({"key": line["key"], **what})
        batch["output"] = self._keep(f"files/batch-{next(self._numbers)}", told)

    def _delete(self, name: str, kept: dict[str, Any]) -> Sent:
        if name not in kept or name in self.deleted:
            return self._nothing(name)
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
        if batch.get("output"):
            metadata["output"] = {"responsesFile": batch["output"]}
        return {"name": name, "metadata": metadata}
