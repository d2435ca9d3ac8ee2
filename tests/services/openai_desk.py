"""OpenAI asked one question at a server of ours: what is sent, and what comes of it."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import openai_wire as wire
import pytest
from api_server import Received, Sent, serving

from lorairo.config.secret import Secret
from lorairo.services.asking import Service
from lorairo.services.calls import Outcome, Picture, Request
from lorairo.services.endpoint import Endpoint, client_of

KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD"
PICTURE = Picture(bytes(range(256)) * 3, "image/webp", 640, 480, b"d" * 32)
SCHEMA = {
    "type": "object",
    "properties": {"caption": {"type": "string"}, "rating": {"type": "string", "default": "general"}},
    "required": ["caption"],
}
STRICT = {
    "type": "object",
    "properties": {
        "caption": {"type": "string"},
        "rating": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["caption", "rating"],
    "additionalProperties": False,
}
RESPONSES = {"api": "responses"}


@pytest.fixture(autouse=True)
def nobodys_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [name for name in os.environ if name.startswith("OPENAI_")]:
        monkeypatch.delenv(variable)


def question(*, schema: dict[str, Any] | None = None, system: str = "", **service: Any) -> Request:
    return Request(wire.MODEL, Service(**service), system, "What is on it?", PICTURE, schema)


def endpoint(url: str | None, **more: Any) -> Endpoint:
    told = {"provider": "openai", "backend": "openai", "key": Secret(KEY), "timeout": 20.0}
    return Endpoint(**(told | {"base_url": url and f"{url}/v1"} | more))


def asked(where: Endpoint, request: Request | None = None) -> Outcome:
    async def once() -> Outcome:
        client = client_of(where)
        try:
            return await client.ask(request or question())
        finally:
            await client.close()

    return asyncio.run(once())


def outcome(sent: Sent, **service: Any) -> Outcome:
    """Ask a server that has one answer; whatever it is, it is asked once, and no key is in what is told."""
    with serving(lambda _: sent) as server:
        ended = asked(endpoint(server.url), question(**service))
        assert len(server.received) == 1
    assert KEY not in repr(ended)
    return ended


def received(**service: Any) -> Received:
    """Return what a question looks like on the way to OpenAI itself."""
    answer = wire.response("ok") if service.get("api") == "responses" else wire.chat("ok")
    with serving(lambda _: answer) as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr("lorairo.annotators.openai._ADDRESS", f"{server.url}/v1")
        assert asked(endpoint(None), question(**service)).ending == "ok"
        return server.received[0]


def header(came: Received, name: str) -> str | None:
    return {key.lower(): value for key, value in came.headers.items()}.get(name)
