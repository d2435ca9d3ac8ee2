"""What a user relies on with keys: only their own is sent, to where they said, and nothing shows it."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import anthropic_wire
import google_wire
import pytest
from api_server import serving
from desk import ANTHROPIC, GOOGLE, Desk, Provider, desk_of

from lorairo.annotators.anthropic import Anthropic
from lorairo.annotators.google import Google
from lorairo.config.secret import Secret

OTHERS = {
    "ANTHROPIC_API_KEY": "sk-ant-api03-somebody-elses-key-0000",
    "ANTHROPIC_AUTH_TOKEN": "somebody-elses-token",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
    "ANTHROPIC_CUSTOM_HEADERS": "authorization: Bearer somebodys\nX-Api-Key: somebodys\nX-Gateway: somebodys",
    "ANTHROPIC_PROFILE": "default",
    "GOOGLE_API_KEY": "AIzaSySomebodyElsesKey0123456789",
    "GEMINI_API_KEY": "AIzaSyAnotherSomebodysKey0123456789",
    "GOOGLE_GENAI_USE_VERTEXAI": "true",
    "GOOGLE_GENAI_USE_ENTERPRISE": "true",
    "GOOGLE_CLOUD_PROJECT": "somebodys-project",
    "GOOGLE_CLOUD_LOCATION": "europe-west1",
    "GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:9",
}
LOGGERS = ("anthropic", "google_genai", "httpx2", "httpcore2")


@pytest.fixture(params=[ANTHROPIC, GOOGLE], ids=["anthropic", "google"], scope="module")
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with desk_of(request.param) as desk:
        yield desk


@pytest.fixture
def provider(desk: Desk) -> Provider:
    return desk.provider


@pytest.fixture
def lying_about(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keys, addresses and a profile that other programs may have left."""
    for name, value in OTHERS.items():
        monkeypatch.setenv(name, value)
    configs = tmp_path / "configs"
    configs.mkdir()
    profile = {"version": "1.0", "authentication": {"type": "user_oauth"}}
    (configs / "default.json").write_text(json.dumps(profile), encoding="utf-8")
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path))


@pytest.mark.usefixtures("lying_about")
def test_without_a_key_nothing_is_sent_whatever_lies_about(provider: Provider) -> None:
    with serving(lambda _: provider.wire.answer("A dog")) as server:
        ended = provider.ask(provider.endpoint(server.url, key=None))
        assert not server.received
    assert ended.ending == "auth"
    assert f"{provider.name} has no key" in ended.message


@pytest.mark.usefixtures("lying_about")
def test_the_environment_moves_neither_key_nor_address_nor_headers(provider: Provider) -> None:
    with serving(lambda _: provider.wire.answer("A dog")) as server:
        assert provider.ask(provider.endpoint(server.url)).ending == "ok"
        (came,) = server.received
    assert provider.key in " ".join(came.headers.values())
    assert "somebody" not in repr(came.headers).lower()
    assert came.path in ("/v1/messages", f"/v1/models/{google_wire.MODEL}:generateContent")


@pytest.mark.usefixtures("lying_about")
def test_without_an_address_in_the_settings_it_is_the_providers_own() -> None:
    claude, gemini = Anthropic(ANTHROPIC.endpoint(None)).client, Google(GOOGLE.endpoint(None)).client
    assert claude is not None
    assert gemini is not None
    assert str(claude.base_url).rstrip("/") == "https://api.anthropic.com"
    assert gemini._api_client._http_options.base_url == "https://generativelanguage.googleapis.com"


@pytest.mark.parametrize("added", ["\nX-Other: 1", "…", " and more"])
def test_a_key_that_no_header_takes_is_told_without_being_shown(provider: Provider, added: str) -> None:
    with serving(lambda _: provider.wire.answer("A dog")) as server:
        ended = provider.ask(provider.endpoint(server.url, key=Secret(provider.key + added)))
        assert not server.received
    assert ended.ending == "auth"
    assert provider.key not in repr(ended)


def test_the_key_stands_in_one_header_alone_and_no_name_of_a_file_is_sent(desk: Desk) -> None:
    key = desk.provider.key
    came = desk.received(system="You write captions.")
    assert [name.lower() for name, value in came.headers.items() if key in value] == [
        "authorization" if desk.provider is ANTHROPIC else "x-goog-api-key"
    ]
    assert "?" not in came.path
    said = json.dumps(came.body).lower()
    assert key.lower() not in said
    assert "filename" not in said
    assert "displayname" not in said


@pytest.mark.parametrize("status", [200, 400, 401, 429, 500])
def test_a_service_that_repeats_the_key_does_not_bring_it_into_an_outcome(desk: Desk, status: int) -> None:
    key, wire = desk.provider.key, desk.provider.wire
    words = f"key {key} " * 30
    ended = desk.outcome(wire.answer(words) if status == 200 else wire.error(status, key, words))
    assert key not in repr(ended)


def test_the_key_stands_in_no_repr(desk: Desk) -> None:
    where = desk.provider.endpoint(desk.server.url)
    for shown in (repr(where), repr(desk.client), repr(vars(desk.client))):
        assert desk.provider.key not in shown


def test_the_key_stands_in_no_log_even_of_the_libraries(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    before = {name: logging.getLogger(name).level for name in LOGGERS}
    with caplog.at_level(logging.DEBUG):
        for name in LOGGERS:
            logging.getLogger(name).setLevel(logging.DEBUG)
        try:
            desk.outcome(desk.provider.wire.bad_key())
            desk.outcome(desk.provider.wire.dropped())
        finally:
            for name, level in before.items():
                logging.getLogger(name).setLevel(level)
    assert "HTTP Request" in caplog.text
    assert desk.provider.key not in caplog.text


def test_the_key_stands_in_no_log_when_the_library_is_told_to_log_all() -> None:
    """Anthropic's library reads the variable when it is imported: another process shows what it does."""
    with serving(lambda _: anthropic_wire.bad_key()) as server:
        told = {"ANTHROPIC_LOG": "debug", "LORAIRO_TEST_URL": server.url, "LORAIRO_TEST_KEY": ANTHROPIC.key}
        done = subprocess.run(
            [sys.executable, "-c", _TALKATIVE],
            env={**os.environ, **told, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    assert "Request options" in done.stderr
    assert done.stdout.strip() == "auth"
    assert ANTHROPIC.key not in done.stderr + done.stdout


_TALKATIVE = """
import asyncio, os
from lorairo.annotators.anthropic import Anthropic
from lorairo.config.secret import Secret
from lorairo.services.asking import Service
from lorairo.services.calls import Picture, Request
from lorairo.services.endpoint import Endpoint

async def main():
    key = Secret(os.environ.pop("LORAIRO_TEST_KEY"))
    client = Anthropic(Endpoint("anthropic", "anthropic", os.environ["LORAIRO_TEST_URL"], key))
    picture = Picture(b"picture", "image/jpeg", 8, 8, b"")
    outcome = await client.ask(Request("claude-haiku-4-5", Service(), "", "What is on it?", picture))
    await client.close()
    print(outcome.ending)

asyncio.run(main())
"""
