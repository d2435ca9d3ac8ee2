"""How Gemini ends a question: each of its answers, blocks and errors as one outcome."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from lorairo.services.calls import Outcome, Usage
from lorairo.services.exchange import block_of, error_of, foreign, moved, read_answer
from lorairo.services.waiting import asked_to_wait, seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lorairo.services.calls import Ending

_NAME = "Gemini"
_BROKEN, _WRONG = 500, 400

# blocks that no setting lifts: the picture is never sent again
_FOR_GOOD = frozenset({"PROHIBITED_CONTENT", "IMAGE_PROHIBITED_CONTENT"})
_BLOCKS = _FOR_GOOD | {
    "SAFETY",
    "IMAGE_SAFETY",
    "RECITATION",
    "IMAGE_RECITATION",
    "LANGUAGE",
    "BLOCKLIST",
    "SPII",
    "ESCALATION",
    "MODEL_ARMOR",
    "OTHER",
}
_SLIPS = frozenset(
    {"MALFORMED_RESPONSE", "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS"}
)
_CUT = frozenset({"MAX_TOKENS", "CONTINUATION"})
_LIMITED = "PUP_LIMITED_DISABLED"
_UNSAID = frozenset({"", "BLOCKED_REASON_UNSPECIFIED", "FINISH_REASON_UNSPECIFIED"})

_STATUSES: dict[int, Ending] = {
    401: "auth",
    402: "quota_exhausted",
    403: "auth",
    404: "not_found",
    408: "timeout",
    409: "server",
    413: "invalid_image",
    429: "rate_limited",
    499: "server",
    504: "timeout",
}
_HTTP = {3: 400, 4: 504, 5: 404, 7: 403, 8: 429, 9: 400, 13: 500, 14: 503, 16: 401}
"""Codes of Google's own calls, which stand in results of batches, by the status of HTTP they amount to."""

_BAD_KEY = re.compile(r"API_KEY_|api key (?:not valid|expired|not found)|user location", re.IGNORECASE)
_UNPAID = re.compile(r"FAILED_PRECONDITION.*billing|credits? (?:is|are) depleted", re.IGNORECASE)
_PICTURE = re.compile(r"\bimages?\b|mime[_ ]?type|inline_?data", re.IGNORECASE)
_BLIND = re.compile(r"(?:not|n't) support|not enabled|modality", re.IGNORECASE)


