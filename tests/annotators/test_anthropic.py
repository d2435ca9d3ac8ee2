"""What a user relies on when Anthropic is asked: the library itself, against a server of ours."""

from __future__ import annotations

import asyncio
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

import anthropic_wire as wire
import pytest
from api_server import ApiServer, Received, Sent, serving

from lorairo.annotators.anthropic import Anthropic
from lorairo.config.secret import Secret
from lorairo.services.asking import Service
from lorairo.services.calls import STOPS, Outcome, Picture, Request, Usage
from lorairo.services.endpoint import Endpoint

KEY = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789"
PICTURE = Picture(bytes(range(256)) * 3, "image/webp", 640, 480, b"d" * 32)
SCHEMA = {
    "type": "object",
    "properties": {"caption": {"type": "string", "maxLength": 300}},
    "required": ["caption"],
    "additionalProperties": False,
}


def question(*, schema: dict[str, Any] | None = None, system: str = "", **service: Any) -> Request:
    return Request(wire.MODEL, Service(**service), system, "What is on it?", PICTURE, schema)


def endpoint(url: str, **more: Any) -> Endpoint:
    return Endpoint("anthropic", "anthropic", **{"base_url": url, "key": Secret(KEY), "timeout": 20.0} | more)


def asked(where: Endpoint, request: Request | None = None) -> Outcome:
    async def once() -> Outcome:
        client = Anthropic(where)
        try:
            return await client.ask(request or question())
        finally:
            await client.close()

    return asyncio.run(once())


def outcome(sent: Sent, request: Request | None = None) -> Outcome:
    """Ask a server that has one answer; whatever it is, it is asked once."""
    with serving(lambda _: sent) as server:
        ended = asked(endpoint(server.url), request)
        assert len(server.received) == 1
    return ended


def received(request: Request, **more: Any) -> Received:
    with serving(wire.answering(lambda _: "A dog")) as server:
        assert asked(endpoint(server.url, **more), request).ending == "ok"
        (only,) = server.received
    return only


# ------------------------------------------------------------------------------------- what is sent


def test_the_picture_goes_before_the_words_as_it_is_with_its_real_type() -> None:
    came = received(question())
    parts = came.body["messages"][0]["content"]
    assert [part["type"] for part in parts] == ["image", "text"]
    read = wire.asked(came)
    assert read.picture == PICTURE.data
    assert read.media_type == "image/webp"
    assert not read.data.startswith("data:")
    assert read.prompt == "What is on it?"


def test_a_request_names_the_model_and_the_longest_answer_and_nothing_it_was_not_told() -> None:
    came = received(question(max_tokens=300))
    assert came.path == "/v1/messages"
    assert set(came.body) == {"model", "max_tokens", "messages"}
    assert came.body["model"] == wire.MODEL
    assert came.body["max_tokens"] == 300


def test_only_the_shared_words_before_the_picture_are_kept_in_the_cache() -> None:
    body = received(question(system="You write captions.")).body
    assert body["system"][-1]["cache_control"] == {"type": "ephemeral"}
    assert "cache_control" not in body
    assert "cache_control" not in json.dumps(body["messages"])


def test_a_schema_is_sent_as_the_format_of_the_answer_without_limits_it_does_not_know() -> None:
    body = received(question(schema=SCHEMA)).body
    sent = body["output_config"]["format"]
    assert sent["type"] == "json_schema"
    assert sent["schema"]["required"] == ["caption"]
    assert sent["schema"]["additionalProperties"] is False
    assert "maxLength" not in sent["schema"]["properties"]["caption"]


def test_a_model_without_formats_is_made_to_call_a_tool() -> None:
    with serving(lambda _: wire.message(wire.called({"caption": "A dög"}), stop="tool_use")) as server:
        ended = asked(endpoint(server.url), question(schema=SCHEMA, structured="tool"))
        body = server.received[0].body
    assert body["tool_choice"]["name"] == body["tools"][0]["name"]
    assert body["tools"][0]["input_schema"]["required"] == ["caption"]
    assert "output_config" not in body
    assert ended.ending == "ok"
    assert json.loads(ended.text) == {"caption": "A dög"}


