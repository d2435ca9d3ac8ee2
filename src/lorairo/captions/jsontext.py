"""Where the values of a JSON object stand in its text, so that one can be changed and the rest left alone."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NamedTuple

TEXT_KEYS: Final = ("text", "caption", "prompt")
"""Under which a line of ``metadata.jsonl`` says what is to be seen; the first of them counts."""

_DECODER: Final = json.JSONDecoder()
_NEXT: Final = re.compile(r"[^ \t\n\r]")
_ESCAPE: Final = re.compile(r"\\u[0-9a-fA-F]{4}")


class Member(NamedTuple):
    """A value of an object: where its text begins and ends, and what it is."""

    start: int
    end: int
    value: Any


def members(text: str, at: int = 0) -> dict[str, Member]:
    """Return the values of the object that begins at a place; of equal keys the last, as `json.loads` does.

    Raises
    ------
    ValueError
        When there is no JSON object.
    RecursionError
        When it is nested too deeply.
    """
    found: dict[str, Member] = {}
    at = _expect(text, at, "{")
    if text[at : at + 1] == "}":
        return found
    while True:
        key, at = _DECODER.raw_decode(text, at)
        if not isinstance(key, str):
            raise ValueError(f"no key before character {at}")  # noqa: TRY004 - as json.loads says it
        start = _expect(text, at, ":")
        value, end = _DECODER.raw_decode(text, start)
        found[key] = Member(start, end, value)
        at = _skip(text, end)
        if text[at : at + 1] == "}":
            return found
        at = _expect(text, at, ",")


def as_json(value: Any, like: str) -> str:
    """Write a value as JSON; letters beyond ASCII as escapes where a text it comes into has only such."""
    return json.dumps(value, ensure_ascii=like.isascii() and _ESCAPE.search(like) is not None)


def _skip(text: str, at: int) -> int:
    found = _NEXT.search(text, at)
    return found.start() if found else len(text)


def _expect(text: str, at: int, sign: str) -> int:
    at = _skip(text, at)
    if text[at : at + 1] != sign:
        raise ValueError(f"no {sign} at character {at}")
    return _skip(text, at + 1)