class _Wire(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class _Call(_Wire):
    args: Any = None


class _Part(_Wire):
    text: str | None = None
    thought: bool | None = None
    function_call: _Call | None = None


class _Content(_Wire):
    parts: list[_Part] | None = None


class _Candidate(_Wire):
    content: _Content | None = None
    finish_reason: str | None = None
    finish_message: str | None = None


class _Feedback(_Wire):
    block_reason: str | None = None
    block_reason_message: str | None = None


class _Usage(_Wire):
    prompt_token_count: int | None = None
    cached_content_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None


class _Response(_Wire):
    candidates: list[_Candidate] | None = None
    prompt_feedback: _Feedback | None = None
    usage_metadata: _Usage | None = None
    model_version: str | None = None
    response_id: str | None = None


def answered(body: str) -> Outcome:
    """Read the body of an answer with status 200."""
    return read_answer(_NAME, body, response_of, lambda said: failed(None, said))


def response_of(said: Any) -> Outcome:
    """Read a response, such as a batch has for each question that was answered."""
    try:
        response = _Response.model_validate(said)
    except ValidationError:
        return foreign(_NAME, "{")
    if not response.model_fields_set:
        return foreign(_NAME, "{")
    return replace(
        _outcome(response),
        usage=_usage(response.usage_metadata),
        request_id=response.response_id or "",
        model=response.model_version or "",
    )


def _outcome(response: _Response) -> Outcome:
    feedback = response.prompt_feedback or _Feedback()
    if (feedback.block_reason or "") not in _UNSAID:
        return _blocked(feedback.block_reason or "", feedback.block_reason_message or "")
    if not response.candidates:
        return Outcome("empty", message="Gemini gave no answer and no reason", code="no_candidates")
    candidate = response.candidates[0]
    reason, words = candidate.finish_reason or "", candidate.finish_message or ""
    if reason == _LIMITED:
        limited = "the account is limited because of what it was used for"
        return Outcome("auth", message=error_of(_NAME, "auth", words or limited), code=reason)
    if reason in _BLOCKS:
        return _blocked(reason, words)
    text = _text((candidate.content or _Content()).parts or [])
    ending, message = _read(reason, text)
    if words and message:
        message = f"{message}: {words}"
    return Outcome(ending, text=text, message=message, code="" if ending == "ok" else reason)


def _read(reason: str, text: str) -> tuple[Ending, str]:
    """Say what an answer that nothing blocked came to."""
    if reason in _SLIPS:
        return "server", "the model's answer was malformed"
    if reason in _CUT and not text:
        return "truncated", "the model thought until max_tokens was used up: allow more, or less effort"
    if reason in _CUT:
        return "truncated", "the answer was cut at max_tokens: allow more"
    if reason != "STOP":
        return "unparseable", f"the answer ended in a way that is not known: {reason or 'none'}"
    return ("ok", "") if text.strip() else ("empty", "the answer is empty")


def _blocked(reason: str, words: str) -> Outcome:
    """Tell of a block; one that concerns children is for good, whatever it is called."""
    ending = "prohibited" if reason in _FOR_GOOD else block_of(words)
    message = error_of(_NAME, ending, f"{reason}: {words}" if words else reason)
    return Outcome(ending, message=message, code=reason)


def _text(parts: list[_Part]) -> str:
    """Return what was answered, without thoughts; a tool is called with an object."""
    for part in parts:
        if part.function_call is not None:
            return json.dumps(part.function_call.args, ensure_ascii=False)
    return "".join(part.text or "" for part in parts if not part.thought)


def _usage(used: _Usage | None) -> Usage:
    """Count thoughts as written: they are paid for as such."""
    if used is None:
        return Usage()
    written = (used.candidates_token_count or 0) + (used.thoughts_token_count or 0)
    return Usage(used.prompt_token_count, used.cached_content_token_count, written)


def failed(status: int | None, body: object, headers: Mapping[str, str] | None = None) -> Outcome:
    """Read an error.

    Parameters
    ----------
    status
        Of the answer; None where the error stands within an answer, as in results of a batch.
    body
        As it was parsed.
    headers
        Their names in small letters, or a mapping that does not mind.
    """
    error = _error(body)
    if status is not None and status < _WRONG:
        return moved(_NAME, status)
    code = error.get("code")
    if status is None and isinstance(code, int):
        status = _HTTP.get(code, code)
    name = str(error.get("status") or "")
    words = str(error.get("message") or "it gives no reason")
    if words.lstrip().startswith("<"):
        words = "a page came instead of an answer; a proxy may have sent it"
    details = error.get("details")
    told = [part for part in details if isinstance(part, dict)] if isinstance(details, list) else []
    reasons = [str(part["reason"]) for part in told if part.get("reason")]
    ending = _ending(status, f"{' '.join(reasons)} {name} {words}", told)
    waits = [wait for part in told if (wait := seconds(str(part.get("retryDelay", "")))) is not None]
    return Outcome(
        ending,
        message=error_of(_NAME, ending, f"{words} ({name or status})"),
        code=next(iter(reasons), name) or str(status or ""),
        retry_after=max(waits) if waits else asked_to_wait(headers or {}),
    )


def _error(body: object) -> Mapping[str, Any]:
    if isinstance(body, list) and body:
        body = body[0]
    inner = body.get("error", body) if isinstance(body, dict) else {}
    return inner if isinstance(inner, dict) else {}


def _ending(status: int | None, words: str, details: list[dict[str, Any]]) -> Ending:
    """Decide by what the words betray, then by the status: a bad key has that of a wrong request."""
    if _BAD_KEY.search(words):
        return "auth"
    if _UNPAID.search(words) or _used_up(details):
        return "quota_exhausted"
    if status in _STATUSES:
        return _STATUSES[status]
    if status is None or status >= _BROKEN:
        return "server"
    if _PICTURE.search(words):
        return "not_found" if _BLIND.search(words) else "invalid_image"
    return "bad_request"


def _used_up(details: list[dict[str, Any]]) -> bool:
    """Whether a quota is gone for the day, or is none at all; one of a minute comes back by itself."""
    lists = [part["violations"] for part in details if isinstance(part.get("violations"), list)]
    quotas = [quota for violations in lists for quota in violations if isinstance(quota, dict)]
    return any("PerDay" in str(quota.get("quotaId")) or quota.get("quotaValue") == "0" for quota in quotas)