@pytest.mark.parametrize("structured", ["json", "text"])
def test_where_words_alone_fix_the_shape_no_schema_is_sent(structured: str) -> None:
    body = received(question(schema=SCHEMA, structured=structured)).body
    assert "output_config" not in body
    assert "tools" not in body


def test_temperature_and_effort_reach_models_that_take_them() -> None:
    body = received(question(temperature=0.2, effort="low")).body
    assert body["temperature"] == 0.2
    assert body["output_config"] == {"effort": "low"}


def test_no_answer_is_begun_for_the_model() -> None:
    assert [said["role"] for said in received(question(schema=SCHEMA)).body["messages"]] == ["user"]


# ------------------------------------------------------------------------------------- answers


def test_an_answer_comes_with_its_usage_model_and_name() -> None:
    sent = wire.answer("A dog", usage=wire.tokens(900, 60))
    ended = outcome(sent)
    assert ended.ending == "ok"
    assert ended.text == "A dog"
    assert ended.message == ""
    assert ended.usage == Usage(900, 0, 60)
    assert ended.model == sent.body["model"]
    assert ended.request_id == sent.headers["request-id"]


def test_what_the_cache_gave_and_took_was_read_too() -> None:
    ended = outcome(wire.answer("A dog", usage=wire.tokens(10, 60, cached=2000, kept=300)))
    assert ended.usage == Usage(2310, 2000, 60)


def test_thoughts_before_an_answer_are_no_part_of_it() -> None:
    assert outcome(wire.message(wire.thought(), wire.said("A "), wire.said("dog"))).text == "A dog"


def test_nothing_but_thoughts_is_an_empty_answer() -> None:
    ended = outcome(wire.message(wire.thought()))
    assert ended.ending == "empty"
    assert ended.usage.output == 60


def test_an_answer_without_usage_counts_as_unknown_and_not_as_nothing() -> None:
    sent = wire.answer("A dog")
    del sent.body["usage"]
    assert outcome(sent).usage == Usage(None, None, None)


def test_what_stood_there_before_a_refusal_is_thrown_away() -> None:
    ended = outcome(wire.refused("A person who", "general_harms", "It shows somebody in danger."))
    assert ended.ending == "refusal"
    assert ended.text == ""
    assert ended.code == "general_harms"
    assert "somebody in danger" in ended.message
    assert not ended.retryable
    assert ended.usage.output == 60


def test_a_refusal_without_a_reason_is_one_too() -> None:
    ended = outcome(wire.refused())
    assert ended.ending == "refusal"
    assert ended.code == "refusal"


def test_an_answer_cut_at_its_limit_keeps_what_came_and_what_it_cost() -> None:
    ended = outcome(wire.truncated('{"caption": "A dog'))
    assert ended.ending == "truncated"
    assert ended.text == '{"caption": "A dog'
    assert ended.usage.output == 60
    assert "max_tokens" in ended.message


def test_a_tool_called_with_half_of_its_object_is_cut_too() -> None:
    assert outcome(wire.message(wire.called({"caption": "A"}), stop="max_tokens")).ending == "truncated"


def test_a_full_context_is_a_cut_answer() -> None:
    ended = outcome(wire.overflowed())
    assert ended.ending == "truncated"
    assert ended.code == "model_context_window_exceeded"


def test_a_pause_is_a_cut_answer() -> None:
    assert outcome(wire.answer("A dog", stop="pause_turn")).ending == "truncated"


def test_an_ending_nobody_knows_is_not_taken_for_an_answer() -> None:
    ended = outcome(wire.answer("A dog", stop="something_new"))
    assert ended.ending == "unparseable"
    assert ended.text == "A dog"
    assert "something_new" in ended.message


# ------------------------------------------------------------------------------------- errors


def test_an_output_that_was_blocked_is_told_from_a_wrong_request_by_its_words() -> None:
    assert outcome(wire.filtered()).ending == "policy_block"
    ended = outcome(wire.error(400, "invalid_request_error", "max_tokens: field required"))
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
def test_a_picture_that_is_not_taken_is_told(words: str) -> None:
    assert outcome(wire.bad_picture(words)).ending == "invalid_image"


def test_a_picture_with_too_long_a_side_is_told_by_its_code() -> None:
    details = {"error_code": "image_dimensions_too_large", "max_side_length_pixels": 8000, "paths": []}
    ended = outcome(wire.error(400, "invalid_request_error", "Too large", details=details))
    assert ended.ending == "invalid_image"
    assert ended.code == "image_dimensions_too_large"


