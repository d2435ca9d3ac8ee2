"""OpenAI: many questions handed over as a file, answered within a day for half the price."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import openai
from openai.types import Batch

from lorairo.annotators.openai import OpenAI
from lorairo.annotators.openai_endings import of_answer, of_body
from lorairo.annotators.openai_errors import of_error
from lorairo.services.calls import CallError, Outcome, Submission
from lorairo.services.exchange import lines_of, result_of, shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from openai import AsyncOpenAI

    from lorairo.services.calls import Parcel, Request, Sought, SubmissionState
    from lorairo.services.endpoint import Endpoint

_NAME = "OpenAI"
_PATIENCE = 600.0  # seconds for many pictures to be taken, or many answers to be given
_SLACK = 300.0  # seconds that clocks may differ
_REFUSED, _BROKEN = 400, 500
_MARK = "lorairo"
_FULL = "token_limit_exceeded"
_RESPONSES, _CHAT = "/v1/responses", "/v1/chat/completions"
_STATES: dict[str, SubmissionState] = {
    "validating": "submitted",
    "in_progress": "running",
    "finalizing": "running",
    "completed": "ended",
    "failed": "failed",
    "expired": "expired",
    "cancelling": "cancelling",
    "cancelled": "cancelled",
}
_UNRUN = {
    "batch_expired": Outcome(
        "expired", message="it was not asked: the day that OpenAI takes was over", code="batch_expired"
    ),
    "batch_cancelled": Outcome(
        "cancelled", message="it was not asked: the submission was cancelled", code="batch_cancelled"
    ),
}


class OpenAIBatches(OpenAI):
    """Hands questions over together.

    OpenAI takes 50,000 questions or 200 MB at once, which pictures fill much earlier; and fewer tokens that
    wait than it says beforehand, so that small submissions get on where a large one would be refused whole.
    """

    most_requests = 100
    most_bytes = 190_000_000

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__(endpoint)
        self._cap = "max_completion_tokens"  # nothing is learnt from answers that come in a day

    def line(self, custom_id: str, request: Request, /) -> bytes:
        """Return a question as one line of JSON."""
        url = _RESPONSES if request.service.api == "responses" else _CHAT
        told = {"custom_id": custom_id, "method": "POST", "url": url, "body": self.body(request)}
        return json.dumps(told).encode()

    async def submit(self, parcel: Parcel, /) -> Submission:
        """Hand questions over: a file, and the batch that is made of it."""
        data = b"".join(line + b"\n" for line in parcel.lines)
        with self._calling() as client:
            file = await client.files.create(
                file=(f"{parcel.mark}.jsonl", data), purpose="batch", timeout=_PATIENCE
            )
            try:
                batch = await client.batches.create(
                    input_file_id=file.id,
                    endpoint=json.loads(parcel.lines[0])["url"],
                    completion_window="24h",
                    metadata={_MARK: parcel.mark},
                )
            except openai.APIStatusError as error:
                if error.status_code < _BROKEN:  # no batch was made, so nobody needs the pictures
                    with contextlib.suppress(openai.OpenAIError):
                        await client.files.delete(file.id)
                raise
            return self._submission(batch)

    async def find(self, sought: Sought, /) -> Submission | None:
        """Look for a submission by its mark; where there is none, its file is deleted."""
        with self._calling() as client:
            async for batch in client.batches.list(limit=100):
                if batch.created_at < sought.since - _SLACK:  # the newest come first
                    break
                if (batch.metadata or {}).get(_MARK) == sought.mark:
                    return self._submission(batch)
            async for file in client.files.list(purpose="batch", limit=100):
                if file.created_at < sought.since - _SLACK:
                    break
                if file.filename == f"{sought.mark}.jsonl":
                    await self._delete(client, file.id)
        return None

    async def poll(self, submission: Submission, /) -> Submission:
        """Ask how far it is."""
        with self._calling() as client:
            return self._submission(await client.batches.retrieve(submission.remote_id))

    async def cancel(self, submission: Submission, /) -> Submission:
        """Ask it to stop; what is answered already stays."""
        with self._calling() as client:
            return self._submission(await client.batches.cancel(submission.remote_id))

    async def results(self, submission: Submission, /) -> AsyncIterator[bytes]:
        """Give what came of each question: answers in one file, errors in another; either may be missing."""
        with self._calling() as client:
            for what in ("output", "error"):
                if name := submission.files.get(what):
                    content = await client.files.content(name, timeout=_PATIENCE)
                    for line in lines_of(content.content):
                        yield line

    @staticmethod
    def read(line: bytes, /) -> tuple[str, Outcome]:
        """Read one line of results."""
        said = result_of(_NAME, line, lambda told: "response" in told or "error" in told)
        return str(said.get("custom_id", "")), shown(_outcome(said))

    async def forget(self, submission: Submission, /) -> None:
        """Delete its files: the one of the questions holds pictures."""
        with self._calling() as client:
            for what in ("input", "output", "error"):
                if name := submission.files.get(what):
                    await self._delete(client, name)

    @staticmethod
    async def _delete(client: AsyncOpenAI, name: str) -> None:
        with contextlib.suppress(openai.NotFoundError):
            await client.files.delete(name)

    def _submission(self, batch: Any) -> Submission:
        if not isinstance(batch, Batch):  # what is no JSON comes as text
            raise CallError(of_answer(str(batch), {}, self.endpoint.provider))
        files = {"input": batch.input_file_id, "output": batch.output_file_id, "error": batch.error_file_id}
        faults = (batch.errors.data if batch.errors else None) or []
        said = "; ".join(f"line {f.line}: {f.message}" if f.line else str(f.message) for f in faults[:3])
        return Submission(
            batch.id,
            _STATES[batch.status],
            {what: name for what, name in files.items() if name},
            said,
            full=any(fault.code == _FULL for fault in faults),
        )


def _outcome(said: dict[str, Any]) -> Outcome:
    """Read a line: an answer, an error of the question, or why it was not asked."""
    response, error = said.get("response"), said.get("error")
    if not isinstance(response, dict):
        code = str(error.get("code") or "") if isinstance(error, dict) else ""
        return _UNRUN.get(code) or of_error(None, {"error": error or {}}, {}, _NAME)
    headers = {"x-request-id": str(response.get("request_id") or "")}
    if (status := int(response.get("status_code") or 0)) >= _REFUSED:
        return of_error(status, response.get("body"), headers, _NAME)
    return of_body(response.get("body"), headers, _NAME)
