"""Text patterns of the search language: a star stands for any text, case never matters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def given(text: str) -> bool:
    """Whether there is any text: what a lone star asks for."""
    return bool(text)


def whole(pattern: str) -> Callable[[str], bool]:
    """Return a test whether a text is the pattern."""
    wanted = pattern.lower()
    if "*" not in wanted:
        return lambda text: text.lower() == wanted
    expression = _expression(wanted)
    return lambda text: expression.fullmatch(text.lower()) is not None


def inside(pattern: str) -> Callable[[str], bool]:
    """Return a test, for texts in lower case, whether the pattern occurs in a text, across lines too."""
    wanted = pattern.lower()
    if "*" not in wanted:
        return lambda text: wanted in text
    expression = _expression(wanted)
    return lambda text: expression.search(text) is not None


def lines(pattern: str) -> Callable[[str], bool]:
    """Return a test, for texts in lower case, of each line: a star makes the pattern cover the whole line."""
    wanted = pattern.lower()
    if "*" not in wanted:
        return lambda text: wanted in text
    expression = _expression(wanted)
    return lambda text: any(expression.fullmatch(line) for line in text.split("\n"))


def _expression(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in re.split(r"\*+", pattern)), re.DOTALL)
