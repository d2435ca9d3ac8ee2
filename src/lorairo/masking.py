"""Keys, tokens and passwords are never shown: what is known to be one, and what looks like one."""

from __future__ import annotations

import os
import re
from typing import Any

__all__ = ["hide", "mask", "masked", "masked_values"]

_STARS = "***"
_ENDS = 4  # characters of a key that are shown at either end, so that one can tell which it was
_LONG = 16  # a shorter key would show too much of itself

# Keys by their shape; then by a word beside them that says so; then passwords in addresses.
_KEYS = re.compile(
    r"\b(?:sk-[A-Za-z0-9_\-]{8,}|AIza[A-Za-z0-9_\-]{20,}|hf_[A-Za-z0-9]{8,}|r8_[A-Za-z0-9]{8,}"
    r"|gsk_[A-Za-z0-9]{8,}|xai-[A-Za-z0-9]{8,}|gh[pousr]_[A-Za-z0-9]{16,}|AKIA[A-Z0-9]{12,})"
)
_NAMED = re.compile(
    r"""(?ix) ( \b(?: authorization | x-api-key | api[_-]?key | access[_-]?token | secret | password )
        ["']? \s* [:=] \s* ["']? (?:bearer\s+ | basic\s+)? ) ( [^\s"'&,;)}]{4,} )"""
)
_BEARER = re.compile(r"(?i)\b(bearer\s+)([A-Za-z0-9_\-.~+/=]{8,})")
_ADDRESS = re.compile(r"(\b[a-z][a-z0-9+.\-]*://[^\s:/@]*:)[^\s@/]+(@)")
_SECRET_VARIABLES = ("_API_KEY", "_TOKEN", "_SECRET", "_PASSWORD", "_ACCESS_KEY")
_OWN_VARIABLES = "LORAIRO_API__"
_SHORTEST_SECRET = 8  # anything shorter would mask ordinary words

_hidden: set[str] = set()


def mask(value: str) -> str:
    """Show the ends of a key, ``abcd***wxyz``; ``***`` when it is shorter than 16 characters."""
    return f"{value[:_ENDS]}{_STARS}{value[-_ENDS:]}" if len(value) >= _LONG else _STARS


def hide(secret: str) -> None:
    """Mask this text from now on wherever it would be shown, whatever it looks like."""
    if len(secret) >= _SHORTEST_SECRET:
        _hidden.add(secret)


def masked(text: str) -> str:
    """Mask keys, tokens and passwords in a text; for messages that leave the process."""
    text = _without_keys(text)
    text = _ADDRESS.sub(rf"\1{_STARS}\2", text)
    text = _BEARER.sub(_second_masked, text)
    return _NAMED.sub(_second_masked, text)


def masked_values(value: Any) -> Any:
    """Mask what is a key for certain in JSON values of any depth; words beside it decide nothing here.

    What is kept is read again by machines, and a caption may well speak of a "password: swordfish".
    """
    if isinstance(value, str):
        return _without_keys(value)
    if isinstance(value, dict):
        return {masked_values(key): masked_values(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked_values(inner) for inner in value]
    return value


def _without_keys(text: str) -> str:
    for secret in sorted(_known(), key=len, reverse=True):  # the longer may contain the shorter
        while secret in text:  # what is left of it and its neighbours may spell it once more
            text = text.replace(secret, mask(secret))
    return _KEYS.sub(lambda found: mask(found[0]), text)


def _known() -> set[str]:
    """Everything that is a key for certain: what was hidden, and variables that are called like one."""
    named = (name for name in os.environ if _is_secret(name.upper()))
    return _hidden | {value for name in named if len(value := os.environ.get(name, "")) >= _SHORTEST_SECRET}


def _is_secret(variable: str) -> bool:
    return variable.endswith(_SECRET_VARIABLES) or variable.startswith(_OWN_VARIABLES)


def _second_masked(found: re.Match[str]) -> str:
    return found[1] + (found[2] if _STARS in found[2] else mask(found[2]))
