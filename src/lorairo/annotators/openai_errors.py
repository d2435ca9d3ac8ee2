"""Errors of OpenAI, and of servers that speak like it: of which kind each is, and what to do."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lorairo.masking import masked
from lorairo.services.answer import storable
from lorairo.services.calls import RETRYABLE, Outcome
from lorairo.services.exchange import block_of, parsed
from lorairo.services.waiting import asked_to_wait, seconds

if TYPE_CHECKING:
    from lorairo.services.calls import Ending

_SHOWN = 300  # characters of a service's own words in a message
_NOTHING = "nothing is said of why"
_EPOCH = 1e9  # seconds; what is longer is no wait but a time of day
_OK, _MOVED, _FORBIDDEN, _LARGE, _INSIDE = 200, range(300, 400), 403, 413, 500
_PAST_HTTP = 600
_TAG = re.compile(r"<[^>]*>")

_POLICY = re.compile(
    r"content_filter|invalid_prompt|moderation_blocked|data_inspection_failed|responsibleaipolicyviolation"
    r"|.*policy_violation|.*_policy"
)
_IMAGE = re.compile(r".*image_.*|.*_image(_.*)?")
_BY_CODE: dict[str, Ending] = {
    "insufficient_quota": "quota_exhausted",
    "billing_hard_limit_reached": "quota_exhausted",
    "billing_not_active": "quota_exhausted",
    "insufficient_credits": "quota_exhausted",
    "invalid_api_key": "auth",
    "model_not_found": "not_found",
    "rate_limit_exceeded": "rate_limited",
    "server_error": "server",
    "vector_store_timeout": "server",
}
_BY_STATUS: dict[int, Ending] = {
    **dict.fromkeys(_MOVED, "not_found"),
    401: "auth",
    402: "quota_exhausted",
    403: "auth",
    404: "not_found",
    408: "timeout",
    409: "server",  # a conflict passes
    425: "server",
    429: "rate_limited",
    504: "timeout",
    524: "timeout",
}
_SAID: dict[Ending, str] = {
    "auth": "does not let this key ask: {}",
    "quota_exhausted": "says the credit is used up: {}. Top it up there, then resume",
    "policy_block": "does not take this picture: {}",
    "prohibited": "prohibits this picture: {}. It is not sent there again",
    "invalid_image": "cannot read the picture: {}",
    "not_found": "does not have what was asked: {}. Check the model's name, and the address if one is set",
    "rate_limited": "asks to wait: {}",
    "timeout": "gave up waiting: {}",
    "server": "failed: {}",
    "bad_request": "does not take the question: {}",
}
_BAD_KEY = re.compile(r"(incorrect|invalid) api key|api key not valid", re.IGNORECASE)
_BAD_IMAGE = re.compile(
    r"cannot identify image|(failed|unable) to (load|decode|process|open) (the )?image|invalid image",
    re.IGNORECASE,
)
_BLIND = re.compile(
    r"support (image|vision|multimodal|picture)s?( inputs?)?(?! (type|format|media|mode|larger|size))\b"
    r"|not a multimodal|image input is not supported|missing data required for image|at most 0 image"
    r"|image_url is only supported|unknown variant .?image_url|mmproj|content\W.{0,9}must be a string",
    re.IGNORECASE,
)
_NO_SUPPORT = re.compile(r"\b(not|no|n't|only|cannot|at most 0|missing|unknown|must)\b", re.IGNORECASE)
_LONG = re.compile(r"context.?(length|size|window)|maximum context|too many tokens", re.IGNORECASE)
_TOO_LARGE = re.compile(r"request too large", re.IGNORECASE)
_AGAIN = re.compile(r"try again in ([\d.]+(?:ms|[smhd])(?:[\d.]+(?:ms|[smhd]))*)", re.IGNORECASE)
_UNSUPPORTED = ("unsupported_parameter", "unsupported_value")


@dataclass(frozen=True)
class _Fault:
    """An error, whatever shape it came in."""

    status: int
    codes: tuple[str, ...]
    words: str
    param: str
    reasons: tuple[str, ...]

    @property
    def code(self) -> str:
        return self.codes[0] if self.codes else ""

    @property
    def shown(self) -> str:
        """Its status, code and words, as a message quotes them."""
        status = "" if self.status == _OK else f"HTTP {self.status}"
        code = "" if self.code == str(self.status) else self.code
        said = "; ".join(part for part in (quoted(self.words), ", ".join(self.reasons)) if part) or _NOTHING
        return ": ".join(part for part in (" ".join(filter(None, (status, code))), said) if part)


def of_error(status: int | None, body: Any, headers: Mapping[str, str], provider: str) -> Outcome:
    """Say what an error comes down to.

    Parameters
    ----------
    status
        Of HTTP; None where the error came as an answer.
    body
        Parsed where it is JSON, else as it came.
    headers
        By lower-case name.
    provider
        What it is called in messages.
    """
    told = _told(body)
    if status in _MOVED:
        told = {"message": f"it has moved to {headers.get('location', 'another address')}"}
    fault = _fault(status, told)
    ending = _ending(fault)
    blind = ending in ("bad_request", "not_found", "server") and _is_blind(fault)
    if blind:
        ending = "not_found"  # no picture will ever be looked at: the run stops
    wait = None
    if ending in RETRYABLE:
        nested = mapping(mapping(told.get("metadata")).get("headers"))
        wait = _wait({**{str(name).lower(): str(text) for name, text in nested.items()}, **headers}, fault)
    hopeless = headers.get("x-should-retry") == "false" or _TOO_LARGE.search(fault.words) is not None
    return Outcome(
        ending,
        message=masked(_blind(fault, provider) if blind else _message(ending, fault, provider)),
        code=fault.code,
        retry_after=wait,
        final=ending in RETRYABLE and hopeless,
    )


def quoted(words: str | bytes) -> str:
    """Return the words of a service on one line, not too many of them, without keys."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    if text.lstrip().startswith("<"):  # a page
        text = _TAG.sub(" ", text)
    line = masked(storable(" ".join(text[: 10 * _SHOWN].split())))
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def mapping(value: Any) -> Mapping[str, Any]:
    """Return an object of JSON; an empty one for whatever else it is."""
    return value if isinstance(value, Mapping) else {}


