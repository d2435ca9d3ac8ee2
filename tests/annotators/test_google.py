"""What a user relies on when Gemini is asked: the library itself, against a server of ours."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

import google_wire as wire
import pytest
from api_server import ApiServer, Received, Sent, serving

from lorairo.annotators.google import Google
from lorairo.config.secret import Secret
from lorairo.services.asking import Service
from lorairo.services.calls import STOPS, Outcome, Picture, Request, Usage
from lorairo.services.endpoint import Endpoint

KEY = "AIzaSyAbcdefghijklmnopqrstuvwxyz0123456"
PICTURE = Picture(bytes(range(256)) * 3, "image/webp", 640, 480, b"d" * 32)
SCHEMA = {
    "type": "object",
    "properties": {
        "caption": {"type": "string"},
        "rating": {"anyOf": [{"type": "string", "enum": ["general", "explicit"]}, {"type": "null"}]},
    },
    "required": ["caption", "rating"],
    "additionalProperties": False,
}


def question(*, schema: dict[str, Any] | None = None, system: str = "", **service: Any) -> Request:
    return Request(wire.MODEL, Service(**service), system, "What is on it?", PICTURE, schema)


def endpoint(url: str, **more: Any) -> Endpoint:
    return Endpoint("google", "google", **{"base_url": url, "key": Secret(KEY), "timeout": 20.0} | more)


def asked(where: Endpoint, request: Request | None = None) -> Outcome:
    async def once() -> Outcome:
        client = Google(where)
        try:
            return await client.ask(request or question())
        finally:
            await client.close()

    return asyncio.run(once())


class Desk:
    """One client at one server, which is told before each question what to answer, and asked once."""

    def __init__(self, server: ApiServer, runner: asyncio.Runner) -> None:
        self.server, self.runner = server, runner
        self.client = runner.run(self._made())

    async def _made(self) -> Google:
        return Google(endpoint(self.server.url))

    def outcome(self, sent: Sent, request: Request | None = None) -> Outcome:
        self.server.script = lambda _: sent
        self.server.received.clear()
        ended = self.runner.run(self.client.ask(request or question()))
        assert len(self.server.received) == 1
        return ended

    def asked(self, request: Request) -> wire.Asked:
        assert self.outcome(wire.answer("A dog"), request).ending == "ok"
        return wire.asked(self.server.received[0])


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with serving(lambda _: wire.nothing()) as server, asyncio.Runner() as runner:
        made = Desk(server, runner)
        yield made
        runner.run(made.client.close())


def received(request: Request) -> Received:
    """Ask with a client of its own, made in the surroundings of the test."""
    with serving(wire.answering(lambda _: "A dog")) as server:
        assert asked(endpoint(server.url), request).ending == "ok"
        (only,) = server.received
    return only


# ------------------------------------------------------------------------------------- what is sent


def test_the_picture_goes_before_the_words_as_it_is_with_its_real_type() -> None:
    came = received(question(system="You write captions."))
    (content,) = came.body["contents"]
    assert [next(iter(part)) for part in content["parts"]] == ["inlineData", "text"]
    read = wire.asked(came)
    assert read.picture == PICTURE.data
    assert read.media_type == "image/webp"
    assert not read.data.startswith("data:")
    assert read.prompt == "What is on it?"
    assert read.system == "You write captions."
    assert read.model == wire.MODEL


def test_every_adjustable_filter_is_asked_to_let_pass() -> None:
    settings = received(question()).body["safetySettings"]
    assert {row["threshold"] for row in settings} == {"BLOCK_NONE"}
    assert {row["category"].removeprefix("HARM_CATEGORY_") for row in settings} == {
        "HARASSMENT",
        "HATE_SPEECH",
        "SEXUALLY_EXPLICIT",
        "DANGEROUS_CONTENT",
    }


def test_a_schema_is_sent_as_it_is_with_the_type_of_the_answer(desk: Desk) -> None:
    config = desk.asked(question(schema=SCHEMA, max_tokens=300)).config
    assert config["responseMimeType"] == "application/json"
    assert config["responseJsonSchema"] == SCHEMA
    assert config["maxOutputTokens"] == 300


def test_json_without_a_schema_and_words_alone_send_no_schema(desk: Desk) -> None:
    config = desk.asked(question(schema=SCHEMA, structured="json")).config
    assert config["responseMimeType"] == "application/json"
    assert "responseJsonSchema" not in config
    assert set(desk.asked(question(schema=SCHEMA, structured="text")).config) == {"maxOutputTokens"}


def test_a_model_may_be_made_to_call_a_tool() -> None:
    sent = wire.answer("")
    call = {"functionCall": {"name": "answer", "args": {"caption": "A dög", "rating": None}}}
    sent.body["candidates"][0]["content"] = {"role": "model", "parts": [call]}
    with serving(lambda _: sent) as server:
        ended = asked(endpoint(server.url), question(schema=SCHEMA, structured="tool"))
        body = wire.asked(server.received[0]).body
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
    config = desk.asked(question(effort=effort, max_tokens=2000)).config
    assert config["thinkingConfig"] == sent


def test_what_was_not_set_is_not_sent(desk: Desk) -> None:
    assert set(desk.asked(question()).config) == {"maxOutputTokens"}
    assert desk.asked(question(temperature=0.2)).config["temperature"] == 0.2


@pytest.mark.parametrize("structured", ["schema", "tool", "json", "text"])
def test_a_question_of_a_batch_is_what_is_sent_alone(desk: Desk, structured: str) -> None:
    request = question(schema=SCHEMA, structured=structured, system="You write.", effort="0", temperature=1)
    alone, line = desk.asked(request), wire.asked_of(Google.parameters(request))
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
    ["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY", "JAILBREAK", "MODEL_ARMOR", "NEW"],
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
        "PROHIBITED_CONTENT",
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
    assert desk.outcome(wire.blocked("PROHIBITED_CONTENT")).final
    assert desk.outcome(wire.stopped("PROHIBITED_CONTENT")).final
    assert desk.outcome(wire.stopped("IMAGE_PROHIBITED_CONTENT")).final
    assert desk.outcome(wire.blocked("OTHER", "Flagged as CSAM.")).final
    assert desk.outcome(wire.stopped("SAFETY", "It may show a child.")).final
    assert not desk.outcome(wire.stopped("SAFETY")).final
    assert not desk.outcome(wire.blocked("SAFETY")).final


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


@pytest.mark.parametrize("status", [200, 502])
def test_a_page_of_a_proxy_is_no_answer_and_is_not_repeated(desk: Desk, status: int) -> None:
    ended = desk.outcome(wire.html(status))
    assert ended.ending == "server"
    assert ended.retryable
    assert "Sign in" not in ended.message


@pytest.mark.parametrize(
    "body", ['{"candidates": [{"content": {"par', "{}", "[]", '"words"', "", "[" * 5000, b"\xff\xfe{"]
)
def test_a_body_that_is_no_response_is_no_answer(desk: Desk, body: str | bytes) -> None:
    ended = desk.outcome(Sent(200, body))
    assert ended.ending == "server"
    assert ended.retryable


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        '"words"',
        '{"error": 3}',
        '{"error": {"details": 7}}',
        '{"error": {"details": [{"violations": 7}]}}',
        b"\xff\xfe{",
    ],
)
def test_an_error_in_a_shape_nobody_knows_goes_by_its_status(desk: Desk, body: str | bytes) -> None:
    assert desk.outcome(Sent(500, body)).ending == "server"


def test_an_answer_that_breaks_off_is_a_lost_connection(desk: Desk) -> None:
    assert desk.outcome(wire.cut()).ending == "connection"


def test_no_answer_at_all_is_a_lost_connection(desk: Desk) -> None:
    ended = desk.outcome(wire.dropped())
    assert ended.ending == "connection"
    assert ended.retryable


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


def test_a_slow_answer_is_waited_for_as_long_as_the_settings_say() -> None:
    with serving(lambda _: Sent(200, wire.answer("A dog").body, delay=0.3)) as server:
        assert asked(endpoint(server.url, timeout=20.0)).ending == "ok"


def test_a_redirect_is_not_followed(desk: Desk) -> None:
    def other(_: Received) -> Sent:
        raise AssertionError("the picture went elsewhere")

    with serving(other) as elsewhere:
        ended = desk.outcome(Sent(307, "", {"location": f"{elsewhere.url}/v1/models"}))
        assert not elsewhere.received
    assert ended.ending in STOPS
    assert "base_url" in ended.message


def test_a_question_that_cannot_be_asked_is_an_outcome_too() -> None:
    with serving(lambda _: wire.answer("A dog")) as server:
        ended = asked(endpoint(server.url), Request("", Service(), "", "What?", PICTURE))
        assert not server.received
    assert ended.ending == "bad_request"


def test_cancelling_cancels() -> None:
    done, came = threading.Event(), threading.Event()

    def hold(_: Received) -> Sent:
        came.set()
        return Sent(wait=done)

    async def cancelled(server: ApiServer) -> None:
        client = Google(endpoint(server.url))
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


def test_many_are_asked_at_once_by_one_client_that_outlives_a_collection() -> None:
    everyone = threading.Barrier(6, timeout=30)

    def together(_: Received) -> Sent:
        everyone.wait()
        return wire.answer("A dog")

    async def all_of(url: str) -> list[Outcome]:
        client = Google(endpoint(url))
        try:
            found = []
            for _ in range(2):
                found += await asyncio.gather(*(client.ask(question()) for _ in range(6)))
                gc.collect()
            return found
        finally:
            await client.close()

    with serving(together) as server:
        ended = asyncio.run(all_of(server.url))
        assert len(server.received) == 12
    assert [one.text for one in ended] == ["A dog"] * 12


# ------------------------------------------------------------------------------------- keys


def test_without_a_key_nothing_is_sent_whatever_lies_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "AIzaSySomebodyElsesKey0123456789")
    monkeypatch.setenv("GEMINI_API_KEY", "AIzaSySomebodyElsesKey0123456789")
    with serving(lambda _: wire.answer("A dog")) as server:
        ended = asked(endpoint(server.url, key=None))
        assert not server.received
    assert ended.ending == "auth"
    assert "google has no key" in ended.message


def test_a_key_that_no_header_takes_is_told_without_being_shown() -> None:
    with serving(lambda _: wire.answer("A dog")) as server:
        ended = asked(endpoint(server.url, key=Secret(f"{KEY}…")))
        assert not server.received
    assert ended.ending == "auth"
    assert KEY not in repr(ended)


def test_the_environment_moves_neither_key_nor_address_nor_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "GOOGLE_API_KEY": "AIzaSySomebodyElsesKey0123456789",
        "GEMINI_API_KEY": "AIzaSyAnotherKey0123456789abcdef",
        "GOOGLE_GENAI_USE_VERTEXAI": "true",
        "GOOGLE_GENAI_USE_ENTERPRISE": "true",
        "GOOGLE_CLOUD_PROJECT": "somebodys-project",
        "GOOGLE_CLOUD_LOCATION": "europe-west1",
        "GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    came = received(question())
    assert came.headers["x-goog-api-key"] == KEY
    assert came.path == f"/v1/models/{wire.MODEL}:generateContent"
    own = Google(Endpoint("google", "google", key=Secret(KEY)))
    assert own.client is not None
    assert own.client._api_client._http_options.base_url == "https://generativelanguage.googleapis.com"


def test_the_key_stands_in_a_header_alone_and_no_name_of_a_file_is_sent() -> None:
    came = received(question(system="You write captions."))
    assert "?" not in came.path
    assert KEY not in came.path
    assert KEY not in json.dumps(came.body)
    assert "displayName" not in json.dumps(came.body)
    assert {name for name, value in came.headers.items() if KEY in value} == {"x-goog-api-key"}


@pytest.mark.parametrize("status", [200, 400, 401, 429, 500])
def test_a_service_that_repeats_the_key_does_not_bring_it_into_an_outcome(desk: Desk, status: int) -> None:
    words = f"key {KEY} " * 30
    ended = desk.outcome(wire.answer(words) if status == 200 else wire.error(status, KEY, words))
    assert KEY not in repr(ended)


def test_the_key_stands_in_no_repr() -> None:
    where = endpoint("http://127.0.0.1:9")
    client = Google(where)
    assert KEY not in repr(client)
    assert KEY not in repr(where)
    assert KEY not in repr(vars(client))


def test_the_key_stands_in_no_log_even_of_the_library(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    names = ("google_genai", "httpx2", "httpcore2")
    with caplog.at_level(logging.DEBUG):
        for name in names:
            logging.getLogger(name).setLevel(logging.DEBUG)
        try:
            desk.outcome(wire.bad_key())
            desk.outcome(wire.dropped())
        finally:
            for name in names:
                logging.getLogger(name).setLevel(logging.NOTSET)
    assert "HTTP Request" in caplog.text
    assert KEY not in caplog.text