def test_a_model_that_cannot_see_is_no_fault_of_the_picture_and_stops_the_run() -> None:
    ended = outcome(wire.bad_picture("This model does not support image input"))
    assert ended.ending in STOPS


def test_a_request_that_is_too_large_is_a_picture_that_is() -> None:
    ended = outcome(wire.too_large())
    assert ended.ending == "invalid_image"
    assert ended.code == "request_too_large"


@pytest.mark.parametrize("status", [400, 402])
def test_no_credit_stops_the_run_whatever_its_status(status: int) -> None:
    ended = outcome(wire.no_credit(status))
    assert ended.ending == "quota_exhausted"
    assert ended.ending in STOPS
    assert not ended.retryable


def test_a_spending_limit_that_is_reached_stops_the_run_though_it_looks_like_a_rate_limit() -> None:
    details = {"error_code": "enforced_spend_limit_reached"}
    sent = wire.error(429, "rate_limit_error", "Limit reached", details=details)
    assert outcome(sent).ending == "quota_exhausted"
    words = "You have reached your specified API usage limits. You will regain access on 2026-12-01."
    assert outcome(wire.error(400, "invalid_request_error", words)).ending == "quota_exhausted"


@pytest.mark.parametrize("sent", [wire.bad_key(), wire.forbidden()], ids=["401", "403"])
def test_a_key_that_is_refused_stops_the_run(sent: Sent) -> None:
    ended = outcome(sent)
    assert ended.ending == "auth"
    assert ended.ending in STOPS


def test_a_model_that_is_not_there_stops_the_run() -> None:
    ended = outcome(wire.no_model("claude-nil"))
    assert ended.ending == "not_found"
    assert "claude-nil" in ended.message


def test_a_rate_limit_waits_as_long_as_it_is_asked_to() -> None:
    ended = outcome(wire.rate_limited("17"))
    assert ended.ending == "rate_limited"
    assert ended.retryable
    assert ended.retry_after == 17


def test_a_long_wait_is_handed_on_and_not_slept_through() -> None:
    assert outcome(wire.rate_limited("86400")).retry_after == 86400


def test_a_wait_may_be_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    waits = outcome(wire.rate_limited(later)).retry_after
    assert waits is not None
    assert 35 <= waits <= 41


def test_without_a_wait_the_limit_that_is_used_up_says_when_it_is_lifted() -> None:
    now = datetime.now(UTC)
    resets = {
        name: (now + timedelta(seconds=after)).isoformat().replace("+00:00", "Z")
        for name, after in {"requests": 3, "input-tokens": 30, "output-tokens": 300}.items()
    }
    sent = wire.rate_limited(resets=resets)
    left = {"anthropic-ratelimit-input-tokens-remaining": "0"}
    waits = outcome(Sent(sent.status, sent.body, {**sent.headers, **left})).retry_after
    assert waits is not None
    assert 28 <= waits <= 31


@pytest.mark.parametrize("after", [None, "soon", "-3", "nan"])
def test_a_rate_limit_without_a_wait_leaves_it_to_the_run(after: str | None) -> None:
    ended = outcome(wire.rate_limited(after, resets={"requests": "tomorrow"}))
    assert ended.ending == "rate_limited"
    assert ended.retry_after is None


def test_an_overloaded_service_is_asked_again_slowly() -> None:
    ended = outcome(wire.overloaded())
    assert ended.ending == "server"
    assert ended.retryable
    assert ended.code == "overloaded_error"
    assert ended.retry_after is not None
    assert ended.retry_after >= 10


@pytest.mark.parametrize(("status", "ending"), [(500, "server"), (503, "server"), (504, "timeout")])
def test_a_service_that_fails_may_be_asked_again(status: int, ending: str) -> None:
    kind = "timeout_error" if status == 504 else "api_error"
    ended = outcome(wire.error(status, kind, "Internal server error"))
    assert ended.ending == ending
    assert ended.retryable


def test_a_service_that_says_asking_again_is_no_use_is_believed() -> None:
    sent = wire.error(500, "api_error", "Internal server error", headers={"x-should-retry": "false"})
    assert not outcome(sent).retryable


