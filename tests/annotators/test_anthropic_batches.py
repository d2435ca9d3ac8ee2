"""What a user relies on when Anthropic takes many questions at once: the library itself, a server of ours."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import anthropic_wire as wire
import pytest
from anthropic_batch_wire import Batches
from api_server import ApiServer, Received, Sent, serving

from lorairo.annotators.anthropic_batches import AnthropicBatches
from lorairo.config.secret import Secret
from lorairo.services.asking import Service
from lorairo.services.calls import CallError, Outcome, Parcel, Picture, Request, Sought, Submission
from lorairo.services.endpoint import Endpoint

KEY = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789"
PICTURE = Picture(bytes(range(256)) * 3, "image/jpeg", 640, 480, b"d" * 32)
MARK = "lorairo-0123456789abcdef"
T = TypeVar("T")


def question(prompt: str = "What is on it?", **service: Any) -> Request:
    return Request(wire.MODEL, Service(**service), "Be short.", prompt, PICTURE)


def called(server: ApiServer, work: Callable[[AnthropicBatches], Awaitable[T]], **more: Any) -> T:
    told = {"base_url": server.url, "key": Secret(KEY), "timeout": 20.0} | more

    async def once() -> T:
        client = AnthropicBatches(Endpoint("anthropic", "anthropic", **told))
        try:
            return await work(client)
        finally:
            await client.close()

    return asyncio.run(once())


async def handed_over(client: AnthropicBatches, *prompts: str, **service: Any) -> Submission:
    lines = [client.line(f"r{n}-a", question(prompt, **service)) for n, prompt in enumerate(prompts)]
    return await client.submit(Parcel(lines, wire.MODEL, MARK))


async def outcomes(client: AnthropicBatches, submission: Submission) -> dict[str, Outcome]:
    return dict([client.read(line) async for line in client.results(submission)])


async def ended(client: AnthropicBatches, submission: Submission) -> Submission:
    while submission.state in ("submitted", "running", "cancelling"):
        submission = await client.poll(submission)
    return submission


def sought(
    count: int = 1, *ids: str, known: frozenset[str] = frozenset(), since: float | None = None
) -> Sought:
    when = time.time() if since is None else since
    return Sought(MARK, frozenset(ids or ("r0-a",)), count, when, known)


@pytest.fixture
def answering() -> Iterator[tuple[Batches, ApiServer]]:
    batches = Batches(lambda asked: wire.answer(f"about {asked.prompt}"))
    with serving(batches) as server:
        yield batches, server


def test_questions_go_inline_as_single_ones_do(answering: tuple[Batches, ApiServer]) -> None:
    batches, server = answering
    submission = called(server, lambda client: handed_over(client, "one", "two", temperature=0.5))
    assert submission.state == "running"
    (lines,) = batches.lines
    assert [line["custom_id"] for line in lines] == ["r0-a", "r1-a"]
    read = wire.asked_of(lines[0]["params"])
    assert (read.prompt, read.system, read.picture) == ("one", "Be short.", PICTURE.data)
    assert lines[0]["params"]["temperature"] == 0.5  # what the library no longer names is sent all the same


def test_answers_come_by_their_id_whatever_their_order(answering: tuple[Batches, ApiServer]) -> None:
    _, server = answering

    async def all_of_it(client: AnthropicBatches) -> dict[str, Outcome]:
        return await outcomes(client, await ended(client, await handed_over(client, "one", "two")))

    came = called(server, all_of_it)
    assert list(came) == ["r1-a", "r0-a"]  # as this server gives them
    assert {name: outcome.text for name, outcome in came.items()} == {
        "r0-a": "about one",
        "r1-a": "about two",
    }
    used = came["r0-a"].usage
    assert (used.input, used.cached, used.output) == (900, 0, 60)


def test_results_are_fetched_where_all_else_is_and_the_key_goes_nowhere_else() -> None:
    with serving(lambda _: wire.html()) as elsewhere:
        batches = Batches(lambda _: wire.answer("fine"), results_at=elsewhere.url)
        with serving(batches) as server:

            async def all_of_it(client: AnthropicBatches) -> dict[str, Outcome]:
                return await outcomes(client, await ended(client, await handed_over(client, "one")))

            assert called(server, all_of_it)["r0-a"].text == "fine"
        assert elsewhere.received == []


FORMS: list[tuple[Sent, str]] = [
    (wire.refused(), "refusal"),  # it "succeeded"
    (wire.truncated(), "truncated"),
    (wire.filtered(), "policy_block"),
    (wire.bad_picture(), "invalid_image"),
    (wire.broken(), "server"),
    (wire.overloaded(), "server"),
    (wire.no_credit(), "quota_exhausted"),
]


@pytest.mark.parametrize(
    ("sent", "ending"), FORMS, ids=[f"{ending}-{n}" for n, (_, ending) in enumerate(FORMS)]
)
def test_a_line_ends_as_a_single_question_would(sent: Sent, ending: str) -> None:
    with serving(Batches(lambda asked: sent if asked.prompt == "bad" else wire.answer("fine"))) as server:

        async def all_of_it(client: AnthropicBatches) -> dict[str, Outcome]:
            return await outcomes(client, await ended(client, await handed_over(client, "bad", "good")))

        came = called(server, all_of_it)
    assert {name: outcome.ending for name, outcome in came.items()} == {"r0-a": ending, "r1-a": "ok"}


@pytest.mark.parametrize("ends", ["expired", "cancelled"])
def test_what_was_answered_before_the_end_is_kept_and_the_rest_says_why_not(ends: Any) -> None:
    with serving(Batches(lambda _: wire.answer("fine"), ends=ends)) as server:

        async def all_of_it(client: AnthropicBatches) -> tuple[Submission, dict[str, Outcome]]:
            submission = await ended(client, await handed_over(client, "one", "two"))
            return submission, await outcomes(client, submission)

        submission, came = called(server, all_of_it)
    assert submission.state == ends
    assert {name: outcome.ending for name, outcome in came.items()} == {"r0-a": "ok", "r1-a": ends}


def test_cancelling_lets_it_end(answering: tuple[Batches, ApiServer]) -> None:
    _, server = answering

    async def all_of_it(client: AnthropicBatches) -> list[str]:
        submission = await client.cancel(await handed_over(client, "one", "two"))
        return [submission.state, (await ended(client, submission)).state]

    assert called(server, all_of_it) == ["cancelling", "cancelled"]


def test_results_that_are_not_there_yet_are_an_error_of_ours(answering: tuple[Batches, ApiServer]) -> None:
    _, server = answering

    async def too_early(client: AnthropicBatches) -> dict[str, Outcome]:
        return await outcomes(client, await handed_over(client, "one"))

    with pytest.raises(CallError):
        called(server, too_early)


def test_forgetting_deletes_the_batch_and_what_is_gone_is_no_error(
    answering: tuple[Batches, ApiServer],
) -> None:
    batches, server = answering

    async def all_of_it(client: AnthropicBatches) -> None:
        submission = await ended(client, await handed_over(client, "one"))
        await client.forget(submission)
        await client.forget(submission)

    called(server, all_of_it)
    assert batches.deleted == list(batches.batches)


def test_a_lost_submission_is_known_by_its_answers_and_not_before(
    answering: tuple[Batches, ApiServer],
) -> None:
    _, server = answering

    async def all_of_it(client: AnthropicBatches) -> list[Any]:
        made = await handed_over(client, "one")
        with pytest.raises(CallError) as caught:
            await client.find(sought())
        await ended(client, made)
        found = await client.find(sought())
        assert found is not None
        return [
            caught.value.outcome.code,
            found.remote_id == made.remote_id,
            await client.find(sought(1, "r7-other")),  # somebody else's, of the same size
            await client.find(sought(2, "r0-a", "r1-a")),
            await client.find(sought(known=frozenset({made.remote_id}))),
            await client.find(sought(since=time.time() + 3600)),
        ]

    assert called(server, all_of_it) == ["not_yet", True, None, None, None, None]


@pytest.mark.parametrize(
    ("sent", "ending"),
    [
        (wire.html(), "server"),
        (wire.malformed(), "server"),
        (wire.dropped(), "connection"),
        (wire.broken(503), "server"),
        (wire.bad_key(), "auth"),
        (wire.error(404, "not_found_error", "Batch not found"), "not_found"),
    ],
    ids=["html", "malformed", "dropped", "503", "key", "gone"],
)
def test_whatever_a_poll_brings_is_one_kind_of_error(sent: Sent, ending: str) -> None:
    with serving(lambda _: sent) as server, pytest.raises(CallError) as caught:
        called(server, lambda client: client.poll(Submission("msgbatch_1", "running")))
    assert caught.value.outcome.ending == ending


def test_without_a_key_nothing_is_sent(answering: tuple[Batches, ApiServer]) -> None:
    _, server = answering
    with pytest.raises(CallError) as caught:
        called(server, lambda client: client.poll(Submission("msgbatch_1", "running")), key=None)
    assert caught.value.outcome.ending == "auth"
    assert server.received == []


def test_a_line_may_hold_what_unicode_calls_the_end_of_one() -> None:
    with serving(Batches(lambda _: wire.answer("one\u2028two\x85three"))) as server:

        async def all_of_it(client: AnthropicBatches) -> dict[str, Outcome]:
            return await outcomes(client, await ended(client, await handed_over(client, "one")))

        assert called(server, all_of_it)["r0-a"].text == "one\u2028two\x85three"


def test_other_lines_are_no_results() -> None:
    for line in (
        b"<html>",
        b'{"custom_id": "r1"}',
        b"[]",
        b'{"custom_id": "r1", "response": {}, "error": null}',
    ):
        with pytest.raises(ValueError, match=r"no line|Expecting"):
            AnthropicBatches.read(line)


def test_one_submission_stays_below_what_anthropic_takes() -> None:
    assert AnthropicBatches.most_requests <= 100_000
    assert AnthropicBatches.most_bytes <= 256_000_000


def test_a_refusal_of_the_whole_is_no_submission(answering: tuple[Batches, ApiServer]) -> None:
    def refusing(received: Received) -> Sent:
        return wire.too_large()

    with serving(refusing) as server, pytest.raises(CallError):
        called(server, lambda client: handed_over(client, "one"))
