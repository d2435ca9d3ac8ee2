"""Handing questions over at once, looking how far they are, fetching what came of them."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np

from lorairo.log import logger
from lorairo.services import collecting, loop
from lorairo.services.bookkeeping import Batch
from lorairo.services.calls import ENDED, CallError, Outcome, Parcel, Sought, Submission
from lorairo.services.endpoint import batching_of
from lorairo.services.handing import custom_id
from lorairo.services.left import live_jobs
from lorairo.services.questions import digest_of
from lorairo.store import requests, submissions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from lorairo.jobs import Failure
    from lorairo.services.bookkeeping import Books
    from lorairo.services.calls import Batching, SubmissionState, Usage
    from lorairo.services.endpoint import Endpoint
    from lorairo.services.handing import Ready
    from lorairo.store import Database
    from lorairo.store.submissions import Handed

_UNDECIDED = ("timeout", "connection", "server")
"""How handing over may end so that nobody knows whether it was taken."""

_PATIENCE = 3 * 86_400.0
"""Seconds after which one believes a service that has no result of a submission, or does not know it."""

_CUT_OFF = "It was cut off while it was handed over, and the service does not know it: outcome unknown"
_GONE = "The service does not know it any more: outcome unknown"
_STRANGE = "What came of it names none of its questions: outcome unknown"


class Desk:
    """Hands questions to one model over, and fetches what came of them.

    Parameters
    ----------
    database
        Where all is written down.
    books
        Of the model, begun.
    endpoint
        Who is asked.
    model
        As the service calls it.
    job_id
        On whose behalf.
    cost
        Says what an exchange cost, USD; None where nobody knows.
    """

    def __init__(
        self,
        database: Database,
        books: Books,
        endpoint: Endpoint,
        *,
        model: str,
        job_id: int,
        cost: Callable[[Usage], float | None],
    ) -> None:
        self._database = database
        self._books = books
        self._endpoint = endpoint
        self._provider = endpoint.provider
        self._model = model
        self._job_id = job_id
        self._cost = cost
        self.client: Batching

    def __enter__(self) -> Self:
        async def made() -> Batching:
            return batching_of(self._endpoint)

        self.client = loop.call(made())
        return self

    def __exit__(self, *_: object) -> None:
        loop.call(self.client.close())

    # ------------------------------------------------------------------------------------------ what there is

    def open(self) -> list[Handed]:
        """Return the submissions of the model that nobody else follows."""
        with self._database.read() as c:
            found = submissions.under_way(c, model_id=self._books.model_id)
            others = live_jobs(c, {one.job_id for one in found} - {self._job_id})
        return [one for one in found if one.job_id not in others]

    def waiting(self) -> NDArray[np.int64]:
        """Return the images whose questions lie in these submissions."""
        ids = [image_id for one in self.open() for image_id in self.lying_in(one)]
        return np.unique(np.array(ids, np.int64))

    def lying_in(self, handed: Handed) -> frozenset[int]:
        """Return the images whose questions lie in a submission."""
        with self._database.read() as c:
            asked = submissions.questions(c, handed.id)
        return frozenset(row.image_id for row in asked if row.state == requests.SENT)

    def spent(self) -> float:
        """Return USD that the job has spent, and may spend for what has no end yet."""
        return self._books.spent()

    def images(self, written: Batch) -> frozenset[int]:
        """Return the images whose questions were given up."""
        with self._database.read() as c:
            asked = submissions.known_questions(c, [number for number, _, _ in written.dropped])
        return frozenset(one.image_id for one in asked)

    def fail(self, failures: Sequence[Failure]) -> None:
        """Write down why there are no questions about some images."""
        self._books.commit(Batch(failures=list(failures)))

    # ------------------------------------------------------------------------------------------- handing over

    def hand_over(self, part: Sequence[Ready]) -> Outcome | None:
        """Hand questions over; return why that did not work, or None.

        Where nobody can tell whether it worked, it is left to `look`.
        """
        mark = f"lorairo-{secrets.token_hex(8)}"
        wanted = [
            requests.Intent(one.image_id, digest_of(one.request), one.request.picture.digest, one.cost)
            for one in part
        ]
        model_id = self._books.model_id
        with self._database.write() as c:
            rows = requests.intend(c, model_id, self._job_id, wanted)
            if not rows:
                return None
            number = submissions.create(c, self._job_id, model_id, mark, list(rows.values()))
            asked = submissions.questions(c, number)
        by_image = {one.image_id: one.request for one in part}
        lines = [self.client.line(custom_id(one), by_image[one.image_id]) for one in asked]
        try:
            submission = loop.call(self.client.submit(Parcel(lines, self._model, mark)))
        except CallError as error:
            if error.outcome.ending in _UNDECIDED:
                logger.warning("submission {} to {}: {}", number, self._provider, error)
                return None
            with self._database.write() as c:
                requests.drop(c, [(one.id, "cancelled", None) for one in asked])
                submissions.change(c, number, state=submissions.CLOSED, message=f"Not taken: {error}")
            return error.outcome
        self._named(number, submission)
        return None

    def _named(self, number: int, submission: Submission) -> None:
        told: dict[str, Any] = {"remote_id": submission.remote_id, "state": submission.state}
        with self._database.write() as c:
            submissions.change(c, number, **told, files=dict(submission.files), message=submission.message)

    # ------------------------------------------------------------------------------------------ looking after

    def look(self, handed: Handed) -> tuple[Submission | None, Batch]:
        """See how far a submission is, and fetch what came of it once it has ended.

        Returns
        -------
        submission, written
            None where it is over for good, or was before.

        Raises
        ------
        CallError
            When the service cannot be asked now.
        """
        if handed.state == submissions.RECORDED:
            self._forget(handed, _as_said(handed))
            return None, Batch()
        if handed.remote_id is None:
            return self._look_for(handed)
        try:
            return self._look_at(handed)
        except CallError as error:
            if error.outcome.ending != "not_found":
                raise
            if time.time() - handed.at < _PATIENCE:  # it may be of another key
                raise CallError(replace(error.outcome, message=self._not_known(handed))) from None
            return None, collecting.lost(self._database, self._books, handed, _GONE)

    def _not_known(self, handed: Handed) -> str:
        return f"{self._provider} does not know {handed.remote_id}: was it handed over with another key?"

    def _look_at(self, handed: Handed) -> tuple[Submission, Batch]:
        submission = _as_said(handed)
        if submission.state not in ENDED:
            submission = loop.call(self.client.poll(submission))
            if handed.state == "cancelling" and submission.state not in ENDED:
                submission = replace(submission, state="cancelling")
            self._named(handed.id, submission)
        if submission.state not in ENDED:
            return submission, Batch()
        if submission.state == "failed":
            return submission, self._failed(handed, submission)
        return submission, self._fetch(handed, submission)

    def _look_for(self, handed: Handed) -> tuple[Submission | None, Batch]:
        """Find a submission whose handing over was cut off."""
        with self._database.read() as c:
            asked = submissions.questions(c, handed.id)
            known = submissions.remote_ids(c)
        sought = Sought(
            handed.mark,
            frozenset(custom_id(one) for one in asked),
            handed.count,
            handed.at,
            frozenset(known),
        )
        submission = loop.call(self.client.find(sought))
        if submission is None:
            return None, collecting.lost(self._database, self._books, handed, _CUT_OFF)
        self._named(handed.id, submission)
        return submission, Batch()

    def _failed(self, handed: Handed, submission: Submission) -> Batch:
        """Write down that nothing of a submission was run; what was too much at once is asked again."""
        with self._database.read() as c:
            asked = [one for one in submissions.questions(c, handed.id) if one.state == requests.SENT]
        message = f"{self._provider} did not take the submission: {submission.message or 'it says no reason'}"
        written = Batch()
        if submission.full:
            written.dropped = [(one.id, "rate_limited", None) for one in asked]
        else:
            written.settled = [(one.id, requests.FAILED, "bad_request") for one in asked]
            written.failures = [self._books.failure(one.image_id, "bad_request", message) for one in asked]
        self._books.commit(written)
        self._over(handed, submission, f"Failed: {submission.message}")
        return written

    def _fetch(self, handed: Handed, submission: Submission) -> Batch:
        async def all_lines() -> list[bytes]:
            return [line async for line in self.client.results(submission)]

        lines = loop.call(all_lines())
        if not lines and submission.state == "ended" and time.time() - handed.at < _PATIENCE:
            raise CallError(Outcome("server", message=f"{self._provider} has no results yet"))
        try:
            found = collecting.read_all(lines, self.client.read)
        except ValueError as error:
            message = f"what {self._provider} gives as results cannot be read: {error}"
            raise CallError(Outcome("server", message=message)) from None
        with self._database.read() as c:
            asked = submissions.questions(c, handed.id)
        if found and asked and not found.keys() & {custom_id(one) for one in asked}:
            return collecting.lost(self._database, self._books, handed, _STRANGE)
        if lines:
            collecting.write_results(self._database, self._provider, handed, lines)
        came = collecting.outcomes_of(asked, found, submission.state)
        written = collecting.keep(self._database, self._books, came, self._cost)
        good = sum(outcome.ending == "ok" for _, outcome in came)
        self._over(
            handed, submission, f"{submission.state.capitalize()}: {good:,} of {len(asked):,} answered"
        )
        return written

    def _over(self, handed: Handed, submission: Submission, message: str) -> None:
        with self._database.write() as c:
            submissions.change(c, handed.id, state=submissions.RECORDED, message=message)
        self._forget(handed, submission)

    def _forget(self, handed: Handed, submission: Submission) -> None:
        try:
            loop.call(self.client.forget(submission))
        except CallError as error:  # the answers are here; the next look tries it again
            logger.warning("files of submission {} at {} stay: {}", handed.id, self._provider, error)
            return
        with self._database.write() as c:
            submissions.change(c, handed.id, state=submissions.CLOSED)

    def cancel(self, handed: Handed) -> Submission | None:
        """Ask the service to stop; None where it has not named the submission, or has ended it already."""
        if handed.remote_id is None or handed.state in (submissions.RECORDED, *ENDED):
            return None
        submission = loop.call(self.client.cancel(_as_said(handed)))
        stopping = submission if submission.state in ENDED else replace(submission, state="cancelling")
        self._named(handed.id, stopping)
        return stopping


def _as_said(handed: Handed) -> Submission:
    files = {what: name for what, name in handed.files.items() if what not in submissions.OURS}
    state = "ended" if handed.state == submissions.RECORDED else handed.state
    return Submission(str(handed.remote_id), cast("SubmissionState", state), files, handed.message)
