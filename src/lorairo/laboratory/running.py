"""Asking all cells of a laboratory, one after the other, with one budget over all of them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Self

from lorairo.errors import Error
from lorairo.store import requests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lorairo.jobs import Job
    from lorairo.laboratory.cells import Cell
    from lorairo.view import View

_POLL = 0.1  # seconds; an interrupt cannot break a longer wait for a lock everywhere


class Trial:
    """The run of a laboratory: a job for each cell, the next one when the one before has ended.

    Attributes
    ----------
    jobs
        Those that were started, in order.
    problems
        What kept a cell from being asked, by its name. The others are asked all the same.
    """

    def __init__(
        self, cells: Sequence[Cell], view: View, budget: float | None, wishes: dict[str, Any]
    ) -> None:
        self.jobs: list[Job] = []
        self.problems: dict[str, str] = {}
        self._cells = cells
        self._view = view
        self._budget = budget
        self._wishes = wishes
        self._stop = threading.Event()
        self._ended = threading.Event()
        self._over = False

    def start(self, *, background: bool) -> Self:
        """Ask, in a thread or here."""
        if background:
            threading.Thread(target=self._run, name="lorairo-laboratory", daemon=True).start()
            return self
        try:
            self._run()
        except KeyboardInterrupt:
            self.cancel()
            raise
        return self

    @property
    def ended(self) -> bool:
        """Whether nothing of it is under way."""
        return self._ended.is_set()

    @property
    def state(self) -> str:
        """``running``, ``done``, ``stopped``, or ``failed`` where a cell could not be asked."""
        if not self.ended:
            return "running"
        stopped = self._stop.is_set() or self._over or any(job.state == "stopped" for job in self.jobs)
        return "failed" if self.problems else "stopped" if stopped else "done"

    @property
    def spent(self) -> float:
        """What its questions have cost by now, USD."""
        with self._view.project.database.read() as c:
            return sum(requests.spent(c, job.id) for job in self.jobs)

    def wait(self, timeout: float | None = None) -> Self:
        """Wait until it ends; `timeout` is in seconds."""
        waited = 0.0
        while not self._ended.wait(_POLL):
            waited += _POLL
            if timeout is not None and waited >= timeout:
                break
        return self

    def cancel(self) -> Self:
        """Stop after the batch under way, which is kept."""
        self._stop.set()
        for job in self.jobs:
            job.cancel()
        return self

    def _run(self) -> None:
        try:
            for cell in self._cells:
                if self._stop.is_set():
                    break
                if cell.free or not self._spent_all():
                    self._ask(cell)
        finally:
            self._ended.set()

    def _spent_all(self) -> bool:
        self._over = self._budget is not None and self.spent >= self._budget
        return self._over

    def _ask(self, cell: Cell) -> None:
        wishes = {} if cell.free else dict(self._wishes)
        if self._budget is not None and not cell.free:
            wishes["budget"] = self._budget - self.spent
        try:
            job = self._view.annotate([cell.model], parameters=dict(cell.parameters), **wishes)
            self.jobs.append(job)
            if self._stop.is_set():  # between the look and the start
                job.cancel()
            job.wait()
            if job.cancelled:  # by whoever saw it run
                self._stop.set()
        except Error as error:
            self.problems[cell.name] = str(error)

    def __repr__(self) -> str:
        done = sum(job.state == "done" for job in self.jobs)
        told = [f"{self.state} · {done} of {len(self._cells)} prompts by model"]
        if spent := self.spent:
            told.append(f"${spent:,.4f}")
        lines = [f"<Trial {' · '.join(told)}>"]
        return "\n".join([*lines, *(f"{name}: {why}" for name, why in self.problems.items())])
