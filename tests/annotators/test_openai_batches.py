"""What OpenAI alone does with many questions: files of lines, and its own words for what went wrong."""

from __future__ import annotations

from collections.abc import Iterator

import openai_wire as wire
import pytest
from api_server import ApiServer, Received, serving
from batch_desk import MARK, OPENAI, PICTURE, echoing
from openai_batch_wire import Batches


@pytest.fixture
def answering() -> Iterator[tuple[Batches, ApiServer]]:
    with echoing(OPENAI) as both:
        yield both


def test_questions_go_as_a_file_of_lines_and_one_batch_of_it(answering: tuple[Batches, ApiServer]) -> None:
    batches, server = answering
    submission = OPENAI.called(server, lambda client: OPENAI.handed_over(client, "one", "two"))
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
    OPENAI.called(server, lambda client: OPENAI.handed_over(client, "one", api="responses"))
    assert batches.lines[0][0]["url"] == "/v1/responses"
    assert next(iter(batches.batches.values()))["endpoint"] == "/v1/responses"


def test_an_answer_tells_what_its_exchange_was_called(answering: tuple[Batches, ApiServer]) -> None:
    _, server = answering
    assert OPENAI.all_of_it(server, "one")[1]["r0-a"].request_id == "req_r0-a"


def test_a_batch_without_one_good_answer_has_only_the_file_of_errors() -> None:
    with serving(Batches(lambda _: wire.broken())) as server:
        submission, came = OPENAI.all_of_it(server, "one")
    assert set(submission.files) == {"input", "error"}
    assert came["r0-a"].ending == "server"


def test_a_batch_that_is_not_taken_says_why_and_in_which_line() -> None:
    faults = [
        {"code": "token_limit_exceeded", "message": "Enqueued token limit reached", "line": None},
        {"code": "invalid_json_line", "message": "This line is not JSON", "line": 7},
    ]
    with serving(Batches(lambda _: wire.chat("fine"), ends="failed", errors=faults)) as server:
        submission, _ = OPENAI.all_of_it(server, "one")
    assert (submission.state, submission.full) == ("failed", True)
    assert submission.message == "Enqueued token limit reached; line 7: This line is not JSON"
