"""Message batches of Anthropic on the wire, kept in memory; each question is answered as a single one is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from anthropic_wire import asked_of, error
from api_server import Received, Sent
from batch_wire import Taking, jsonl
from routes import Route


@dataclass
class Batches(Taking):
    """Anthropic, where a batch ends as ``ended``, ``expired`` or ``cancelled``.

    Attributes
    ----------
    results_at
        Where the absolute address of the results points.
    """

    ends: str = "ended"
    questions: str = "requests"
    results_at: str = "https://api.anthropic.com"

    def _routes(self, received: Received) -> Iterable[Route]:
        here = "/v1/messages/batches"
        return [
            ("POST", here, lambda: self._create(received.body)),
            ("GET", here, self._list),
            ("GET", f"{here}/([^/]+)", self._poll),
            ("GET", f"{here}/([^/]+)/results", self._results),
            ("POST", f"{here}/([^/]+)/cancel", self._cancel),
            ("DELETE", f"{here}/([^/]+)", self._delete),
        ]

    def _nothing(self, what: str) -> Sent:
        return error(404, "not_found_error", f"Not found: {what}")

    def _list(self) -> Sent:
        rows = [self._told(name) for name in reversed(self.batches) if name not in self.deleted]
        return Sent(body={"data": rows, "has_more": False, "first_id": None, "last_id": None})

    def _gone(self, name: str) -> Sent | None:
        if name in self.batches and name not in self.deleted:
            return None
        return self._nothing(name)

    def _cancel(self, name: str) -> Sent:
        self.batches[name]["ends"] = "cancelled"
        return Sent(body=self._told(name, "canceling"))

    def _delete(self, name: str) -> Sent:
        if gone := self._gone(name):
            return gone
        self.deleted.append(name)
        return Sent(body={"id": name, "type": "message_batch_deleted"})

    def _create(self, body: dict[str, Any]) -> Sent:
        name = f"msgbatch_{next(self._numbers)}"
        return self._made(name, {**body, "at": datetime.now(UTC)})

    def _poll(self, name: str) -> Sent:
        self.polled.set()
        if gone := self._gone(name):
            return gone
        batch = self.batches[name]
        if not self._goes_on(batch):
            batch["left"] = -1
        return Sent(body=self._told(name))

    def _results(self, name: str) -> Sent:
        if gone := self._gone(name):
            return gone
        batch = self.batches[name]
        if batch["left"] >= 0:
            return error(400, "invalid_request_error", "The batch has not ended")
        ran, left = self._run(batch)
        unrun = {"type": "canceled" if batch["ends"] == "cancelled" else "expired"}
        lines = [{"custom_id": asked["custom_id"], "result": unrun} for asked in left]
        for asked in ran:
            sent = self.answer(asked_of(asked["params"]))
            lines.append({"custom_id": asked["custom_id"], "result": _result(sent)})
        return Sent(body=jsonl(lines), content_type="application/x-jsonl")

    def _told(self, name: str, status: str | None = None) -> dict[str, Any]:
        batch = self.batches[name]
        ended = batch["left"] < 0
        counts = {"processing": 0 if ended else len(batch["requests"]), "succeeded": 0, "errored": 0}
        counts |= {"canceled": 0, "expired": 0}
        if ended:
            rest = {"ended": "succeeded", "expired": "expired", "cancelled": "canceled"}[batch["ends"]]
            counts[rest] = len(batch["requests"])
        return {
            "id": name,
            "type": "message_batch",
            "processing_status": status or ("ended" if ended else "in_progress"),
            "request_counts": counts,
            "created_at": batch["at"].isoformat(),
            "expires_at": (batch["at"] + timedelta(days=1)).isoformat(),
            "ended_at": batch["at"].isoformat() if ended else None,
            "archived_at": None,
            "cancel_initiated_at": batch["at"].isoformat() if batch["ends"] == "cancelled" else None,
            "results_url": f"{self.results_at}/v1/messages/batches/{name}/results" if ended else None,
        }


def _result(sent: Sent) -> dict[str, Any]:
    if sent.status < 400:
        return {"type": "succeeded", "message": sent.body}
    return {"type": "errored", "error": sent.body}
