"""What Gemini alone does with many questions: a file of lines, and silence about what it did not do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import google_wire as wire
import pytest
from api_server import ApiServer, serving
from batch_desk import GOOGLE, MARK, PICTURE, echoing
from google_batch_wire import Batches


@pytest.fixture
def answering() -> Iterator[tuple[Batches, ApiServer]]:
    with echoing(GOOGLE) as both:
        yield both


def test_questions_go_as_a_file_of_lines_and_one_batch_of_it(answering: tuple[Batches, ApiServer]) -> None:
    batches, server = answering
    submission = GOOGLE.called(server, lambda client: GOOGLE.handed_over(client, "one", "two"))
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
    GOOGLE.called(server, lambda client: GOOGLE.handed_over(client, "one"))
    assert [len(lines) for lines in batches.lines] == [1]


@pytest.mark.parametrize("ends", ["EXPIRED", "CANCELLED"])
def test_what_was_answered_before_the_end_is_there(ends: Any) -> None:
    with serving(Batches(lambda _: wire.answer("fine"), ends=ends)) as server:
        submission, came = GOOGLE.all_of_it(server, "one", "two")
    assert submission.state == ends.lower()
    assert {name: outcome.ending for name, outcome in came.items()} == {"r0-a": "ok"}


def test_an_expired_batch_that_ran_nothing_has_no_results() -> None:
    with serving(Batches(lambda _: wire.answer("fine"), ends="EXPIRED")) as server:
        assert GOOGLE.all_of_it(server, "one")[1] == {}


def test_a_failed_batch_says_that_nobody_knows_why() -> None:
    with serving(Batches(lambda _: wire.answer("fine"), ends="FAILED")) as server:
        submission, _ = GOOGLE.all_of_it(server, "one")
    assert submission.state == "failed"
    assert "nothing of why" in submission.message
