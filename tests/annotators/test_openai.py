"""What a user relies on when OpenAI is asked: the library itself, against a server of ours."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import openai_wire as wire
import pytest
from api_server import Received, Sent, serving

from lorairo.annotators.openai import OpenAI
from lorairo.annotators.openai_questions import strict
from lorairo.config.secret import Secret
from lorairo.errors import ModelError
from lorairo.services.asking import Service
from lorairo.services.calls import REFUSED, STOPS, Outcome, Picture, Request, Usage
from lorairo.services.endpoint import Endpoint, client_of

KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD"
PICTURE = Picture(bytes(range(256)) * 3, "image/webp", 640, 480, b"d" * 32)
SCHEMA = {
    "type": "object",
    "properties": {"caption": {"type": "string"}, "rating": {"type": "string", "default": "general"}},
    "required": ["caption"],
}
STRICT = {
    "type": "object",
    "properties": {
        "caption": {"type": "string"},
        "rating": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["caption", "rating"],
    "additionalProperties": False,
}
RESPONSES = {"api": "responses"}


@pytest.fixture(autouse=True)
def nobodys_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [name for name in os.environ if name.startswith("OPENAI_")]:
        monkeypatch.delenv(variable)


def question(*, schema: dict[str, Any] | None = None, system: str = "", **service: Any) -> Request:
    return Request(wire.MODEL, Service(**service), system, "What is on it?", PICTURE, schema)


def endpoint(url: str | None, **more: Any) -> Endpoint:
    told = {"provider": "openai", "backend": "openai", "key": Secret(KEY), "timeout": 20.0}
    return Endpoint(**(told | {"base_url": url and f"{url}/v1"} | more))


def asked(where: Endpoint, request: Request | None = None) -> Outcome:
    async def once() -> Outcome:
        client = client_of(where)
        try:
            return await client.ask(request or question())
        finally:
            await client.close()

    return asyncio.run(once())


def outcome(sent: Sent, **service: Any) -> Outcome:
    """Ask a server that has one answer; whatever it is, it is asked once, and no key is in what is told."""
    with serving(lambda _: sent) as server:
        ended = asked(endpoint(server.url), question(**service))
        assert len(server.received) == 1
    assert KEY not in repr(ended)
    return ended


def received(**service: Any) -> Received:
    """Return what a question looks like on the way to OpenAI itself."""
    answer = wire.response("ok") if service.get("api") == "responses" else wire.chat("ok")
    with serving(lambda _: answer) as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr("lorairo.annotators.openai._ADDRESS", f"{server.url}/v1")
        assert asked(endpoint(None), question(**service)).ending == "ok"
        return server.received[0]


def header(came: Received, name: str) -> str | None:
    return {key.lower(): value for key, value in came.headers.items()}.get(name)


# ------------------------------------------------------------------------------------------ what is sent


@pytest.mark.parametrize(
    ("service", "path"),
    [({}, "/v1/chat/completions"), (RESPONSES, "/v1/responses")],
    ids=["chat", "responses"],
)
def test_the_picture_goes_as_it_is_after_all_that_questions_share(service: dict[str, str], path: str) -> None:
    came = received(system="Be brief.", **service)
    told = wire.asked(came)
    assert came.path == path
    assert (told.picture, told.media_type) == (PICTURE.data, "image/webp")
    assert (told.model, told.system, told.prompt) == (wire.MODEL, "Be brief.", "What is on it?")
    sent = json.dumps(came.body)
    assert sent.index("Be brief.") < sent.index("What is on it?") < sent.index("data:image/webp") or (
        service and sent.index("What is on it?") < sent.index("data:image/webp")
    )
    assert "filename" not in sent
    assert header(came, "authorization") == f"Bearer {KEY}"


def test_only_what_the_row_sets_is_sent() -> None:
    assert set(received().body) == {"model", "messages", "max_completion_tokens"}
    assert set(received(**RESPONSES).body) == {"model", "input", "max_output_tokens", "store"}


def test_what_the_row_sets_is_sent() -> None:
    row = {"max_tokens": 77, "temperature": 0.0, "effort": "minimal", "detail": "low"}
    chat = received(**row)
    assert (chat.body["max_completion_tokens"], chat.body["temperature"]) == (77, 0.0)
    assert chat.body["reasoning_effort"] == "minimal"
    assert wire.asked(chat).detail == "low"
    response = received(**row, **RESPONSES)
    assert (response.body["max_output_tokens"], response.body["temperature"]) == (77, 0.0)
    assert response.body["reasoning"] == {"effort": "minimal"}
    assert wire.asked(response).detail == "low"


def test_openai_is_told_to_keep_nothing_that_it_bills() -> None:
    for way in ({}, RESPONSES):
        assert received(cache_off=True, **way).body["prompt_cache_options"] == {"mode": "explicit"}
        assert "prompt_cache_options" not in received(**way).body


def test_what_was_kept_is_counted() -> None:
    used = wire.tokens(1500, 60, cached=0) | {}
    used["prompt_tokens_details"] |= {"cache_write_tokens": 1200}
    ended = outcome(wire.chat("A dog", usage=used))
    assert (ended.usage.input, ended.usage.kept) == (1500, 1200)


def test_openai_is_asked_not_to_keep_responses() -> None:
    assert received(**RESPONSES).body["store"] is False


@pytest.mark.parametrize("system", ["", "Be brief."])
def test_json_without_a_schema_says_so_in_words_for_it_is_refused_otherwise(system: str) -> None:
    chat = received(schema=SCHEMA, structured="json", system=system)
    assert chat.body["response_format"] == {"type": "json_object"}
    assert wire.asked(chat).system == f"{system}\nAnswer in JSON.".strip()
    response = received(schema=SCHEMA, structured="json", system="Write JSON.", **RESPONSES)
    assert response.body["text"] == {"format": {"type": "json_object"}}
    assert wire.asked(response).system == "Write JSON."


def test_a_schema_binds_the_answer() -> None:
    chat = received(schema=SCHEMA)
    told = {"name": "answer", "strict": True, "schema": STRICT}
    assert chat.body["response_format"] == {"type": "json_schema", "json_schema": told}
    response = received(schema=SCHEMA, **RESPONSES)
    assert response.body["text"] == {"format": {"type": "json_schema", **told}}


def test_a_tool_that_must_be_called_binds_the_answer() -> None:
    chat = received(schema=SCHEMA, structured="tool")
    told = {"name": "answer", "strict": True, "parameters": STRICT}
    assert chat.body["tools"] == [{"type": "function", "function": told}]
    assert chat.body["tool_choice"] == {"type": "function", "function": {"name": "answer"}}
    response = received(schema=SCHEMA, structured="tool", **RESPONSES)
    assert response.body["tools"] == [{"type": "function", **told}]
    assert response.body["tool_choice"] == {"type": "function", "name": "answer"}


@pytest.mark.parametrize("api", ["chat", "responses"])
def test_a_schema_in_words_alone_is_not_sent(api: str) -> None:
    assert not {"response_format", "text", "tools"} & set(
        received(schema=SCHEMA, structured="text", api=api).body
    )


def test_a_strict_schema_closes_every_object_and_lets_what_was_optional_be_null() -> None:
    inner = {"type": "object", "properties": {"x": {"anyOf": [{"type": "number"}, {"type": "null"}]}}}
    schema = {
        "type": "object",
        "properties": {
            "default": {"type": "array", "items": inner},
            "kind": {"anyOf": [inner, {"type": "string"}]},
            "box": {"$ref": "#/$defs/box"},
        },
        "required": ["default", "box"],
        "$defs": {"box": {"type": "object", "properties": {"w": {"type": "integer"}}, "required": ["w"]}},
    }
    kept = json.dumps(schema)
    closed = {**inner, "required": ["x"], "additionalProperties": False}
    assert strict(schema) == {
        "type": "object",
        "properties": {
            "default": {"type": "array", "items": closed},
            "kind": {"anyOf": [closed, {"type": "string"}, {"type": "null"}]},
            "box": {"$ref": "#/$defs/box"},
        },
        "required": ["default", "kind", "box"],
        "$defs": {
            "box": {
                "type": "object",
                "properties": {"w": {"type": "integer"}},
                "required": ["w"],
                "additionalProperties": False,
            }
        },
        "additionalProperties": False,
    }
    assert json.dumps(schema) == kept


# --------------------------------------------------------------------------------------------- how it ends


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


# -------------------------------------------------------------------------------------------- the connection


def test_an_answer_is_waited_for_no_longer_than_the_settings_say() -> None:
    never = threading.Event()
    with serving(lambda _: Sent(body={}, wait=never)) as server:
        ended = asked(endpoint(server.url, timeout=0.2))
        never.set()
    assert (ended.ending, ended.retryable) == ("timeout", True)
    assert "within 0.2 s" in ended.message
    assert "providers.openai.timeout" in ended.message


def test_a_server_that_keeps_sending_blanks_is_not_waited_for_for_ever() -> None:
    async def blanks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await asyncio.sleep(0.02)  # the pace of the server: nothing is waited for

    async def once() -> Outcome:
        async with await asyncio.start_server(blanks, "127.0.0.1") as server:
            port = server.sockets[0].getsockname()[1]
            client = OpenAI(endpoint(f"http://127.0.0.1:{port}", timeout=0.3))
            ended = await client.ask(question())
            await client.close()
            return ended

    assert asyncio.run(once()).ending == "timeout"


def test_nobody_at_the_address_is_said_with_the_address() -> None:
    with serving(lambda _: wire.chat("")) as server:
        url = server.url
    ended = asked(endpoint(url))
    assert (ended.ending, ended.retryable) == ("connection", True)
    assert f"{url}/v1" in ended.message


def test_cancelling_is_the_one_thing_that_raises() -> None:
    there, never = threading.Event(), threading.Event()

    def script(_: Received) -> Sent:
        there.set()
        return Sent(body={}, wait=never)

    async def cancelled(url: str) -> None:
        client = OpenAI(endpoint(url))
        asking = asyncio.create_task(client.ask(question()))
        assert await asyncio.to_thread(there.wait, 20)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await client.close()

    with serving(script) as server:
        asyncio.run(cancelled(server.url))
        never.set()


def test_a_picture_is_not_sent_on_to_another_address() -> None:
    with serving(lambda _: wire.chat("A dog")) as other:
        moved = Sent(307, "", {"location": f"{other.url}/v1/chat/completions"})
        assert outcome(moved).ending == "not_found"
        assert not other.received


# ------------------------------------------------------------------------------------------------------ keys


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_a_key_that_is_repeated_is_shown_to_nobody(status: int) -> None:
    ended = outcome(
        wire.error(status, KEY, f"Incorrect API key provided: {KEY}. Authorization: Bearer {KEY}")
    )
    assert KEY not in repr(ended)
    assert KEY[8:-8] not in repr(ended)


def test_a_key_of_any_shape_is_shown_to_nobody() -> None:
    plain = "correct-horse-battery-staple"
    with serving(lambda _: wire.error(500, None, f"received {plain}")) as server:
        ended = asked(endpoint(server.url, key=Secret(plain)))
    assert plain not in repr(ended)


@pytest.mark.parametrize("key", ["sk-“quoted”-0123456789abcdef", "sk-proj-line\nbreak0123456789"])
def test_a_key_that_no_header_takes_is_named_as_the_fault(key: str) -> None:
    with serving(lambda _: wire.chat("A dog")) as server:
        ended = asked(endpoint(server.url, key=Secret(key)))
        assert not server.received
    assert (ended.ending, "copy it once more" in ended.message) == ("auth", True)
    assert key not in repr(ended)


def test_what_libraries_log_holds_no_key_and_no_picture(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for sent in (wire.chat("A dog"), wire.bad_key(), wire.broken(), wire.cut()):
            outcome(sent)
    told = " ".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "HTTP" in told
    assert KEY not in told
    assert base64.b64encode(PICTURE.data).decode() not in told


def test_the_sdks_own_debug_log_holds_no_key(tmp_path: Path) -> None:
    program = tmp_path / "ask.py"
    program.write_text(
        f"import asyncio, sys\n"
        f"from lorairo.annotators.openai import OpenAI\n"
        f"from lorairo.config.secret import Secret\n"
        f"from lorairo.services.asking import Service\n"
        f"from lorairo.services.calls import Picture, Request\n"
        f"from lorairo.services.endpoint import Endpoint\n"
        f"picture = Picture(b'0', 'image/png', 1, 1, b'')\n"
        f"async def main():\n"
        f"    client = OpenAI(Endpoint('openai', 'openai', sys.argv[1], Secret({KEY!r})))\n"
        f"    print(await client.ask(Request('m', Service(), '', 'Describe it.', picture)), client)\n"
        f"    await client.close()\n"
        f"asyncio.run(main())\n",
        encoding="utf-8",
    )
    with serving(lambda _: wire.bad_key(KEY)) as server:
        ran = subprocess.run(
            [sys.executable, str(program), f"{server.url}/v1"],
            env={**os.environ, "OPENAI_LOG": "debug", "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ran.returncode == 0, ran.stderr
    assert "HTTP Response" in ran.stderr
    assert KEY not in ran.stdout + ran.stderr


# ----------------------------------------------------------------------------------------- the environment


def test_nothing_of_the_environment_moves_openai_but_whose_account_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer another\nX-Team: another")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-mine")
    assert str(OpenAI(endpoint(None)).client.base_url) == "https://api.openai.com/v1/"
    came = received()
    assert header(came, "openai-organization") == "org-mine"
    assert header(came, "openai-project") == "proj-mine"
    assert header(came, "authorization") == f"Bearer {KEY}"
    assert header(came, "x-team") is None


def test_nothing_of_the_environment_reaches_a_server_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    others = "sk-proj-someone-elses-0123456789"
    with serving(lambda _: wire.chat("A dog")) as elsewhere, serving(lambda _: wire.chat("A dog")) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{elsewhere.url}/v1")
        for variable in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID", "WEBHOOK_SECRET"):
            monkeypatch.setenv(f"OPENAI_{variable}", others)
        monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"Authorization: Bearer {others}\nX-Team: {others}")
        for key in (None, Secret(KEY)):
            assert asked(endpoint(server.url, provider="studio", key=key)).ending == "ok"
        assert not elsewhere.received
        assert others not in repr([came.headers for came in server.received])
        assert header(server.received[1], "authorization") == f"Bearer {KEY}"


def test_a_server_without_an_address_is_not_taken_for_openai(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(ModelError, match=r"providers\.studio\.base_url"):
        client_of(endpoint(None, provider="studio"))
