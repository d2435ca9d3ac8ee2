"""How many requests are under way: few at first, more while a service keeps up, half when it does not."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_FIRST = 4


class Slots:
    """Places for requests that are under way.

    Parameters
    ----------
    most
        Places there are at most.

    Attributes
    ----------
    open
        Places there are now.
    taken
        Places in use; more than `open` for a while after it was halved.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.open = min(_FIRST, most)
        self.taken = 0
        self._good = 0
        self._halved = float("-inf")
        self._waiting: deque[asyncio.Future[None]] = deque()

    @contextlib.asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Take a place, first come, first served."""
        if self.taken >= self.open or self._waiting:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():  # it was given one just now
                    self._leave()
                raise
        else:
            self.taken += 1
        try:
            yield
        finally:
            self._leave()

    def good(self) -> None:
        """Count an answer; after as many as there are places there is one more."""
        self._good += 1
        if self._good >= self.open:
            self._good = 0
            if self.open < self._most:
                self.open += 1
                self._hand_out()

    def strained(self, sent_at: float) -> None:
        """Halve the places; what was sent before that, and is refused after it, says nothing new.

        Parameters
        ----------
        sent_at
            When the request was sent that the service was too busy for, in the loop's time.
        """
        if sent_at >= self._halved:
            self._halved = asyncio.get_running_loop().time()
            self.open, self._good = max(1, self.open // 2), 0

    def _leave(self) -> None:
        self.taken -= 1
        self._hand_out()

    def _hand_out(self) -> None:
        while self._waiting and self.taken < self.open:
            turn = self._waiting.popleft()
            if not turn.done():
                self.taken += 1
                turn.set_result(None)
