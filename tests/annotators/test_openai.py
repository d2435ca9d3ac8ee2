"""What OpenAI is sent: the library itself, against a server of ours."""

from __future__ import annotations

import json

import openai_wire as wire
import pytest
from openai_desk import (
    KEY,
    PICTURE,
    RESPONSES,
    SCHEMA,
    STRICT,
    header,
    nobodys_environment,
    outcome,
    received,
)

from lorairo.annotators.openai_questions import strict

__all__ = ["nobodys_environment"]  # a fixture of all tests here


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
