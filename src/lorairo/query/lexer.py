"""Words of a search: parentheses and quotes occur inside tags, so it takes more than cutting at blanks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lark import Token

from lorairo.errors import QueryError
from lorairo.query.fields import field_of

if TYPE_CHECKING:
    from collections.abc import Collection

_KEYWORDS = {"or": "OR", "and": "AND", "not": "NOT"}
_EYES = re.compile(r">?[:;=]['^o-]?")  # what may stand before the mouth in `:)` `;-)` `>:)`


def tokens(text: str, scores: Collection[str]) -> list[Token]:
    """Split a search into tokens LPAR, RPAR, NOT, OR, AND and TERM.

    Parameters
    ----------
    text
        The search.
    scores
        Score names of the project; a quoted value may follow a field or a score only.

    Raises
    ------
    QueryError
        For a quote that is not closed, a closing parenthesis too many, a minus before nothing.
    """
    found: list[Token] = []
    position, depth = 0, 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        kind, end = _next(text, position, depth, scores)
        depth += (kind == "LPAR") - (kind == "RPAR")
        found.append(Token(kind, text[position:end], start_pos=position, end_pos=end))
        position = end
    return found


def _next(text: str, position: int, depth: int, scores: Collection[str]) -> tuple[str, int]:
    character = text[position]
    if character == "-":
        if position + 1 == len(text) or text[position + 1].isspace():
            raise QueryError(
                "Expected a tag after -, got nothing", position=position, length=1, expected=("a tag",)
            )
        return "NOT", position + 1
    if character == "(" and _opens_group(text, position):
        return "LPAR", position + 1
    if character == ")":
        if depth == 0:
            raise QueryError(
                "Expected ( before ), got none", position=position, length=1, expected=("( before it",)
            )
        return "RPAR", position + 1
    if character == '"':
        end = _quote_end(text, position)
        if end == len(text) or text[end].isspace() or text[end] == ")":
            return "TERM", end
        # `"love"_letter` is a tag whose name has quotes
    end = _word_end(text, position, scores)
    return _KEYWORDS.get(text[position:end].lower(), "TERM"), end


def _opens_group(text: str, position: int) -> bool:
    """Whether a parenthesis groups; it does not where it starts a name, as in `(o)_(o)`."""
    chunk = text[position:].split(None, 1)[0]
    depth = 0
    for place, character in enumerate(chunk):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            rest = chunk[place + 1 :].lstrip(")")
            return not rest or rest[0] in '(-"'
    return True


def _word_end(text: str, position: int, scores: Collection[str]) -> int:
    """Return where a word ends: at a blank, or at a parenthesis that it did not open."""
    inner, place = 0, position
    while place < len(text) and not text[place].isspace():
        character = text[place]
        if character == '"' and _takes_quote(text[position:place], scores):
            end = _quote_end(text, place)
            if text[place - 1] == ":":
                return _after_value(text, end)
            place = end
            continue
        face = character in "()" and _EYES.fullmatch(text[position:place])
        if character == "(" and not face:
            inner += 1
        elif character == ")" and not face:
            if inner == 0:
                return place
            inner -= 1
        place += 1
    return place


def _takes_quote(before: str, scores: Collection[str]) -> bool:
    if before.lower() == "score(":
        return True
    found = field_of(before, scores) if before.endswith(":") else None
    return found is not None and found[1] == len(before)


def _after_value(text: str, end: int) -> int:
    if end < len(text) and not text[end].isspace() and text[end] != ")":
        raise QueryError(
            f"Expected a space after the closing quote, got {text[end]}",
            position=end,
            length=1,
            expected=("a space",),
        )
    return end


def _quote_end(text: str, position: int) -> int:
    r"""Return the place after the quote that closes the one at `position`; ``\"`` does not close."""
    match = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL).match(text, position)
    if match is None:
        raise QueryError(
            'Expected a closing ", got the end',
            position=position,
            length=len(text) - position,
            expected=('"',),
        )
    return match.end()
