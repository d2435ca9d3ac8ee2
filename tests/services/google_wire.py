"""How Gemini answers on the wire, and how a question to it is read."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from api_server import Received, Script, Sent

if TYPE_CHECKING:
    from collections.abc import Mapping

MODEL = "gemini-2.5-flash"
_numbers = count(1)
_HELP = "type.googleapis.com/google.rpc"


@dataclass(frozen=True)
class Asked:
    """What a request asks; `data` is the picture as it came, `config` how it shall be answered."""

    model: str
    system: str
    prompt: str
    media_type: str
    data: str
    config: Mapping[str, Any]
    body: Mapping[str, Any]

    @property
    def picture(self) -> bytes:
        return base64.b64decode(self.data.replace("-", "+").replace("_", "/"), validate=True)


def asked(received: Received) -> Asked:
    """Read a request to ``/v1/models/NAME:generateContent``."""
    name = received.path.partition("?")[0].rpartition("/")[2].partition(":")[0]
    return asked_of(received.body, name)


def asked_of(body: Mapping[str, Any], model: str = "") -> Asked:
    """Read what is asked, such as one line of a batch has."""
    body = _named(body)
    parts = body["contents"][0]["parts"]
    inline = next(part["inlineData"] for part in parts if "inlineData" in part)
    prompt = next(part["text"] for part in parts if "text" in part)
    told = body.get("systemInstruction") or {"parts": []}
    system = "".join(part["text"] for part in told["parts"])
    config = body.get("generationConfig") or {}
    return Asked(model, system, prompt, inline["mimeType"], inline["data"], config, body)


def answering(say: Callable[[Asked], str]) -> Script:
    """Answer each question with what `say` makes of it; list one model."""

    def script(received: Received) -> Sent:
        if received.method == "GET":
            return models(MODEL)
        question = asked(received)
        return answer(say(question), model=question.model)

    return script


def tokens(read: int = 900, written: int = 60, *, thought: int = 0, cached: int = 0) -> dict[str, Any]:
    """Count as Gemini does: what was thought is not among what was written."""
    return {
        "promptTokenCount": read,
        "candidatesTokenCount": written,
        "thoughtsTokenCount": thought,
        "cachedContentTokenCount": cached,
        "totalTokenCount": read + written + thought,
        "promptTokensDetails": [{"modality": "IMAGE", "tokenCount": 258}],
    }


def answer(
    *texts: str,
    model: str = MODEL,
    finish: str | None = "STOP",
    thoughts: str = "",
    usage: Mapping[str, Any] | None = None,
    words: str = "",
) -> Sent:
    """Answer with parts; none where nothing is given. `words` say why it ended as it did."""
    parts: list[dict[str, Any]] = [{"text": thoughts, "thought": True}] if thoughts else []
    parts += [{"text": text} for text in texts]
    candidate: dict[str, Any] = {"index": 0, "finishReason": finish}
    candidate["content"] = {"role": "model", "parts": parts} if parts else {"role": "model"}
    if words:
        candidate["finishMessage"] = words
    return _sent(
        {
            "candidates": [candidate],
            "usageMetadata": tokens() if usage is None else usage,
            "modelVersion": f"{model}-001",
            "responseId": f"resp_{next(_numbers)}",
        }
    )


def stopped(reason: str, words: str = "") -> Sent:
    """Block the answer: a candidate without content, and the reason."""
    usage = {"promptTokenCount": 900, "totalTokenCount": 900}
    sent = answer(finish=reason, words=words, usage=usage)
    del sent.body["candidates"][0]["content"]
    return sent


def blocked(reason: str = "SAFETY", words: str = "") -> Sent:
    """Block the question: status 200, no candidate at all."""
    feedback: dict[str, Any] = {"blockReason": reason}
    if words:
        feedback["blockReasonMessage"] = words
    usage = {"promptTokenCount": 900, "totalTokenCount": 900}
    return _sent({"promptFeedback": feedback, "usageMetadata": usage, "modelVersion": f"{MODEL}-001"})


def nothing() -> Sent:
    """Answer without candidates, and say no reason."""
    return _sent({"usageMetadata": {"promptTokenCount": 900, "totalTokenCount": 900}})


def truncated(text: str = '{"caption": "A dog that') -> Sent:
    """End at the limit of tokens."""
    return answer(text, finish="MAX_TOKENS")


def thought_out(thought: int = 1024) -> Sent:
    """End at the limit of tokens before a word is written: all went into thoughts."""
    return answer(finish="MAX_TOKENS", usage=tokens(written=0, thought=thought))


def error(
    status: int,
    name: str,
    words: str,
    *details: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
) -> Sent:
    """Answer with an error as Google words it."""
    told = {"code": status, "message": words, "status": name, "details": list(details)}
    return Sent(status, {"error": told}, headers or {})


def rate_limited(
    after: str | None = None,
    *,
    quota: str = "GenerateRequestsPerMinutePerProjectPerModel",
    headers: Mapping[str, str] | None = None,
) -> Sent:
    """Ask to wait, in the body; `after` is such as ``21s``."""
    failure = {
        "@type": f"{_HELP}.QuotaFailure",
        "violations": [{"quotaId": quota, "quotaMetric": "requests"}],
    }
    waits = [] if after is None else [{"@type": f"{_HELP}.RetryInfo", "retryDelay": after}]
    words = "You exceeded your current quota. For more information head to the documentation."
    return error(429, "RESOURCE_EXHAUSTED", words, failure, *waits, headers=headers)


def no_quota(after: str | None = "3600s") -> Sent:
    """Say that the day's quota is used up: the same status as `rate_limited`, and a wait all the same."""
    return rate_limited(after, quota="GenerateRequestsPerDayPerProjectPerModel-FreeTier")


