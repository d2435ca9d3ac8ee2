"""What the answers of OpenAI, and of servers that speak like it, come down to: one outcome each."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx2
from openai import APIConnectionError, APIStatusError

from lorairo.annotators.openai_errors import mapping, of_error, quoted
from lorairo.log import logger
from lorairo.services.answer import storable
from lorairo.services.calls import Outcome, Usage
from lorairo.services.exchange import keyless, parsed, unanswered

if TYPE_CHECKING:
    from lorairo.services.endpoint import Endpoint

_MOST = 10**12  # tokens; more were not counted but made up


def of_answer(content: str | bytes, headers: Mapping[str, str], provider: str) -> Outcome:
    """Read what came with status 200: an answer, but proxies send pages, and OpenRouter sends errors."""
    body = parsed(content)
    if body is not None:
        return of_body(body, headers, provider)
    message = (
        f"{provider} answered with something that is no JSON: {quoted(content)}. A proxy may have answered "
        f"instead, or providers.{provider}.base_url is wrong: it mostly ends in /v1"
    )
    return Outcome("server", message=message, request_id=headers.get("x-request-id", ""))


def of_body(body: Any, headers: Mapping[str, str], provider: str) -> Outcome:
    """Read the body of an answer, of chat completions or of responses; lines of a batch hold the same."""
    told = body if isinstance(body, Mapping) else {}
    if isinstance(told.get("output"), list) and "choices" not in told:
        outcome = _of_response(told, provider)
    elif isinstance(told.get("choices"), list) and told["choices"]:
        outcome = _of_choice(mapping(told["choices"][0]), usage_of(told), provider)
    else:
        outcome = replace(of_error(None, body, headers, provider), usage=usage_of(told))
    return _named(outcome, told, headers)


def of_raised(error: Exception, endpoint: Endpoint) -> Outcome:
    """Say what an exception of a call comes down to; its own words may hold the key, and are left out."""
    provider = endpoint.provider
    if isinstance(error, APIStatusError):
        response = error.response
        body = parsed(response.content)
        outcome = of_error(
            error.status_code, response.text if body is None else body, response.headers, provider
        )
        return _named(outcome, {}, response.headers)
    if isinstance(error.__cause__, httpx2.LocalProtocolError) or isinstance(error, UnicodeEncodeError):
        return keyless(endpoint)
    if isinstance(error, APIConnectionError | TimeoutError):
        return unanswered(provider, endpoint, error)
    if isinstance(error, json.JSONDecodeError):
        return of_answer(error.doc, {}, provider)
    logger.opt(exception=error).error("{} could not be asked", provider)
    return Outcome(
        "bad_request", message=f"{provider} could not be asked: {type(error).__name__}, see the log"
    )


def usage_of(body: Mapping[str, Any]) -> Usage:
    """Count what was used; None for what is not told.

    Some servers count thoughts beside what was written, not among it: their total has both.
    """
    told = mapping(body.get("usage"))
    read = _count(told.get("prompt_tokens", told.get("input_tokens")))
    written = _count(told.get("completion_tokens", told.get("output_tokens")))
    total = _count(told.get("total_tokens"))
    if read is not None and written is not None and total is not None:
        written = max(written, total - read)
    details = mapping(told.get("prompt_tokens_details") or told.get("input_tokens_details"))
    cached, kept = (_count(details.get(name)) for name in ("cached_tokens", "cache_write_tokens"))
    return Usage(read, cached, written, _money(told.get("cost")), kept)


def _of_choice(choice: Mapping[str, Any], usage: Usage, provider: str) -> Outcome:
    """Read an answer of chat completions: how it ended first, a refusal second, the words last."""
    message = mapping(choice.get("message"))
    finish = str(choice.get("finish_reason") or "")
    text, refusal = _called(message) or _words(message.get("content")), _words(message.get("refusal"))
    if fault := choice.get("error"):
        outcome = of_error(None, {"error": fault}, {}, provider)
        return replace(outcome, text=text, usage=usage)
    if finish == "content_filter":
        return _filtered(text, finish, usage, provider)
    if refusal:
        return _refused(refusal, usage)
    if finish == "length":
        return _cut(text, finish, usage)
    return _answered(text, finish, usage)


def _of_response(body: Mapping[str, Any], provider: str) -> Outcome:
    """Read an answer of the responses API."""
    usage = usage_of(body)
    items = [mapping(item) for item in body["output"]]
    parts = [mapping(part) for item in items for part in _list(item.get("content"))]
    called = "".join(_words(item.get("arguments")) for item in items if item.get("type") == "function_call")
    text = called or "".join(_words(part.get("text")) for part in parts if part.get("type") == "output_text")
    refusal = "".join(_words(part.get("refusal")) for part in parts if part.get("type") == "refusal")
    status = str(body.get("status") or "")
    reason = str(mapping(body.get("incomplete_details")).get("reason") or status)
    if status in ("failed", "cancelled") or body.get("error"):
        outcome = of_error(None, {"error": body.get("error") or {}}, {}, provider)
        return replace(outcome, text=text, usage=usage)
    if reason == "content_filter":
        return _filtered(text, reason, usage, provider)
    if refusal:
        return _refused(refusal, usage)
    if status == "incomplete":
        return _cut(text, reason, usage)
    return _answered(text, status, usage)


def _answered(text: str, code: str, usage: Usage) -> Outcome:
    if not text.strip():
        return Outcome("empty", text, "the answer is empty", code, usage=usage)
    return Outcome("ok", text, code=code, usage=usage)


def _refused(words: str, usage: Usage) -> Outcome:
    return Outcome("refusal", words, f"the model declines: {quoted(words)}", "refusal", usage=usage)


def _filtered(text: str, code: str, usage: Usage, provider: str) -> Outcome:
    message = f"the filter of {provider} ended the answer"
    return Outcome("policy_block", text, message, code, usage=usage)


def _cut(text: str, code: str, usage: Usage) -> Outcome:
    begun = "the answer was cut" if text.strip() else "the model was still thinking"
    written = "" if usage.output is None else f" after {usage.output:,} tokens"
    more = 'parameters={"max_tokens": ...} allows more, "effort" sets how long a model thinks'
    message = f"{begun}{written}: {more}"
    return Outcome("truncated", text, message, code, usage=usage)


def _called(message: Mapping[str, Any]) -> str:
    """Return what a tool was called with; one that had to be called is the answer."""
    calls = [mapping(call) for call in _list(message.get("tool_calls"))]
    return _words(mapping(calls[0].get("function")).get("arguments")) if calls else ""


def _words(value: Any) -> str:
    """Return a text; some servers send it as a list of parts, tools as an object."""
    if isinstance(value, list):
        return "".join(_words(mapping(part).get("text")) for part in value)
    if isinstance(value, Mapping):
        return json.dumps(value)
    return storable(value) if isinstance(value, str) else ""


def _named(outcome: Outcome, body: Mapping[str, Any], headers: Mapping[str, str]) -> Outcome:
    """Add what the exchange and the model are called."""
    name = headers.get("x-request-id") or _words(body.get("id"))
    return replace(outcome, request_id=name, model=_words(body.get("model")))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _count(value: Any) -> int | None:
    number = isinstance(value, int) and not isinstance(value, bool)
    return value if number and 0 <= value < _MOST else None


def _money(value: Any) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and math.isfinite(value) and value >= 0 else None
