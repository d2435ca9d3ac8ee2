"""Anthropic: asks about a picture by its messages."""

from __future__ import annotations

import asyncio
import base64
import os
from typing import TYPE_CHECKING, Any, cast

import anthropic

from lorairo.annotators.anthropic_endings import answered, failed
from lorairo.services.calls import Outcome
from lorairo.services.exchange import connections, key_of, keyless, late, lost, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lorairo.services.calls import Request
    from lorairo.services.endpoint import Endpoint

_ADDRESS = "https://api.anthropic.com"
_TOOL = "answer"
_UNTYPED = ("temperature",)  # older models take what the library no longer names


class Anthropic:
    """Speaks with Anthropic, or with what stands at the address of the endpoint.

    Without a key in the endpoint nothing is sent: the library would look for one of its own. Of the
    environment, neither keys, addresses nor headers count.

    Parameters
    ----------
    endpoint
        Where, with which key, and how long to wait.

    Attributes
    ----------
    endpoint
        As given.
    client
        The library's; None without a key.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.client: anthropic.AsyncAnthropic | None = None
        if key := key_of(endpoint):
            http = connections(endpoint)
            self.client = anthropic.AsyncAnthropic(
                api_key=key,
                base_url=endpoint.base_url or _ADDRESS,
                timeout=http.timeout,
                max_retries=0,
                http_client=http,
                default_headers=_headers(key),
                open_telemetry=False,  # what is asked is nobody else's business
            )

    async def ask(self, request: Request, /) -> Outcome:
        """Ask about one picture. Whatever happens is an outcome; only cancelling raises."""
        if self.client is None:
            return keyless(self.endpoint)
        try:
            parameters = self.parameters(request)
            untyped = {name: parameters.pop(name) for name in _UNTYPED if name in parameters}
            async with asyncio.timeout(self.endpoint.timeout):  # of the whole; the library's is of each read
                raw = await self.client.messages.with_raw_response.create(**parameters, extra_body=untyped)
            outcome = answered(raw.http_response.text, raw.headers.get("request-id", ""))
        except Exception as error:  # noqa: BLE001 - one picture's trouble is told, and the run goes on
            outcome = self.failure(error)
        return shown(outcome)

    async def close(self) -> None:
        """Let its connections go."""
        if self.client is not None:
            await self.client.close()

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
        if isinstance(error, anthropic.APITimeoutError | TimeoutError):
            return late("Anthropic", self.endpoint)
        if isinstance(error, anthropic.APIConnectionError):
            return lost("Anthropic", error.__cause__ or error)
        return Outcome(
            "bad_request", message=f"Anthropic cannot be asked: {error}", code=type(error).__name__
        )


def _headers(key: str) -> Mapping[str, str]:
    """Keep headers of the environment back, which may hold another key or be meant for another server."""
    lines = os.environ.get("ANTHROPIC_CUSTOM_HEADERS", "").split("\n")
    kept_back = {line.partition(":")[0].strip(): anthropic.omit for line in lines if ":" in line}
    return cast("Mapping[str, str]", {**kept_back, "Authorization": f"Bearer {key}"})


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
