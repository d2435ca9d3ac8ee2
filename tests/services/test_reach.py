"""Whether servers at an address of one's own listen: known without a question and without a key."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from api_server import ApiServer, Sent, serving

from lorairo.services import reach


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with serving(lambda _received: Sent()) as server:
        yield server


def at(monkeypatch: pytest.MonkeyPatch, provider: str, address: str) -> None:
    monkeypatch.setenv(f"LORAIRO_PROVIDERS__{provider.upper()}__BASE_URL", address)


@pytest.fixture
def nobody() -> str:
    """An address of this machine where nothing listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/v1"


def test_a_provider_is_where_its_address_is(monkeypatch: pytest.MonkeyPatch):
    assert [reach.place_of(name) for name in ("openai", "anthropic", "google")] == [
        "OpenAI",
        "Anthropic",
        "Google",
    ]
    assert not reach.is_own("openai")
    at(monkeypatch, "studio", "http://studio:1234/v1")
    at(monkeypatch, "router", "https://router.example/api/v1")
    assert (reach.place_of("studio"), reach.place_of("router")) == ("studio:1234", "router.example")
    assert reach.is_own("studio")
    assert not reach.is_here("studio")
    at(monkeypatch, "studio", "http://localhost:1234/v1")
    assert reach.is_here("studio")


def test_those_that_listen_are_not_silent_and_are_asked_nothing(
    monkeypatch: pytest.MonkeyPatch, server: ApiServer, nobody: str
):
    at(monkeypatch, "here", f"{server.url}/v1")
    at(monkeypatch, "gone", nobody)
    assert reach.silent(["here", "gone", "openai"]) == ["gone"]
    assert server.received == []


def test_nobody_waits_long_for_a_server_that_lets_him_wait(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lorairo.services.reach._PATIENCE", 0.2)
    with closing(socket.socket()) as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        place = full.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(place)
        for name in ("a", "b", "c", "d"):
            at(monkeypatch, name, f"http://127.0.0.1:{place[1]}/v1")
        began = time.monotonic()
        assert reach.silent(["a", "b", "c", "d"]) == ["a", "b", "c", "d"]
        assert time.monotonic() - began < 5
        for one in waiting:
            one.close()


def test_what_only_a_proxy_could_reach_is_not_called_silent(monkeypatch: pytest.MonkeyPatch, nobody: str):
    at(monkeypatch, "away", "https://router.invalid/v1")
    monkeypatch.setenv("https_proxy", nobody)
    assert reach.silent(["away"]) == []
