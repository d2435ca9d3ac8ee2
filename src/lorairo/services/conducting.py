"""A run while it goes on: questions are made, sent and answered elsewhere; here all of it is written down."""

from __future__ import annotations

import queue
import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from lorairo.jobs import Step
from lorairo.services import loop
from lorairo.services.answer import Unreadable, shape_in_words
from lorairo.services.bookkeeping import Batch
from lorairo.services.calls import Outcome
from lorairo.services.feeding import AllMade, Feeder, Made, Unmade, weigh
from lorairo.services.sending import PATIENCE, Came, Item, Sender, Stopped, Unsent, Wanted
from lorairo.store import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from lorairo.config.schema import Limits
    from lorairo.services.asking import Service
    from lorairo.services.bookkeeping import Books
    from lorairo.services.budget import Budget
    from lorairo.services.calls import Usage
    from lorairo.services.endpoint import Endpoint
    from lorairo.services.questions import Questions

_COMMIT = 0.5  # seconds of answers in one transaction
_MOST = 256  # answers in one transaction
_POLL = 0.1  # seconds; an interrupt cannot break a longer wait everywhere
_BEAT = 60.0  # seconds without an answer after which the job says that it is alive
_PATIENCE, _HASTE = (
    60.0,
    5.0,
)  # seconds for what is under way when a run is stopped, and when it is interrupted
_AHEAD = 8  # questions that are made and wait for a place
_REPAIRED = ("unparseable", "schema_invalid", "empty")
_TOLD_FROM = 3.0  # seconds of a pause that are worth telling of


