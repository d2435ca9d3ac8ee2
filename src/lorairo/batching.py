"""What a project has handed to services at once: a table of it, fetching, cancelling."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from lorairo import frames
from lorairo.errors import NotFoundError
from lorairo.log import logger
from lorairo.results import Done
from lorairo.store import submissions

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from lorairo.importers.batch_results import ResultsReport
    from lorairo.project import Project
    from lorairo.services.endpoint import Endpoint


class Batching:
    """Mixed into `Project`: its submissions to the batch APIs of services."""

    @property
    def batches(self) -> pd.DataFrame:
        """Submissions to batch APIs, newest first: how far each is, and what came of its questions."""
        with cast("Project", self).database.read() as connection:
            return frames.table(submissions.listing(connection), submissions.COLUMNS)

    def batches_under_way(self) -> str:
        """Say, for a line about the project, how many submissions are under way."""
        project = cast("Project", self)
        if project.readonly:
            return ""
        with project.database.read() as connection:
            count = sum(one.state != submissions.RECORDED for one in submissions.under_way(connection))
        return f" · {_counted(count, 'submission')} under way" if count else ""

    def tell_of_batches(self) -> None:
        """Log which jobs have submissions under way."""
        with cast("Project", self).database.read() as connection:
            jobs = sorted(submissions.waiting_jobs(connection))
        for job_id in jobs:
            logger.info("job {} waits for a service: project.resume({}) goes on with it", job_id, job_id)

    def fetch_batches(self) -> Done:
        """Fetch the answers of submissions that have ended; hand nothing over, wait for nothing.

        ``project.resume(job_id)`` fetches too, goes on with what is left, and waits.
        """
        from lorairo.services.fetching import fetch  # noqa: PLC0415 - services load on use

        project = cast("Project", self)
        project.writable()
        told = fetch(project.database, self._endpoint)
        parts = [f"{_counted(told.ended, 'submission')} ended", f"{told.answered:,} answered"]
        parts += [f"{told.failed:,} failed"] if told.failed else []
        parts += [f"{told.under_way:,} under way"] if told.under_way else []
        return Done(" · ".join([*parts, *told.troubles]), told.answered, None)

    def cancel_batch(self, job_id: int) -> Done:
        """Ask services to stop what a job has handed over; what they have answered by then is kept.

        ``job.cancel()`` only stops waiting for it.

        Parameters
        ----------
        job_id
            Its id in ``project.jobs``.
        """
        from lorairo.services.fetching import cancel  # noqa: PLC0415 - services load on use

        project = cast("Project", self)
        project.writable()
        with project.database.read() as connection:
            there = submissions.under_way(connection, job_id=job_id)
        if not there:
            raise NotFoundError(f"job {job_id} has no submission under way: project.batches lists them")
        count = cancel(project.database, job_id, self._endpoint)
        message = f"{_counted(count, 'submission')} of job {job_id} told to stop"
        return Done(f"{message} · project.fetch_batches() fetches what was answered", count, None)

    def import_batch_results(
        self,
        source: str | Path,
        *,
        model: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        images: Mapping[str, int | str] | None = None,
    ) -> ResultsReport:
        """Read results of the batch APIs of OpenAI, Anthropic or Gemini from files.

        Lines of this project find their image, model and prompt by themselves. Those that were asked
        elsewhere find their image by `images`, or when their custom id is its SHA-256, its perceptual hash
        (with the longer side behind it or not), or a file name.

        Parameters
        ----------
        source
            A file of lines of JSON, or a folder with ``.jsonl`` files.
        model
            Who answered what was asked elsewhere, as of ``view.annotate``; by default as the results say.
        parameters
            How that was asked: ``prompt`` above all, which says what the answers hold.
        images
            Image id, SHA-256 or file name by custom id.

        Returns
        -------
        ResultsReport
            ``answered``, ``failed``, ``known``: image ids; ``unknown``: a DataFrame of lines and reasons.
        """
        from lorairo.importers.batch_results import import_results  # noqa: PLC0415 - services load on use

        project = cast("Project", self)
        project.writable()
        place = Path(source).expanduser()
        return import_results(project.database, place, model=model, parameters=parameters, images=images)

    def _endpoint(self, provider: str, model: str) -> Endpoint:
        from lorairo.inference.registry import find  # noqa: PLC0415 - models load on use
        from lorairo.services.endpoint import endpoint_of  # noqa: PLC0415 - likewise

        project = cast("Project", self)
        return endpoint_of(provider, find(f"{provider}/{model}").backend, project.location)


def waiting(rows: list[dict[str, Any]], jobs: set[int]) -> list[dict[str, Any]]:
    """Say of jobs that nobody runs, whose questions lie with a service, that they wait."""
    at_rest = ("stopped", "interrupted", "failed", "done")
    return [
        {**row, "state": "waiting"} if row["id"] in jobs and row["state"] in at_rest else row for row in rows
    ]


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
