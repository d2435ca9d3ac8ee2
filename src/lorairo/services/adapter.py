"""What every adapter does around its own way of asking: a time for the whole, and one outcome in the end."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from contextlib import contextmanager
from typing import TYPE_CHECKING, Generic, TypeVar

from lorairo.services.calls import CallError
from lorairo.services.exchange import connections, keyless, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lorairo.services.calls import Outcome, Request
    from lorairo.services.endpoint import Endpoint

Library = TypeVar("Library")


class Adapter(ABC, Generic[Library]):
    """Speaks with one service by the provider's library.

    Parameters
    ----------
    endpoint
        Where, with which key, and how long to wait.

    Attributes
    ----------
    endpoint
        As given.
    client
        The library's; None without a key to send, and then nothing is sent.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._http = connections(endpoint)  # of our own: which errors it has is known
        self.client = self._made()

    async def ask(self, request: Request, /) -> Outcome:
        """Ask about one picture. Whatever happens is an outcome; only cancelling raises."""
        try:
            with self._calling() as client:
                # Of the whole: a server that sends blanks is in time with each read, for ever.
                async with asyncio.timeout(self.endpoint.timeout):
                    return shown(await self._sent(client, request))
        except CallError as error:
            return error.outcome

    async def close(self) -> None:
        """Let its connections go."""
        await self._http.aclose()

    @contextmanager
    def _calling(self) -> Iterator[Library]:
        """Give the library's client, and turn whatever a call raises into a `CallError`."""
        if self.client is None:
            raise CallError(shown(keyless(self.endpoint)))
        try:
            yield self.client
        except CallError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, one question's trouble is told as an outcome
            raise CallError(shown(self.failure(error))) from None

    @abstractmethod
    def _made(self) -> Library | None:
        """Make the library's client: no retries, over the connections of the adapter."""

    @abstractmethod
    async def _sent(self, client: Library, request: Request) -> Outcome:
        """Send a question and read what came; whatever it raises is told by `failure`."""

    @abstractmethod
    def failure(self, error: Exception) -> Outcome:
        """Say how a call ended that raised."""