class Conductor:
    """Asks one model about images.

    Parameters
    ----------
    books
        Where everything is written down.
    questions
        What makes questions.
    endpoint, service
        Who is asked, and how.
    budget
        What it may cost.
    cost
        Says what an exchange cost, USD; None where nobody knows.
    stopping
        Whether the job was told to stop.

    Attributes
    ----------
    answered
        Images with an answer.
    stopped
        Why nothing more is sent, where that is not the end.
    """

    def __init__(
        self,
        books: Books,
        questions: Questions,
        *,
        endpoint: Endpoint,
        service: Service,
        budget: Budget,
        cost: Callable[[Usage], float | None],
        stopping: Callable[[], bool],
    ) -> None:
        self._books = books
        self._questions = questions
        self._provider = endpoint.provider
        self._service = service
        self._cost = cost
        self._stopping = stopping
        self._events: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._sender = Sender(endpoint, budget, cost=cost, tell=self._events.put, taken=self._taken)
        self._feeder: Feeder
        self._inbox: deque[object] = deque()  # what is not followed yet: an interrupt may come between
        self._open: set[Item] = set()  # questions the sender has
        self._unread: dict[Item, Unreadable] = {}  # why they are asked once more
        self._batch = Batch()
        self._all_made = self._parting = False
        self._notice = ""
        self._not_understood = 0
        self.answered = 0
        self._error: Exception | None = None
        self.stopped: Stopped | None = None

    def steps(self, ids: Sequence[int], machine: Limits) -> Generator[Step]:
        """Ask about images; one step per transaction."""
        self._feeder = Feeder(
            self._questions, ids, cost=self._cost, tell=self._events.put, ahead=_AHEAD, machine=machine
        )
        loop.call(self._sender.open())
        patience = _HASTE  # of an interrupt, or an error
        try:
            self._feeder.start()
            yield from self._going()
            patience = _PATIENCE
        except GeneratorExit:
            patience = _PATIENCE
            raise
        finally:
            self._part(patience)
            last = self._commit()
        yield last
        if self._error is not None:
            raise self._error

    def _going(self) -> Generator[Step]:
        since = beat = time.monotonic()
        while self._open or not (self._all_made or self.stopped):
            if self._stopping():
                return
            self._take_in(_POLL)
            now = time.monotonic()
            if not len(self._batch):
                since = now
            elif now - since >= _COMMIT or len(self._batch) >= _MOST:
                yield self._commit()
                since = beat = time.monotonic()
            if (notice := self._waiting()) != self._notice or now - beat >= _BEAT:
                self._notice, beat = notice, now
                yield Step(done=0, notice=notice)

    def _waiting(self) -> str:
        wait = self._sender.paused
        if wait <= 0:
            return ""
        return self._notice or (f"{self._provider} asks to wait {wait:.0f} s" if wait > _TOLD_FROM else "")

    def _part(self, patience: float) -> None:
        """Send nothing more, wait for what is under way, and note what became of everything."""
        self._feeder.stop()
        self._parting = True
        closing = loop.submit(self._sender.close(patience))
        try:
            while not closing.done():
                self._take_in(_POLL)
            self._take_in(0.0)
            closing.result()
        except BaseException:
            closing.cancel()  # a second interrupt: what is under way is left to itself
            loop.submit(self._sender.close(0.0))
            raise
        finally:
            for item in list(self._open):
                self._unsent(Unsent(item, unknown=item.attempts > 0))

    def _commit(self) -> Step:
        batch = self._batch
        self._books.commit(batch)
        self._batch = Batch()
        return Step(done=batch.done, failures=tuple(batch.failures))

    # ------------------------------------------------------------------------------------- what happens

    def _taken(self) -> None:
        self._feeder.taken()

    def _take_in(self, timeout: float) -> None:
        """Take what has happened, at least one thing where one happens in time, and write it down."""
        events = self._inbox
        try:
            events.append(self._events.get(timeout=timeout) if timeout else self._events.get_nowait())
            while True:
                events.append(self._events.get_nowait())
        except queue.Empty:
            pass
        unsent = {event.item for event in events if isinstance(event, Unsent)}
        wanted = [event for event in events if isinstance(event, Wanted) and event.item not in unsent]
        came = [event for event in events if isinstance(event, Came)]
        go = not self._stopping()
        if came or (wanted and go):
            self._books.write_down([event.item for event in wanted if go], came)
        for item, granted in wanted:
            granted(go and item.row is not None)
        while events:
            self._follow(events.popleft())
        if self._error is not None and not self._parting:
            raise self._error

    def _follow(self, event: object) -> None:
        match event:
            case Made(item):
                if not (self._parting or self.stopped):
                    self._offer(item)
            case Unmade(failure):
                self._batch.done += 1
                self._batch.failures += [failure] if failure else []
            case Came():
                self._open.discard(event.item)
                self._came(event)
            case Unsent():
                self._open.discard(event.item)
                self._unsent(event)
            case AllMade(error):
                self._all_made = True
                self._error = self._error or error
            case Stopped():
                self.stopped = event
                self._error = self._error or event.error
                self._feeder.stop()

    def _offer(self, item: Item) -> None:
        self._open.add(item)
        loop.loop().call_soon_threadsafe(self._sender.offer, item)

    def _came(self, came: Came) -> None:
        item, outcome = came.item, came.outcome
        unread = self._unread.pop(item, None)
        if outcome.ending != "ok":
            if unread is None:
                self._fail(item, outcome.ending, outcome.message or outcome.ending)
            else:
                self._give_up(item, unread)
            return
        try:
            self._batch.rows.append(self._books.read(came))
        except Unreadable as error:
            self._not_read(item, error)
        else:
            self._batch.done += 1
            self.answered += 1

    def _not_read(self, item: Item, error: Unreadable) -> None:
        """Ask once more for an answer that can be read."""
        if error.ending not in _REPAIRED or item.repairs or self._parting or self.stopped:
            self._give_up(item, error)
            return
        item.repairs += 1
        words = f"{item.request.prompt}\n\nThe last answer could not be used: {error}."
        if item.request.schema is not None:
            words += f" {shape_in_words(self._service.prompt)}"
        item.request = replace(item.request, prompt=words)
        weigh(item, self._questions.most(item.request), self._cost)
        self._unread[item] = error
        self._offer(item)

    def _give_up(self, item: Item, error: Unreadable) -> None:
        if item.row is not None:
            self._batch.settled.append((item.row, requests.FAILED, error.ending))
        self._fail(item, error.ending, str(error))
        self._not_understood += 1
        if not self.answered and self._not_understood == PATIENCE:
            outcome = Outcome(error.ending, message=str(error))
            loop.loop().call_soon_threadsafe(self._sender.give_up, outcome)

    def _unsent(self, event: Unsent) -> None:
        item = event.item
        if (unread := self._unread.pop(item, None)) is not None and not event.unknown:
            self._give_up(item, unread)
        elif item.row is None:
            self._batch.done += not (self._parting or self.stopped)  # another run asks, or it is gone
        elif event.unknown:
            self._batch.settled.append((item.row, requests.UNKNOWN, "cancelled"))
            self._batch.failures.append(self._books.unknown(item.image_id))
        else:
            self._batch.dropped.append((item.row, "cancelled", item.cost))

    def _fail(self, item: Item, kind: str, message: str) -> None:
        self._batch.failures.append(self._books.failure(item.image_id, kind, message))
        self._batch.done += 1