def test_an_error_within_an_answer_is_an_error() -> None:
    sent = wire.overloaded()
    assert outcome(Sent(200, sent.body)).ending == "server"


@pytest.mark.parametrize("status", [200, 502])
def test_a_page_of_a_proxy_is_no_answer_and_is_not_repeated(status: int) -> None:
    ended = outcome(wire.html(status))
    assert ended.ending == "server"
    assert ended.retryable
    assert "Sign in" not in ended.message


@pytest.mark.parametrize(
    "body", ['{"id": "msg_1", "content": [{"type": "te', "{}", "[]", '"words"', "", "[" * 5000, b"\xff\xfe{"]
)
def test_a_body_that_is_no_message_is_no_answer(body: str | bytes) -> None:
    ended = outcome(Sent(200, body))
    assert ended.ending == "server"
    assert ended.retryable


@pytest.mark.parametrize("body", ["", "[]", '"words"', '{"error": 3}', '{"error": {"type": 7}}'])
def test_an_error_in_a_shape_nobody_knows_goes_by_its_status(body: str) -> None:
    assert outcome(Sent(500, body)).ending == "server"
    assert outcome(Sent(401, body)).ending == "auth"


def test_an_answer_that_breaks_off_is_a_lost_connection() -> None:
    assert outcome(wire.cut()).ending == "connection"


def test_no_answer_at_all_is_a_lost_connection() -> None:
    ended = outcome(wire.dropped())
    assert ended.ending == "connection"
    assert ended.retryable
    assert not ended.message.endswith(": ")


def test_nobody_there_is_no_connection() -> None:
    with serving(lambda _: wire.answer("A dog")) as server:
        url = server.url
    assert asked(endpoint(url)).ending == "connection"


def test_an_answer_that_takes_too_long_is_given_up() -> None:
    done = threading.Event()
    with serving(lambda _: Sent(wait=done)) as server:
        try:
            ended = asked(endpoint(server.url, timeout=0.3))
            assert len(server.received) == 1
        finally:
            done.set()
    assert ended.ending == "timeout"
    assert ended.retryable


def test_a_redirect_is_not_followed() -> None:
    def other(_: Received) -> Sent:
        raise AssertionError("the picture went elsewhere")

    with serving(other) as elsewhere:
        ended = outcome(Sent(307, "", {"location": f"{elsewhere.url}/v1/messages"}))
        assert not elsewhere.received
    assert ended.ending in STOPS
    assert "base_url" in ended.message


def test_a_question_that_cannot_be_asked_is_an_outcome_too() -> None:
    with serving(lambda _: wire.answer("A dog")) as server:
        ended = asked(endpoint(server.url), question(schema={"no": "type"}))
        assert not server.received
    assert ended.ending == "bad_request"


