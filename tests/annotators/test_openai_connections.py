"""The connection to OpenAI, its key, and the environment."""

from __future__ import annotations

import asyncio
import base64
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import openai_wire as wire
import pytest
from api_server import Received, Sent, serving
from openai_desk import (
    KEY,
    PICTURE,
    asked,
    endpoint,
    header,
    nobodys_environment,
    outcome,
    question,
    received,
)

from lorairo.annotators.openai import OpenAI
from lorairo.config.secret import Secret
from lorairo.errors import ModelError
from lorairo.services.calls import Outcome
from lorairo.services.endpoint import client_of

__all__ = ["nobodys_environment"]  # a fixture of all tests here


def test_an_answer_is_waited_for_no_longer_than_the_settings_say() -> None:
    never = threading.Event()
    with serving(lambda _: Sent(body={}, wait=never)) as server:
        ended = asked(endpoint(server.url, timeout=0.2))
        never.set()
    assert (ended.ending, ended.retryable) == ("timeout", True)
    assert "within 0.2 s" in ended.message
    assert "providers.openai.timeout" in ended.message


def test_a_server_that_keeps_sending_blanks_is_not_waited_for_for_ever() -> None:
    async def blanks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await asyncio.sleep(0.02)  # the pace of the server: nothing is waited for

    async def once() -> Outcome:
        async with await asyncio.start_server(blanks, "127.0.0.1") as server:
            port = server.sockets[0].getsockname()[1]
            client = OpenAI(endpoint(f"http://127.0.0.1:{port}", timeout=0.3))
            ended = await client.ask(question())
            await client.close()
            return ended

    assert asyncio.run(once()).ending == "timeout"


def test_nobody_at_the_address_is_said_with_the_address() -> None:
    with serving(lambda _: wire.chat("")) as server:
        url = server.url
    ended = asked(endpoint(url))
    assert (ended.ending, ended.retryable) == ("connection", True)
    assert f"{url}/v1" in ended.message


def test_cancelling_is_the_one_thing_that_raises() -> None:
    there, never = threading.Event(), threading.Event()

    def script(_: Received) -> Sent:
        there.set()
        return Sent(body={}, wait=never)

    async def cancelled(url: str) -> None:
        client = OpenAI(endpoint(url))
        asking = asyncio.create_task(client.ask(question()))
        assert await asyncio.to_thread(there.wait, 20)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await client.close()

    with serving(script) as server:
        asyncio.run(cancelled(server.url))
        never.set()


def test_a_picture_is_not_sent_on_to_another_address() -> None:
    with serving(lambda _: wire.chat("A dog")) as other:
        moved = Sent(307, "", {"location": f"{other.url}/v1/chat/completions"})
        assert outcome(moved).ending == "not_found"
        assert not other.received


# ------------------------------------------------------------------------------------------------------ keys


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_a_key_that_is_repeated_is_shown_to_nobody(status: int) -> None:
    ended = outcome(
        wire.error(status, KEY, f"Incorrect API key provided: {KEY}. Authorization: Bearer {KEY}")
    )
    assert KEY not in repr(ended)
    assert KEY[8:-8] not in repr(ended)


def test_a_key_of_any_shape_is_shown_to_nobody() -> None:
    plain = "correct-horse-battery-staple"
    with serving(lambda _: wire.error(500, None, f"received {plain}")) as server:
        ended = asked(endpoint(server.url, key=Secret(plain)))
    assert plain not in repr(ended)


def test_a_key_that_an_answer_repeats_is_shown_to_nobody() -> None:
    ended = outcome(wire.chat(f"The sign reads {KEY}"))
    assert ended.ending == "ok"
    assert ended.text.startswith("The sign reads sk-p***")


@pytest.mark.parametrize("key", ["sk-“quoted”-0123456789abcdef", "sk-proj-line\nbreak0123456789"])
def test_a_key_that_no_header_takes_is_named_as_the_fault(key: str) -> None:
    with serving(lambda _: wire.chat("A dog")) as server:
        ended = asked(endpoint(server.url, key=Secret(key)))
        assert not server.received
    assert (ended.ending, "copy it once more" in ended.message) == ("auth", True)
    assert key not in repr(ended)


def test_what_libraries_log_holds_no_key_and_no_picture(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for sent in (wire.chat("A dog"), wire.bad_key(), wire.broken(), wire.cut()):
            outcome(sent)
    told = " ".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "HTTP" in told
    assert KEY not in told
    assert base64.b64encode(PICTURE.data).decode() not in told


def test_the_sdks_own_debug_log_holds_no_key(tmp_path: Path) -> None:
    program = tmp_path / "ask.py"
    program.write_text(
        f"import asyncio, sys\n"
        f"from lorairo.annotators.openai import OpenAI\n"
        f"from lorairo.config.secret import Secret\n"
        f"from lorairo.services.asking import Service\n"
        f"from lorairo.services.calls import Picture, Request\n"
        f"from lorairo.services.endpoint import Endpoint\n"
        f"picture = Picture(b'0', 'image/png', 1, 1, b'')\n"
        f"async def main():\n"
        f"    client = OpenAI(Endpoint('openai', 'openai', sys.argv[1], Secret({KEY!r})))\n"
        f"    print(await client.ask(Request('m', Service(), '', 'Describe it.', picture)), client)\n"
        f"    await client.close()\n"
        f"asyncio.run(main())\n",
        encoding="utf-8",
    )
    with serving(lambda _: wire.bad_key(KEY)) as server:
        ran = subprocess.run(
            [sys.executable, str(program), f"{server.url}/v1"],
            env={**os.environ, "OPENAI_LOG": "debug", "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ran.returncode == 0, ran.stderr
    assert "HTTP Response" in ran.stderr
    assert KEY not in ran.stdout + ran.stderr


# ----------------------------------------------------------------------------------------- the environment


def test_nothing_of_the_environment_moves_openai_but_whose_account_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer another\nX-Team: another")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-mine")
    assert str(OpenAI(endpoint(None)).client.base_url) == "https://api.openai.com/v1/"
    came = received()
    assert header(came, "openai-organization") == "org-mine"
    assert header(came, "openai-project") == "proj-mine"
    assert header(came, "authorization") == f"Bearer {KEY}"
    assert header(came, "x-team") is None


def test_nothing_of_the_environment_reaches_a_server_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    others = "sk-proj-someone-elses-0123456789"
    with serving(lambda _: wire.chat("A dog")) as elsewhere, serving(lambda _: wire.chat("A dog")) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{elsewhere.url}/v1")
        for variable in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID", "WEBHOOK_SECRET"):
            monkeypatch.setenv(f"OPENAI_{variable}", others)
        monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"Authorization: Bearer {others}\nX-Team: {others}")
        for key in (None, Secret(KEY)):
            assert asked(endpoint(server.url, provider="studio", key=key)).ending == "ok"
        assert not elsewhere.received
        assert others not in repr([came.headers for came in server.received])
        assert header(server.received[1], "authorization") == f"Bearer {KEY}"


def test_a_server_without_an_address_is_not_taken_for_openai(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(ModelError, match=r"providers\.studio\.base_url"):
        client_of(endpoint(None, provider="studio"))
