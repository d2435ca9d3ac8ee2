"""Anthropic: asks about a picture by its messages."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import anthropic

from lorairo.annotators.anthropic_endings import answered, failed
from lorairo.services.adapter import Adapter
from lorairo.services.calls import Outcome
from lorairo.services.exchange import foreign, headers_of, key_of, unanswered

if TYPE_CHECKING:
    from lorairo.services.calls import Request

_ADDRESS = "https://api.anthropic.com"
_TOOL = "answer"
_UNTYPED = ("temperature",)  # older models take what the library no longer names


class Anthropic(Adapter[anthropic.AsyncAnthropic]):
    """Speaks with Anthropic, or with what stands at the address of the endpoint.

    Without a key in the endpoint nothing is sent: the library would look for one of its own. Of the
    environment, neither keys, addresses nor headers count.
    """

    def _made(self) -> anthropic.AsyncAnthropic | None:
        key = key_of(self.endpoint)
        if key is None:
            return None
        return anthropic.AsyncAnthropic(
            api_key=key,
            base_url=self.endpoint.base_url or _ADDRESS,
            timeout=self._http.timeout,
            max_retries=0,
            http_client=self._http,
            default_headers=headers_of(key, "ANTHROPIC_CUSTOM_HEADERS", anthropic.omit),
            open_telemetry=False,  # what is asked is nobody else's business
        )

    async def _sent(self, client: anthropic.AsyncAnthropic, request: Request) -> Outcome:
        parameters = self.parameters(request)
        untyped = {name: parameters.pop(name) for name in _UNTYPED if name in parameters}
        raw = await client.messages.with_raw_response.create(**parameters, extra_body=untyped)
        return answered(raw.http_response.text, raw.headers.get("request-id", ""))

    @staticmethod
    def parameters(request: Request) -> dict[str, Any]:
        """Return a question as Anthropic takes it: the picture first; only what is shared is cached."""
        picture, service = request.picture, request.service
        source = {
            "type": "base64",
            "media_type": picture.media_type,
            "data": base64.b64encode(picture.data).decode("ascii"),
        }
        content = [{"type": "image", "source": source}, {"type": "text", "text": request.prompt}]
        parameters: dict[str, Any] = {
            "model": request.model,
            "max_tokens": service.max_tokens,
            "messages": [{"role": "user", "content": content}],
        }
        if request.system:
            shared = {"type": "text", "text": request.system, "cache_control": {"type": "ephemeral"}}
            parameters["system"] = [shared]
        if service.temperature is not None:
            parameters["temperature"] = service.temperature
        return parameters | _shape(request)

    def failure(self, error: Exception) -> Outcome:
        """Say how a call ended that raised."""
        if isinstance(error, anthropic.APIStatusError):
            return failed(error.status_code, error.body, error.response.headers)
        if isinstance(error, anthropic.APIConnectionError | TimeoutError):
            return unanswered("Anthropic", self.endpoint, error)
        if isinstance(error, json.JSONDecodeError):
            return foreign("Anthropic", error.doc)
        return Outcome(
            "bad_request", message=f"Anthropic cannot be asked: {error}", code=type(error).__name__
        )


def _shape(request: Request) -> dict[str, Any]:
    """Return what fixes the shape of the answer, and the effort put into it."""
    structured = request.service.structured if request.schema is not None else "text"
    fixed = structured in ("schema", "tool")
    schema = anthropic.transform_schema(dict(request.schema or {})) if fixed else {}
    config: dict[str, Any] = {}
    if request.service.effort is not None:
        config["effort"] = request.service.effort
    if structured == "schema":
        config["format"] = {"type": "json_schema", "schema": schema}
    shape: dict[str, Any] = {"output_config": config} if config else {}
    if structured == "tool":
        tool = {"name": _TOOL, "description": "Give the answer.", "input_schema": schema}
        choice = {"type": "tool", "name": _TOOL, "disable_parallel_tool_use": True}
        shape |= {"tools": [tool], "tool_choice": choice}
    return shape
