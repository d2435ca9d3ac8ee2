"""What a user relies on when Gemini takes many questions at once: the library itself, a server of ours."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import google_wire as wire
import pytest
from api_server import ApiServer, Received, Sent, serving
from google_batch_wire import Batches

from lorairo.annotators.google_batches import GoogleBatches
from lorairo.config.secret import Secret
from lorairo.services.asking import Service
from lorairo.services.calls import CallError, Outcome, Parcel, Picture, Request, Sought, Submission
from lorairo.services.endpoint import Endpoint

KEY = "AIzaSyA-abcdefghijklmnopqrstuvwxyz01234"
PICTURE = Picture(bytes(range(256)) * 3, "image/jpeg", 640, 480, b"d" * 32)
MARK = "lorairo-0123456789abcdef"
T = TypeVar("T")


def question(prompt: str = "What is on it?", **service: Any) -> Request:
    return Request(wire.MODEL, Service(**service), "Be short.", prompt, PICTURE)


def called(server: ApiServer, work: Callable[[GoogleBatches], Awaitable[T]], **more: Any) -> T:
    told = {"base_url": server.url, "key": Secret(KEY), "timeout": 20.0} | more

    async def once() -> T:
        client = GoogleBatches(Endpoint("google", "google", **told))
        try:
            return await work(client)
        finally:
            await client.close()

    return asyncio.run(once())


async def handed_over(client: GoogleBatches, *prompts: str, **service: Any) -> Submission:
    lines = [client.line(f"r{n}-a", question(prompt, **service)) for n, prompt in enumerate(prompts)]
    return await client.submit(Parcel(lines, wire.MODEL, MARK))


async def outcomes(client: GoogleBatches, submission: Submission) -> dict[str, Outcome]:
    return dict([client.read(line) async for line in client.results(submission)])


async def ended(client: GoogleBatches, submission: Submission) -> Submission:
    while submission.state in ("submitted", "running", "cancelling"):
        submission = await client.poll(submission)
    return submission


def sought(mark: str = MARK) -> Sought:
    return Sought(mark, frozenset({"r0-a"}), 1, time.time())


@pytest.fixture
def answering() -> Iterator[tuple[Batches, ApiServer]]:
    batches = Batches(lambda asked: wire.answer(f"about {asked.prompt}"))
    with serving(batches) as server:
        yield batches, server


def test_questions_go_as_a_file_of_lines_and_one_batch_of_it(answering: tuple[Batches, ApiServer]) -> None:
    batches, server = answering
    submission = called(server, lambda client: handed_over(client, "one", "two"))
    assert submission.state == "submitted"
    assert submission.remote_id.startswith("batches/")
    (lines,) = batches.lines
    assert [line["key"] for line in lines] == ["r0-a", "r1-a"]
    read = wire.asked_of(lines[0]["request"])
    assert (read.prompt, read.system, read.picture) == ("one", "Be short.", PICTURE.data)
    (made,) = batches.batches.values()
    assert (made["model"], made["shown"]) == (f"models/{wire.MODEL}", MARK)
    assert submission.files == {"input": next(iter(batches.files))}


def test_a_file_of_one_line_goes_too(answering: tuple[Batches, ApiServer]) -> None:
    batches, server = answering
    called(server, lambda client: handed_over(client, "one"))
    assert [len(lines) for lines in batches.lines] == [1]


@pytest.mark.parametrize("prefix", ["BATCH_STATE", "JOB_STATE"])
def test_answers_come_by_their_key_whatever_their_order(prefix: str) -> None:
    with serving(Batches(lambda asked: wire.answer(f"about {asked.prompt}"), prefix=prefix)) as server:

        async def all_of_it(client: GoogleBatches) -> dict[str, Outcome]:
            return await outcomes(client, await ended(client, await handed_over(client, "one", "two")))

        came = called(server, all_of_it)
    assert list(came) == ["r1-a", "r0-a"]  # as this server gives them
    assert {name: outcome.text for name, outcome in came.items()} == {
        "r0-a": "about one",
        "r1-a": "about two",
    }
    used = came["r0-a"].usage
    assert (used.input, used.cached, used.output) == (900, 0, 60)


FORMS: list[tuple[Sent, str]] = [
    (wire.blocked(), "policy_block"),  # with status 200
    (wire.stopped("PROHIBITED_CONTENT"), "prohibited"),
    (wire.truncated(), "truncated"),
    (wire.thought_out(), "truncated"),
    (wire.nothing(), "empty"),
    (wire.bad_picture(), "invalid_image"),
    (wire.broken(), "server"),
]


@pytest.mark.parametrize(
    ("sent", "ending"), FORMS, ids=[f"{ending}-{n}" for n, (_, ending) in enumerate(FORMS)]
)
def test_a_line_ends_as_a_single_question_would(sent: Sent, ending: str) -> None:
    batches = Batches(
        lambda asked: sent if asked.prompt == "bad" else wire.answer("fine"), ends="PARTIALLY_SUCCEEDED"
    )
    with serving(batches) as server:

        async def all_of_it(client: GoogleBatches) -> dict[str, Outcome]:
            return await outcomes(client, await ended(client, await handed_over(client, "bad", "good")))

        came = called(server, all_of_it)
    assert {name: outcome.ending for name, outcome in came.items()} == {"r0-a": ending, "r1-a": "ok"}


@pytest.mark.parametrize("ends", ["EXPIRED", "CANCELLED"])
def test_what_was_answered_before_the_end_is_there(ends: Any) -> None:
    with serving(Batches(lambda _: wire.answer("fine"), ends=ends)) as server:

        async def all_of_it(client: GoogleBatches) -> tuple[Submission, dict[str, Outcome]]:
            submission = await ended(client, await handed_over(client, "one", "two"))
            return submission, await outcomes(client, submission)

        submission, came = called(server, all_of_it)
    assert submission.state == ends.lower()
    assert {name: outcome.ending for name, outcome in came.items()} == {"r0-a": "ok"}


def test_an_expired_batch_that_ran_nothing_has_no_results() -> None:
    with serving(Batches(lambda _: wire.answer("fine"), ends="EXPIRED")) as server:

        async def all_of_it(client: GoogleBatches) -> dict[str, Outcome]:
            return await outcomes(client, await ended(client, await handed_over(client, "one")))

        assert called(server, all_of_it) == {}


def test_a_failed_batch_says_that_nobody_knows_why() -> None:
    with serving(Batches(lambda _: wire.answer("fine"), ends="FAILED")) as server:

        async def all_of_it(client: GoogleBatches) -> Submission:
            return await ended(client, await handed_over(client, "one"))

        submission = called(server, all_of_it)
    assert submission.state == "failed"
    assert "nothing of why" in submission.message


def test_cancelling_lets_it_end(answering: tuple[Batches, ApiServer]) -> None:
    _, server = answering

    async def all_of_it(client: GoogleBatches) -> str:
        return (await client.cancel(await handed_over(client, "one", "two"))).state

    assert called(server, all_of_it) == "cancelled"


def test_forgetting_deletes_all_there_is_and_what_is_gone_is_no_error(
    answering: tuple[Batches, ApiServer],
) -> None:
    batches, server = answering

    async def all_of_it(client: GoogleBatches) -> None:
        submission = await ended(client, await handed_over(client, "one"))
        await client.forget(submission)
        await client.forget(submission)

    called(server, all_of_it)
    assert batches.files == {}
    assert set(batches.batches) <= set(batches.deleted)


def test_a_submission_whose_answer_was_lost_is_found_by_its_mark(
    answering: tuple[Batches, ApiServer],
) -> None:
    batches, server = answering

    async def all_of_it(client: GoogleBatches) -> tuple[Submission, Submission | None, Submission | None]:
        made = await handed_over(client, "one")
        return made, await client.find(sought()), await client.find(sought("lorairo-other"))

    made, found, other = called(server, all_of_it)
    assert found == made
    assert other is None
    assert len(batches.files) == 1


def test_a_file_that_no_batch_was_made_of_is_deleted_when_it_is_looked_for() -> None:
    batches = Batches(lambda _: wire.answer("fine"))

    def killed_between(received: Received) -> Sent:
        return wire.dropped() if "batchGenerateContent" in received.path else batches(received)

    with serving(killed_between) as server:
        with pytest.raises(CallError) as caught:
            called(server, lambda client: handed_over(client, "one"))
        assert caught.value.outcome.ending == "connection"
        assert len(batches.files) == 1
        assert called(server, lambda client: client.find(sought())) is None
    assert batches.files == {}


def test_a_batch_that_is_refused_leaves_no_file_behind() -> None:
    batches = Batches(lambda _: wire.answer("fine"))

    def refusing(received: Received) -> Sent:
        return wire.bad_key() if "batchGenerateContent" in received.path else batches(received)

    with serving(refusing) as server, pytest.raises(CallError) as caught:
        called(server, lambda client: handed_over(client, "one"))
    assert caught.value.outcome.ending == "auth"
    assert batches.files == {}


@pytest.mark.parametrize(
    ("sent", "ending"),
    [
        (wire.html(), "server"),
        (wire.malformed(), "server"),
        (wire.dropped(), "connection"),
        (wire.broken(503), "server"),
        (wire.bad_key(), "auth"),
        (wire.error(404, "NOT_FOUND", "batches/b1 is not found"), "not_found"),
    ],
    ids=["html", "malformed", "dropped", "503", "key", "gone"],
)
def test_whatever_a_poll_brings_is_one_kind_of_error(sent: Sent, ending: str) -> None:
    with serving(lambda _: sent) as server, pytest.raises(CallError) as caught:
        called(server, lambda client: client.poll(Submission("batches/b1", "running")))
    assert caught.value.outcome.ending == ending


def test_without_a_key_nothing_is_sent(answering: tuple[Batches, ApiServer]) -> None:
    _, server = answering
    with pytest.raises(CallError) as caught:
        called(server, lambda client: client.poll(Submission("batches/b1", "running")), key=None)
    assert caught.value.outcome.ending == "auth"
    assert server.received == []


def test_a_line_may_hold_what_unicode_calls_the_end_of_one() -> None:
    with serving(Batches(lambda _: wire.answer("one\u2028two\x85three"))) as server:

        async def all_of_it(client: GoogleBatches) -> dict[str, Outcome]:
            return await outcomes(client, await ended(client, await handed_over(client, "one")))

        assert called(server, all_of_it)["r0-a"].text == "one\u2028two\x85three"


def test_other_lines_are_no_results() -> None:
    for line in (b"<html>", b'{"custom_id": "r1"}', b"[]"):
        with pytest.raises(ValueError, match=r"no line|Expecting"):
            GoogleBatches.read(line)
