"""Message batches of Anthropic on the wire, kept in memory; each question is answered as a single one is."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Literal

from anthropic_wire import Asked, asked_of, error
from api_server import Received, Sent
from routes import routed

Ends = Literal["ended", "expired", "cancelled"]


@dataclass
class Batches:
    """A service that takes batches; give it to `serving`.

    Attributes
    ----------
    answer
        What becomes of each question, as `anthropic_wire` makes it.
    polls
        Times a batch is asked for before it has ended.
    ends
        How: of one that expires or is cancelled, only the first half was run.
    results_at
        Where the absolute address of the results points.
    hold
        Until it is set, the answer to a batch that was made does not leave.
    """

    answer: Callable[[Asked], Sent]
    polls: int = 1
    ends: Ends = "ended"
    results_at: str = "https://api.anthropic.com"
    hold: threading.Event | None = None
    batches: dict[str, dict[str, Any]] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    polled: threading.Event = field(default_factory=threading.Event)
    made: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._lock = threading.Lock()

    @property
    def lines(self) -> list[list[dict[str, Any]]]:
        """The questions of each batch, in the order they were made."""
        return [batch["requests"] for batch in self.batches.values()]

    def __call__(self, received: Received) -> Sent:
        with self._lock:
            return self._answered(received)

    def _answered(self, received: Received) -> Sent:
        here = "/v1/messages/batches"
        found = routed(
            received,
            [
                ("POST", here, lambda: self._create(received.body)),
                ("GET", here, self._list),
                ("GET", f"{here}/([^/]+)", self._poll),
                ("GET", f"{here}/([^/]+)/results", self._results),
                ("POST", f"{here}/([^/]+)/cancel", self._cancel),
                ("DELETE", f"{here}/([^/]+)", self._delete),
            ],
        )
        return found or error(404, "not_found_error", f"Not found: {received.method} {received.path}")

    def _list(self) -> Sent:
        rows = [self._told(name) for name in reversed(self.batches) if name not in self.deleted]
        return Sent(body={"data": rows, "has_more": False, "first_id": None, "last_id": None})

    def _gone(self, name: str) -> Sent | None:
        if name in self.batches and name not in self.deleted:
            return None
        return error(404, "not_found_error", f"Batch {name} not found")

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
        self.batches[name] = {**body, "left": self.polls, "ends": self.ends, "at": datetime.now(UTC)}
        self.made.set()
        return Sent(body=self._told(name), wait=self.hold)

    def _poll(self, name: str) -> Sent:
        self.polled.set()
        if gone := self._gone(name):
            return gone
        batch = self.batches[name]
        if batch["ends"] != "cancelled" and batch["left"] > 0:
            batch["left"] -= 1
            return Sent(body=self._told(name))
        batch["left"] = -1
        return Sent(body=self._told(name))

    def _results(self, name: str) -> Sent:
        if gone := self._gone(name):
            return gone
        batch = self.batches[name]
        if batch["left"] >= 0:
            return error(400, "invalid_request_error", "The batch has not ended")
        requests = batch["requests"]
        ran = len(requests) if batch["ends"] == "ended" else len(requests) // 2
        unrun = {"type": "canceled" if batch["ends"] == "cancelled" else "expired"}
        lines = [{"custom_id": asked["custom_id"], "result": unrun} for asked in requests[ran:]]
        for asked in reversed(requests[:ran]):
            sent = self.answer(asked_of(asked["params"]))
            lines.append({"custom_id": asked["custom_id"], "result": _result(sent)})
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        return Sent(body=text, content_type="application/x-jsonl")

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