def _told(body: Any) -> Mapping[str, Any]:
    """Find the error in a body: an object or words under ``error``, by itself, or in a list."""
    if isinstance(body, list) and body:
        body = body[0]
    if isinstance(body, Mapping):
        inner = body.get("error") or body
        return inner if isinstance(inner, Mapping) else {"message": str(inner)}
    return {"message": body} if isinstance(body, str) else {}


def _fault(status: int | None, told: Mapping[str, Any]) -> _Fault:
    metadata = mapping(told.get("metadata"))
    codes = tuple(dict.fromkeys(_codes(told)))
    if status is None:  # an error that came as an answer has its status inside
        status = next((int(code) for code in codes if code.isdigit() and _is_status(int(code))), _OK)
    reasons = metadata.get("reasons")
    return _Fault(
        status,
        tuple(code for code in codes if code != str(status)) or codes,
        _words(told, metadata),
        str(told.get("param") or ""),
        tuple(str(reason) for reason in reasons) if isinstance(reasons, list) else (),
    )


def _is_status(number: int) -> bool:
    return _OK < number < _PAST_HTTP


def _codes(told: Mapping[str, Any]) -> Iterator[str]:
    """Give all that an error is called, the outermost first: Azure and OpenRouter put another inside."""
    for name in ("code", "type"):
        if isinstance(told.get(name), str | int) and told[name]:
            yield masked(str(told[name]))
    raw = mapping(told.get("metadata")).get("raw")
    for inner in (mapping(told.get("innererror")), _told(parsed(raw) if isinstance(raw, str) else None)):
        if inner:
            yield from _codes(inner)


