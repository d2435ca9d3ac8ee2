"""A service for the guide about services: it answers whatever is asked for, and refuses some pictures."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import openai_wire
from api_server import Received, Sent, serving

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

KEY = "sk-test-of-the-notebooks-0123456789"
_PLACES = ("over a meadow", "behind bare trees", "above a quiet lake", "between two hills")
_REFUSED = 24  # of 256 pictures


@contextmanager
def answering(folder: Path) -> Iterator[dict[str, str]]:
    """Serve until the block ends; give the environment in which the guide asks this service.

    Parameters
    ----------
    folder
        Stands in for the user's own settings.
    """
    with serving(_script) as server:
        yield {
            "LORAIRO_CONFIG": str(folder / "config.toml"),
            "LORAIRO_PROVIDERS__OPENAI__BASE_URL": f"{server.url}/v1",
            "LORAIRO_PROVIDERS__OPENAI__RATE_LIMIT_REQUESTS_PER_MINUTE": "6000",
            "OPENAI_API_KEY": KEY,
        }


def _script(received: Received) -> Sent:
    if received.method == "GET":
        return openai_wire.models("gpt-5-mini")
    question = openai_wire.asked(received)
    seen = hashlib.sha256(question.picture).digest()
    if seen[0] < _REFUSED:
        return openai_wire.refused()
    caption = f"A view {_PLACES[seen[1] % len(_PLACES)]}, in soft light"
    caption += f", asked in {len(question.prompt)} characters. A watermark stands in the corner."
    asked = question.body.get("response_format", {}).get("json_schema", {}).get("schema")
    return openai_wire.chat(caption if asked is None else json.dumps(_filled(asked, caption)))


def _filled(schema: Mapping[str, Any], caption: str) -> Any:
    """Answer as a schema asks."""
    if "anyOf" in schema:
        return _filled(schema["anyOf"][0], caption)
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "object":
        return {name: _filled(part, caption) for name, part in schema["properties"].items()}
    return {"string": caption, "array": ["landscape", "no_humans"], "number": 6}[schema["type"]]
