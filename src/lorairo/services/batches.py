"""A run that hands many questions over at once, and waits for a day or so until they are answered.

A submission outlives the kernel that made it. Whoever goes on with its job, or asks the same again, finds it
in the project, waits for it and fetches what came of it; no image that lies in one is asked about anew.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from lorairo.config import load
from lorairo.errors import ModelError
from lorairo.images import Limits
from lorairo.jobs import Failure, Step
from lorairo.services import running
from lorairo.services.bookkeeping import Books
from lorairo.services.budget import check_prices
from lorairo.services.calls import ENDED, STOPS, CallError, Outcome
from lorairo.services.desk import Desk
from lorairo.services.handing import LONGEST_ID, Ready, cut
from lorairo.services.prices import dollars, price_of
from lorairo.services.questions import Questions
from lorairo.services.run import costs, done_to, left_out
from lorairo.store import submissions

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from lorairo.config.schema import Limits as Machine
    from lorairo.services.asking import Service
    from lorairo.services.bookkeeping import Batch
    from lorairo.services.calls import Usage
    from lorairo.services.endpoint import Endpoint
    from lorairo.services.run import FactsSource
    from lorairo.services.wishes import Wishes
    from lorairo.store import Database
    from lorairo.store.submissions import Handed

SHORTEST, LONGEST = 30.0, 300.0
"""Seconds between two looks at what was handed over, at first and at most."""

_LONGER = 1.5


def steps(
    database: Database,
    source: Callable[[Iterable[int]], Iterator[tuple[int, bytes | Exception]]],
    facts: FactsSource | None,
    ids: NDArray[np.int64],
    *,
    model: str,
    service: Service,
    endpoint: Endpoint,
    wishes: Wishes,
    job_id: int,
    stopping: Callable[[], bool] = lambda: False,
) -> Generator[Step]:
    """Hand over the questions about images that have no answer yet, and wait for what comes of them.

    The parameters are those of `lorairo.services.run.steps`. Stopped, it waits no longer; what was handed
    over goes on, and whoever resumes the job fetches that.

    Raises
    ------
    ModelError
        When the service takes nothing more; the message says why. What was handed over goes on.
    """
    check_prices([(endpoint.provider, model)], wishes)
    books = Books(database, endpoint.provider, model, service, job_id)
    left = books.begin(ids, wishes)
    cost = costs(price_of(endpoint.provider, model), batch=True)
    with Desk(database, books, endpoint, model=model, job_id=job_id, cost=cost) as desk:
        others = np.setdiff1d(left.claimed, desk.waiting())
        yield left_out(replace(left, claimed=others), books)
        kept = books.kept(np.union1d(left.stored, left.send))
        books.commit(kept)
        dealt_with = [row.image_id for _, row in kept.rows] + [one.image_id for one in kept.failures]
        yield Step(len(dealt_with), len(dealt_with), tuple(kept.failures))
        settings = load(database.folder)
        opened = Limits(settings.max_bytes, settings.max_pixels)
        courier = _Courier(
            desk=desk,
            questions=Questions(endpoint.provider, model, service, source, facts=facts, limits=opened),
            cost=cost,
            provider=endpoint.provider,
            job_id=job_id,
            ids=frozenset(ids.tolist()),
            budget=wishes.budget,
            machine=settings.limits,
            stopping=stopping,
        )
        yield from courier.steps(left.send[~np.isin(left.send, dealt_with)].tolist())
        if courier.halt:
            yield Step(done=0, halt=f"{courier.halt}. {courier.answered:,} {done_to(service)}.")


def together(database: Database, job_id: int, runs: Sequence[Generator[Step]]) -> Generator[Step]:
    """Go on with the runs of one job in turn: while one waits, the others hand over, and all wait at once."""
    going = list(runs)
    halts: list[str] = []
    with running.marked(database.path.as_posix(), job_id), contextlib.ExitStack() as ends:
        for run in going:
            ends.callback(run.close)
        while going:
            waiting: list[Step] = []
            for run in tuple(going):
                last = yield from _until_it_waits(run)
                if last is not None and last.rest:
                    waiting.append(last)
                    continue
                going.remove(run)
                halts += [last.halt] if last is not None and last.halt else []
            if waiting:
                yield _all_wait(waiting)
        if halts:
            yield Step(done=0, halt=" ".join(halts))


def _until_it_waits(run: Generator[Step]) -> Generator[Step, None, Step | None]:
    """Hand on the steps of a run; return the one with which it waits or ends early, None at its end."""
    for step in run:
        if step.rest or step.halt is not None:
            return step
        yield step
    return None


def _all_wait(steps: Sequence[Step]) -> Step:
    return Step(
        done=0,
        notice=" · ".join(step.notice or "" for step in steps),
        rest=min(step.rest for step in steps),
        parting=". ".join(step.parting for step in steps if step.parting),
    )


@dataclass
class _Courier:
    """One run: what is still to be handed over, and what lies with the service.

    Attributes
    ----------
    answered
        Images with an answer that came in this run.
    halt
        Why the run ends with things left to do.
    """

    desk: Desk
    questions: Questions
    cost: Callable[[Usage], float | None]
    provider: str
    job_id: int
    ids: frozenset[int]
    budget: float | None
    machine: Machine
    stopping: Callable[[], bool]
    answered: int = 0
    halt: str = ""

    def __post_init__(self) -> None:
        self._to_do: deque[int] = deque()
        self._most = self.desk.client.most_requests
        self._room: int | None = None  # submissions the service lets wait; None where it has not complained
        self._over_budget = self._cancelled = False
        self._full = False  # nothing more is taken now
        self._seen: set[int] = set()
        self._wait = 0.0
        self._said = ""

    def steps(self, send: Sequence[int]) -> Generator[Step]:
        """Hand over, look, rest, until nothing is left."""
        self._to_do.extend(send)
        while True:
            yield from self._hand_over()
            moved = yield from self._look()
            under_way = self._under_way()
            if not under_way and not self._to_do:
                return
            if not under_way and (self._cancelled or self._over_budget):
                self._end()
                return
            self._wait = SHORTEST if moved or not self._wait else min(self._wait * _LONGER, LONGEST)
            yield self._resting(under_way)

    def _open(self) -> list[Handed]:
        """Return the submissions of this run, and those of earlier ones that its images lie in."""
        return [
            one for one in self.desk.open() if one.job_id == self.job_id or self.ids & self.desk.lying_in(one)
        ]

    def _under_way(self) -> int:
        return sum(one.state != submissions.RECORDED for one in self._open())

    def _end(self) -> None:
        if self._over_budget:
            self.halt = f"Stopped at {dollars(self.desk.spent())}"
        else:
            self.halt = f"Cancelled at {self.provider}: project.resume({self.job_id}) asks about the rest"

    def _resting(self, under_way: int) -> Step:
        count = len(self._seen)
        told = f"Waiting for {self.provider}: {count - under_way:,} of {count:,} submissions answered"
        if self._said:
            told = f"{told}. {self._said}"
        return Step(done=0, notice=told, rest=self._wait, parting=self._parting(under_way))

    def _parting(self, under_way: int) -> str:
        if not under_way:
            return ""
        what = "1 submission goes" if under_way == 1 else f"{under_way:,} submissions go"
        return f"{what} on at {self.provider}: project.resume({self.job_id}) fetches the answers"

    # ------------------------------------------------------------------------------------------ handing over

    def _hand_over(self) -> Generator[Step]:
        self._full = False
        while self._to_do and not (self._cancelled or self._over_budget or self._full or self.stopping()):
            if self._room is not None and self._under_way() >= self._room:
                return
            block = [self._to_do.popleft() for _ in range(min(self._most, len(self._to_do)))]
            ready: list[Ready] = []
            failures: list[Failure] = []
            gone = self._make(block, ready, failures)
            yield self._told(gone, failures)
            yield from self._hand_parts(list(cut(ready, self._most, self.desk.client.most_bytes)))

    def _hand_parts(self, parts: list[list[Ready]]) -> Generator[Step]:
        """Hand over one submission for each part; what cannot be goes back to what is to be done."""
        for place, part in enumerate(parts):
            taken = self._affordable(part)
            refused = self.desk.hand_over(taken) if taken else None
            if refused is not None or len(taken) < len(part):
                rest = [*(part if refused else part[len(taken) :]), *chain(*parts[place + 1 :])]
                self._to_do.extendleft(one.image_id for one in reversed(rest))
                self._full = refused is not None
                if refused is not None:
                    self._not_taken(refused)
                return
            yield Step(done=0, notice=self._handed(), parting=self._parting(self._under_way()))

    def _make(self, block: Sequence[int], ready: list[Ready], failures: list[Failure]) -> int:
        """Make the questions about some images; return how many of these are no more."""
        gone = 0
        for image_id, question in self.questions.about(block, self.machine):
            if question is None:
                gone += image_id in self.ids
            elif isinstance(question, Failure):
                failures.append(question)
            else:
                size = len(self.desk.client.line(LONGEST_ID, question))
                ready.append(Ready(image_id, question, size, self.cost(self.questions.most(question))))
        return gone

    def _told(self, gone: int, failures: list[Failure]) -> Step:
        self.desk.fail(failures)
        return Step(done=gone + len(failures), failures=tuple(failures))

    def _affordable(self, part: list[Ready]) -> list[Ready]:
        """Return as many questions, from the first on, as stay within the budget however long the answers."""
        if self.budget is None:
            return part
        left = self.budget - self.desk.spent()
        for place, one in enumerate(part):
            left -= one.cost or 0.0
            if left < 0:
                self._over_budget = True
                return part[:place]
        return part

    def _handed(self) -> str:
        self._seen |= {one.id for one in self._open()}
        told = f"{len(self._seen):,} submissions, {len(self._to_do):,} images left"
        return f"Handing over to {self.provider}: {told}"

    def _not_taken(self, refused: Outcome) -> None:
        """Wait until the service takes more, where it only asks to; otherwise it takes nothing.

        Raises
        ------
        ModelError
            When it does not.
        """
        if refused.retryable:
            self._said = refused.message
            self._wait = max(self._wait, min(refused.retry_after or 0.0, LONGEST))
            return
        self._refused(refused)

    def _refused(self, outcome: Outcome) -> None:
        under_way = self._parting(self._under_way())
        kept = under_way or f"What was answered is kept, project.resume({self.job_id}) goes on"
        raise ModelError(f"{(outcome.message or outcome.ending).rstrip('.')}. {kept}")

    # ------------------------------------------------------------------------------------------------ looking

    def _look(self) -> Generator[Step, None, bool]:
        """Look at everything that lies with the service; return whether something of it ended."""
        moved, self._said = False, ""
        for handed in self._open():
            if self.stopping():
                break
            self._seen.add(handed.id)
            if handed.remote_id is None and time.time() - handed.at < SHORTEST:
                continue  # it may be on its way still
            self._cancelled |= handed.state == "cancelling"
            try:
                submission, written = self.desk.look(handed)
            except CallError as error:
                if error.outcome.ending in STOPS and error.outcome.ending != "not_found":
                    self._refused(error.outcome)
                self._said = error.outcome.message
                continue
            if submission is not None and submission.full:
                self._less(submission.message)
                self._to_do.extend(self.ids & self.desk.images(written))
            if submission is None or submission.state in ENDED:
                moved = True
                self._over_budget = False  # what was answered took less than it might have
                yield self._came(written)
        return moved

    def _came(self, written: Batch) -> Step:
        rows = {row.image_id for _, row in written.rows}
        self.answered += len(rows)
        mine = tuple(one for one in written.failures if one.image_id in self.ids)
        return Step(done=len(rows & self.ids) + len(mine), failures=mine)

    def _less(self, words: str) -> None:
        """Let fewer submissions wait; where it was the only one, make smaller ones."""
        if others := self._under_way():
            self._room = others
        elif self._most > 1:
            self._room, self._most = 1, self._most // 2
        else:
            self._refused(Outcome("rate_limited", message=words))
