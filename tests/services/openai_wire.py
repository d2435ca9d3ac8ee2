"""How OpenAI, and servers that speak like it, answer on the wire; and how a question to them is read."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from api_server import Received, Script, Sent

if TYPE_CHECKING:
    from collections.abc import Mapping

MODEL = "gpt-5-mini"
_numbers = count(1)


@dataclass(frozen=True)
class Asked:
    """What a request asks, in either of the two APIs; `url` is the data URL as it came."""

    model: str
    system: str
    prompt: str
    url: str
    detail: str | None
    body: Mapping[str, Any]

    @property
    def media_type(self) -> str:
        return self.url.removeprefix("data:").partition(";")[0]

    @property
    def picture(self) -> bytes:
        return base64.b64decode(self.url.partition(",")[2], validate=True)


def asked(received: Received) -> Asked:
    """Read a request to ``/chat/completions`` or ``/responses``."""
    body = received.body
    if "messages" in body:
        system = "".join(said["content"] for said in body["messages"] if said["role"] != "user")
        parts = next(said["content"] for said in body["messages"] if said["role"] == "user")
        image = next(part["image_url"] for part in parts if part["type"] == "image_url")
        url, detail = image["url"], image.get("detail")
    else:
        system = body.get("instructions") or ""
        parts = body["input"][0]["content"]
        image = next(part for part in parts if part["type"] == "input_image")
        url, detail = image["image_url"], image.get("detail")
    prompt = next(part["text"] for part in parts if part["type"] in ("text", "input_text"))
    return Asked(body["model"], system, prompt, url, detail, body)


def answering(say: Callable[[Asked], str]) -> Script:
    """Answer each question with what `say` makes of it, in the API it was asked by; list one model."""

    def script(received: Received) -> Sent:
        if received.method == "GET":
            return models(MODEL)
        question = asked(received)
        answer = response if received.path.endswith("/responses") else chat
        return answer(say(question), model=question.model)

    return script


def chat(
    text: str | None,
    *,
    model: str = MODEL,
    finish: str = "stop",
    refusal: str | None = None,
    usage: Mapping[str, Any] | bool | None = True,
    call: Mapping[str, Any] | None = None,
) -> Sent:
    """Answer as chat completions do; `usage` of False leaves it out, `call` is what a tool is called with."""
    message: dict[str, Any] = {"role": "assistant", "content": text, "refusal": refusal}
    if call is not None:
        function = {"name": "answer", "arguments": json.dumps(call)}
        message["tool_calls"] = [{"id": "call_1", "type": "function", "function": function}]
    body: dict[str, Any] = {
        "id": f"chatcmpl-{next(_numbers)}",
        "object": "chat.completion",
        "created": 1,
        "model": f"{model}-2026-01-01",
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
    }
    if usage is not False:
        body["usage"] = tokens() if usage is True else usage
    return Sent(body=body, headers=_named())


def tokens(read: int = 900, written: int = 60, *, cached: int = 0, thought: int = 0) -> dict[str, Any]:
    """Count as chat completions do: what was thought is among what was written."""
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": thought},
    }


def refused(words: str = "I can't help with that picture.") -> Sent:
    """Refuse in the way of models: it ends with ``stop``, like an answer."""
    return chat(None, refusal=words)


def filtered() -> Sent:
    """Let the filter end an answer that had begun."""
    return chat("A person who", finish="content_filter")


def truncated(text: str = '{"caption": "A dog that') -> Sent:
    """End at the limit of tokens."""
    return chat(text, finish="length")


def response(
    text: str | None,
    *,
    model: str = MODEL,
    status: str = "completed",
    incomplete: str | None = None,
    refusal: str | None = None,
    error: Mapping[str, str] | None = None,
) -> Sent:
    """Answer as the responses API does, a thought first."""
    content: list[dict[str, Any]] = []
    if text is not None:
        content.append({"type": "output_text", "text": text, "annotations": []})
    if refusal is not None:
        content.append({"type": "refusal", "refusal": refusal})
    message = {"id": "msg_1", "type": "message", "role": "assistant", "status": status, "content": content}
    thought = {"id": "rs_1", "type": "reasoning", "summary": []}
    body = {
        "id": f"resp_{next(_numbers)}",
        "object": "response",
        "created_at": 1,
        "model": f"{model}-2026-01-01",
        "status": status,
        "error": error,
        "incomplete_details": None if incomplete is None else {"reason": incomplete},
        "output": [thought, message] if content else [thought],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": 900,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 60,
            "output_tokens_details": {"reasoning_tokens": 20},
            "total_tokens": 960,
        },
    }
    return Sent(body=body, headers=_named())


def error(
    status: int,
    code: str | int | None,
    message: str,
    /,
    *,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Sent:
    """Answer with an error as OpenAI words it."""
    told = {"message": message, "type": "invalid_request_error", "param": None, "code": code} | more
    return Sent(status, {"error": told}, {**_named(), **(headers or {})})


def rate_limited(after: str | None = None, *, headers: Mapping[str, str] | None = None) -> Sent:
    """Ask to wait; `after` is the header ``retry-after`` as it stands there."""
    waits = {} if after is None else {"retry-after": after}
    message = "Rate limit reached for gpt-5-mini on requests per min (RPM): Limit 500, Used 500."
    return error(429, "rate_limit_exceeded", message, headers={**waits, **(headers or {})}, type="requests")


def no_quota() -> Sent:
    """Say that the credit is used up: the same status as `rate_limited`."""
    message = "You exceeded your current quota, please check your plan and billing details."
    return error(429, "insufficient_quota", message, type="insufficient_quota")


def bad_key(shown: str = "sk-proj-********************abcd") -> Sent:
    """Refuse the key, and repeat part of it."""
    return error(401, "invalid_api_key", f"Incorrect API key provided: {shown}.")


def no_model(name: str = MODEL) -> Sent:
    """Know no such model."""
    return error(
        404, "model_not_found", f"The model `{name}` does not exist or you do not have access to it."
    )


def policy(code: str = "content_policy_violation", status: int = 400) -> Sent:
    """Refuse the question before anything is written."""
    return error(status, code, "Your request was rejected as a result of our safety system.")


def bad_picture(code: str = "invalid_image_format") -> Sent:
    """Find the picture unreadable."""
    return error(400, code, "You uploaded an unsupported image.")


def broken(status: int = 500) -> Sent:
    """Fail inside the service."""
    return error(status, None, "The server had an error while processing your request.", type="server_error")


def html(status: int = 200) -> Sent:
    """Answer with a page, as a proxy does."""
    return Sent(status, "<html><body>Sign in to the network</body></html>", content_type="text/html")


def malformed() -> Sent:
    """Answer with half of a JSON document, as if it were whole."""
    return Sent(200, '{"id": "chatcmpl-1", "choices": [{"index": 0, "mess')


def cut(text: str = "A dog on a lawn") -> Sent:
    """Hang up in the middle of the body."""
    whole = chat(text)
    return Sent(whole.status, whole.body, whole.headers, cut=len(whole.data) // 2)


def dropped() -> Sent:
    """Hang up without an answer."""
    return Sent(drop=True)


def moderated(*reasons: str) -> Sent:
    """Refuse as OpenRouter does when a moderator finds something."""
    metadata = {"reasons": list(reasons), "flagged_input": "...", "provider_name": "OpenAI"}
    told = {"code": 403, "message": "Your chosen model requires moderation", "metadata": metadata}
    return Sent(403, {"error": told})


def error_within(code: int = 502, message: str = "Provider returned error", **metadata: Any) -> Sent:
    """Answer 200 with nothing but an error, as OpenRouter does."""
    return Sent(200, {"error": {"code": code, "message": message, "metadata": metadata}})


def models(*names: str, **more: Any) -> Sent:
    """List models; `more` stands in each row, such as OpenRouter's ``architecture``."""
    rows = [{"id": name, "object": "model", "created": 1, "owned_by": "someone"} | more for name in names]
    return Sent(body={"object": "list", "data": rows})


def _named() -> dict[str, str]:
    return {"x-request-id": f"req_{next(_numbers)}"}
