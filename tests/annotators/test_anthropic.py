"""What a user relies on when Anthropic is asked: the library itself, against a server of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import anthropic_wire as wire
import pytest
from api_server import Sent
from desk import ANTHROPIC, PICTURE, Desk, desk_of

from lorairo.services.calls import STOPS, Usage

SCHEMA = {
    "type": "object",
    "properties": {"caption": {"type": "string", "maxLength": 300}},
    "required": ["caption"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with desk_of(ANTHROPIC) as desk:
        yield desk


# ------------------------------------------------------------------------------------- what is sent


def test_the_picture_goes_before_the_words_as_it_is_with_its_real_type(desk: Desk) -> None:
    came = desk.received()
    parts = came.body["messages"][0]["content"]
    assert [part["type"] for part in parts] == ["image", "text"]
    read = wire.asked(came)
    assert read.picture == PICTURE.data
    assert read.media_type == "image/webp"
    assert not read.data.startswith("data:")
    assert read.prompt == "What is on it?"


def test_a_request_names_the_model_and_the_longest_answer_and_nothing_it_was_not_told(desk: Desk) -> None:
    came = desk.received(max_tokens=300)
    assert came.path == "/v1/messages"
    assert set(came.body) == {"model", "max_tokens", "messages"}
    assert came.body["model"] == wire.MODEL
    assert came.body["max_tokens"] == 300


def test_only_the_shared_words_before_the_picture_are_kept_in_the_cache(desk: Desk) -> None:
    body = desk.received(system="You write captions.").body
    assert body["system"][-1]["cache_control"] == {"type": "ephemeral"}
    assert "cache_control" not in body
    assert "cache_control" not in json.dumps(body["messages"])


def test_a_schema_is_sent_as_the_format_of_the_answer_without_limits_it_does_not_know(desk: Desk) -> None:
    body = desk.received(schema=SCHEMA).body
    sent = body["output_config"]["format"]
    assert sent["type"] == "json_schema"
    assert sent["schema"]["required"] == ["caption"]
    assert sent["schema"]["additionalProperties"] is False
    assert "maxLength" not in sent["schema"]["properties"]["caption"]


def test_a_model_without_formats_is_made_to_call_a_tool(desk: Desk) -> None:
    sent = wire.message(wire.called({"caption": "A dög"}), stop="tool_use")
    ended = desk.outcome(sent, ANTHROPIC.question(schema=SCHEMA, structured="tool"))
    body = desk.server.received[0].body
    assert body["tool_choice"]["name"] == body["tools"][0]["name"]
    assert body["tools"][0]["input_schema"]["required"] == ["caption"]
    assert "output_config" not in body
    assert ended.ending == "ok"
    assert json.loads(ended.text) == {"caption": "A dög"}


@pytest.mark.parametrize("structured", ["json", "text"])
def test_where_words_alone_fix_the_shape_no_schema_is_sent(desk: Desk, structured: str) -> None:
    body = desk.received(schema=SCHEMA, structured=structured).body
    assert "output_config" not in body
    assert "tools" not in body


def test_temperature_and_effort_reach_models_that_take_them(desk: Desk) -> None:
    body = desk.received(temperature=0.2, effort="low").body
    assert body["temperature"] == 0.2
    assert body["output_config"] == {"effort": "low"}


def test_no_answer_is_begun_for_the_model(desk: Desk) -> None:
    assert [said["role"] for said in desk.received(schema=SCHEMA).body["messages"]] == ["user"]


# ------------------------------------------------------------------------------------- answers


def test_an_answer_comes_with_its_usage_model_and_name(desk: Desk) -> None:
    sent = wire.answer("A dog", usage=wire.tokens(900, 60))
    ended = desk.outcome(sent)
    assert ended.ending == "ok"
    assert ended.text == "A dog"
    assert ended.message == ""
    assert ended.usage == Usage(900, 0, 60, kept=0)
    assert ended.model == sent.body["model"]
    assert ended.request_id == sent.headers["request-id"]


def test_what_the_cache_gave_and_took_was_read_too(desk: Desk) -> None:
    ended = desk.outcome(wire.answer("A dog", usage=wire.tokens(10, 60, cached=2000, kept=300)))
    assert ended.usage == Usage(2310, 2000, 60, kept=300)


def test_thoughts_before_an_answer_are_no_part_of_it(desk: Desk) -> None:
    assert desk.outcome(wire.message(wire.thought(), wire.said("A "), wire.said("dog"))).text == "A dog"


def test_nothing_but_thoughts_is_an_empty_answer(desk: Desk) -> None:
    ended = desk.outcome(wire.message(wire.thought()))
    assert ended.ending == "empty"
    assert ended.usage.output == 60


def test_an_answer_without_usage_counts_as_unknown_and_not_as_nothing(desk: Desk) -> None:
    sent = wire.answer("A dog")
    del sent.body["usage"]
    assert desk.outcome(sent).usage == Usage(None, None, None)


def test_what_stood_there_before_a_refusal_is_thrown_away(desk: Desk) -> None:
    ended = desk.outcome(wire.refused("A person who", "general_harms", "It shows somebody in danger."))
    assert ended.ending == "refusal"
    assert ended.text == ""
    assert ended.code == "general_harms"
    assert "somebody in danger" in ended.message
    assert not ended.retryable
    assert ended.usage.output == 60


def test_a_refusal_without_a_reason_is_one_too(desk: Desk) -> None:
    ended = desk.outcome(wire.refused())
    assert ended.ending == "refusal"
    assert ended.code == "refusal"


def test_an_answer_cut_at_its_limit_keeps_what_came_and_what_it_cost(desk: Desk) -> None:
    ended = desk.outcome(wire.truncated('{"caption": "A dog'))
    assert ended.ending == "truncated"
    assert ended.text == '{"caption": "A dog'
    assert ended.usage.output == 60
    assert "max_tokens" in ended.message


def test_a_tool_called_with_half_of_its_object_is_cut_too(desk: Desk) -> None:
    assert desk.outcome(wire.message(wire.called({"caption": "A"}), stop="max_tokens")).ending == "truncated"


def test_a_full_context_is_a_cut_answer(desk: Desk) -> None:
    ended = desk.outcome(wire.overflowed())
    assert ended.ending == "truncated"
    assert ended.code == "model_context_window_exceeded"


def test_a_pause_is_a_cut_answer(desk: Desk) -> None:
    assert desk.outcome(wire.answer("A dog", stop="pause_turn")).ending == "truncated"


def test_an_ending_nobody_knows_is_not_taken_for_an_answer(desk: Desk) -> None:
    ended = desk.outcome(wire.answer("A dog", stop="something_new"))
    assert ended.ending == "unparseable"
    assert ended.text == "A dog"
    assert "something_new" in ended.message


# ------------------------------------------------------------------------------------- errors


def test_an_output_that_was_blocked_is_told_from_a_wrong_request_by_its_words(desk: Desk) -> None:
    assert desk.outcome(wire.filtered()).ending == "policy_block"
    ended = desk.outcome(wire.error(400, "invalid_request_error", "max_tokens: field required"))
    assert ended.ending == "bad_request"
    assert "max_tokens" in ended.message


@pytest.mark.parametrize(
    "words",
    [
        "messages.0.content.0.image: Could not process image",
        "messages.0.content.0.image.source.base64: image exceeds 5 MB maximum",
        "Image does not match the provided media type image/webp",
    ],
)
def test_a_picture_that_is_not_taken_is_told(desk: Desk, words: str) -> None:
    assert desk.outcome(wire.bad_picture(words)).ending == "invalid_image"


def test_a_picture_with_too_long_a_side_is_told_by_its_code(desk: Desk) -> None:
    details = {"error_code": "image_dimensions_too_large", "max_side_length_pixels": 8000, "paths": []}
    ended = desk.outcome(wire.error(400, "invalid_request_error", "Too large", details=details))
    assert ended.ending == "invalid_image"
    assert ended.code == "image_dimensions_too_large"


def test_a_model_that_cannot_see_is_no_fault_of_the_picture_and_stops_the_run(desk: Desk) -> None:
    ended = desk.outcome(wire.bad_picture("This model does not support image input"))
    assert ended.ending in STOPS


def test_a_request_that_is_too_large_is_a_picture_that_is(desk: Desk) -> None:
    ended = desk.outcome(wire.too_large())
    assert ended.ending == "invalid_image"
    assert ended.code == "request_too_large"


@pytest.mark.parametrize("status", [400, 402])
def test_no_credit_stops_the_run_whatever_its_status(desk: Desk, status: int) -> None:
    ended = desk.outcome(wire.no_credit(status))
    assert ended.ending == "quota_exhausted"
    assert ended.ending in STOPS
    assert not ended.retryable


def test_a_spending_limit_that_is_reached_stops_the_run_though_it_looks_like_a_rate_limit(desk: Desk) -> None:
    details = {"error_code": "enforced_spend_limit_reached"}
    sent = wire.error(429, "rate_limit_error", "Limit reached", details=details)
    assert desk.outcome(sent).ending == "quota_exhausted"
    words = "You have reached your specified API usage limits. You will regain access on 2026-12-01."
    assert desk.outcome(wire.error(400, "invalid_request_error", words)).ending == "quota_exhausted"


@pytest.mark.parametrize("sent", [wire.bad_key(), wire.forbidden()], ids=["401", "403"])
def test_a_key_that_is_refused_stops_the_run(desk: Desk, sent: Sent) -> None:
    ended = desk.outcome(sent)
    assert ended.ending == "auth"
    assert ended.ending in STOPS


def test_a_model_that_is_not_there_stops_the_run(desk: Desk) -> None:
    ended = desk.outcome(wire.no_model("claude-nil"))
    assert ended.ending == "not_found"
    assert "claude-nil" in ended.message


def test_a_rate_limit_waits_as_long_as_it_is_asked_to(desk: Desk) -> None:
    ended = desk.outcome(wire.rate_limited("17"))
    assert ended.ending == "rate_limited"
    assert ended.retryable
    assert ended.retry_after == 17


def test_a_long_wait_is_handed_on_and_not_slept_through(desk: Desk) -> None:
    assert desk.outcome(wire.rate_limited("86400")).retry_after == 86400


def test_a_wait_may_be_a_date(desk: Desk) -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    waits = desk.outcome(wire.rate_limited(later)).retry_after
    assert waits is not None
    assert 35 <= waits <= 41


def test_without_a_wait_the_limit_that_is_used_up_says_when_it_is_lifted(desk: Desk) -> None:
    now = datetime.now(UTC)
    resets = {
        name: (now + timedelta(seconds=after)).isoformat().replace("+00:00", "Z")
        for name, after in {"requests": 3, "input-tokens": 30, "output-tokens": 300}.items()
    }
    sent = wire.rate_limited(resets=resets)
    left = {"anthropic-ratelimit-input-tokens-remaining": "0"}
    waits = desk.outcome(Sent(sent.status, sent.body, {**sent.headers, **left})).retry_after
    assert waits is not None
    assert 28 <= waits <= 31


@pytest.mark.parametrize("after", [None, "soon", "-3", "nan"])
def test_a_rate_limit_without_a_wait_leaves_it_to_the_run(desk: Desk, after: str | None) -> None:
    ended = desk.outcome(wire.rate_limited(after, resets={"requests": "tomorrow"}))
    assert ended.ending == "rate_limited"
    assert ended.retry_after is None


def test_an_overloaded_service_is_asked_again_slowly(desk: Desk) -> None:
    ended = desk.outcome(wire.overloaded())
    assert ended.ending == "server"
    assert ended.retryable
    assert ended.code == "overloaded_error"
    assert ended.retry_after is not None
    assert ended.retry_after >= 10


@pytest.mark.parametrize(("status", "ending"), [(500, "server"), (503, "server"), (504, "timeout")])
def test_a_service_that_fails_may_be_asked_again(desk: Desk, status: int, ending: str) -> None:
    kind = "timeout_error" if status == 504 else "api_error"
    ended = desk.outcome(wire.error(status, kind, "Internal server error"))
    assert ended.ending == ending
    assert ended.retryable


def test_a_service_that_says_asking_again_is_no_use_is_believed(desk: Desk) -> None:
    sent = wire.error(500, "api_error", "Internal server error", headers={"x-should-retry": "false"})
    assert not desk.outcome(sent).retryable


def test_an_error_within_an_answer_is_an_error(desk: Desk) -> None:
    sent = wire.overloaded()
    assert desk.outcome(Sent(200, sent.body)).ending == "server"
