"""A desk to ask services at: an adapter with the unmodified library behind it, and a server of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import anthropic_wire
import google_wire
from api_server import ApiServer, Received, Sent, serving

from lorairo.annotators.anthropic import Anthropic
from lorairo.annotators.google import Google
from lorairo.config.secret import Secret
from lorairo.services.asking import Service
from lorairo.services.calls import Outcome, Picture, Request
from lorairo.services.endpoint import Endpoint

PICTURE = Picture(bytes(range(256)) * 3, "image/webp", 640, 480, b"d" * 32)


@dataclass(frozen=True)
class Provider:
    """Who is asked: by which adapter, with which key, and how it answers on the wire."""

    name: str
    adapter: type[Anthropic | Google]
    wire: ModuleType
    key: str

    def endpoint(self, url: str | None, **more: Any) -> Endpoint:
        told = {"base_url": url, "key": Secret(self.key), "timeout": 20.0} | more
        return Endpoint(self.name, self.name, **told)

    def question(self, *, schema: dict[str, Any] | None = None, system: str = "", **service: Any) -> Request:
        return Request(self.wire.MODEL, Service(**service), system, "What is on it?", PICTURE, schema)

    def ask(self, where: Endpoint, request: Request | None = None) -> Outcome:
        """Ask with a client of its own, made in the surroundings of the test."""

        async def once() -> Outcome:
            client = self.adapter(where)
            try:
                return await client.ask(request or self.question())
            finally:
                await client.close()

        return asyncio.run(once())


ANTHROPIC = Provider(
    "anthropic", Anthropic, anthropic_wire, "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789"
)
GOOGLE = Provider("google", Google, google_wire, "AIzaSyAbcdefghijklmnopqrstuvwxyz0123456")


class Desk:
    """One client at one server, which is told before each question what to answer, and asked once."""

    def __init__(self, provider: Provider, server: ApiServer, runner: asyncio.Runner) -> None:
        self.provider, self.server, self.runner = provider, server, runner
        self.client = runner.run(self._made())

    async def _made(self) -> Anthropic | Google:
        return self.provider.adapter(self.provider.endpoint(self.server.url))

    def outcome(self, sent: Sent, request: Request | None = None) -> Outcome:
        self.server.script = lambda _: sent
        self.server.received.clear()
        ended = self.runner.run(self.client.ask(request or self.provider.question()))
        assert len(self.server.received) == 1
        return ended

    def received(self, **question: Any) -> Received:
        ended = self.outcome(self.provider.wire.answer("A dog"), self.provider.question(**question))
        assert ended.ending == "ok"
        return self.server.received[0]

    def asked(self, **question: Any) -> Any:
        return self.provider.wire.asked(self.received(**question))


@contextmanager
def desk_of(provider: Provider) -> Iterator[Desk]:
    """Open a desk until the block ends."""
    with serving(lambda _: provider.wire.html()) as server, asyncio.Runner() as runner:
        desk = Desk(provider, server, runner)
        try:
            yield desk
        finally:
            runner.run(desk.client.close())
