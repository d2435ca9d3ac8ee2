"""Find the prompt a generator wrote into the picture it made.

Formats: A1111 and Forge, ComfyUI, NovelAI, InvokeAI, Fooocus and SwarmUI, as their users publish them.
Only the positive prompt is returned: it is what somebody may want as a caption. The file keeps the rest.
"""

from __future__ import annotations

import json
import re
from typing import Any

from lorairo.images import exif as exif_block

_MAX_PROMPT = 100_000  # characters; more is no prompt
_MAX_NODES = 10_000


def find(texts: dict[str, str], exif: exif_block.Exif) -> str | None:
    """Return the positive prompt, or None when there is none.

    Parameters
    ----------
    texts
        Text chunks of a PNG by their keyword.
    exif
        The EXIF block: JPEG and WebP carry prompts in UserComment, Make and Model.
    """
    comment = exif.tags.get(exif_block.USER_COMMENT)
    graph = texts.get("prompt") or _tagged(exif, "prompt:")
    candidates = (
        _parameters(texts.get("parameters")),
        _parameters(_user_comment(comment)),
        _comfy(graph),
        _novelai(texts),
        _invoke(texts),
    )
    for candidate in candidates:
        if candidate and candidate.strip():
            return candidate.replace("\0", "").strip()[:_MAX_PROMPT]
    return None


def _tagged(exif: exif_block.Exif, prefix: str) -> str | None:
    """ComfyUI writes ``prompt:{...}`` into camera fields of a WebP."""
    for tag in (exif_block.MODEL, exif_block.MAKE):
        value = exif.tags.get(tag)
        if isinstance(value, str) and value.lower().startswith(prefix):
            return value[len(prefix) :]
    return None


def _user_comment(value: Any) -> str | None:
    """Decode a UserComment: an eight-byte name of the encoding, then the text."""
    if isinstance(value, str):
        return value
    if not isinstance(value, bytes):
        return None
    encoding, text = value[:8], value[8:]
    if encoding.startswith(b"UNICODE"):
        # The standard does not fix the byte order: Latin text has its zero bytes first in big endian.
        order = "utf-16-le" if text[1:200:2].count(0) > text[0:200:2].count(0) else "utf-16-be"
        return text.decode(order, "replace")
    if encoding.startswith(b"ASCII") or encoding == bytes(8):
        return text.decode("utf-8", "replace")
    return None


def _parameters(text: str | None) -> str | None:
    """Take the positive prompt out of A1111's text, or of JSON under the same keyword (Fooocus, SwarmUI)."""
    if not text:
        return None
    if text.lstrip().startswith("{"):
        data = _json(text)
        inner = data.get("sui_image_params", data) if isinstance(data, dict) else None
        return _string(inner.get("prompt")) if isinstance(inner, dict) else None
    lines = text.replace("\r\n", "\n").split("\n")
    if re.match(r"\s*Steps: \d+", lines[-1]) or len(re.findall(r"\b[\w ]+: [^,]+(?:,|$)", lines[-1])) >= 3:  # noqa: PLR2004
        lines = lines[:-1]
    positive: list[str] = []
    for line in lines:
        if line.startswith("Negative prompt:"):
            break
        positive.append(line)
    return "\n".join(positive)


def _novelai(texts: dict[str, str]) -> str | None:
    if texts.get("Software") != "NovelAI":
        return None
    data = _json(texts.get("Comment"))
    inner = _string(data.get("prompt")) if isinstance(data, dict) else None
    return inner or texts.get("Description")


def _invoke(texts: dict[str, str]) -> str | None:
    data = _json(texts.get("invokeai_metadata"))
    return _string(data.get("positive_prompt")) if isinstance(data, dict) else None


def _comfy(text: str | None) -> str | None:
    """Follow the sampler's `positive` input back to the text it encodes."""
    graph = _json(text)
    if not isinstance(graph, dict) or len(graph) > _MAX_NODES:
        return None
    for node in graph.values():
        inputs = node.get("inputs") if isinstance(node, dict) else None
        if isinstance(inputs, dict) and "positive" in inputs:
            found = _follow(graph, inputs["positive"])
            if found:
                return found
    return None


def _follow(graph: dict[str, Any], link: Any) -> str | None:
    """Walk links breadth first, each node once, to the first text."""
    waiting, seen = [link], set[str]()
    while waiting:
        current = waiting.pop(0)
        if isinstance(current, str) and current.strip():
            return current
        if not (isinstance(current, list) and current) or str(current[0]) in seen:
            continue
        seen.add(str(current[0]))
        node = graph.get(str(current[0]))
        inputs = node.get("inputs") if isinstance(node, dict) else None
        if isinstance(inputs, dict):
            waiting += [
                inputs[key]
                for key in ("text", "text_g", "text_l", "t5xxl", "string", "value")
                if key in inputs
            ]
            waiting += [value for value in inputs.values() if isinstance(value, list)]
    return None


def _json(text: str | None) -> Any:
    """Read JSON that nobody vouches for; anything unreadable is no prompt."""
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None
