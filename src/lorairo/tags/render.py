"""Tags as a target wants to read them: blanks and backslashes are a matter of rendering, not of storing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from lorairo.errors import ArgumentError
from lorairo.tags.canonical import is_literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Target = Literal["kohya", "underscores", "prompt"]
TARGETS: tuple[Target, ...] = get_args(Target)
r"""``kohya``: training text, blanks. ``underscores``: as stored. ``prompt``: blanks, ``\(`` and ``\)``."""


def render_tag(name: str, target: Target = "kohya") -> str:
    """Write one canonical tag for a target.

    Parameters
    ----------
    name
        A canonical name.
    target
        One of `TARGETS`.

    Returns
    -------
    str
        The text; ``canonical(render_tag(name, target)) == name`` for every target.

    Raises
    ------
    ArgumentError
        For an unknown target.
    """
    if target not in TARGETS:
        raise ArgumentError(f"unknown tag target {target!r}: use one of {', '.join(TARGETS)}")
    if target == "underscores":
        return name
    text = name if is_literal(name) else name.replace("_", " ")
    if target == "prompt":
        # A backslash before a parenthesis is syntax of prompt windows; in training text it would be a token.
        text = text.replace("(", r"\(").replace(")", r"\)")
    return text


def render(names: Iterable[str], target: Target = "kohya", *, separator: str = ", ") -> str:
    """Write a list of canonical tags as one line for a target, in the given order."""
    return separator.join(render_tag(name, target) for name in names)
