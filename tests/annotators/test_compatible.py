"""What a user relies on when a server like OpenAI is asked: vLLM, Ollama, LM Studio, OpenRouter."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import openai_wire as wire
import pytest
from api_server import Received, Sent, serving
from hypothesis import given
from hypothesis import strategies as st

from lorairo.annotators.openai import OpenAI
from lorairo.annotators.openai_endings import of_answer
from lorairo.annotators.openai_errors import of_error
from lorairo.config.secret import Secret
from lorairo.services.asking import Service
from lorairo.services.calls import CallError, Outcome, Picture, Request, Usage
from lorairo.services.endpoint import Endpoint

PICTURE = Picture(b"\xff\xd8 a photograph", "image/jpeg", 640, 480, b"d" * 32)
SCHEMA = {"type": "object", "properties": {"caption": {"type": "string"}}, "required": ["caption"]}


def question(**service: Any) -> Request:
    return Request("llava", Service(**service), "", "What is on it?", PICTURE, SCHEMA)


def told(url: str, do: Callable[[OpenAI], Awaitable[Any]], key: str | None = None) -> Any:
    """Do something with a server without a key."""

    async def once() -> Any:
        client = OpenAI(
            Endpoint("studio", "openai", f"{url}/v1", None if key is None else Secret(key), timeout=20.0)
        )
        try:
            return await do(client)
        finally:
            await client.close()

    return asyncio.run(once())


def outcome(sent: Sent, **service: Any) -> Outcome:
    """Ask a server that has one answer; whatever it is, it is asked once."""
    with serving(lambda _: sent) as server:
        ended = told(server.url, lambda client: client.ask(question(**service)))
        assert len(server.received) == 1
    assert isinstance(ended, Outcome)
    return ended


# ---------------------------------------------------------------------------------------- any such server


def test_a_server_without_a_key_is_asked_in_the_older_words() -> None:
    with serving(wire.answering(lambda asked: f"{asked.picture!r}")) as server:
        ended = told(server.url, lambda client: client.ask(question()))
        body = server.received[0].body
    assert (ended.ending, ended.text) == ("ok", repr(PICTURE.data))
    assert body["max_tokens"] == 1024
    assert "max_completion_tokens" not in body
    assert wire.asked(server.received[0]).media_type == "image/jpeg"


def test_a_model_of_openai_behind_another_address_is_asked_in_its_own_words_from_then_on() -> None:
    words = "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."

    def script(came: Received) -> Sent:
        if "max_tokens" in came.body:
            return wire.error(400, "unsupported_parameter", words, param="max_tokens")
        return wire.chat("A dog")

    async def at_once_and_later(client: OpenAI) -> list[Outcome]:
        both = await asyncio.gather(client.ask(question()), client.ask(question()))
        return [*both, await client.ask(question())]

    with serving(script) as server:
        assert [ended.ending for ended in told(server.url, at_once_and_later)] == ["ok"] * 3
        assert "max_completion_tokens" in server.received[-1].body
        assert len(server.received) == 5


@pytest.mark.parametrize("usage", [False, None, {}, {"prompt_tokens": None, "total_tokens": "many"}])
def test_what_is_not_counted_is_unknown_and_not_nothing(usage: Any) -> None:
    assert outcome(wire.chat("A dog", usage=usage)).usage == Usage()


def test_thoughts_count_where_a_server_counts_them_beside_the_answer() -> None:
    used = {"prompt_tokens": 900, "completion_tokens": 20, "total_tokens": 1_000}
    assert outcome(wire.chat("A dog", usage=used)).usage == Usage(900, None, 100)


def test_an_answer_in_parts_is_put_together() -> None:
    parts: Any = [{"type": "text", "text": "A dog"}, {"type": "text", "text": " on a lawn"}, None]
    assert outcome(wire.chat(parts)).text == "A dog on a lawn"


def test_an_answer_with_half_a_character_can_be_kept() -> None:
    ended = outcome(Sent(200, '{"choices": [{"message": {"content": "A \\ud83d dog\\u0000"}}]}'))
    assert ended.ending == "ok"
    assert ended.text.encode() == "A \ufffd dog".encode()


def test_a_server_that_asks_for_a_key_says_so() -> None:
    ended = outcome(Sent(401, {"error": "Unauthorized"}))
    assert (ended.ending, "does not take the key" in ended.message) == ("auth", True)


_NAMES = """
choices message content text refusal finish_reason tool_calls function arguments output type status error
code metadata raw reasons headers innererror detail msg usage prompt_tokens prompt_tokens_details cost
cached_tokens total_tokens incomplete_details reason output_text length stop failed incomplete
"""
_WORD = st.sampled_from(_NAMES.split())
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | _WORD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORD, inner, max_size=6),
    max_leaves=25,
)


@given(body=_JSON, status=st.sampled_from([None, 200, 307, 400, 401, 403, 429, 500]), within=st.booleans())
def test_no_json_is_too_strange_for_an_outcome(body: Any, status: int | None, within: bool) -> None:
    body = {"choices": [body], "usage": body} if within else body
    for ended in (of_answer(json.dumps(body), {}, "studio"), of_error(status, body, {}, "studio")):
        assert (ended.ending == "ok") == (not ended.message)
        assert (ended.text + ended.message).encode()


# ------------------------------------------------------------------------------------- errors of each server

TRAPS: dict[str, tuple[Sent, str, str]] = {
    "LM Studio takes no json_object": (
        Sent(400, {"error": "'response_format.type' must be 'json_schema' or 'text'"}),
        "bad_request",
        "structured, in the model's row",
    ),
    "vLLM, an older shape": (
        Sent(400, {"object": "error", "message": "bad top_p", "type": "BadRequestError", "code": 400}),
        "bad_request",
        "bad top_p",
    ),
    "vLLM, a prompt that is too long": (
        wire.error(400, 400, "This model's maximum context length is 4096 tokens"),
        "bad_request",
        "long_edge",
    ),
    "vLLM, another model": (
        wire.error(404, 404, "The model `llava` does not exist."),
        "not_found",
        "`llava`",
    ),
    "Ollama, a model that is not pulled": (
        wire.error(404, None, 'model "llava" not found, try pulling it first', type="not_found_error"),
        "not_found",
        "try pulling it first",
    ),
    "vLLM, a picture that is none": (
        wire.error(400, 400, "cannot identify image file <_io.BytesIO object>", type="BadRequestError"),
        "invalid_image",
        "cannot identify image file",
    ),
    "llama.cpp, still loading": (
        wire.error(503, 503, "Loading model", type="unavailable_error"),
        "server",
        "Loading model",
    ),
    "a path that is not there": (Sent(404, {"detail": "Not Found"}), "not_found", "the address"),
    "a page that is not there": (wire.html(404), "not_found", "Sign in to the network"),
    "Gemini, errors in a list": (
        Sent(429, [{"error": {"code": 429, "message": "Slow down", "status": "RESOURCE_EXHAUSTED"}}]),
        "rate_limited",
        "Slow down",
    ),
    "OpenRouter, 502 with 200": (wire.error_within(502, "Bad gateway"), "server", "HTTP 502: Bad gateway"),
    "OpenRouter, 429 with 200": (wire.error_within(429, "Slow down"), "rate_limited", "HTTP 429: Slow down"),
    "OpenRouter, 402": (wire.error(402, 402, "Insufficient credits"), "quota_exhausted", "Top it up"),
    "OpenRouter, moderation": (
        wire.moderated("sexual", "violence"),
        "policy_block",
        "sexual, violence",
    ),
    "OpenRouter, an error of whom it asked": (
        wire.error_within(400, raw='{"error": {"message": "No.", "code": "content_policy_violation"}}'),
        "policy_block",
        "content_policy_violation",
    ),
    "OpenRouter, broken off": (
        Sent(
            body={
                "choices": [
                    {
                        "finish_reason": "error",
                        "message": {"content": "A do"},
                        "error": {"code": 502, "message": "Provider disconnected"},
                    }
                ]
            }
        ),
        "server",
        "Provider disconnected",
    ),
    "an error without words": (Sent(200, {"error": {}}), "server", "nothing is said of why"),
    "an error of another kind": (Sent(500, {"error": ["a", "b"]}), "server", "HTTP 500"),
    "numbers": (Sent(200, "17"), "server", "nothing is said of why"),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_errors_in_any_shape_say_what_happened(trap: str) -> None:
    sent, ending, words = TRAPS[trap]
    ended = outcome(sent)
    assert ended.ending == ending, ended
    assert ended.message.startswith("studio ")
    assert words in ended.message


def test_openrouter_says_what_an_answer_cost() -> None:
    used = wire.tokens() | {"cost": 0.00014}
    ended = outcome(wire.chat("A dog", usage=used))
    assert ended.usage == Usage(900, 0, 60, 0.00014)


@pytest.mark.parametrize("cost", ["0.1", -1, True, None])
def test_a_cost_that_is_none_is_unknown(cost: Any) -> None:
    assert outcome(wire.chat("A dog", usage={"cost": cost})).usage.cost is None


def test_openrouter_says_when_a_limit_begins_anew() -> None:
    then = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int((time.time() + 90) * 1000))}
    wait = outcome(wire.error(429, 429, "Rate limit exceeded", metadata={"headers": then})).retry_after
    assert wait is not None
    assert 60 < wait <= 90


BLIND = (
    (400, "Invalid content type. image_url is only supported by certain models."),
    (400, "At most 0 image(s) may be provided in one prompt."),
    (400, "facebook/opt-125m is not a multimodal model"),
    (500, "Failed to process inputs: this model is missing data required for image input"),
    (400, "Model does not support images. Please use a model that does."),
    (500, "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj"),
    (404, "No endpoints found that support image input"),
    (422, "Failed to deserialize the JSON body: messages[0]: unknown variant `image_url`, expected `text`"),
    (400, "'messages.0.content' : value must be a string"),
)


@pytest.mark.parametrize(("status", "words"), BLIND)
def test_a_model_without_eyes_ends_the_run_and_says_so(status: int, words: str) -> None:
    ended = outcome(wire.error(status, None, words))
    assert ended.ending == "not_found"
    assert "does not look at pictures: take one that does" in ended.message


@pytest.mark.parametrize(
    "words",
    [
        "This model does not support image types other than PNG",
        "The model does not support images larger than 4096 pixels",
        "You uploaded an unsupported image. Please make sure your image has of one the following formats",
    ],
)
def test_a_picture_that_does_not_suit_is_not_taken_for_a_model_without_eyes(words: str) -> None:
    assert outcome(wire.error(400, None, words)).ending == "bad_request"


# ----------------------------------------------------------------------------------- which models there are


def test_models_are_listed_but_for_those_that_take_no_pictures() -> None:
    rows = [
        {"id": "a/sees", "architecture": {"input_modalities": ["text", "image"]}},
        {"id": "a/reads", "architecture": {"input_modalities": ["text"]}},
        {"id": "b/sees", "capabilities": {"vision": True}},
        {"id": "b/reads", "capabilities": {"vision": False}},
        {"id": "c/says-nothing"},
    ]
    with serving(lambda _: Sent(body={"object": "list", "data": rows})) as server:
        assert told(server.url, lambda client: client.models()) == ["a/sees", "b/sees", "c/says-nothing"]
        assert (server.received[0].method, server.received[0].path) == ("GET", "/v1/models")


def test_a_server_that_has_no_model_yet_lists_none() -> None:
    with serving(lambda _: Sent(body={"object": "list", "data": None})) as server:
        assert told(server.url, lambda client: client.models()) == []


@pytest.mark.parametrize(
    ("sent", "ending"),
    [
        (wire.bad_key(), "auth"),
        (wire.html(), "server"),
        (wire.html(404), "not_found"),
        (wire.malformed(), "server"),
        (wire.dropped(), "connection"),
        (Sent(body=["llava"]), "server"),
        (Sent(body={"data": ["llava"]}), "server"),
    ],
    ids=["bad key", "page", "not there", "half a document", "hung up", "a list", "names alone"],
)
def test_models_that_cannot_be_listed_are_an_error_that_says_why(sent: Sent, ending: str) -> None:
    with serving(lambda _: sent) as server, pytest.raises(CallError, match="studio") as raised:
        told(server.url, lambda client: client.models())
    assert raised.value.outcome.ending == ending


def test_nothing_but_the_question_is_sent() -> None:
    with serving(lambda _: wire.chat("A dog")) as server:
        told(server.url, lambda client: client.ask(question()), key="a-key-of-my-own-server")
        came = server.received[0]
    assert set(came.body) == {"model", "messages", "max_tokens", "response_format"}
    headers = json.dumps({name.lower(): value for name, value in came.headers.items()})
    assert "openai-organization" not in headers
    assert "Bearer a-key-of-my-own-server" in headers
