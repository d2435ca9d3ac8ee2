"""Sending questions: as many at once as a service bears, again where that may help, none once it is no use.

A `Sender` lives in the loop of `lorairo.services.loop` and tells what happens through a function, from there.
It writes nothing down itself: before a question leaves it asks for it to be written down, and waits.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from lorairo.services.calls import RETRYABLE, STOPS, Outcome, Usage
from lorairo.services.endpoint import client_of
from lorairo.services.pacing import limiter_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from lorairo.services.budget import Budget
    from lorairo.services.calls import Client, Ending, Request
    from lorairo.services.endpoint import Endpoint
    from lorairo.services.pacing import Counted, Limiter

LONGEST_WAIT = 300.0
"""Seconds that a run waits because it was told to; asked to wait longer, it stops and can be resumed."""

PATIENCE = 12
"""Questions in a row that come to nothing, after which none is worth sending."""

_FIRST_REST, _LONGEST_REST = 1.0, 60.0  # seconds before a question is sent again: drawn below these
_MOST_WAITS = 10  # times a question is sent again because the service was too busy for it
_GRACE = 30.0  # seconds a client may take longer than it was told to
_BUSY = ("overload", "unavailable", "529", "503")
_MAYBE_PAID: tuple[Ending, ...] = ("timeout", "connection", "cancelled")


@dataclass(eq=False)
class Item:
    """A question on its way.

    Attributes
    ----------
    most, most_cost
        Tokens and USD it takes at most; 0 where there is no price.
    row
        Its row once it is written down.
    attempts
        Times it was sent; `waits` of these the service was too busy.
    repairs
        Times it was asked again because the answer could not be read.
    tokens_in, tokens_out, cost
        What it took until now, all attempts together; None where nobody knows.
    raw
        The last answer that came.
    """

    image_id: int
    request: Request
    prompt_sha256: bytes
    most: int = 0
    most_cost: float = 0.0
    row: int | None = None
    attempts: int = 0
    waits: int = 0
    repairs: int = 0
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None
    raw: str | None = None


class Wanted(NamedTuple):
    """A question is about to be sent: write it down, then say whether it is to be."""

    item: Item
    granted: Callable[[bool], None]


@dataclass(frozen=True)
class Came:
    """A question has ended; `seconds` and `cost` are of the last exchange."""

    item: Item
    outcome: Outcome
    seconds: float
    cost: float | None


@dataclass(frozen=True)
class Unsent:
    """A question was not sent after all; or it was, and nobody knows what became of it."""

    item: Item
    unknown: bool = False


@dataclass(frozen=True)
class Stopped:
    """Nothing more is sent: for what every question would have come to, or until somebody goes on."""

    failed: Outcome | None = None
    over_budget: bool = False
    wait: float = 0.0
    error: Exception | None = None


Event = Wanted | Came | Unsent | Stopped


@dataclass
class _Exchange:
    """One time that a question was sent."""

    counted: Counted
    at: float = 0.0
    seconds: float = 0.0
    cost: float | None = None
    outcome: Outcome = field(default_factory=lambda: Outcome("cancelled"))


class Sender:
    """Sends questions to one service.

    Parameters
    ----------
    endpoint
        Where to.
    budget
        What they may cost.
    cost
        Says what an exchange cost, USD; None where nobody knows.
    tell
        Called with each `Event`, in the loop's thread.
    taken
        Called when a question has its place, and another one may be offered.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        budget: Budget,
        *,
        cost: Callable[[Usage], float | None],
        tell: Callable[[Event], None],
        taken: Callable[[], None],
    ) -> None:
        self._endpoint = endpoint
        self._budget = budget
        self._cost = cost
        self._tell = tell
        self._taken = taken
        self._client: Client
        self._limiter: Limiter
        self._anteroom: asyncio.Semaphore
        self._tasks: dict[asyncio.Task[None], Item] = {}
        self._pending: set[Item] = set()
        self._with_service: set[Item] = set()
        self._stopped = False
        self._in_vain = 0

    async def open(self) -> None:
        """Make the client; in the loop, as all that follows."""
        self._client = client_of(self._endpoint)
        self._limiter = limiter_of(self._endpoint)
        self._anteroom = asyncio.Semaphore(self._limiter.ahead)

    async def close(self, patience: float) -> None:
        """Wait for what is under way, not longer than so many seconds; give up the rest, and the client."""
        self.stop()
        if self._tasks:
            _, late = await asyncio.wait(list(self._tasks), timeout=patience)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        await self._client.close()

    def offer(self, item: Item) -> None:
        """Send a question when its turn comes; or once more, if it was sent."""
        self._pending.add(item)
        if self._stopped:
            self._over(Unsent(item))
            return
        task = asyncio.get_running_loop().create_task(self._see_to(item))
        self._tasks[task] = item
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        """Tell of a question that was cancelled, maybe before its task had begun."""
        item = self._tasks.pop(task)
        if item in self._pending:
            self._over(Unsent(item, unknown=item in self._with_service))
        self._with_service.discard(item)

    def _over(self, event: Came | Unsent) -> None:
        """Tell how a question ended; each ends once."""
        self._pending.discard(event.item)
        self._tell(event)

    def stop(self) -> None:
        """Send nothing more; what is with the service is waited for."""
        self._stopped = True
        for task, item in self._tasks.items():
            if item not in self._with_service and task is not asyncio.current_task():
                task.cancel()

    def give_up(self, outcome: Outcome) -> None:
        """Send nothing more, as every question would come to this."""
        self._end(Stopped(failed=outcome))

    @property
    def paused(self) -> float:
        """Seconds until something is sent again, where the service asked to wait."""
        return self._limiter.paused

    # --------------------------------------------------------------------------------------- one question

    async def _see_to(self, item: Item) -> None:
        try:
            async with self._limiter.slots.one():
                if item.row is None:
                    self._taken()
                await self._ask(item)
        except Exception as error:  # noqa: BLE001 - raised where the run waits for what happens
            self._end(Stopped(error=error))

    async def _ask(self, item: Item) -> None:
        """Ask until there is an outcome that stays."""
        written = False
        while True:
            if not await self._budget.take(item.most_cost):
                self._end(Stopped(over_budget=True))
                self._over(Unsent(item))
                return
            exchange: _Exchange | None = None
            try:
                exchange = await (self._again(item) if written else self._first(item))
                if exchange is None:
                    self._over(Unsent(item))
                    return
                written = True
                await self._exchange(item, exchange)
            finally:
                self._budget.settle(item.most_cost, 0.0 if exchange is None else self._pay(item, exchange))
            if self._is_over(item, exchange):
                return
            await self._rest(item, exchange.outcome)

    async def _first(self, item: Item) -> _Exchange | None:
        """Have a question written down and wait for its turn; None where it is not to be sent."""
        async with self._anteroom:
            loop = asyncio.get_running_loop()
            answer: asyncio.Future[bool] = loop.create_future()

            def granted(yes: bool) -> None:
                if not answer.done():
                    answer.set_result(yes)

            self._tell(Wanted(item, lambda yes: _ignored(loop.call_soon_threadsafe(granted, yes))))
            return await self._again(item) if await answer else None

    async def _again(self, item: Item) -> _Exchange:
        return _Exchange(await self._limiter.turn(item.most))

    async def _exchange(self, item: Item, exchange: _Exchange) -> None:
        """Send it. Nothing is waited for between its turn and here."""
        self._with_service.add(item)
        item.attempts += 1
        exchange.at, start = asyncio.get_running_loop().time(), time.perf_counter()
        try:
            async with asyncio.timeout(self._endpoint.timeout + _GRACE):
                exchange.outcome = await self._client.ask(item.request)
        except TimeoutError:
            words = f"{self._endpoint.provider} gave no answer within {self._endpoint.timeout:g} s"
            exchange.outcome = Outcome("timeout", message=words)
        exchange.seconds = time.perf_counter() - start
        self._with_service.discard(item)
        self._learn(exchange)

    def _pay(self, item: Item, exchange: _Exchange) -> float:
        """Count what an exchange took; where nobody knows, what it may have taken."""
        usage = exchange.outcome.usage
        exchange.cost = self._cost(usage)
        item.tokens_in, item.tokens_out = (
            _sum(item.tokens_in, usage.input),
            _sum(item.tokens_out, usage.output),
        )
        cost = exchange.cost
        if (
            cost is None
            and item.most_cost
            and (exchange.outcome.text or exchange.outcome.ending in _MAYBE_PAID)
        ):
            cost = item.most_cost
        item.cost = cost if item.cost is None else item.cost + (cost or 0.0)
        return cost or 0.0

    # --------------------------------------------------------------------------------------- what it says

    def _learn(self, exchange: _Exchange) -> None:
        """Go slower or faster, or stop, by what an answer says."""
        outcome = exchange.outcome
        tokens = _sum(outcome.usage.input, outcome.usage.output)
        self._limiter.used(exchange.counted, tokens)
        if outcome.ending == "rate_limited" or any(word in outcome.code.lower() for word in _BUSY):
            self._limiter.slots.strained(exchange.at)
        elif not outcome.retryable:
            self._limiter.slots.good()
        if outcome.retryable and (wait := outcome.retry_after or 0.0):
            if wait > LONGEST_WAIT:
                self._end(Stopped(wait=wait))
            else:
                self._limiter.pause(wait)

    def _is_over(self, item: Item, exchange: _Exchange) -> bool:
        """Tell of an outcome that stays; False for one after which the question is asked again."""
        outcome = exchange.outcome
        if outcome.retryable and self._stopped and outcome.ending not in _MAYBE_PAID:
            self._over(Unsent(item))
            return True
        if outcome.retryable and not self._stopped:
            item.waits += outcome.ending == "rate_limited"
            others = item.attempts - item.waits
            if others <= self._endpoint.attempts and item.waits <= _MOST_WAITS:
                return False
        self._over(Came(item, outcome, exchange.seconds, exchange.cost))
        self._in_vain = self._in_vain + 1 if _vain(outcome) else 0
        if outcome.ending in STOPS or self._in_vain >= max(PATIENCE, self._endpoint.concurrency):
            self._end(Stopped(failed=outcome))
        return True

    async def _rest(self, item: Item, outcome: Outcome) -> None:
        """Wait before a question is sent again; where the service said how long, all questions wait."""
        if not outcome.retry_after:
            longest = min(_LONGEST_REST, _FIRST_REST * 2.0 ** (item.attempts - 1))
            await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - spreads, hides nothing

    def _end(self, why: Stopped) -> None:
        if not self._stopped:
            self._tell(why)
            self.stop()


def _vain(outcome: Outcome) -> bool:
    return outcome.ending in RETRYABLE or outcome.ending == "bad_request"


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one + (other or 0)


def _ignored(_: object) -> None:
    """Take no notice."""
