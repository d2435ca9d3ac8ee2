"""What a user relies on when the way to a service is bad, whichever service it is."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator

import pytest
from api_server import ApiServer, Received, Sent, serving
from desk import ANTHROPIC, GOOGLE, PICTURE, Desk, Provider, desk_of

from lorairo.services.asking import Service
from lorairo.services.calls import STOPS, Outcome, Request


@pytest.fixture(params=[ANTHROPIC, GOOGLE], ids=["anthropic", "google"], scope="module")
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with desk_of(request.param) as desk:
        yield desk


@pytest.fixture
def provider(desk: Desk) -> Provider:
    return desk.provider


@pytest.mark.parametrize("status", [200, 403, 502])
def test_a_page_of_a_proxy_is_no_answer_and_is_not_repeated(desk: Desk, status: int) -> None:
    ended = desk.outcome(desk.provider.wire.html(status))
    assert ended.ending == ("auth" if status == 403 else "server")
    assert "Sign in" not in ended.message


@pytest.mark.parametrize(
    "body", ['{"id": "msg_1", "content": [{"type": "te', "{}", "[]", '"words"', "", "[" * 5000, b"\xff\xfe{"]
)
def test_a_body_that_is_none_of_the_service_is_no_answer(desk: Desk, body: str | bytes) -> None:
    ended = desk.outcome(Sent(200, body))
    assert ended.ending == "server"
    assert ended.retryable


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        '"words"',
        '{"error": 3}',
        '{"error": {"type": 7, "details": 7}}',
        '{"error": {"details": [{"violations": 7}]}}',
        b"\xff\xfe{",
    ],
)
def test_an_error_in_a_shape_nobody_knows_goes_by_its_status(desk: Desk, body: str | bytes) -> None:
    assert desk.outcome(Sent(500, body)).ending == "server"


def test_json_that_breaks_off_is_no_answer(desk: Desk) -> None:
    ended = desk.outcome(desk.provider.wire.malformed())
    assert ended.ending == "server"
    assert ended.retryable


def test_an_answer_that_breaks_off_is_a_lost_connection(desk: Desk) -> None:
    ended = desk.outcome(desk.provider.wire.cut())
    assert ended.ending == "connection"
    assert ended.retryable


def test_no_answer_at_all_is_a_lost_connection(desk: Desk) -> None:
    ended = desk.outcome(desk.provider.wire.dropped())
    assert ended.ending == "connection"
    assert ended.retryable
    assert not ended.message.endswith(": ")


def test_nobody_there_is_no_connection(provider: Provider) -> None:
    with serving(lambda _: provider.wire.answer("A dog")) as server:
        url = server.url
    ended = provider.ask(provider.endpoint(url))
    assert ended.ending == "connection"
    assert f"cannot be reached at {url}" in ended.message


def test_an_answer_that_takes_too_long_is_given_up(provider: Provider) -> None:
    done = threading.Event()
    with serving(lambda _: Sent(wait=done)) as server:
        try:
            ended = provider.ask(provider.endpoint(server.url, timeout=0.3))
            assert len(server.received) == 1
        finally:
            done.set()
    assert ended.ending == "timeout"
    assert ended.retryable
    assert f"providers.{provider.name}.timeout" in ended.message


def test_a_slow_answer_is_waited_for_as_long_as_the_settings_say(desk: Desk) -> None:
    """The library of Google takes milliseconds: twenty of them would be over."""
    answer = desk.provider.wire.answer("A dog")
    assert desk.outcome(Sent(200, answer.body, delay=0.3)).ending == "ok"


def test_a_redirect_is_not_followed(desk: Desk) -> None:
    def other(_: Received) -> Sent:
        raise AssertionError("the picture went elsewhere")

    with serving(other) as elsewhere:
        ended = desk.outcome(Sent(307, "", {"location": f"{elsewhere.url}/v1/messages"}))
        assert not elsewhere.received
    assert ended.ending in STOPS
    assert "base_url" in ended.message


def test_a_question_that_cannot_be_asked_is_an_outcome_too(provider: Provider) -> None:
    with serving(lambda _: provider.wire.answer("A dog")) as server:
        nameless = Request("", Service(), "", "What is on it?", PICTURE, {"no": "type"})
        ended = provider.ask(provider.endpoint(server.url), nameless)
        assert not server.received
    assert ended.ending == "bad_request"


def test_cancelling_cancels(provider: Provider) -> None:
    done, came = threading.Event(), threading.Event()

    def hold(_: Received) -> Sent:
        came.set()
        return Sent(wait=done)

    async def cancelled(server: ApiServer) -> None:
        client = provider.adapter(provider.endpoint(server.url))
        task = asyncio.create_task(client.ask(provider.question()))
        await asyncio.to_thread(came.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await client.close()

    with serving(hold) as server:
        try:
            asyncio.run(cancelled(server))
        finally:
            done.set()


def test_many_are_asked_at_once_by_one_client_that_outlives_a_collection(provider: Provider) -> None:
    everyone = threading.Barrier(6, timeout=30)

    def together(_: Received) -> Sent:
        everyone.wait()
        return provider.wire.answer("A dog")

    async def all_of(url: str) -> list[Outcome]:
        client = provider.adapter(provider.endpoint(url))
        try:
            found = []
            for _ in range(2):
                found += await asyncio.gather(*(client.ask(provider.question()) for _ in range(6)))
                gc.collect()
            return found
        finally:
            await client.close()

    with serving(together) as server:
        ended = asyncio.run(all_of(server.url))
        assert len(server.received) == 12
    assert [one.text for one in ended] == ["A dog"] * 12
