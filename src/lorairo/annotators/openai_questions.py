"""A question as OpenAI takes it, in either of its APIs: instructions first, the picture last."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lorairo.services.calls import Picture, Request

Cap = Literal["max_completion_tokens", "max_tokens"]
"""How chat completions call the longest answer: OpenAI's own word, and the one that other servers know."""

_NAME = "answer"
_NOTHING_KEPT = {"mode": "explicit"}  # but what is marked, and nothing is
_IN_JSON = "Answer in JSON."
_INNER = ("items", "not", "if", "then", "else", "additionalItems", "contains")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_MAPS = ("$defs", "definitions", "properties")


def chat(request: Request, cap: Cap) -> dict[str, Any]:
    """Return the body of a question to ``/chat/completions``; what the row does not set is not sent."""
    service = request.service
    image: dict[str, Any] = {"url": _data_url(request.picture)}
    if service.detail is not None:
        image["detail"] = service.detail
    # What all questions share comes first: services keep a common beginning for the next one.
    said: list[dict[str, Any]] = []
    if system := _system(request):
        said.append({"role": "system", "content": system})
    parts = [{"type": "text", "text": request.prompt}, {"type": "image_url", "image_url": image}]
    said.append({"role": "user", "content": parts})
    body: dict[str, Any] = {"model": request.model, "messages": said, cap: service.max_tokens}
    if service.temperature is not None:
        body["temperature"] = service.temperature
    if service.effort is not None:
        body["reasoning_effort"] = service.effort
    if service.cache_off:
        body["prompt_cache_options"] = _NOTHING_KEPT
    if request.schema is None or service.structured == "text":
        return body
    if service.structured == "json":
        return body | {"response_format": {"type": "json_object"}}
    shape = {"name": _NAME, "strict": True}
    if service.structured == "schema":
        shape["schema"] = strict(request.schema)
        return body | {"response_format": {"type": "json_schema", "json_schema": shape}}
    shape["parameters"] = strict(request.schema)
    return body | {
        "tools": [{"type": "function", "function": shape}],
        "tool_choice": {"type": "function", "function": {"name": _NAME}},
    }


def responses(request: Request) -> dict[str, Any]:
    """Return the body of a question to ``/responses``; OpenAI is asked not to keep it."""
    service = request.service
    image = {
        "type": "input_image",
        "image_url": _data_url(request.picture),
        "detail": service.detail or "auto",
    }
    body: dict[str, Any] = {
        "model": request.model,
        "input": [{"role": "user", "content": [{"type": "input_text", "text": request.prompt}, image]}],
        "max_output_tokens": service.max_tokens,
        "store": False,
    }
    if system := _system(request):
        body["instructions"] = system
    if service.temperature is not None:
        body["temperature"] = service.temperature
    if service.effort is not None:
        body["reasoning"] = {"effort": service.effort}
    if service.cache_off:
        body["prompt_cache_options"] = _NOTHING_KEPT
    if request.schema is None or service.structured == "text":
        return body
    if service.structured == "json":
        return body | {"text": {"format": {"type": "json_object"}}}
    shape = {"name": _NAME, "strict": True}
    if service.structured == "schema":
        form = {"type": "json_schema", **shape, "schema": strict(request.schema)}
        return body | {"text": {"format": form}}
    return body | {
        "tools": [{"type": "function", **shape, "parameters": strict(request.schema)}],
        "tool_choice": {"type": "function", "name": _NAME},
    }


def strict(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema as OpenAI binds a model to it.

    Every object is closed and requires all it has; what was optional may be null.
    """
    told = {name: _within(name, part) for name, part in schema.items() if name != "default"}
    properties = told.get("properties")
    if told.get("type") != "object" and properties is None:
        return told
    needed = set(schema.get("required", ()))
    told["properties"] = {
        name: part if name in needed else _or_null(part) for name, part in (properties or {}).items()
    }
    told["required"] = list(told["properties"])
    told["additionalProperties"] = False
    return told


def _within(name: str, part: Any) -> Any:
    """Make strict what a keyword of a schema holds, where that is a schema, or several."""
    if name in _MAPS:
        return {key: strict(value) for key, value in part.items()}
    if name in _LISTS:
        return [strict(value) for value in part]
    return strict(part) if name in _INNER and isinstance(part, dict) else part


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    null = {"type": "null"}
    choices = schema.get("anyOf")
    if choices is not None:
        return schema if null in choices else schema | {"anyOf": [*choices, null]}
    return {"anyOf": [schema, null]}


def _system(request: Request) -> str:
    """Return the instructions; a request for JSON without a schema is refused where nothing says JSON."""
    said = request.system
    wants_json = request.schema is not None and request.service.structured == "json"
    if wants_json and "json" not in (said + request.prompt).lower():
        return f"{said}\n{_IN_JSON}".lstrip()
    return said


def _data_url(picture: Picture) -> str:
    return f"data:{picture.media_type};base64,{base64.b64encode(picture.data).decode('ascii')}"
