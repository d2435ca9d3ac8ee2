"""A job: long work in a thread or in the cell, with progress, cancel, resume and a row that stays."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import threading
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal, Self

import pandas as pd
from psygnal import Signal

from lorairo.errors import Error, JobError
from lorairo.jobs.progress import Calm, Failure, Pace, Progress, Step
from lorairo.jobs.rows import Row
from lorairo.log import logger
from lorairo.masking import masked
from lorairo.plaintext import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    import numpy as np

    from lorairo.store import Database

State = Literal["running", "done", "stopping", "stopped", "failed", "interrupted"]
"""What a job can be. ``stopped`` by somebody, ``interrupted`` by Ctrl-C or a killed kernel."""

_POLL = 0.1  # seconds; on Windows an interrupt cannot break a longer wait for a lock
_FAREWELL = 5.0  # seconds an ending interpreter gives running batches to be committed

_live: set[Job] = set()


class Job:
    """Long work over images that commits as it goes.

    The work is a generator that yields a `Step` after each batch it has committed. Between two steps a job
    can be cancelled; run again, the work itself skips what was done.

    Parameters
    ----------
    database
        Where the job is remembered.
    work
        Makes the generator; called once for each start and each resume.
    kind, label
        What it is, for machines and for people.
    parameters
        JSON values from which the work can be made again.
    images
        Ids it was asked to do.
    author
        Who asked.
    total
        What ``done`` counts up to; by default the number of images.
    row
        The row of an earlier job that goes on; otherwise one is written.

    Attributes
    ----------
    changed
        Emitted with the `Progress`, at most five times a second, from the thread that works. The last one is
        always emitted.
    """

    changed = Signal(Progress)

    def __init__(
        self,
        database: Database,
        work: Callable[[], Generator[Step]],
        *,
        kind: str,
        label: str,
        parameters: Mapping[str, Any],
        images: np.ndarray,
        author: str,
        total: int | None = None,
        row: int | None = None,
    ) -> None:
        self._work = work
        self._label = masked(label)
        self._total = len(images) if total is None else total
        self._row = Row(
            database,
            {
                "kind": kind,
                "label": label,
                "parameters": dict(parameters),
                "images": images,
                "total": self._total,
                "author": author,
            },
            row,
        )
        self._stop = threading.Event()
        self._ended = threading.Event()
        self._ended.set()
        self._state: State = "interrupted" if row is not None else "stopped"
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None
        self._reset()

    def _reset(self) -> None:
        self._done = 0
        self._left: float | None = None
        self._failures: list[Failure] = []
        self._notice = ""
        self._halt = ""
        self._pace = Pace()
        self._calm = Calm(self._emit)

    # ------------------------------------------------------------------------------------------- what it is

    @property
    def id(self) -> int:
        """The id of its row in ``project.jobs``."""
        return self._row.id

    @property
    def database(self) -> Database:
        """The database it works on."""
        return self._row.database

    def asks_as(self, other: Job) -> bool:
        """Whether it was asked to do the very same as another one."""
        return self._row.asks_as(other._row)

    @property
    def label(self) -> str:
        """What it does, for people."""
        return self._label

    @property
    def model(self) -> str:
        """The model it runs, for ``view.threshold``; several are joined by commas."""
        return self._label

    @property
    def state(self) -> State:
        """``running``, ``stopping``, ``done``, ``stopped``, ``failed`` or ``interrupted``."""
        return self._state

    @property
    def ended(self) -> bool:
        """Whether nothing of it is under way."""
        return self._ended.is_set()

    @property
    def cancelled(self) -> bool:
        """Whether somebody told it to stop; a budget that is reached stops it too, and nobody did."""
        return self._stop.is_set()

    @property
    def progress(self) -> Progress:
        """How far it is, now."""
        done, total = self._done, self._total
        label = {
            "stopping": "Stopping after this batch",
            "stopped": self._halt or f"Stopped at {done:,}. Resume",
            "interrupted": f"Interrupted at {done:,}. Resume",
            "failed": f"{self._label} failed at {done:,}: {self._error}",
        }.get(self._state, f"{self._label} · {self._notice}" if self._notice else self._label)
        left = self._left if self._state in ("running", "stopping") else None
        return Progress(done, total, len(self._failures), left, self._pace.rate, masked(label))

    def told(self) -> dict[str, Any]:
        """Return id, state and progress: what widgets show of it."""
        return {"id": self.id, "state": self._state, **asdict(self.progress)}

    @property
    def errors(self) -> pd.DataFrame:
        """Images it could not do since it was started: image_id, provider, model, kind, message."""
        columns = list(Failure.__dataclass_fields__)
        return pd.DataFrame([asdict(failure) for failure in self._failures], columns=columns)

    def __repr__(self) -> str:
        state = self.progress
        failed = f", {state.failed:,} failed" if state.failed else ""
        rate = f", {state.rate:,.3g} a second" if state.rate is not None else ""
        left = f", {state.seconds_left:,.0f} s left" if state.seconds_left is not None else ""
        label = printable(self._label)
        return (
            f"<Job {self.id} {label} · {self._state} · {state.done:,} of {state.total:,}{failed}{rate}{left}>"
        )

    # ------------------------------------------------------------------------------------------- what it does

    def start(self, *, background: bool = True) -> Self:
        """Start, or go on.

        Parameters
        ----------
        background
            In a thread, returning at once. Otherwise, and on hosts without threads, here, until it ends; then
            an interrupt ends the job, with everything committed so far kept.

        Raises
        ------
        JobError
            When it is running already, or failed in the foreground.
        """
        if not self.ended:
            raise JobError(f"job {self.id} is running already: job.wait() or job.cancel()")
        self._stop.clear()
        self._ended.clear()
        self._error = None
        self._state = "running"
        self._reset()
        try:
            self._row.begin()
        except BaseException:
            self._state = "failed"
            self._ended.set()
            raise
        _live.add(self)
        if background:
            self._thread = threading.Thread(
                target=self._run_apart, name=f"lorairo-job-{self.id}", daemon=True
            )
            try:
                self._thread.start()
            except RuntimeError:  # a host without threads
                self._thread = None
            else:
                return self
        self._run()
        return self._outcome()

    def wait(self, timeout: float | None = None) -> Self:
        """Wait until it ends; interrupting the wait stops nothing.

        Parameters
        ----------
        timeout
            Seconds to wait at most; the job goes on when they are over (see ``state``).

        Raises
        ------
        JobError
            When the job failed as a whole. Images that failed do not raise; they are in ``errors``.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while not self._ended.wait(_POLL if end is None else min(_POLL, max(0.0, end - time.monotonic()))):
            if end is not None and time.monotonic() >= end:
                return self
        return self._outcome()

    def __await__(self) -> Generator[Any, None, Self]:
        return self._awaited().__await__()

    async def _awaited(self) -> Self:
        # The end is told by a thread, maybe to several loops: asking is simpler than waking each of them.
        while not self.ended:  # noqa: ASYNC110
            await asyncio.sleep(_POLL)
        return self._outcome()

    def cancel(self) -> Self:
        """Stop after the batch under way, which is kept."""
        if not self.ended and self._state == "running":
            self._stop.set()
            self._state = "stopping"
            self._calm.ask()
        return self

    def resume(self, *, background: bool = True) -> Self:
        """Go on with what is not done yet; images that failed are tried again.

        Raises
        ------
        JobError
            When it is running, or there is nothing left to do.
        """
        if self._state == "done" and not self._failures:
            raise JobError(f"job {self.id} is done: there is nothing to resume")
        return self.start(background=background)

    # ------------------------------------------------------------------------------------------- the run

    def _run_apart(self) -> None:
        # The error is kept for wait() and for the row. A thread has nobody else to raise it to.
        with contextlib.suppress(KeyboardInterrupt, SystemExit):
            self._run()

    def _run(self) -> None:
        state: State = "interrupted"
        try:
            with contextlib.closing(self._work()) as steps:
                state = self._follow(steps)
        except Exception as error:  # noqa: BLE001 - whatever the work raises is the outcome of the job
            logger.opt(exception=error).error("job {} failed: {}", self.id, self._label)
            self._error = error
            state = "failed"
        finally:
            self._end(state)

    def _follow(self, steps: Iterator[Step]) -> State:
        for step in steps:
            self._done += step.done
            self._failures.extend(step.failures)
            self._notice = self._notice if step.notice is None else step.notice
            self._left = self._pace.step(step.done - step.skipped, self._total - self._done)
            self._row.update(self._done, len(self._failures))
            self._calm.ask()
            if step.halt is not None:
                self._halt = step.halt
                return "stopped"
            self._pause(step.rest)
            if self._stop.is_set() and self._done < self._total:
                self._halt = step.parting
                return "stopped"
        return "done"

    def _pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self._stop.is_set() and (left := end - time.monotonic()) > 0:
            self._stop.wait(min(_POLL, left))  # in pieces: an interrupt breaks no longer wait everywhere

    def _end(self, state: State) -> None:
        self._state = state
        try:
            self._row.end(state, self._done, len(self._failures))
        except Error as error:  # the work itself is committed; the row is repaired when the project is opened
            logger.warning("job {} ended as {}, which could not be recorded: {}", self.id, state, error)
        self._calm.end()  # before the end is told: who waited has heard the last of it
        _live.discard(self)  # after the last word, so that listeners find whose it is
        self._ended.set()

    def _emit(self) -> None:
        try:
            self.changed.emit(self.progress)
        except Exception as error:  # noqa: BLE001 - a listener that fails must not stop the work
            logger.opt(exception=error).warning("a listener of job {} failed", self.id)

    def _outcome(self) -> Self:
        if self._error is None:
            return self
        if isinstance(self._error, Error):
            raise self._error
        kept = "What was finished is kept; job.resume() goes on"
        raise JobError(
            f"{self._label} failed: {type(self._error).__name__}: {self._error}. {kept}"
        ) from self._error


def live(database: Database) -> list[Job]:
    """Jobs of this process that are under way on a database, oldest first."""
    return sorted((job for job in tuple(_live) if job.database is database), key=lambda job: job.id)


def end_all(jobs: list[Job], timeout: float = _FAREWELL) -> None:
    """Cancel jobs and give the batches under way some seconds to be committed."""
    end = time.monotonic() + timeout
    for job in jobs:
        job.cancel()
    for job in jobs:
        with contextlib.suppress(Error):  # kept by the job and in its row
            job.wait(max(0.0, end - time.monotonic()))


# Threads of jobs are daemons, so that they cannot keep an interpreter from ending; this lets them end well.
atexit.register(lambda: end_all(list(_live)))
