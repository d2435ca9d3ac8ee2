"""Anthropic: many questions handed over as a message batch, answered within a day for half the price."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import anthropic
import httpx2
from anthropic.types.messages import MessageBatch

from lorairo.annotators.anthropic import Anthropic
from lorairo.annotators.anthropic_endings import failed, message_of
from lorairo.services.calls import CallError, Outcome, Submission
from lorairo.services.exchange import foreign, lines_of, result_of, shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from lorairo.services.calls import Parcel, Request, Sought, SubmissionState

_PLACE = "/v1/messages/batches"
_PATIENCE = 600.0  # seconds for many pictures to be taken, or many answers to be given
_SLACK = 300.0  # seconds that clocks may differ
_NOT_YET = Outcome(
    "server",
    message="Anthropic tells only after the end whose a submission is: one that may be ours is under way",
    code="not_yet",
)


class AnthropicBatches(Anthropic):
    """Hands questions over together.

    Anthropic takes 100,000 questions or 256 MB at once; fewer go here, as they are held in memory meanwhile.
    """

    most_requests = 500
    most_bytes = 100 * 2**20

    def line(self, custom_id: str, request: Request, /) -> bytes:
        """Return a question as one line of JSON."""
        return json.dumps({"custom_id": custom_id, "params": self.parameters(request)}).encode()

    async def submit(self, parcel: Parcel, /) -> Submission:
        """Hand questions over; Anthropic takes no mark."""
        requests = [json.loads(line) for line in parcel.lines]
        with self._calling() as client:
            return _submission(await client.messages.batches.create(requests=requests, timeout=_PATIENCE))

    async def find(self, sought: Sought, /) -> Submission | None:
        """Look for a submission by when it was made and how large it is; its answers say for sure."""
        with self._calling() as client:
            async for batch in client.messages.batches.list(limit=100):
                if batch.created_at.timestamp() < sought.since - _SLACK:  # the newest come first
                    break
                if batch.id not in sought.known and _size(batch) == sought.count:
                    if batch.results_url is None:
                        raise CallError(_NOT_YET)
                    if await self._named(batch) & sought.custom_ids:
                        return _submission(batch)
        return None

    async def _named(self, batch: MessageBatch) -> set[str]:
        return {self.read(line)[0] async for line in self.results(_submission(batch))}

    async def poll(self, submission: Submission, /) -> Submission:
        """Ask how far it is."""
        with self._calling() as client:
            return _submission(await client.messages.batches.retrieve(submission.remote_id))

    async def cancel(self, submission: Submission, /) -> Submission:
        """Ask it to stop; what is answered already stays."""
        with self._calling() as client:
            return _submission(await client.messages.batches.cancel(submission.remote_id))

    async def results(self, submission: Submission, /) -> AsyncIterator[bytes]:
        """Give what came of each question.

        Asked for where all else is asked for: the absolute address that Anthropic names would lead past a
        proxy, and take the key along.
        """
        with self._calling() as client:
            place = f"{_PLACE}/{submission.remote_id}/results"
            response = await client.get(place, cast_to=httpx2.Response, options={"timeout": _PATIENCE})
            for line in lines_of(response.content):
                yield line

    @staticmethod
    def read(line: bytes, /) -> tuple[str, Outcome]:
        """Read one line of results."""
        said = result_of("Anthropic", line, lambda told: isinstance(told.get("result"), dict))
        return str(said.get("custom_id", "")), shown(_outcome(said["result"]))

    async def forget(self, submission: Submission, /) -> None:
        """Delete the batch, and the pictures in it."""
        with self._calling() as client, contextlib.suppress(anthropic.NotFoundError):
            await client.messages.batches.delete(submission.remote_id)


def _outcome(result: dict[str, Any]) -> Outcome:
    match result.get("type"):
        case "succeeded":
            return message_of(result.get("message"))
        case "errored":
            return failed(None, result.get("error"))
        case "expired":
            return Outcome("expired", message="it was not asked: the day that Anthropic takes was over")
        case "canceled":
            return Outcome("cancelled", message="it was not asked: the submission was cancelled")
        case other:
            return Outcome("unparseable", message=f"the result is of a kind that is not known: {other}")


def _size(batch: MessageBatch) -> int:
    return sum(batch.request_counts.model_dump().values())


def _submission(batch: Any) -> Submission:
    if not isinstance(batch, MessageBatch):  # what is no JSON comes as text
        raise CallError(foreign("Anthropic", str(batch)))
    return Submission(batch.id, _state(batch))


def _state(batch: MessageBatch) -> SubmissionState:
    if batch.processing_status != "ended":
        return "cancelling" if batch.processing_status == "canceling" else "running"
    if batch.request_counts.canceled:
        return "cancelled"
    return "expired" if batch.request_counts.expired else "ended"
