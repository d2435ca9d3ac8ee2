"""How Anthropic ends a question: each of its answers and errors as one outcome."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from lorairo.services.calls import Outcome, Usage
from lorairo.services.exchange import block_of, error_of, foreign, moved, read_answer
from lorairo.services.waiting import asked_to_wait

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lorairo.services.calls import Ending

_NAME = "Anthropic"
_SLOWLY = 10.0  # seconds an overloaded service is left alone, where it asks for no time itself
_ENDED = frozenset({"end_turn", "stop_sequence", "tool_use"})
_CUT = {
    "max_tokens": "the answer was cut at max_tokens: allow more",
    "model_context_window_exceeded": "the model has no room left: send less text or a smaller picture",
    "pause_turn": "the model paused before its answer was complete",
}
_KINDS: dict[str, Ending] = {
    "authentication_error": "auth",
    "permission_error": "auth",
    "billing_error": "quota_exhausted",
    "not_found_error": "not_found",
    "request_too_large": "invalid_image",  # one picture and a few words: it is the picture
    "rate_limit_error": "rate_limited",
    "timeout_error": "timeout",
    "api_error": "server",
    "overloaded_error": "server",
    "conflict_error": "server",
}
_STATUSES: dict[int, Ending] = {
    401: "auth",
    402: "quota_exhausted",
    403: "auth",
    404: "not_found",
    408: "timeout",
    409: "server",
    413: "invalid_image",
    429: "rate_limited",
    504: "timeout",
}
_OVERLOADED = 529
_BROKEN = 500
_WRONG = 400

# errors that only their words, or a code beside them, tell apart
_BLOCKED = re.compile(r"content filtering policy", re.IGNORECASE)
_SPENT = re.compile(
    r"credit balance|specified (?:api )?usage limits|spend(?:ing)?[ _]limit|billing_un", re.IGNORECASE
)
_DISABLED = re.compile(r"organization has been disabled|organization_on_hold", re.IGNORECASE)
_PICTURE = re.compile(r"\bimages?\b|\bimage_|media[_ ]type", re.IGNORECASE)
_BLIND = re.compile(r"(?:not|n't) support", re.IGNORECASE)  # of no picture at all: the run stops


class _Block(BaseModel):
    type: str
    text: str | None = None
    input: Any = None


class _Details(BaseModel):
    category: str | None = None
    explanation: str | None = None


class _Usage(BaseModel):
    input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    output_tokens: int | None = None


class _Message(BaseModel):
    content: list[_Block]
    stop_reason: str | None = None
    stop_details: _Details | None = None
    usage: _Usage | None = None
    model: str | None = None


class _Error(BaseModel):
    type: str | None = None
    message: str | None = None
    details: Any = None


def answered(body: str, request_id: str = "") -> Outcome:
    """Read the body of an answer with status 200."""
    return read_answer(
        _NAME,
        body,
        lambda said: message_of(said, request_id),
        lambda said: failed(None, said, request_id=request_id),
    )


def message_of(said: Any, request_id: str = "") -> Outcome:
    """Read a message, such as a batch has for each question that was answered."""
    try:
        message = _Message.model_validate(said)
    except ValidationError:
        return foreign(_NAME, "{")
    text = _text(message.content)
    stop = message.stop_reason or ""
    details = message.stop_details or _Details()
    ending: Ending
    if stop == "refusal":  # what was written before is no answer
        ending, text = "refusal", ""
        words = f"the model refused: {details.explanation or details.category or 'it says no reason'}"
    elif stop in _CUT:
        ending, words = "truncated", _CUT[stop]
    elif stop not in _ENDED:
        ending, words = "unparseable", f"the answer ended in a way that is not known: {stop or 'none'}"
    elif text.strip():
        ending, words = "ok", ""
    else:
        ending, words = "empty", "the answer is empty"
    return Outcome(
        ending,
        text=text,
        message=words,
        code="" if ending == "ok" else details.category or stop,
        usage=_usage(message.usage),
        request_id=request_id,
        model=message.model or "",
    )


def _text(content: list[_Block]) -> str:
    """Return what was answered; thoughts may stand before it, and a tool is called with an object."""
    for block in content:
        if block.type == "tool_use":
            return json.dumps(block.input, ensure_ascii=False)
    return "".join(block.text or "" for block in content if block.type == "text")


def _usage(used: _Usage | None) -> Usage:
    """Count what was read as a whole: Anthropic leaves out what its cache gave and took."""
    if used is None:
        return Usage()
    read = [used.input_tokens, used.cache_creation_input_tokens, used.cache_read_input_tokens]
    counted = [tokens for tokens in read if tokens is not None]
    total = sum(counted) if counted else None
    cached, kept = used.cache_read_input_tokens, used.cache_creation_input_tokens
    return Usage(total, cached, used.output_tokens, kept=kept)


def failed(
    status: int | None,
    body: object,
    headers: Mapping[str, str] | None = None,
    *,
    request_id: str = "",
) -> Outcome:
    """Read an error.

    Parameters
    ----------
    status
        Of the answer; None where the error stands within an answer, as in results of a batch.
    body
        As it was parsed; a text where it is no JSON.
    headers
        Their names in small letters, or a mapping that does not mind.
    """
    if status is not None and status < _WRONG:
        return moved(_NAME, status)
    error = _error(body)
    detail = error.details.get("error_code") if isinstance(error.details, dict) else None
    kind, words = error.type or "", error.message or "it gives no reason"
    ending = _ending(status, kind, f"{detail or ''} {words}")
    headers = headers or {}
    return Outcome(
        ending,
        message=error_of(_NAME, ending, f"{words} ({kind or status})"),
        code=str(detail or kind or status or ""),
        retry_after=_wait(status, kind, headers),
        final=headers.get("x-should-retry") == "false",
        request_id=request_id or headers.get("request-id", ""),
    )


def _error(body: object) -> _Error:
    try:
        return _Error.model_validate(body.get("error", body) if isinstance(body, dict) else {})
    except ValidationError:
        return _Error()


def _ending(status: int | None, kind: str, words: str) -> Ending:
    """Decide by what the words betray, then by the kind, then by the status."""
    if _SPENT.search(words):
        return "quota_exhausted"
    if _DISABLED.search(words):
        return "auth"
    known = _KINDS.get(kind) or _STATUSES.get(status or 0)
    if known is not None:
        return known
    return "server" if status is not None and status >= _BROKEN else _wrong(words)


def _wrong(words: str) -> Ending:
    """Say what is wrong with a request that came back."""
    if _BLOCKED.search(words):
        return block_of(words)
    if _PICTURE.search(words):
        return "not_found" if _BLIND.search(words) else "invalid_image"
    return "bad_request"


def _wait(status: int | None, kind: str, headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait: what is asked for, else until the limit that is used up is lifted."""
    asked = asked_to_wait(headers)
    if status == _OVERLOADED or kind == "overloaded_error":
        return max(asked or 0.0, _SLOWLY)
    return asked if asked is not None else _reset(headers)


def _reset(headers: Mapping[str, str]) -> float | None:
    waits, used_up = [], []
    for name in ("requests", "tokens", "input-tokens", "output-tokens"):
        limit = f"anthropic-ratelimit-{name}"
        try:
            reset = datetime.fromisoformat(headers[f"{limit}-reset"])
            wait = max(0.0, (reset - _now(headers)).total_seconds())
        except (KeyError, ValueError, TypeError):  # no time, or one without a zone
            continue
        waits.append(wait)
        if headers.get(f"{limit}-remaining") == "0":
            used_up.append(wait)
    return max(used_up) if used_up else min(waits, default=None)


def _now(headers: Mapping[str, str]) -> datetime:
    """Return the time by the service's own clock, where it tells it: that of this machine may be wrong."""
    try:
        return parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return datetime.now(UTC)