def test_cancelling_cancels() -> None:
    done, came = threading.Event(), threading.Event()

    def hold(_: Received) -> Sent:
        came.set()
        return Sent(wait=done)

    async def cancelled(server: ApiServer) -> None:
        client = Anthropic(endpoint(server.url))
        task = asyncio.create_task(client.ask(question()))
        await asyncio.to_thread(came.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await client.close()

    with serving(hold) as server:
        try:
            asyncio.run(cancelled(server))
        finally:
            done.set()


def test_many_are_asked_at_once_by_one_client() -> None:
    everyone = threading.Barrier(6, timeout=30)

    def together(_: Received) -> Sent:
        everyone.wait()
        return wire.answer("A dog")

    async def all_of(url: str) -> list[Outcome]:
        client = Anthropic(endpoint(url))
        try:
            return await asyncio.gather(*(client.ask(question()) for _ in range(6)))
        finally:
            await client.close()

    with serving(together) as server:
        ended = asyncio.run(all_of(server.url))
        assert len(server.received) == 6
    assert [one.text for one in ended] == ["A dog"] * 6


# ------------------------------------------------------------------------------------- keys


def test_without_a_key_nothing_is_sent_whatever_lies_about(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    configs = tmp_path / "configs"
    configs.mkdir()
    profile = {"version": "1.0", "authentication": {"type": "user_oauth"}}
    (configs / "default.json").write_text(json.dumps(profile), encoding="utf-8")
    monkeypatch.setenv("ANTHROPIC_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("ANTHROPIC_PROFILE", "default")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-api03-somebody-elses-key-0000")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "somebody-elses-token")
    with serving(lambda _: wire.answer("A dog")) as server:
        ended = asked(endpoint(server.url, key=None))
        assert not server.received
    assert ended.ending == "auth"
    assert "anthropic has no key" in ended.message


def test_a_key_that_no_header_takes_is_told_without_being_shown() -> None:
    broken = f"{KEY}\nX-Other: 1"
    with serving(lambda _: wire.answer("A dog")) as server:
        ended = asked(endpoint(server.url, key=Secret(broken)))
        assert not server.received
    assert ended.ending == "auth"
    assert KEY not in repr(ended)


def test_the_environment_moves_neither_key_nor_address_nor_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-api03-somebody-elses-key-0000")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "somebody-elses-token")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    theirs = "authorization: Bearer somebody-elses\nX-Api-Key: somebody-elses\nX-Gateway: somebodys"
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", theirs)
    came = received(question())
    assert came.headers["Authorization"] == f"Bearer {KEY}"
    assert "somebody" not in repr(came.headers)
    client = Anthropic(endpoint("http://127.0.0.1:9"))
    own = Anthropic(Endpoint("anthropic", "anthropic", key=Secret(KEY)))
    assert client.client is not None
    assert own.client is not None
    assert own.client.base_url.host == "api.anthropic.com"


def test_the_key_stands_in_a_header_alone_and_no_name_of_a_file_is_sent() -> None:
    came = received(question(system="You write captions."))
    assert KEY not in came.path
    assert KEY not in json.dumps(came.body)
    assert "filename" not in json.dumps(came.body)


@pytest.mark.parametrize("status", [200, 400, 401, 429, 500])
def test_a_service_that_repeats_the_key_does_not_bring_it_into_an_outcome(status: int) -> None:
    words = f"key {KEY} " * 30
    ended = outcome(wire.answer(words) if status == 200 else wire.error(status, KEY, words))
    assert KEY not in repr(ended)


def test_the_key_stands_in_no_repr() -> None:
    where = endpoint("http://127.0.0.1:9")
    client = Anthropic(where)
    assert KEY not in repr(client)
    assert KEY not in repr(where)
    assert KEY not in repr(vars(client))


def test_the_key_stands_in_no_log_even_of_the_library(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for name in ("anthropic", "httpx2", "httpcore2"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        try:
            outcome(wire.bad_key())
            outcome(wire.dropped())
        finally:
            for name in ("anthropic", "httpx2", "httpcore2"):
                logging.getLogger(name).setLevel(logging.NOTSET)
    assert "HTTP Request" in caplog.text
    assert KEY not in caplog.text


def test_the_key_stands_in_no_log_when_the_library_is_told_to_log_all() -> None:
    """The library reads the variable when it is imported: another process shows what it does."""
    with serving(lambda _: wire.bad_key()) as server:
        told = {"ANTHROPIC_LOG": "debug", "LORAIRO_TEST_URL": server.url, "LORAIRO_TEST_KEY": KEY}
        paths = os.pathsep.join(
            str(Path(__file__).resolve().parents[1] / name) for name in ("services", "annotators")
        )
        done = subprocess.run(
            [sys.executable, "-c", _TALKATIVE],
            env={**os.environ, **told, "PYTHONPATH": os.pathsep.join([*sys.path, paths])},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    assert "Request options" in done.stderr
    assert done.stdout.strip() == "auth"
    assert KEY not in done.stderr + done.stdout


_TALKATIVE = """
import asyncio, os
from lorairo.annotators.anthropic import Anthropic
from lorairo.config.secret import Secret
from lorairo.services.asking import Service
from lorairo.services.calls import Picture, Request
from lorairo.services.endpoint import Endpoint

async def main():
    key = Secret(os.environ.pop("LORAIRO_TEST_KEY"))
    client = Anthropic(Endpoint("anthropic", "anthropic", os.environ["LORAIRO_TEST_URL"], key))
    picture = Picture(b"picture", "image/jpeg", 8, 8, b"")
    outcome = await client.ask(Request("claude-haiku-4-5", Service(), "", "What is on it?", picture))
    await client.close()
    print(outcome.ending)

asyncio.run(main())
"""
