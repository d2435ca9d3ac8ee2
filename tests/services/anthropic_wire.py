"""How Anthropic answers on the wire, and how a question to it is read."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from api_server import Received, Script, Sent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MODEL = "claude-haiku-4-5"
_numbers = count(1)


@dataclass(frozen=True)
class Asked:
    """What a request asks; `data` is the picture as it came."""

    model: str
    system: str
    prompt: str
    media_type: str
    data: str
    body: Mapping[str, Any]

    @property
    def picture(self) -> bytes:
        return base64.b64decode(self.data, validate=True)


def asked(received: Received) -> Asked:
    """Read a request to ``/v1/messages``."""
    return asked_of(received.body)


def asked_of(body: Mapping[str, Any]) -> Asked:
    """Read the parameters of a message, such as one of a batch has."""
    parts = body["messages"][0]["content"]
    source = next(part["source"] for part in parts if part["type"] == "image")
    prompt = next(part["text"] for part in parts if part["type"] == "text")
    system = "".join(part["text"] for part in body.get("system", []))
    return Asked(body["model"], system, prompt, source["media_type"], source["data"], body)


def answering(say: Callable[[Asked], str]) -> Script:
    """Answer each question with what `say` makes of it; list one model."""

    def script(received: Received) -> Sent:
        if received.method == "GET":
            return models(MODEL)
        question = asked(received)
        return message(said(say(question)), model=question.model)

    return script


def said(text: str) -> dict[str, Any]:
    """One block of text."""
    return {"type": "text", "text": text, "citations": None}


def thought(text: str = "What is on it?") -> dict[str, Any]:
    """One block of thought."""
    return {"type": "thinking", "thinking": text, "signature": "c2ln"}


def called(values: Mapping[str, Any], name: str = "answer") -> dict[str, Any]:
    """One block that calls a tool: what it is called with is an object, no text."""
    return {"type": "tool_use", "id": f"toolu_{next(_numbers)}", "name": name, "input": dict(values)}


def tokens(read: int = 900, written: int = 60, *, cached: int = 0, kept: int = 0) -> dict[str, Any]:
    """Count as Anthropic does: what came from the cache, and was kept in it, is not among what was read."""
    return {
        "input_tokens": read,
        "cache_creation_input_tokens": kept,
        "cache_read_input_tokens": cached,
        "output_tokens": written,
        "service_tier": "standard",
    }


def message(
    *content: Mapping[str, Any],
    model: str = MODEL,
    stop: str | None = "end_turn",
    details: Mapping[str, Any] | None = None,
    usage: Mapping[str, Any] | None = None,
) -> Sent:
    """Answer with blocks."""
    body = {
        "id": f"msg_{next(_numbers)}",
        "type": "message",
        "role": "assistant",
        "model": f"{model}-20260101",
        "content": list(content),
        "stop_reason": stop,
        "stop_sequence": None,
        "stop_details": details,
        "usage": tokens() if usage is None else usage,
    }
    return Sent(body=body, headers=_named())


def answer(text: str, **more: Any) -> Sent:
    """Answer with one text."""
    return message(said(text), **more)


def refused(partial: str = "", category: str | None = None, explanation: str | None = None) -> Sent:
    """Refuse in the way of models: status 200, and whatever had been written before."""
    details = {"type": "refusal", "category": category, "explanation": explanation}
    return message(*([said(partial)] if partial else []), stop="refusal", details=details)


def truncated(text: str = '{"caption": "A dog that') -> Sent:
    """End at the limit of tokens."""
    return answer(text, stop="max_tokens")


def overflowed(text: str = "A dog") -> Sent:
    """End because the context is full."""
    return answer(text, stop="model_context_window_exceeded")


def error(
    status: int,
    kind: str,
    words: str,
    *,
    headers: Mapping[str, str] | None = None,
    details: Mapping[str, Any] | None = None,
) -> Sent:
    """Answer with an error as Anthropic words it."""
    told = {"type": kind, "message": words} | ({} if details is None else {"details": details})
    body = {"type": "error", "error": told, "request_id": f"req_{next(_numbers)}"}
    return Sent(status, body, {**_named(), **(headers or {})})


def filtered() -> Sent:
    """Block the answer: only its words tell it from a request that is wrong."""
    return error(400, "invalid_request_error", "Output blocked by content filtering policy")


def rate_limited(after: str | None = None, *, resets: Mapping[str, str] | None = None) -> Sent:
    """Ask to wait; `resets` are times by what is limited, ``2026-01-01T00:00:30Z`` of ``requests``."""
    waits = {} if after is None else {"retry-after": after}
    limits = {f"anthropic-ratelimit-{name}-reset": at for name, at in (resets or {}).items()}
    words = "Number of request tokens has exceeded your per-minute rate limit"
    return error(429, "rate_limit_error", words, headers={**waits, **limits})


def overloaded() -> Sent:
    """Have too much to do."""
    return error(529, "overloaded_error", "Overloaded")


def no_credit(status: int = 400) -> Sent:
    """Say that the credit is used up, in the words of either status."""
    kind = "billing_error" if status == 402 else "invalid_request_error"
    words = "Your credit balance is too low to access the Anthropic API. Go to Plans & Billing to upgrade."
    return error(status, kind, words)


def bad_key() -> Sent:
    """Refuse the key."""
    return error(401, "authentication_error", "invalid x-api-key")


def forbidden() -> Sent:
    """Know the key, and let it do nothing."""
    return error(403, "permission_error", "Your API key does not have permission to use this resource")


def no_model(name: str = MODEL) -> Sent:
    """Know no such model."""
    return error(404, "not_found_error", f"model: {name}")


def too_large() -> Sent:
    """Find the request too long."""
    return error(413, "request_too_large", "Request exceeds the maximum size")


def bad_picture(words: str = "messages.0.content.0.image: Could not process image") -> Sent:
    """Find the picture unreadable."""
    return error(400, "invalid_request_error", words)


def broken(status: int = 500) -> Sent:
    """Fail inside the service."""
    return error(status, "api_error", "Internal server error")


def html(status: int = 200) -> Sent:
    """Answer with a page, as a proxy does."""
    return Sent(status, "<html><body>Sign in to the network</body></html>", content_type="text/html")


def malformed() -> Sent:
    """Answer with half of a JSON document, as if it were whole."""
    return Sent(200, '{"id": "msg_1", "type": "message", "content": [{"type": "te')


def cut(text: str = "A dog on a lawn") -> Sent:
    """Hang up in the middle of the body."""
    whole = answer(text)
    return Sent(whole.status, whole.body, whole.headers, cut=len(whole.data) // 2)


def dropped() -> Sent:
    """Hang up without an answer."""
    return Sent(drop=True)


def models(*names: str) -> Sent:
    """List models."""
    rows: Sequence[Mapping[str, Any]] = [
        {"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"}
        for name in names
    ]
    return Sent(body={"data": rows, "has_more": False, "first_id": None, "last_id": None})


def _named() -> dict[str, str]:
    return {"request-id": f"req_{next(_numbers)}"}
