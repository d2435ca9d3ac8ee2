"""What Anthropic alone does with many questions: they go inline, and no mark goes with them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import anthropic_wire as wire
import pytest
from anthropic_batch_wire import Batches
from api_server import ApiServer, Received, Sent, serving
from batch_desk import ANTHROPIC, MARK, PICTURE, echoing, ended, outcomes

from lorairo.services.calls import CallError, Outcome, Sought


@pytest.fixture
def answering() -> Iterator[tuple[Batches, ApiServer]]:
    with echoing(ANTHROPIC) as both:
        yield both


def sought(
    count: int = 1, *ids: str, known: frozenset[str] = frozenset(), since: float | None = None
) -> Sought:
    when = time.time() if since is None else since
    return Sought(MARK, frozenset(ids or ("r0-a",)), count, when, known)


def test_questions_go_inline_as_single_ones_do(answering: tuple[Batches, ApiServer]) -> None:
    batches, server = answering
    submission = ANTHROPIC.called(
        server, lambda client: ANTHROPIC.handed_over(client, "one", "two", temperature=0.5)
    )
    assert submission.state == "running"
    (lines,) = batches.lines
    assert [line["custom_id"] for line in lines] == ["r0-a", "r1-a"]
    read = wire.asked_of(lines[0]["params"])
    assert (read.prompt, read.system, read.picture) == ("one", "Be short.", PICTURE.data)
    assert lines[0]["params"]["temperature"] == 0.5  # what the library no longer names is sent all the same


def test_results_are_fetched_where_all_else_is_and_the_key_goes_nowhere_else() -> None:
    with serving(lambda _: wire.html()) as elsewhere:
        batches = Batches(lambda _: wire.answer("fine"), results_at=elsewhere.url)
        with serving(batches) as server:
            assert ANTHROPIC.all_of_it(server, "one")[1]["r0-a"].text == "fine"
        assert elsewhere.received == []


def test_results_that_are_not_there_yet_are_an_error_of_ours(answering: tuple[Batches, ApiServer]) -> None:
    _, server = answering

    async def too_early(client: Any) -> dict[str, Outcome]:
        return await outcomes(client, await ANTHROPIC.handed_over(client, "one"))

    with pytest.raises(CallError):
        ANTHROPIC.called(server, too_early)


def test_a_lost_submission_is_known_by_its_answers_and_not_before(
    answering: tuple[Batches, ApiServer],
) -> None:
    _, server = answering

    async def all_of_it(client: Any) -> list[Any]:
        made = await ANTHROPIC.handed_over(client, "one")
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

    assert ANTHROPIC.called(server, all_of_it) == ["not_yet", True, None, None, None, None]


def test_a_refusal_of_the_whole_is_no_submission(answering: tuple[Batches, ApiServer]) -> None:
    def refusing(received: Received) -> Sent:
        return wire.too_large()

    with serving(refusing) as server, pytest.raises(CallError):
        ANTHROPIC.called(server, lambda client: ANTHROPIC.handed_over(client, "one"))
