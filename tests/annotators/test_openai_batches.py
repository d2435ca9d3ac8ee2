"""What a user relies on when OpenAI takes many questions together: the library itself, a server of ours."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import openai_wire as wire
import pytest
from api_server import ApiServer, Received, Sent, serving
from openai_batch_wire import Batches

from lorairo.annotators.openai_batches import OpenAIBatches
from lorairo.config.secret import Secret
from lorairo.services.asking import Service
from lorairo.services.calls import CallError, Outcome, Parcel, Picture, Request, Sought, Submission
from lorairo.services.endpoint import Endpoint

KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789"
PICTURE = Picture(bytes(range(256)) * 3, "image/jpeg", 640, 480, b"d" * 32)
MARK = "lorairo-0123456789abcdef"
T = TypeVar("T")


def question(prompt: str = "What is on it?", **service: Any) -> Request:
    return Request(wire.MODEL, Service(**service), "", prompt, PICTURE)


def called(server: ApiServer, work: Callable[[OpenAIBatches], Awaitable[T]], **more: Any) -> T:
    told = {"base_url": f"{server.url}/v1", "key": Secret(KEY), "timeout": 20.0} | more

    async def once() -> T:
        client = OpenAIBatches(Endpoint("openai", "openai", **told))
        try:
            return await work(client)
        finally:
            await client.close()

    return asyncio.run(once())


async def handed_over(client: OpenAIBatches, *prompts: str, **service: Any) -> Submission:
    lines = [client.line(f"r{n}-a", question(prompt, **service)) for n, prompt in enumerate(prompts)]
    return await client.submit(Parcel(lines, wire.MODEL, MARK))


async def outcomes(client: OpenAIBatches, submission: Submission) -> dict[str, Outcome]:
    return dict([client.read(line) async for line in client.results(submission)])


async def ended(client: OpenAIBatches, submission: Submission) -> Submission:
    while submission.state in ("submitted", "running", "cancelling"):
        submission = await client.poll(submission)
    return submission


@pytest.fixture
def answering() -> Iterator[tuple[Batches, ApiServer]]:
    batches = Batches(lambda asked: wire.chat(f"about {asked.prompt}"))
    with serving(batches) as server:
        yield batches, server


def test_questions_go_as_a_file_of_lines_and_one_batch_of_it(answering: tuple[Batches, ApiServer]) -> None:
    batches, server = answering
    submission = called(server, lambda client: handed_over(client, "one", "two"))
    (made,) = batches.batches.values()
    assert submission.state == "submitted"
    assert submission.files == {"input": made["input_file_id"]}
    assert made["completion_window"] == "24h"
    assert made["endpoint"] == "/v1/chat/completions"
    assert made["metadata"] == {"lorairo": MARK}
    assert batches.names[made["input_file_id"]] == f"{MARK}.jsonl"
    (lines,) = batches.lines
    assert [line["custom_id"] for line in lines] == ["r0-a", "r1-a"]
    assert {(line["method"], line["url"]) for line in lines} == {("POST", "/v1/chat/completions")}
    read = wire.asked(Received("POST", "/v1/chat/completions", {}, lines[0]["body"], 0.0, 0))
    assert (read.prompt, read.picture, read.model) == ("one", PICTURE.data, wire.MODEL)
    assert "max_completion_tokens" in read.body  # what else they refuse is only told a day later


def test_questions_for_the_responses_api_name_it(answering: tuple[Batches, ApiServer]) -> None:
    batches, server = answering
    called(server, lambda client: handed_over(client, "one", api="responses"))
    assert batches.lines[0][0]["url"] == "/v1/responses"
    assert next(iter(batches.batches.values()))["endpoint"] == "/v1/responses"


def test_answers_come_by_their_id_whatever_their_order(answering: tuple[Batches, ApiServer]) -> None:
    _, server = answering

    async def all_of_it(client: OpenAIBatches) -> dict[str, Outcome]:
        return await outcomes(client, await ended(client, await handed_over(client, "one", "two", "three")))

    came = called(server, all_of_it)
    assert list(came) == ["r2-a", "r1-a", "r0-a"]  # as this server gives them
    assert {name: outcome.text for name, outcome in came.items()} == {
        "r0-a": "about one",
        "r1-a": "about two",
        "r2-a": "about three",
    }
    assert all(outcome.ending == "ok" for outcome in came.values())
    used = came["r0-a"].usage
    assert (used.input, used.cached, used.output) == (900, 0, 60)
    assert came["r0-a"].model.startswith(wire.MODEL)
    assert came["r0-a"].request_id == "req_r0-a"


FORMS: list[tuple[Sent, str]] = [
    (wire.refused(), "refusal"),  # with status 200
    (wire.truncated(), "truncated"),
    (wire.filtered(), "policy_block"),
    (wire.policy(), "policy_block"),
    (wire.bad_picture(), "invalid_image"),
    (wire.broken(), "server"),
    (wire.rate_limited(), "rate_limited"),
    (wire.no_quota(), "quota_exhausted"),
]


@pytest.mark.parametrize(
    ("sent", "ending"), FORMS, ids=[f"{ending}-{n}" for n, (_, ending) in enumerate(FORMS)]
)
def test_a_line_ends_as_a_single_question_would(sent: Sent, ending: str) -> None:
    with serving(Batches(lambda asked: sent if asked.prompt == "bad" else wire.chat("fine"))) as server:

        async def all_of_it(client: OpenAIBatches) -> dict[str, Outcome]:
            return await outcomes(client, await ended(client, await handed_over(client, "bad", "good")))

        came = called(server, all_of_it)
    assert {name: outcome.ending for name, outcome in came.items()} == {"r0-a": ending, "r1-a": "ok"}


def test_a_batch_without_one_good_answer_has_only_the_file_of_errors() -> None:
    with serving(Batches(lambda _: wire.broken())) as server:

        async def all_of_it(client: OpenAIBatches) -> tuple[Submission, dict[str, Outcome]]:
            submission = await ended(client, await handed_over(client, "one"))
            return submission, await outcomes(client, submission)

        submission, came = called(server, all_of_it)
    assert set(submission.files) == {"input", "error"}
    assert came["r0-a"].ending == "server"


@pytest.mark.parametrize(("ends", "ending"), [("expired", "expired"), ("cancelled", "cancelled")])
def test_what_was_answered_before_the_end_is_kept_and_the_rest_says_why_not(ends: Any, ending: str) -> None:
    with serving(Batches(lambda _: wire.chat("fine"), ends=ends)) as server:

        async def all_of_it(client: OpenAIBatches) -> tuple[Submission, dict[str, Outcome]]:
            submission = await ended(client, await handed_over(client, "one", "two"))
            return submission, await outcomes(client, submission)

        submission, came = called(server, all_of_it)
    assert submission.state == ends
    assert {name: outcome.ending for name, outcome in came.items()} == {"r0-a": "ok", "r1-a": ending}


def test_cancelling_lets_it_end(answering: tuple[Batches, ApiServer]) -> None:
    _, server = answering

    async def all_of_it(client: OpenAIBatches) -> list[str]:
        submission = await client.cancel(await handed_over(client, "one", "two"))
        return [submission.state, (await ended(client, submission)).state]

    assert called(server, all_of_it) == ["cancelling", "cancelled"]


def test_a_batch_that_is_not_taken_says_why_and_in_which_line() -> None:
    faults = [
        {"code": "token_limit_exceeded", "message": "Enqueued token limit reached", "line": None},
        {"code": "invalid_json_line", "message": "This line is not JSON", "line": 7},
    ]
    with serving(Batches(lambda _: wire.chat("fine"), ends="failed", errors=faults)) as server:

        async def all_of_it(client: OpenAIBatches) -> Submission:
            return await ended(client, await handed_over(client, "one"))

        submission = called(server, all_of_it)
    assert (submission.state, submission.full) == ("failed", True)
    assert submission.message == "Enqueued token limit reached; line 7: This line is not JSON"


def test_forgetting_deletes_every_file_and_what_is_gone_is_no_error(
    answering: tuple[Batches, ApiServer],
) -> None:
    batches, server = answering

    async def all_of_it(client: OpenAIBatches) -> None:
        submission = await ended(client, await handed_over(client, "one"))
        await client.forget(submission)
        await client.forget(submission)

    called(server, all_of_it)
    assert batches.files == {}
    assert len(batches.deleted) == 2


def test_a_submission_whose_answer_was_lost_is_found_by_its_mark(
    answering: tuple[Batches, ApiServer],
) -> None:
    _, server = answering

    async def all_of_it(client: OpenAIBatches) -> tuple[Submission, Submission | None, Submission | None]:
        made = await handed_over(client, "one")
        return made, await client.find(sought()), await client.find(sought("lorairo-other"))

    made, found, other = called(server, all_of_it)
    assert found is not None
    assert found.remote_id == made.remote_id
    assert other is None


def test_a_file_that_no_batch_was_made_of_is_deleted_when_it_is_looked_for() -> None:
    batches = Batches(lambda _: wire.chat("fine"))

    def killed_between(received: Received) -> Sent:
        if received.method == "POST" and received.path.endswith("/batches"):
            return wire.dropped()
        return batches(received)

    with serving(killed_between) as server:
        with pytest.raises(CallError) as caught:
            called(server, lambda client: handed_over(client, "one"))
        assert caught.value.outcome.ending == "connection"
        assert len(batches.files) == 1
        assert called(server, lambda client: client.find(sought())) is None
    assert batches.files == {}


def test_a_batch_that_is_refused_leaves_no_file_behind() -> None:
    batches = Batches(lambda _: wire.chat("fine"))

    def refusing(received: Received) -> Sent:
        if received.method == "POST" and received.path.endswith("/batches"):
            return wire.no_quota()
        return batches(received)

    with serving(refusing) as server, pytest.raises(CallError) as caught:
        called(server, lambda client: handed_over(client, "one"))
    assert caught.value.outcome.ending == "quota_exhausted"
    assert batches.files == {}


@pytest.mark.parametrize(
    ("sent", "ending"),
    [
        (wire.html(), "server"),
        (wire.malformed(), "server"),
        (wire.dropped(), "connection"),
        (wire.broken(503), "server"),
        (wire.bad_key(), "auth"),
        (wire.error(404, None, "No batch found with id 'batch_1'."), "not_found"),
    ],
    ids=["html", "malformed", "dropped", "503", "key", "gone"],
)
def test_whatever_a_poll_brings_is_one_kind_of_error(sent: Sent, ending: str) -> None:
    with serving(lambda _: sent) as server, pytest.raises(CallError) as caught:
        called(server, lambda client: client.poll(Submission("batch_1", "running")))
    assert caught.value.outcome.ending == ending
    assert KEY not in str(caught.value)


def test_a_line_may_hold_what_unicode_calls_the_end_of_one() -> None:
    with serving(Batches(lambda _: wire.chat("one\u2028two\x85three"))) as server:

        async def all_of_it(client: OpenAIBatches) -> dict[str, Outcome]:
            return await outcomes(client, await ended(client, await handed_over(client, "one")))

        assert called(server, all_of_it)["r0-a"].text == "one\u2028two\x85three"


def test_other_lines_are_no_results() -> None:
    for line in (b"<html>", b'{"custom_id": "r1"}', b"[]", b'{"key": "r1", "answer": 1}'):
        with pytest.raises(ValueError, match=r"no line|Expecting"):
            OpenAIBatches.read(line)


def test_one_submission_stays_below_what_openai_takes() -> None:
    assert OpenAIBatches.most_requests <= 50_000
    assert OpenAIBatches.most_bytes <= 200_000_000


def sought(mark: str = MARK) -> Sought:
    return Sought(mark, frozenset({"r0-a"}), 1, time.time())


def test_lines_are_json_without_line_ends(answering: tuple[Batches, ApiServer]) -> None:
    _, server = answering

    async def line(client: OpenAIBatches) -> bytes:
        return client.line("r1-a", question("two\nlines"))

    made = called(server, line)
    assert b"\n" not in made
    assert json.loads(made)["custom_id"] == "r1-a"
