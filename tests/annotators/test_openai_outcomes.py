"""What comes of a question to OpenAI, whatever happens: one outcome that says what happened."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import openai_wire as wire
import pytest
from api_server import Sent
from openai_desk import RESPONSES, nobodys_environment, outcome

from lorairo.services.calls import REFUSED, STOPS, Usage

__all__ = ["nobodys_environment"]  # a fixture of all tests here


def test_an_answer_keeps_its_words_its_cost_and_its_names() -> None:
    used = wire.tokens(900, 60, cached=128, thought=40)
    ended = outcome(wire.chat('{"caption": "A dog"}', usage=used))
    assert (ended.ending, ended.text, ended.message, ended.code) == ("ok", '{"caption": "A dog"}', "", "stop")
    assert ended.usage == Usage(900, 128, 60)
    assert ended.model == f"{wire.MODEL}-2026-01-01"
    assert ended.request_id.startswith("req_")


def test_an_answer_of_responses_is_found_behind_thoughts() -> None:
    ended = outcome(wire.response("A dog"), **RESPONSES)
    assert (ended.ending, ended.text, ended.usage) == ("ok", "A dog", Usage(900, 0, 60))
    assert ended.request_id.startswith("req_")


def test_what_a_tool_was_called_with_is_the_answer() -> None:
    ended = outcome(wire.chat(None, call={"caption": "A dog"}, finish="tool_calls"), structured="tool")
    assert (ended.ending, json.loads(ended.text)) == ("ok", {"caption": "A dog"})
    body = wire.response(None).body
    body["output"].append({"type": "function_call", "name": "answer", "arguments": '{"caption": "A dog"}'})
    ended = outcome(Sent(body=body), structured="tool", **RESPONSES)
    assert (ended.ending, json.loads(ended.text)) == ("ok", {"caption": "A dog"})


TRAPS: dict[str, tuple[Sent, str, str, str]] = {
    "a refusal that ends with stop": (wire.refused("I can't help."), "refusal", "refusal", "I can't help."),
    "content_filter": (wire.filtered(), "policy_block", "content_filter", "filter"),
    "length": (wire.truncated(), "truncated", "length", "max_tokens"),
    "nothing but thoughts": (wire.chat(None, finish="length"), "truncated", "length", "still thinking"),
    "an empty answer": (wire.chat(""), "empty", "stop", "empty"),
    "400 content_policy_violation": (wire.policy(), "policy_block", "content_policy_violation", "safety"),
    "400 image_content_policy_violation": (
        wire.policy("image_content_policy_violation"),
        "policy_block",
        "image_content_policy_violation",
        "safety",
    ),
    "400 content_filter of Azure": (
        wire.error(
            400,
            "content_filter",
            "The response was filtered",
            type=None,
            param="prompt",
            status=400,
            innererror={"code": "ResponsibleAIPolicyViolation", "content_filter_result": {}},
        ),
        "policy_block",
        "content_filter",
        "filtered",
    ),
    "400 policy inside, of Azure": (
        wire.error(400, "400", "Filtered", innererror={"code": "ResponsibleAIPolicyViolation"}),
        "policy_block",
        "",
        "Filtered",
    ),
    "429 rate_limit_exceeded": (wire.rate_limited(), "rate_limited", "rate_limit_exceeded", "asks to wait"),
    "429 insufficient_quota": (wire.no_quota(), "quota_exhausted", "insufficient_quota", "Top it up"),
    "402": (wire.error(402, None, "Insufficient credits"), "quota_exhausted", "", "Top it up"),
    "401": (wire.bad_key(), "auth", "invalid_api_key", "lr.doctor()"),
    "400 for a bad key": (wire.error(400, None, "API key not valid."), "auth", "", "lr.doctor()"),
    "403": (
        wire.error(403, "unsupported_country_region_territory", "Country not supported"),
        "auth",
        "unsupported_country_region_territory",
        "Country not supported",
    ),
    "404 model_not_found": (wire.no_model(), "not_found", "model_not_found", wire.MODEL),
    "408": (wire.error(408, None, "Took too long"), "timeout", "", "Took too long"),
    "409": (wire.error(409, None, "Conflict"), "server", "", "Conflict"),
    "413": (wire.error(413, None, "Too large"), "bad_request", "", "long_edge"),
    "422": (Sent(422, {"detail": [{"loc": ["body"], "msg": "no float"}]}), "bad_request", "", "no float"),
    "400 a parameter": (
        wire.error(400, "unsupported_value", "Only the default (1) value", param="temperature"),
        "bad_request",
        "unsupported_value",
        "sets temperature",
    ),
    "400 too long": (
        wire.error(400, "context_length_exceeded", "maximum context length is 4096"),
        "bad_request",
        "context_length_exceeded",
        "long_edge",
    ),
    "500": (wire.broken(), "server", "server_error", "HTTP 500"),
    "503": (wire.broken(503), "server", "server_error", "HTTP 503"),
    "504": (wire.html(504), "timeout", "", "HTTP 504: Sign in to the network"),
    "a page with 502": (wire.html(502), "server", "", "HTTP 502: Sign in to the network"),
    "a page with 200": (wire.html(), "server", "", "no JSON: Sign in to the network"),
    "half a document": (wire.malformed(), "server", "", "no JSON"),
    "cut in the middle": (wire.cut(), "connection", "", "hung up"),
    "no answer at all": (wire.dropped(), "connection", "", "hung up"),
    "an empty object": (Sent(body={}), "server", "", "failed"),
    "a list": (Sent(body=[]), "server", "", "failed"),
    "no choices": (Sent(body={"choices": []}), "server", "", "failed"),
    "choices of nothing": (Sent(body={"choices": [None]}), "empty", "", "empty"),
    "another address": (
        Sent(307, "", {"location": "https://elsewhere.example/v1"}),
        "not_found",
        "",
        "moved to https://elsewhere.example/v1",
    ),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_whatever_happens_is_an_outcome_that_says_what_happened(trap: str) -> None:
    sent, ending, code, words = TRAPS[trap]
    ended = outcome(sent)
    assert ended.ending == ending, ended
    assert words in ended.message
    assert not code or ended.code == code
    assert ended.message.startswith(("openai ", "the "))


RESPONSE_TRAPS: dict[str, tuple[Sent, str, str]] = {
    "a refusal": (wire.response(None, refusal="I can't help."), "refusal", "refusal"),
    "cut": (
        wire.response("A do", status="incomplete", incomplete="max_output_tokens"),
        "truncated",
        "max_output_tokens",
    ),
    "filtered": (
        wire.response("A do", status="incomplete", incomplete="content_filter"),
        "policy_block",
        "content_filter",
    ),
    "failed for its policy": (
        wire.response(
            None, status="failed", error={"code": "image_content_policy_violation", "message": "No."}
        ),
        "policy_block",
        "image_content_policy_violation",
    ),
    "failed inside": (
        wire.response(None, status="failed", error={"code": "server_error", "message": "Sorry."}),
        "server",
        "server_error",
    ),
    "failed for its rate": (
        wire.response(None, status="failed", error={"code": "rate_limit_exceeded", "message": "Slow down."}),
        "rate_limited",
        "rate_limit_exceeded",
    ),
    "failed without a word": (wire.response(None, status="failed"), "server", ""),
    "nothing but a thought": (wire.response(None), "empty", "completed"),
    "429": (wire.rate_limited(), "rate_limited", "rate_limit_exceeded"),
    "a page": (wire.html(), "server", ""),
    "half a document": (wire.malformed(), "server", ""),
}


@pytest.mark.parametrize("trap", RESPONSE_TRAPS)
def test_whatever_happens_to_a_response_is_an_outcome(trap: str) -> None:
    sent, ending, code = RESPONSE_TRAPS[trap]
    ended = outcome(sent, **RESPONSES)
    assert (ended.ending, ended.code) == (ending, code)
    assert ended.message


IMAGE_CODES = (
    "invalid_image",
    "invalid_image_format",
    "invalid_base64_image",
    "invalid_image_url",
    "image_too_large",
    "image_too_small",
    "image_parse_error",
    "invalid_image_mode",
    "image_file_too_large",
    "unsupported_image_media_type",
    "empty_image_file",
    "failed_to_download_image",
    "image_file_not_found",
)


@pytest.mark.parametrize("code", IMAGE_CODES)
def test_a_picture_that_is_not_read_is_no_fault_of_the_question(code: str) -> None:
    failed = wire.response(None, status="failed", error={"code": code, "message": "Bad."})
    for ended in (outcome(wire.bad_picture(code)), outcome(failed, **RESPONSES)):
        assert (ended.ending, ended.code) == ("invalid_image", code)
        assert not ended.retryable


def test_a_refusal_is_kept_in_the_words_of_the_model_and_paid_for() -> None:
    ended = outcome(wire.refused("I can't help."))
    assert ended.ending in REFUSED
    assert (ended.text, ended.usage.output) == ("I can't help.", 60)


def test_an_answer_that_was_cut_is_kept_and_paid_for() -> None:
    ended = outcome(wire.truncated('{"caption": "A dog that'))
    assert (ended.text, ended.usage.output) == ('{"caption": "A dog that', 60)
    assert "60 tokens" in ended.message


def test_a_run_stops_for_what_every_question_would_meet_and_waits_for_what_passes() -> None:
    for sent in (wire.no_quota(), wire.bad_key(), wire.no_model()):
        assert outcome(sent).ending in STOPS
    for sent in (wire.rate_limited(), wire.broken(), wire.html(), wire.cut(), wire.dropped()):
        assert outcome(sent).retryable
    for sent in (wire.refused(), wire.policy(), wire.bad_picture(), wire.truncated()):
        assert not outcome(sent).retryable


# ------------------------------------------------------------------------------------------ how long to wait

WAITS: dict[str, tuple[Sent, float | None]] = {
    "retry-after": (wire.rate_limited("7"), 7.0),
    "retry-after in parts": (wire.rate_limited("0.25"), 0.25),
    "retry-after-ms before retry-after": (wire.rate_limited("7", headers={"retry-after-ms": "1500"}), 1.5),
    "longer than the SDK would wait": (wire.rate_limited("3600"), 3600.0),
    "503 with retry-after": (wire.error(503, None, "Busy", headers={"retry-after": "3"}), 3.0),
    "a date that is past": (wire.rate_limited("Wed, 21 Oct 2015 07:28:00 GMT"), 0.0),
    "in words": (wire.error(429, "rate_limit_exceeded", "Please try again in 1m2.5s. Visit"), 62.5),
    "in words, short": (wire.error(429, "rate_limit_exceeded", "Please try again in 6ms."), 0.006),
    "the limit that is reached": (
        wire.rate_limited(
            headers={
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "120ms",
                "x-ratelimit-remaining-tokens": "1000",
                "x-ratelimit-reset-tokens": "6m0s",
            }
        ),
        0.12,
    ),
    "either limit": (
        wire.rate_limited(headers={"x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "6m0s"}),
        360.0,
    ),
    "nonsense": (wire.rate_limited("soon", headers={"x-ratelimit-reset-tokens": "later"}), None),
    "infinity": (wire.rate_limited("inf"), None),
    "less than nothing": (wire.rate_limited("-5"), None),
    "nothing": (wire.rate_limited(), None),
    "what is not asked again": (wire.error(400, None, "No", headers={"retry-after": "3"}), None),
}


@pytest.mark.parametrize("wait", WAITS)
def test_a_service_says_how_long_to_wait(wait: str) -> None:
    sent, seconds = WAITS[wait]
    assert outcome(sent).retry_after == (None if seconds is None else pytest.approx(seconds))


def test_a_wait_until_a_time_of_day_is_counted_from_now() -> None:
    then = datetime.now(UTC) + timedelta(seconds=90)
    wait = outcome(wire.rate_limited(format_datetime(then, usegmt=True))).retry_after
    assert wait is not None
    assert 60 < wait <= 90


def test_asking_again_is_no_use_where_the_service_says_so() -> None:
    never = outcome(wire.error(503, None, "Gone", headers={"x-should-retry": "false"}))
    assert (never.ending, never.final, never.retryable) == ("server", True, False)
    assert outcome(wire.error(503, None, "Busy", headers={"x-should-retry": "true"})).retryable
    message = "Request too large for gpt-5-mini on tokens per min (TPM): Limit 30000, Requested 41000."
    assert not outcome(wire.error(429, "rate_limit_exceeded", message)).retryable