def bad_key() -> Sent:
    """Refuse the key, with the status of a request that is wrong."""
    info = {"@type": f"{_HELP}.ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"}
    return error(400, "INVALID_ARGUMENT", "API key not valid. Pass a valid API key.", info)


def bad_request(words: str = "Invalid JSON payload received.") -> Sent:
    """Find the request wrong."""
    return error(400, "INVALID_ARGUMENT", words)


def bad_picture() -> Sent:
    """Find the picture unreadable."""
    return bad_request("Unable to process input image. Please retry or report.")


def forbidden() -> Sent:
    """Know the key, and let it do nothing."""
    return error(403, "PERMISSION_DENIED", "Your project has been denied access.")


def no_model(name: str = MODEL) -> Sent:
    """Know no such model."""
    return error(404, "NOT_FOUND", f"models/{name} is not found for API version v1.")


def broken(status: int = 500) -> Sent:
    """Fail inside the service."""
    names = {500: "INTERNAL", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED"}
    return error(status, names.get(status, "UNKNOWN"), "The model is overloaded.")


def html(status: int = 200) -> Sent:
    """Answer with a page, as a proxy does."""
    return Sent(status, "<html><body>Sign in to the network</body></html>", content_type="text/html")


def malformed() -> Sent:
    """Answer with half of a JSON document, as if it were whole."""
    return Sent(200, '{"candidates": [{"content": {"parts": [{"te')


def cut(text: str = "A dog on a lawn") -> Sent:
    """Hang up in the middle of the body."""
    whole = answer(text)
    return Sent(whole.status, whole.body, whole.headers, cut=len(whole.data) // 2)


def dropped() -> Sent:
    """Hang up without an answer."""
    return Sent(drop=True)


def models(*names: str) -> Sent:
    """List models."""
    rows = [
        {"name": f"models/{name}", "displayName": name, "supportedGenerationMethods": ["generateContent"]}
        for name in names
    ]
    return Sent(body={"models": rows})


def _named(value: Any) -> Any:
    """Name things in one way: Google takes ``mime_type`` for ``mimeType``, and its library sends both."""
    if isinstance(value, list):
        return [_named(part) for part in value]
    if not isinstance(value, dict):
        return value
    named = {_camel(name): part for name, part in value.items()}
    return {name: part if name.endswith("JsonSchema") else _named(part) for name, part in named.items()}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _sent(body: Mapping[str, Any]) -> Sent:
    return Sent(body=body)
