"""How fast a service is asked: as many requests and tokens a minute as its limits allow, evenly.

aiolimiter keeps the rate: a bucket that leaks, and who would make it overflow waits. By itself it lets as
much as a whole minute's limit through at once, at the start and after every pause, and that much again during
the minute that follows; a service that counts over a sliding minute has refused half of it by then. It serves
small amounts first, so that a large picture may wait for ever. And it knows of no delay between here and
there. So here

- the bucket holds a twentieth of the limit, for the moments in which a thread woke late, and starts full: the
  first minute is as even as all others. What was missed is caught up with a quarter faster than usual, not at
  once;
- what was sent is remembered for a minute and a fiftieth: never more than 99 of 100 allowed requests are sent
  in that time, whatever is caught up with, and over a minute of the service's clock the limit holds when
  requests take a second more or less to get there;
- usually it is a little less, a twenty-fifth, so that there is room to catch up: 96 of 100 allowed requests;
- there is a queue before it, so that who came first is served first.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from lorairo.errors import MissingExtra
from lorairo.services.slots import Slots

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

    from lorairo.services.endpoint import Endpoint

WINDOW = 60.0
"""Seconds that limits are meant for."""

_LONGER = 1.04  # times the window in which usually as much as the limit is sent
_SURELY = 1.02  # times the window in which never more than the limit is sent, less a hundredth of it
_LESS = 0.01
_HELD = 0.05  # of the limit: what may be caught up with
_STEP, _FASTER = 0.01, 1.25  # of the limit, at once, and how much faster than usual
_AHEAD = 0.5  # seconds of requests that may be written down before they leave
_REMEMBERED = 50  # answers from which the tokens of the next one are guessed
_MARGIN = 1.1  # times their mean


class Limiter:
    """Lets requests to one service, with one key, through.

    Parameters
    ----------
    endpoint
        Whose limits are kept.
    window
        Seconds in which as many requests and tokens may be sent as the endpoint says for a minute, in
        proportion.

    Attributes
    ----------
    slots
        How many may be under way.
    """

    def __init__(self, endpoint: Endpoint, window: float = WINDOW) -> None:
        part = window / WINDOW
        self.slots = Slots(endpoint.concurrency)
        self._requests = _Bucket(endpoint.requests_per_minute * part, window)
        step = max(1.0, endpoint.requests_per_minute * part * _STEP)
        self._steps = _leaking(step, step / (self._requests.rate * _FASTER))
        tokens = endpoint.tokens_per_minute
        self._tokens = None if tokens is None else _Bucket(tokens * part, window)
        self._seen: deque[int] = deque(maxlen=_REMEMBERED)
        self._door = asyncio.Lock()
        self._now = asyncio.get_running_loop().time
        self._until = 0.0
        self.ahead = max(2, round(self._requests.rate * _AHEAD) + 1)

    async def turn(self, most: int) -> Counted:
        """Wait until a request may be sent; send it at once then.

        Parameters
        ----------
        most
            Tokens it takes at most: what is counted until answers have told how many they really are.

        Returns
        -------
        Counted
            What it was counted with, for `used`.
        """
        async with self._door:
            await self._calm()
            await self._steps.acquire()
            counted = await self._requests.enter(1.0)
            if self._tokens is not None:
                counted = await self._tokens.enter(self._guess(most))
            await self._calm()  # somebody may have been told to wait meanwhile
            return counted

    def used(self, counted: Counted, really: int | None) -> None:
        """Count what an answer really took, in place of what was guessed."""
        if really is not None and self._tokens is not None:
            self._seen.append(really)
            self._tokens.correct(counted, really)

    def pause(self, seconds: float) -> None:
        """Send nothing for some time, whoever asks."""
        self._until = max(self._until, self._now() + seconds)

    @property
    def paused(self) -> float:
        """Seconds until something is sent again; may be asked from any thread."""
        return max(0.0, self._until - self._now())

    async def _calm(self) -> None:
        while (wait := self._until - self._now()) > 0:  # noqa: ASYNC110 - who waits may be told to wait longer
            await asyncio.sleep(wait)

    def _guess(self, most: int) -> float:
        if not self._seen:
            return float(most)
        return min(float(most), _MARGIN * sum(self._seen) / len(self._seen))


@dataclass(eq=False)
class Counted:
    """What was counted, and when; `gone` once it is longer ago than a window."""

    at: float
    amount: float
    gone: bool = False


class _Bucket:
    """A limit over a sliding window.

    Attributes
    ----------
    rate
        What usually passes in a second.
    """

    def __init__(self, limit: float, window: float) -> None:
        self.rate = limit / (window * _LONGER)
        self._limit, self._span = limit - limit * _LESS // 1, window * _SURELY
        self._size = max(1.0, limit * _HELD)
        self._even = _leaking(self._size, self._size / self.rate)
        self._passed: deque[Counted] = deque()
        self._sum = 0.0  # of what passed within a window
        self._owed = 0.0
        self._begun = False

    async def enter(self, amount: float) -> Counted:
        """Let one request through that counts so much, evenly."""
        if self._begun:
            await self._evenly(amount)
        else:
            self._begun = True
            await self._even.acquire(self._size)  # it starts full
        now = asyncio.get_running_loop().time
        while self._passed and self._sum + amount > self._limit:
            await asyncio.sleep(self._passed[0].at + self._span - now())
            self._forget(now())
        counted = Counted(now(), amount)
        self._passed.append(counted)
        self._sum += amount
        self._forget(counted.at)
        return counted

    async def _evenly(self, amount: float) -> None:
        self._owed += amount
        while self._owed > 0:
            part = min(self._owed, self._size)
            self._owed -= part
            await self._even.acquire(part)

    def correct(self, counted: Counted, amount: float) -> None:
        """Count another amount in place of what was counted; the next ones make up for the difference."""
        difference = amount - counted.amount
        self._owed += difference
        self._sum += 0.0 if counted.gone else difference
        counted.amount = amount

    def _forget(self, now: float) -> None:
        while self._passed and self._passed[0].at + self._span <= now:
            oldest = self._passed.popleft()
            oldest.gone = True
            self._sum -= oldest.amount
        if not self._passed:
            self._sum = 0.0  # no crumbs of rounding stay


def _leaking(size: float, seconds: float) -> AsyncLimiter:
    try:
        from aiolimiter import AsyncLimiter  # noqa: PLC0415 - comes with the libraries of services
    except ModuleNotFoundError as error:
        raise MissingExtra("aiolimiter", extra="openai") from error
    return AsyncLimiter(size, seconds)


_limiters: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[object, ...], Limiter]] = (
    WeakKeyDictionary()
)


def limiter_of(endpoint: Endpoint) -> Limiter:
    """Return the limiter of a service and key, the same for all runs of this process; call it in the loop."""
    key = b"" if endpoint.key is None else hashlib.sha256(endpoint.key.get_secret_value().encode()).digest()
    limits = (endpoint.requests_per_minute, endpoint.tokens_per_minute, endpoint.concurrency, WINDOW)
    name = (endpoint.provider, endpoint.base_url, key, *limits)
    known = _limiters.setdefault(asyncio.get_running_loop(), {})
    if name not in known:
        known[name] = Limiter(endpoint, WINDOW)
    return known[name]
