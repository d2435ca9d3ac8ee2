"""What a user relies on when a service takes many questions together, whichever service it is."""

from __future__ import annotations

import json
import time
from typing import Any

import anthropic_wire
import google_wire
import openai_wire
import pytest
from api_server import Received, Sent, serving
from batch_desk import ANTHROPIC, GOOGLE, MARK, OPENAI, Taker, ended

from lorairo.services.calls import CallError, Sought, Submission

ALL = [OPENAI, ANTHROPIC, GOOGLE]
BY_FILE = [OPENAI, GOOGLE]


def of(takers: list[Taker]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("taker", takers, ids=[taker.name for taker in takers])


def sought(mark: str = MARK) -> Sought:
    return Sought(mark, frozenset({"r0-a"}), 1, time.time())


@of(ALL)
def test_lines_are_json_without_line_ends(taker: Taker) -> None:
    with serving(taker.takes(taker.says)) as server:

        async def line(client: Any) -> bytes:
            made: bytes = client.line("r1-a", taker.question("two\nlines"))
            return made

        made = taker.called(server, line)
    assert b"\n" not in made
    assert json.loads(made)["key" if taker is GOOGLE else "custom_id"] == "r1-a"


@pytest.mark.parametrize(
    ("taker", "told"),
    [
        (OPENAI, {}),
        (ANTHROPIC, {}),
        (GOOGLE, {"prefix": "BATCH_STATE"}),  # as the service names states
        (GOOGLE, {"prefix": "JOB_STATE"}),  # as its library does
    ],
    ids=["openai", "anthropic", "google", "google-of-the-library"],
)
def test_answers_come_by_their_id_whatever_their_order(taker: Taker, told: dict[str, Any]) -> None:
    with serving(taker.takes(lambda asked: taker.says(f"about {asked.prompt}"), **told)) as server:
        _, came = taker.all_of_it(server, "one", "two", "three")
    assert list(came) == ["r2-a", "r1-a", "r0-a"]  # as this server gives them
    assert {name: outcome.text for name, outcome in came.items()} == {
        "r0-a": "about one",
        "r1-a": "about two",
        "r2-a": "about three",
    }
    assert all(outcome.ending == "ok" for outcome in came.values())
    assert all(outcome.model.startswith(taker.wire.MODEL) for outcome in came.values())
    used = came["r0-a"].usage
    assert (used.input, used.cached, used.output) == (900, 0, 60)


FORMS: list[tuple[Taker, Sent, str]] = [
    (OPENAI, openai_wire.refused(), "refusal"),  # with status 200
    (OPENAI, openai_wire.truncated(), "truncated"),
    (OPENAI, openai_wire.filtered(), "policy_block"),
    (OPENAI, openai_wire.policy(), "policy_block"),
    (OPENAI, openai_wire.bad_picture(), "invalid_image"),
    (OPENAI, openai_wire.broken(), "server"),
    (OPENAI, openai_wire.rate_limited(), "rate_limited"),
    (OPENAI, openai_wire.no_quota(), "quota_exhausted"),
    (ANTHROPIC, anthropic_wire.refused(), "refusal"),  # it "succeeded"
    (ANTHROPIC, anthropic_wire.truncated(), "truncated"),
    (ANTHROPIC, anthropic_wire.filtered(), "policy_block"),
    (ANTHROPIC, anthropic_wire.bad_picture(), "invalid_image"),
    (ANTHROPIC, anthropic_wire.broken(), "server"),
    (ANTHROPIC, anthropic_wire.overloaded(), "server"),
    (ANTHROPIC, anthropic_wire.no_credit(), "quota_exhausted"),
    (GOOGLE, google_wire.blocked(), "policy_block"),  # with status 200
    (GOOGLE, google_wire.stopped("PROHIBITED_CONTENT"), "prohibited"),
    (GOOGLE, google_wire.truncated(), "truncated"),
    (GOOGLE, google_wire.thought_out(), "truncated"),
    (GOOGLE, google_wire.nothing(), "empty"),
    (GOOGLE, google_wire.bad_picture(), "invalid_image"),
    (GOOGLE, google_wire.broken(), "server"),
]


@pytest.mark.parametrize(
    ("taker", "sent", "ending"),
    FORMS,
    ids=[f"{taker.name}-{ending}-{n}" for n, (taker, _, ending) in enumerate(FORMS)],
)
def test_a_line_ends_as_a_single_question_would(taker: Taker, sent: Sent, ending: str) -> None:
    told = {"ends": "PARTIALLY_SUCCEEDED"} if taker is GOOGLE else {}
    service = taker.takes(lambda asked: sent if asked.prompt == "bad" else taker.says("fine"), **told)
    with serving(service) as server:
        _, came = taker.all_of_it(server, "bad", "good")
    assert {name: outcome.ending for name, outcome in came.items()} == {"r0-a": ending, "r1-a": "ok"}


@of([OPENAI, ANTHROPIC])
@pytest.mark.parametrize("ends", ["expired", "cancelled"])
def test_what_was_answered_before_the_end_is_kept_and_the_rest_says_why_not(taker: Taker, ends: str) -> None:
    with serving(taker.takes(lambda _: taker.says("fine"), ends=ends)) as server:
        submission, came = taker.all_of_it(server, "one", "two")
    assert submission.state == ends
    assert {name: outcome.ending for name, outcome in came.items()} == {"r0-a": "ok", "r1-a": ends}


@pytest.mark.parametrize(
    ("taker", "at_once"),
    [(OPENAI, "cancelling"), (ANTHROPIC, "cancelling"), (GOOGLE, "cancelled")],
    ids=["openai", "anthropic", "google"],
)
def test_cancelling_lets_it_end(taker: Taker, at_once: str) -> None:
    with serving(taker.takes(lambda _: taker.says("fine"))) as server:

        async def work(client: Any) -> list[str]:
            submission = await client.cancel(await taker.handed_over(client, "one", "two"))
            return [submission.state, (await ended(client, submission)).state]

        assert taker.called(server, work) == [at_once, "cancelled"]


@pytest.mark.parametrize(
    ("taker", "count"), [(OPENAI, 2), (ANTHROPIC, 1), (GOOGLE, 3)], ids=["openai", "anthropic", "google"]
)
def test_forgetting_deletes_all_there_is_and_what_is_gone_is_no_error(taker: Taker, count: int) -> None:
    service = taker.takes(lambda _: taker.says("fine"))
    with serving(service) as server:

        async def work(client: Any) -> None:
            submission = await ended(client, await taker.handed_over(client, "one"))
            await client.forget(submission)
            await client.forget(submission)

        taker.called(server, work)
    assert service.files == {}
    assert len(set(service.deleted)) == len(service.deleted) == count
    kept = set(service.batches) - set(service.deleted)
    assert kept == (set(service.batches) if taker is OPENAI else set())  # OpenAI deletes no batch


@of(BY_FILE)
def test_a_submission_whose_answer_was_lost_is_found_by_its_mark(taker: Taker) -> None:
    service = taker.takes(lambda _: taker.says("fine"))
    with serving(service) as server:

        async def work(client: Any) -> tuple[Submission, Submission | None, Submission | None]:
            made = await taker.handed_over(client, "one")
            return made, await client.find(sought()), await client.find(sought("lorairo-other"))

        made, found, other = taker.called(server, work)
    assert found == made
    assert other is None
    assert len(service.files) == 1


@of(BY_FILE)
def test_a_file_that_no_batch_was_made_of_is_deleted_when_it_is_looked_for(taker: Taker) -> None:
    service = taker.takes(lambda _: taker.says("fine"))

    def killed_between(received: Received) -> Sent:
        dropped: Sent = taker.wire.dropped()
        return dropped if taker.is_making(received) else service(received)

    with serving(killed_between) as server:
        with pytest.raises(CallError) as caught:
            taker.called(server, lambda client: taker.handed_over(client, "one"))
        assert caught.value.outcome.ending == "connection"
        assert len(service.files) == 1
        assert taker.called(server, lambda client: client.find(sought())) is None
    assert service.files == {}


@pytest.mark.parametrize(
    ("taker", "sent", "ending"),
    [(OPENAI, openai_wire.no_quota(), "quota_exhausted"), (GOOGLE, google_wire.bad_key(), "auth")],
    ids=["openai", "google"],
)
def test_a_batch_that_is_refused_leaves_no_file_behind(taker: Taker, sent: Sent, ending: str) -> None:
    service = taker.takes(lambda _: taker.says("fine"))

    def refusing(received: Received) -> Sent:
        return sent if taker.is_making(received) else service(received)

    with serving(refusing) as server, pytest.raises(CallError) as caught:
        taker.called(server, lambda client: taker.handed_over(client, "one"))
    assert caught.value.outcome.ending == ending
    assert service.files == {}


GONE = {
    "openai": openai_wire.error(404, None, "No batch found with id 'batch_1'."),
    "anthropic": anthropic_wire.error(404, "not_found_error", "Batch not found"),
    "google": google_wire.error(404, "NOT_FOUND", "batches/b1 is not found"),
}
UNDER_WAY = {
    "openai": Submission("batch_1", "running"),
    "anthropic": Submission("msgbatch_1", "running"),
    "google": Submission("batches/b1", "running"),
}


@of(ALL)
@pytest.mark.parametrize(
    ("what", "ending"),
    [
        ("html", "server"),
        ("malformed", "server"),
        ("dropped", "connection"),
        ("broken", "server"),
        ("bad_key", "auth"),
        ("gone", "not_found"),
    ],
)
def test_whatever_a_poll_brings_is_one_kind_of_error(taker: Taker, what: str, ending: str) -> None:
    told = (503,) if what == "broken" else ()
    sent = GONE[taker.name] if what == "gone" else getattr(taker.wire, what)(*told)
    with serving(lambda _: sent) as server, pytest.raises(CallError) as caught:
        taker.called(server, lambda client: client.poll(UNDER_WAY[taker.name]))
    assert caught.value.outcome.ending == ending
    assert taker.key not in str(caught.value)


@of([ANTHROPIC, GOOGLE])
def test_without_a_key_nothing_is_sent(taker: Taker) -> None:
    with serving(taker.takes(taker.says)) as server:
        with pytest.raises(CallError) as caught:
            taker.called(server, lambda client: client.poll(UNDER_WAY[taker.name]), key=None)
        assert caught.value.outcome.ending == "auth"
        assert server.received == []


@of(ALL)
def test_a_line_may_hold_what_unicode_calls_the_end_of_one(taker: Taker) -> None:
    with serving(taker.takes(lambda _: taker.says("one\u2028two\x85three"))) as server:
        _, came = taker.all_of_it(server, "one")
    assert came["r0-a"].text == "one\u2028two\x85three"


OTHERS = {
    "openai": b'{"key": "r1", "answer": 1}',
    "anthropic": b'{"custom_id": "r1", "response": {}, "error": null}',
    "google": b'{"custom_id": "r1", "result": {}}',
}


@of(ALL)
def test_other_lines_are_no_results(taker: Taker) -> None:
    for line in (b"<html>", b'{"custom_id": "r1"}', b"[]", OTHERS[taker.name]):
        with pytest.raises(ValueError, match=r"no line|Expecting"):
            taker.adapter.read(line)


@pytest.mark.parametrize(
    ("taker", "requests", "size"),
    [(OPENAI, 50_000, 200_000_000), (ANTHROPIC, 100_000, 256_000_000)],
    ids=["openai", "anthropic"],
)
def test_one_submission_stays_below_what_is_taken(taker: Taker, requests: int, size: int) -> None:
    assert taker.adapter.most_requests <= requests
    assert taker.adapter.most_bytes <= size
