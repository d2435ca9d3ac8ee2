"""What a user relies on when Gemini is asked: the library itself, against a server of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import google_wire as wire
import pytest
from api_server import Sent
from desk import GOOGLE, PICTURE, Desk, desk_of

from lorairo.annotators.google import Google
from lorairo.services.calls import STOPS, Usage

SCHEMA = {
    "type": "object",
    "properties": {
        "caption": {"type": "string"},
        "rating": {"anyOf": [{"type": "string", "enum": ["general", "explicit"]}, {"type": "null"}]},
    },
    "required": ["caption", "rating"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with desk_of(GOOGLE) as desk:
        yield desk


# ------------------------------------------------------------------------------------- what is sent


def test_the_picture_goes_before_the_words_as_it_is_with_its_real_type(desk: Desk) -> None:
    came = desk.received(system="You write captions.")
    (content,) = came.body["contents"]
    assert [next(iter(part)) for part in content["parts"]] == ["inlineData", "text"]
    read = wire.asked(came)
    assert read.picture == PICTURE.data
    assert read.media_type == "image/webp"
    assert not read.data.startswith("data:")
    assert read.prompt == "What is on it?"
    assert read.system == "You write captions."
    assert read.model == wire.MODEL


def test_every_adjustable_filter_is_asked_to_let_pass(desk: Desk) -> None:
    settings = desk.received().body["safetySettings"]
    assert {row["threshold"] for row in settings} == {"BLOCK_NONE"}
    assert {row["category"].removeprefix("HARM_CATEGORY_") for row in settings} == {
        "HARASSMENT",
        "HATE_SPEECH",
        "SEXUALLY_EXPLICIT",
        "DANGEROUS_CONTENT",
    }


def test_a_schema_is_sent_as_it_is_with_the_type_of_the_answer(desk: Desk) -> None:
    config = desk.asked(schema=SCHEMA, max_tokens=300).config
    assert config["responseMimeType"] == "application/json"
    assert config["responseJsonSchema"] == SCHEMA
    assert config["maxOutputTokens"] == 300


def test_json_without_a_schema_and_words_alone_send_no_schema(desk: Desk) -> None:
    config = desk.asked(schema=SCHEMA, structured="json").config
    assert config["responseMimeType"] == "application/json"
    assert "responseJsonSchema" not in config
    assert set(desk.asked(schema=SCHEMA, structured="text").config) == {"maxOutputTokens"}


def test_a_model_may_be_made_to_call_a_tool(desk: Desk) -> None:
    sent = wire.answer("")
    call = {"functionCall": {"name": "answer", "args": {"caption": "A dög", "rating": None}}}
    sent.body["candidates"][0]["content"] = {"role": "model", "parts": [call]}
    ended = desk.outcome(sent, GOOGLE.question(schema=SCHEMA, structured="tool"))
    body = wire.asked(desk.server.received[0]).body
    (declared,) = body["tools"][0]["functionDeclarations"]
    assert declared["parametersJsonSchema"] == SCHEMA
    assert body["toolConfig"]["functionCallingConfig"]["mode"] == "ANY"
    assert ended.ending == "ok"
    assert json.loads(ended.text) == {"caption": "A dög", "rating": None}


@pytest.mark.parametrize(
    ("effort", "sent"),
    [
        ("0", {"thinkingBudget": 0}),
        ("-1", {"thinkingBudget": -1}),
        ("512", {"thinkingBudget": 512}),
        ("90000", {"thinkingBudget": 1000}),
        ("low", {"thinkingLevel": "LOW"}),
    ],
)
def test_thinking_leaves_room_for_the_answer(desk: Desk, effort: str, sent: dict[str, Any]) -> None:
    config = desk.asked(effort=effort, max_tokens=2000).config
    assert config["thinkingConfig"] == sent


def test_what_was_not_set_is_not_sent(desk: Desk) -> None:
    assert set(desk.asked().config) == {"maxOutputTokens"}
    assert desk.asked(temperature=0.2).config["temperature"] == 0.2


@pytest.mark.parametrize("structured", ["schema", "tool", "json", "text"])
def test_a_question_of_a_batch_is_what_is_sent_alone(desk: Desk, structured: str) -> None:
    said: dict[str, Any] = {"structured": structured, "system": "You write.", "effort": "0", "temperature": 1}
    alone = desk.asked(schema=SCHEMA, **said)
    line = wire.asked_of(Google.parameters(GOOGLE.question(schema=SCHEMA, **said)))
    assert alone.picture == line.picture
    for read in (alone, line):
        read.body["contents"][0]["parts"][0]["inlineData"]["data"] = "the same, in either alphabet"
    assert alone.body == line.body


# ------------------------------------------------------------------------------------- answers


def test_an_answer_comes_with_its_usage_model_and_name(desk: Desk) -> None:
    sent = wire.answer("A ", "dog", usage=wire.tokens(900, 60, cached=300))
    ended = desk.outcome(sent)
    assert ended.ending == "ok"
    assert ended.text == "A dog"
    assert ended.message == ""
    assert ended.usage == Usage(900, 300, 60)
    assert ended.model == sent.body["modelVersion"]
    assert ended.request_id == sent.body["responseId"]


def test_thoughts_are_paid_for_as_what_was_written_and_are_no_part_of_the_answer(desk: Desk) -> None:
    ended = desk.outcome(
        wire.answer("A dog", thoughts="Is it a dog?", usage=wire.tokens(900, 60, thought=400))
    )
    assert ended.text == "A dog"
    assert ended.usage.output == 460


def test_an_answer_without_usage_counts_as_unknown_and_not_as_nothing(desk: Desk) -> None:
    sent = wire.answer("A dog")
    del sent.body["usageMetadata"]
    assert desk.outcome(sent).usage == Usage(None, None, None)


def test_an_answer_cut_at_its_limit_keeps_what_came_and_what_it_cost(desk: Desk) -> None:
    ended = desk.outcome(wire.truncated('{"caption": "A dog'))
    assert ended.ending == "truncated"
    assert ended.text == '{"caption": "A dog'
    assert ended.usage.output == 60


def test_a_limit_used_up_by_thoughts_alone_is_told_and_counted(desk: Desk) -> None:
    ended = desk.outcome(wire.thought_out(1024))
    assert ended.ending == "truncated"
    assert ended.text == ""
    assert "thought" in ended.message
    assert ended.usage.output == 1024


def test_a_continuation_is_not_asked_for_behind_ones_back(desk: Desk) -> None:
    sent = wire.answer("A dog", finish="CONTINUATION")
    sent.body["candidates"][0]["continuationToken"] = "dG9rZW4="
    assert desk.outcome(sent).ending == "truncated"


def test_an_answer_without_words_is_empty(desk: Desk) -> None:
    assert desk.outcome(wire.answer()).ending == "empty"
    assert desk.outcome(wire.nothing()).ending == "empty"


def test_an_ending_nobody_knows_is_not_taken_for_an_answer(desk: Desk) -> None:
    ended = desk.outcome(wire.answer("A dog", finish="SOMETHING_NEW"))
    assert ended.ending == "unparseable"
    assert "SOMETHING_NEW" in ended.message


@pytest.mark.parametrize("reason", ["MALFORMED_RESPONSE", "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL"])
def test_a_malformed_answer_may_be_asked_for_again(desk: Desk, reason: str) -> None:
    ended = desk.outcome(wire.stopped(reason))
    assert ended.ending == "server"
    assert ended.retryable
    assert ended.code == reason


# ------------------------------------------------------------------------------------- blocks


@pytest.mark.parametrize(
    "reason",
    ["SAFETY", "OTHER", "BLOCKLIST", "IMAGE_SAFETY", "JAILBREAK", "MODEL_ARMOR", "NEW"],
)
def test_a_blocked_question_is_a_refusal_with_its_reason(desk: Desk, reason: str) -> None:
    ended = desk.outcome(wire.blocked(reason, "It was flagged."))
    assert ended.ending == "policy_block"
    assert ended.code == reason
    assert "It was flagged." in ended.message
    assert ended.usage.input == 900
    assert not ended.retryable


@pytest.mark.parametrize(
    "reason",
    [
        "SAFETY",
        "RECITATION",
        "LANGUAGE",
        "BLOCKLIST",
        "SPII",
        "IMAGE_SAFETY",
        "ESCALATION",
        "OTHER",
    ],
)
def test_a_blocked_answer_is_a_refusal_with_its_reason(desk: Desk, reason: str) -> None:
    ended = desk.outcome(wire.stopped(reason))
    assert ended.ending == "policy_block"
    assert ended.code == reason
    assert ended.text == ""
    assert not ended.retryable


def test_what_stood_there_before_a_block_is_thrown_away(desk: Desk) -> None:
    assert desk.outcome(wire.answer("A person who", finish="SAFETY")).text == ""


def test_what_no_setting_lifts_is_for_good(desk: Desk) -> None:
    assert desk.outcome(wire.blocked("PROHIBITED_CONTENT")).ending == "prohibited"
    assert desk.outcome(wire.stopped("PROHIBITED_CONTENT")).ending == "prohibited"
    assert desk.outcome(wire.stopped("IMAGE_PROHIBITED_CONTENT")).ending == "prohibited"
    assert desk.outcome(wire.blocked("OTHER", "Flagged as CSAM.")).ending == "prohibited"
    assert desk.outcome(wire.stopped("SAFETY", "It may show a child.")).ending == "prohibited"
    assert desk.outcome(wire.stopped("SAFETY")).ending == "policy_block"
    assert desk.outcome(wire.blocked("SAFETY")).ending == "policy_block"


def test_a_limited_account_stops_the_run(desk: Desk) -> None:
    ended = desk.outcome(wire.stopped("PUP_LIMITED_DISABLED"))
    assert ended.ending in STOPS
    assert ended.code == "PUP_LIMITED_DISABLED"
    assert "account" in ended.message


# ------------------------------------------------------------------------------------- errors


def test_a_bad_key_stops_the_run_though_it_looks_like_a_wrong_request(desk: Desk) -> None:
    ended = desk.outcome(wire.bad_key())
    assert ended.ending == "auth"
    assert ended.code == "API_KEY_INVALID"
    assert desk.outcome(wire.bad_request()).ending == "bad_request"


def test_a_key_that_may_not_stops_the_run(desk: Desk) -> None:
    assert desk.outcome(wire.forbidden()).ending == "auth"


def test_a_model_that_is_not_there_stops_the_run(desk: Desk) -> None:
    ended = desk.outcome(wire.no_model("gemini-nil"))
    assert ended.ending == "not_found"
    assert "gemini-nil" in ended.message


def test_a_picture_that_is_not_taken_is_told(desk: Desk) -> None:
    assert desk.outcome(wire.bad_picture()).ending == "invalid_image"
    assert (
        desk.outcome(wire.error(413, "INVALID_ARGUMENT", "Request payload is too large.")).ending
        == "invalid_image"
    )


def test_a_model_that_cannot_see_stops_the_run(desk: Desk) -> None:
    assert (
        desk.outcome(wire.bad_request("Image input modality is not enabled for this model")).ending in STOPS
    )


def test_a_quota_of_a_minute_waits_as_long_as_the_body_says(desk: Desk) -> None:
    ended = desk.outcome(wire.rate_limited("21s"))
    assert ended.ending == "rate_limited"
    assert ended.retryable
    assert ended.retry_after == 21
    assert desk.outcome(wire.rate_limited("0.5s")).retry_after == 0.5


def test_without_a_wait_in_the_body_the_header_counts_and_else_it_is_left_to_the_run(desk: Desk) -> None:
    assert desk.outcome(wire.rate_limited(headers={"retry-after": "7"})).retry_after == 7
    assert desk.outcome(wire.rate_limited()).retry_after is None
    assert desk.outcome(wire.rate_limited("soon")).retry_after is None


def test_a_quota_of_a_day_stops_the_run_whatever_wait_is_told(desk: Desk) -> None:
    ended = desk.outcome(wire.no_quota("30s"))
    assert ended.ending == "quota_exhausted"
    assert ended.ending in STOPS
    assert ended.retry_after is None


def test_a_quota_of_nothing_stops_the_run(desk: Desk) -> None:
    sent = wire.rate_limited("21s")
    sent.body["error"]["details"][0]["violations"][0]["quotaValue"] = "0"
    assert desk.outcome(sent).ending == "quota_exhausted"


def test_credit_that_is_used_up_stops_the_run(desk: Desk) -> None:
    words = "Your prepayment credits are depleted. Go to AI Studio to manage your project and billing."
    assert desk.outcome(wire.error(429, "RESOURCE_EXHAUSTED", words)).ending == "quota_exhausted"
    assert desk.outcome(wire.error(400, "FAILED_PRECONDITION", "Enable billing.")).ending == "quota_exhausted"


@pytest.mark.parametrize(("status", "ending"), [(500, "server"), (503, "server"), (504, "timeout")])
def test_a_service_that_fails_may_be_asked_again(desk: Desk, status: int, ending: str) -> None:
    ended = desk.outcome(wire.broken(status))
    assert ended.ending == ending
    assert ended.retryable


def test_an_error_within_an_answer_is_an_error(desk: Desk) -> None:
    assert desk.outcome(Sent(200, wire.forbidden().body)).ending == "auth"
    assert desk.outcome(Sent(200, {"error": {"code": 8, "message": "Too many."}})).ending == "rate_limited"
