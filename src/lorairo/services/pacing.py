"""How fast a service is asked: as many requests and tokens a minute as its limits allow, evenly.

aiolimiter keeps the rate: a bucket that leaks, and who would make it overflow waits. By itself it lets as
much as a whole minute's limit through at once, at the start and after every pause, and that much again during
the minute that follows; a service that counts over a sliding minute has refused half of it by then. It serves
small amounts first, so that a large picture may wait for ever. And it knows of no delay between here and
there. So here

- a bucket holds no more than a hundredth of the limit, which is enough to make up for the moments a thread
  woke late, and starts full: the first minute is as even as all others;
- a minute is taken to be four hundredths longer than it is: over any minute of the service's clock the sum of
  both is below the limit, even when requests take up to two seconds more or less to get there. 96 of 100
  allowed requests are made;
- there is a queue before it, so that who came first is served first.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from aiolimiter import AsyncLimiter

from lorairo.services.slots import Slots

if TYPE_CHECKING:
    from lorairo.services.endpoint import Endpoint

WINDOW = 60.0
"""Seconds that limits are meant for."""

_LONGER = 1.04  # times the window over which no more than the limit is sent
_HELD = 0.01  # of the limit: what may be caught up with at once
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
        tokens = endpoint.tokens_per_minute
        self._tokens = None if tokens is None else _Bucket(tokens * part, window)
        self._seen: deque[int] = deque(maxlen=_REMEMBERED)
        self._owed = 0.0
        self._door = asyncio.Lock()
        self._now = asyncio.get_running_loop().time
        self._until = 0.0
        self.ahead = max(2, round(self._requests.rate * _AHEAD) + 1)

    async def turn(self, most: int) -> float:
        """Wait until a request may be sent; send it at once then.

        Parameters
        ----------
        most
            Tokens it takes at most: what is counted until answers have told how many they really are.

        Returns
        -------
        float
            Tokens it was counted with, for `used`.
        """
        async with self._door:
            await self._calm()
            await self._requests.enter(1.0)
            amount = 0.0
            if self._tokens is not None:
                amount = self._guess(most)
                owed, self._owed = self._owed, 0.0
                await self._tokens.enter(max(0.0, amount + min(0.0, owed)), beside=max(0.0, owed))
                self._owed += min(0.0, amount + owed)
            await self._calm()  # somebody may have been told to wait meanwhile
            return amount

    def used(self, counted: float, really: int | None) -> None:
        """Count what an answer really took; the difference is made up for by the next ones."""
        if really is not None:
            self._seen.append(really)
            self._owed += really - counted

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


class _Bucket:
    """A limit over a sliding window: what the bucket holds and what leaks in a window stay below it.

    It is as large as the largest single amount, if that is more than its usual size; less leaks then.
    """

    def __init__(self, limit: float, window: float) -> None:
        self._limit, self._window = limit, window
        self._usual = self._size = max(1.0, limit * _HELD)
        self._limiter: AsyncLimiter | None = None

    @property
    def rate(self) -> float:
        """What leaks in a second."""
        left = max(self._limit - (self._size - self._usual), self._limit / 2)
        return left / (self._window * _LONGER)

    async def enter(self, amount: float, *, beside: float = 0.0) -> None:
        """Let one request through that counts so much, after what counts beside it."""
        limiter = self._limiter
        if limiter is None or amount > self._size:
            self._size = max(self._size, amount)
            first, self._limiter = limiter is None, AsyncLimiter(self._size, self._size / self.rate)
            limiter = self._limiter
            await limiter.acquire(self._size - (amount if first else 0.0))  # it starts full
        while beside > 0:
            part = min(beside, self._size)
            await limiter.acquire(part)
            beside -= part
        await limiter.acquire(amount)


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