def _words(told: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
    said = told.get("message") or told.get("detail") or ""
    if isinstance(said, list):  # as FastAPI lists what does not fit
        said = "; ".join(str(mapping(part).get("msg", "")) for part in said)
    raw = metadata.get("raw")
    return f"{said}: {raw}" if isinstance(raw, str) and raw else str(said)


def _ending(fault: _Fault) -> Ending:
    """Say what kind of error it is: what it is called says more than its status, and that more than words."""
    return _by_code(fault) or _BY_STATUS.get(fault.status) or _by_words(fault)


def _by_code(fault: _Fault) -> Ending | None:
    codes = [code.lower() for code in fault.codes]
    if fault.reasons or any(_POLICY.fullmatch(code) for code in codes):
        return block_of(" ".join((*fault.codes, fault.words, *fault.reasons)))
    if any(_IMAGE.fullmatch(code) for code in codes):
        return "invalid_image"
    return next((_BY_CODE[code] for code in codes if code in _BY_CODE), None)


def _by_words(fault: _Fault) -> Ending:
    if fault.status >= _INSIDE or fault.status == _OK:
        return "server"
    if _BAD_KEY.search(fault.words):
        return "auth"
    return "invalid_image" if _BAD_IMAGE.search(fault.words) else "bad_request"


def _is_blind(fault: _Fault) -> bool:
    """Whether a model has no eyes, in the words of the servers that say so."""
    return _BLIND.search(fault.words) is not None and _NO_SUPPORT.search(fault.words) is not None


def _blind(fault: _Fault, provider: str) -> str:
    return f"the model at {provider} does not look at pictures: take one that does ({fault.shown})"


def _wait(headers: Mapping[str, str], fault: _Fault) -> float | None:
    """Return how long to wait: as headers ask, as the words say, until limits that are reached begin anew."""
    if (wait := asked_to_wait(headers)) is not None:
        return wait
    if again := _AGAIN.search(fault.words):
        return seconds(again[1])
    kinds = [kind for kind in ("requests", "tokens") if f"x-ratelimit-reset-{kind}" in headers]
    reached = [kind for kind in kinds if headers.get(f"x-ratelimit-remaining-{kind}") == "0"]
    waits = [seconds(headers[f"x-ratelimit-reset-{kind}"]) for kind in reached or kinds]
    return max((wait for wait in waits if wait is not None), default=_until(headers))


def _until(headers: Mapping[str, str]) -> float | None:
    """Return the seconds until the time of day that OpenRouter names, in milliseconds."""
    reset = seconds(headers.get("x-ratelimit-reset", ""))
    if reset is None or reset < _EPOCH:
        return reset
    moment = reset / 1000 if reset > 1000 * _EPOCH else reset
    return max(0.0, moment - time.time())


def _message(ending: Ending, fault: _Fault, provider: str) -> str:
    """Say what happened, and what to do."""
    if ending == "auth" and fault.status != _FORBIDDEN:  # a service's own words repeat part of the key
        why = fault.code or f"HTTP {fault.status}"
        return f"{provider} does not take the key ({why}): lr.doctor() says where it comes from"
    remedy = _remedy(fault) if ending == "bad_request" else ""
    return f"{provider} {_SAID[ending].format(fault.shown.rstrip('.'))}{remedy}"


def _remedy(fault: _Fault) -> str:
    """Say what helps against a question that is not taken, where it is known."""
    if fault.status == _LARGE or _LONG.search(fault.words):
        return '. A smaller picture is parameters={"long_edge": ...}'
    named = fault.param or fault.words
    if "response_format" in named or "json_schema" in named or "tool_choice" in named:
        return ". Other ways to fix the shape of answers: structured, in the model's row in models.toml"
    if fault.code in _UNSUPPORTED and fault.param:
        return f". The model's row in models.toml, or parameters=, sets {fault.param}"
    return ""
