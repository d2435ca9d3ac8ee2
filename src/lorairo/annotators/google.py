"""Google: asks Gemini about a picture."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

from google import genai
from google.genai import errors, types
from httpx2 import HTTPError

from lorairo.annotators.google_endings import answered, failed
from lorairo.services.adapter import Adapter
from lorairo.services.calls import Outcome
from lorairo.services.exchange import foreign, key_of, unanswered

if TYPE_CHECKING:
    from lorairo.services.calls import Request

_ADDRESS = "https://generativelanguage.googleapis.com"
_TOOL = "answer"
_NUMBER = re.compile(r"-?\d+")
_CATEGORIES = ("HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT")
_SAFETY = [{"category": f"HARM_CATEGORY_{category}", "threshold": "BLOCK_NONE"} for category in _CATEGORIES]
"""What may be lowered is: pictures are described as they are. What Google always blocks stays blocked."""


class Google(Adapter[genai.Client]):
    """Speaks with Gemini, or with what stands at the address of the endpoint.

    Without a key in the endpoint nothing is sent. Of the environment, neither keys nor addresses count.
    """

    def _made(self) -> genai.Client | None:
        key = key_of(self.endpoint)
        if key is None:
            return None
        return genai.Client(
            vertexai=False,
            api_key=key,
            http_options=types.HttpOptions(
                base_url=self.endpoint.base_url or _ADDRESS,
                timeout=round(self.endpoint.timeout * 1000),
                httpx_async_client=self._http,
            ),
        )

    async def _sent(self, client: genai.Client, request: Request) -> Outcome:
        contents, config = _said(request)
        response = await client.aio.models.generate_content(
            model=request.model, contents=contents, config=config
        )
        http = response.sdk_http_response
        return answered((http and http.body) or "")

    async def close(self) -> None:
        """Let its connections go."""
        await super().close()
        if self.client is not None:
            self.client.close()

    @staticmethod
    def parameters(request: Request) -> dict[str, Any]:
        """Return a question as Gemini takes it on the wire, the picture first."""
        data = base64.b64encode(request.picture.data).decode("ascii")
        picture = {"inlineData": {"mimeType": request.picture.media_type, "data": data}}
        contents = [{"role": "user", "parts": [picture, {"text": request.prompt}]}]
        return {"contents": contents, **_told(request), "generationConfig": _config(request)}

    def failure(self, error: Exception) -> Outcome:
        """Say how a call ended that raised."""
        if isinstance(error, errors.APIError):
            headers = getattr(error.response, "headers", None) or {}
            return failed(error.code, error.details, headers)
        if isinstance(error, HTTPError | TimeoutError):
            return unanswered("Gemini", self.endpoint, error)
        if isinstance(error, json.JSONDecodeError):
            return foreign("Gemini", error.doc)
        if isinstance(error, UnicodeDecodeError):
            return foreign("Gemini", "")
        return Outcome("bad_request", message=f"Gemini cannot be asked: {error}", code=type(error).__name__)


def _said(request: Request) -> tuple[types.Content, types.GenerateContentConfig]:
    """Return a question as the library takes it: one request, whose answer is handed on as it came."""
    picture = types.Part.from_bytes(data=request.picture.data, mime_type=request.picture.media_type)
    content = types.Content(role="user", parts=[picture, types.Part(text=request.prompt)])
    once = {
        "should_return_http_response": True,
        "automatic_continuation": False,
        "automatic_function_calling": {"disable": True},
    }
    return content, types.GenerateContentConfig.model_validate(_told(request) | _config(request) | once)


def _told(request: Request) -> dict[str, Any]:
    """Return what stands beside the question."""
    told: dict[str, Any] = {"safetySettings": _SAFETY}
    if request.system:
        told["systemInstruction"] = {"parts": [{"text": request.system}]}
    if request.schema is not None and request.service.structured == "tool":
        tool = {
            "name": _TOOL,
            "description": "Give the answer.",
            "parametersJsonSchema": dict(request.schema),
        }
        told["tools"] = [{"functionDeclarations": [tool]}]
        told["toolConfig"] = {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": [_TOOL]}}
    return told


def _config(request: Request) -> dict[str, Any]:
    """Return how the answer shall be."""
    service = request.service
    config: dict[str, Any] = {"maxOutputTokens": service.max_tokens}
    if service.temperature is not None:
        config["temperature"] = service.temperature
    if service.effort is not None:
        config["thinkingConfig"] = _thinking(service.effort, service.max_tokens)
    if request.schema is not None and service.structured in ("schema", "json"):
        config["responseMimeType"] = "application/json"
        if service.structured == "schema":
            config["responseJsonSchema"] = dict(request.schema)
    return config


def _thinking(effort: str, max_tokens: int) -> dict[str, Any]:
    """Return how long to think: a level in words, or a number of tokens, which leaves half for the answer."""
    if _NUMBER.fullmatch(effort):
        return {"thinkingBudget": min(int(effort), max_tokens // 2)}
    return {"thinkingLevel": effort.upper()}
