"""A desk to hand many questions over at: an adapter with its unmodified library, and a server of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar

import anthropic_batch_wire
import anthropic_wire
import google_batch_wire
import google_wire
import openai_batch_wire
import openai_wire
from api_server import ApiServer, Received, Sent, serving
from batch_wire import Taking

from lorairo.annotators.anthropic_batches import AnthropicBatches
from lorairo.annotators.google_batches import GoogleBatches
from lorairo.annotators.openai_batches import OpenAIBatches
from lorairo.config.secret import Secret
from lorairo.services.asking import Service
from lorairo.services.calls import Outcome, Parcel, Picture, Request, Submission
from lorairo.services.endpoint import Endpoint

PICTURE = Picture(bytes(range(256)) * 3, "image/jpeg", 640, 480, b"d" * 32)
MARK = "lorairo-0123456789abcdef"
T = TypeVar("T")


@dataclass(frozen=True)
class Taker:
    """Who takes questions: by which adapter, with which key, and how it speaks on the wire.

    Attributes
    ----------
    says
        How it answers one question.
    takes
        The service itself, called with what becomes of each question.
    under
        What its address ends in.
    makes
        What the path of a request that makes a batch ends in.
    """

    name: str
    adapter: Any
    wire: ModuleType
    says: Callable[[str], Sent]
    takes: Callable[..., Taking]
    key: str
    makes: str
    under: str = ""

    def question(self, prompt: str = "What is on it?", **service: Any) -> Request:
        return Request(self.wire.MODEL, Service(**service), "Be short.", prompt, PICTURE)

    def called(self, server: ApiServer, work: Callable[[Any], Awaitable[T]], **more: Any) -> T:
        """Do some work with a client of its own."""
        told = {"base_url": f"{server.url}{self.under}", "key": Secret(self.key), "timeout": 20.0} | more

        async def once() -> T:
            client = self.adapter(Endpoint(self.name, self.name, **told))
            try:
                return await work(client)
            finally:
                await client.close()

        return asyncio.run(once())

    async def handed_over(self, client: Any, *prompts: str, **service: Any) -> Submission:
        lines = [client.line(f"r{n}-a", self.question(text, **service)) for n, text in enumerate(prompts)]
        submission: Submission = await client.submit(Parcel(lines, self.wire.MODEL, MARK))
        return submission

    def all_of_it(self, server: ApiServer, *prompts: str) -> tuple[Submission, dict[str, Outcome]]:
        """Hand questions over, wait for the end, and read what came of each."""

        async def work(client: Any) -> tuple[Submission, dict[str, Outcome]]:
            submission = await ended(client, await self.handed_over(client, *prompts))
            return submission, await outcomes(client, submission)

        return self.called(server, work)

    def is_making(self, received: Received) -> bool:
        """Whether a request makes a batch."""
        return received.method == "POST" and received.path.partition("?")[0].endswith(self.makes)


@contextmanager
def echoing(taker: Taker) -> Iterator[tuple[Any, ApiServer]]:
    """Serve what answers each question with what it was."""
    service = taker.takes(lambda asked: taker.says(f"about {asked.prompt}"))
    with serving(service) as server:
        yield service, server


async def outcomes(client: Any, submission: Submission) -> dict[str, Outcome]:
    return dict([client.read(line) async for line in client.results(submission)])


async def ended(client: Any, submission: Submission) -> Submission:
    while submission.state in ("submitted", "running", "cancelling"):
        submission = await client.poll(submission)
    return submission


OPENAI = Taker(
    "openai",
    OpenAIBatches,
    openai_wire,
    openai_wire.chat,
    openai_batch_wire.Batches,
    "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789",
    "/batches",
    "/v1",
)
ANTHROPIC = Taker(
    "anthropic",
    AnthropicBatches,
    anthropic_wire,
    anthropic_wire.answer,
    anthropic_batch_wire.Batches,
    "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789",
    "/batches",
)
GOOGLE = Taker(
    "google",
    GoogleBatches,
    google_wire,
    google_wire.answer,
    google_batch_wire.Batches,
    "AIzaSyA-abcdefghijklmnopqrstuvwxyz01234",
    "batchGenerateContent",
)
