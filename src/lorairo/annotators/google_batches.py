"""Google: many questions handed over as a file, answered within a day or two for half the price."""

from __future__ import annotations

import contextlib
import io
import json
import warnings
from typing import TYPE_CHECKING, Any

from google.genai import errors, types

from lorairo.annotators.google import Google
from lorairo.annotators.google_endings import failed, response_of
from lorairo.services.calls import CallError, Outcome, Submission
from lorairo.services.exchange import foreign, lines_of, result_of, shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from google.genai.client import AsyncClient

    from lorairo.services.calls import Parcel, Request, Sought, SubmissionState

_PATIENCE = types.HttpOptions(timeout=600_000)  # milliseconds for many pictures, or many answers
_GONE = (403, 404)  # what they say of a file that is not there
_STATES: dict[str, SubmissionState] = {
    "PENDING": "submitted",
    "QUEUED": "submitted",
    "SUCCEEDED": "ended",
    "PARTIALLY_SUCCEEDED": "ended",
    "FAILED": "failed",
    "CANCELLING": "cancelling",
    "CANCELLED": "cancelled",
    "EXPIRED": "expired",
}
# States that the library does not know are no news to whoever runs a notebook.
warnings.filterwarnings("ignore", message=r"BATCH_STATE_\w+ is not a valid JobState")
_SILENT = "Gemini did not take the questions, and says nothing of why"


class GoogleBatches(Google):
    """Hands questions over together: as a file, as what Gemini takes without one is few pictures.

    It takes 2 GB as a file, and keeps that for two days; fewer go here, as they are held in memory meanwhile.
    """

    most_requests = 500
    most_bytes = 100 * 2**20

    def line(self, custom_id: str, request: Request, /) -> bytes:
        """Return a question as one line of JSON."""
        return json.dumps({"key": custom_id, "request": self.parameters(request)}).encode()

    async def submit(self, parcel: Parcel, /) -> Submission:
        """Hand questions over: a file, and the batch that is made of it."""
        data = io.BytesIO(b"".join(line + b"\n" for line in parcel.lines))
        with self._calling() as client:
            file = await client.aio.files.upload(
                file=data,
                config=types.UploadFileConfig(
                    mime_type="jsonl", display_name=parcel.mark, http_options=_PATIENCE
                ),
            )
            name = str(file.name)
            try:
                job = await client.aio.batches.create(
                    model=parcel.model,
                    src=name,
                    config=types.CreateBatchJobConfig(display_name=parcel.mark),
                )
            except errors.ClientError:  # no batch was made, so nobody needs the pictures
                with contextlib.suppress(errors.APIError):
                    await client.aio.files.delete(name=name)
                raise
            return _submission(job, {"input": name})

    async def find(self, sought: Sought, /) -> Submission | None:
        """Look for a submission by its mark; where there is none, its file is deleted."""
        with self._calling() as client:
            file = None
            async for one in await client.aio.files.list(config={"page_size": 100}):
                if one.display_name == sought.mark:
                    file = str(one.name)
            async for job in await client.aio.batches.list(config={"page_size": 100}):
                if job.display_name == sought.mark:
                    return _submission(job, {"input": file} if file else {})
            if file is not None:
                await self._delete(client.aio, file)
        return None

    async def poll(self, submission: Submission, /) -> Submission:
        """Ask how far it is."""
        with self._calling() as client:
            job = await client.aio.batches.get(name=submission.remote_id)
            return _submission(job, dict(submission.files))

    async def cancel(self, submission: Submission, /) -> Submission:
        """Ask it to stop; what is answered already stays."""
        with self._calling() as client:
            await client.aio.batches.cancel(name=submission.remote_id)
        return await self.poll(submission)

    async def results(self, submission: Submission, /) -> AsyncIterator[bytes]:
        """Give what came of each question; nothing, where nothing was run."""
        with self._calling() as client:
            if name := submission.files.get("output"):
                config = types.DownloadFileConfig(http_options=_PATIENCE)
                data = await client.aio.files.download(file=name, config=config)
                for line in lines_of(data):
                    yield line

    @staticmethod
    def read(line: bytes, /) -> tuple[str, Outcome]:
        """Read one line of results."""
        said = result_of("Gemini", line, lambda told: "key" in told)
        if said.get("error"):
            return str(said["key"]), shown(failed(None, said["error"]))
        return str(said["key"]), shown(response_of(said.get("response")))

    async def forget(self, submission: Submission, /) -> None:
        """Delete the batch, and its files: the one of the questions holds pictures."""
        with self._calling() as client:
            for what in ("input", "output"):
                if name := submission.files.get(what):
                    await self._delete(client.aio, name)
            with _gone_already():
                await client.aio.batches.delete(name=submission.remote_id)

    @staticmethod
    async def _delete(client: AsyncClient, name: str) -> None:
        with _gone_already():
            await client.files.delete(name=name)


@contextlib.contextmanager
def _gone_already() -> Iterator[None]:
    try:
        yield
    except errors.ClientError as error:
        if error.code not in _GONE:
            raise


def _submission(job: types.BatchJob, files: dict[str, Any]) -> Submission:
    # The library renames some of the states, ``BATCH_STATE_...`` on the wire, to its own ``JOB_STATE_...``.
    named = job.state.value.rpartition("_STATE_")[2] if job.state else ""
    state = _STATES.get(named, "running")
    if job.name is None:
        raise CallError(foreign("Gemini", "{"))
    if job.dest is not None and job.dest.file_name:
        files = {**files, "output": job.dest.file_name}
    return Submission(job.name, state, files, _SILENT if state == "failed" else "")
