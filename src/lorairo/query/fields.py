"""The fields of the search language, and how the text after their colon is read."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from lorairo.errors import QueryError
from lorairo.query.tree import Choice, Flag, Node, Number, Order, Range, Tag, TagScore, Text
from lorairo.tags import CATEGORIES, RATINGS, canonical, rating_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

NUMBERS = ("width", "height", "aspect", "bytes", "stars", "tags", "tokens", "id", "disagreement")
TEXTS = ("caption", "phrase", "name", "path", "hash", "reason", "format", "source", "dataset", "refused")
FLAGS = ("excluded", "duplicate", "untagged", "missing", "reviewed", "disputed")
FIELDS = (*NUMBERS, *TEXTS, "rating", "category", "is", "order", "score")
"""Every word that is a field before a colon; anything else with a colon in it is a tag."""

ORDERS = (*NUMBERS, "name", "path", "format", "added", "reviewed", "excluded")
"""Columns to sort by, besides the scores and ``random:seed``."""

_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_COMPARISON = re.compile(rf"(>=|<=|>|<|=)?({_NUMBER})(%)?")
_BETWEEN = re.compile(rf"({_NUMBER})?\.\.({_NUMBER})?(%)?")
_LOOKS_COMPARED = re.compile(rf"[<>]=?|{_NUMBER}\.\.|\.\.{_NUMBER}|\"")
_NAME = re.compile(r"[^\W\d][\w-]*")
_TAG_SCORE = re.compile(r"score\((.*)\):(.*)", re.DOTALL | re.IGNORECASE)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_HEX = re.compile(r"[0-9a-f]{1,64}")
_RANDOM = re.compile(r"random(?::([\w.-]+))?")


def unquote(text: str) -> str | None:
    r"""Return the inside of a quoted text (``\"`` and ``\\`` undone), or None when it is not quoted."""
    match = _QUOTED.fullmatch(text)
    return None if match is None else re.sub(r'\\(["\\])', r"\1", match[1])


def quote(text: str) -> str:
    """Quote a text for a search."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def score_key(name: str) -> str:
    """Return how a score is typed: blanks cannot stand in a field name."""
    return "_".join(name.split()).lower()


def field_of(text: str, scores: Collection[str]) -> tuple[str, int] | None:
    """Return the field or score that a word begins with, and where its value starts; None for a tag.

    Parameters
    ----------
    text
        A word such as ``sharpness:>0.4`` or ``re:zero``.
    scores
        Score names of the project.
    """
    typed = {score_key(name): name for name in scores}
    start = text.find(":")
    while start > 0:
        word = text[:start].lower()
        if word in FIELDS and word != "score":
            return word, start + 1
        if word in typed:
            return typed[word], start + 1
        start = text.find(":", start + 1)
    match = _TAG_SCORE.match(text)
    return ("score", match.start(2)) if match else None


def read_term(text: str, position: int, scores: Collection[str]) -> Node:
    """Turn one word of a search into its node.

    Parameters
    ----------
    text
        The word as typed, quotes included.
    position
        Where it starts in the search, for messages.
    scores
        Score names of the project.

    Raises
    ------
    QueryError
        When the value of a field is none, or a name that is compared is no field.
    """
    plain = unquote(text)
    if plain is not None:
        return _tag(plain, text, position, literal=True)
    found = field_of(text, scores)
    if found is None:
        _refuse_unknown(text, position, scores)
        return _tag(text, text, position, literal=False)
    name, cut = found
    if name == "score":
        return _tag_score(text, cut, position)
    return _read_field(name, text[cut:], text[:cut], position, scores)


def _tag_score(text: str, cut: int, position: int) -> TagScore:
    written = text[len("score(") : cut - len("):")]
    plain = unquote(written)
    tag = canonical(written if plain is None else plain)
    if not tag:
        start = position + len("score(")
        raise _mistake("a tag", "score(", written, start, ("score(smile):>0.5",))
    return TagScore(tag, _ranges(text[cut:], text[:cut], position))


def _read_field(name: str, value: str, head: str, position: int, scores: Collection[str]) -> Node:
    if name in TEXTS:
        return _text(name, value, head, position)
    if name in ("rating", "category"):
        return _choice(name, value, head, position)
    if name == "is":
        return _flag(value, head, position)
    if name == "order":
        return _order(value, head, position, scores)
    return Number(name, _ranges(value, head, position))


def _tag(name: str, text: str, position: int, *, literal: bool) -> Tag:
    found = canonical(name)
    if not found:
        raise QueryError(
            f"Expected a tag, got {text}", position=position, length=len(text), expected=("a tag",)
        )
    return Tag(found, glob="*" in found and not literal)


def _refuse_unknown(text: str, position: int, scores: Collection[str]) -> None:
    """Stop a mistyped field that is compared to something; `re:zero` and `:d` go through."""
    name, colon, value = text.partition(":")
    if not colon or not _NAME.fullmatch(name) or not _LOOKS_COMPARED.match(value):
        return
    known = [word for word in (*FIELDS, *map(score_key, scores)) if word != "score"]
    near = difflib.get_close_matches(name.lower(), known, 3)
    hint = f" (did you mean {near[0]}?)" if near else ""
    raise QueryError(
        f"Expected a field or a score before {text[len(name) :]}, got {name}{hint}",
        position=position,
        length=len(name),
        expected=tuple(near or known),
    )


def _ranges(value: str, head: str, position: int) -> tuple[Range, ...]:
    """Read ``>0.4``, ``4..5``, ``>=90%``, ``1,2,5..9``."""
    ranges = []
    start = position + len(head)
    for part in value.split(","):
        found = _range(part, head, start)
        if found is None:
            operator = re.match(r"[<>]=?|=", part)
            rest = part[operator.end() :] if operator else part
            shown = head + (operator[0] if operator else "")
            raise _mistake("a number", shown, rest, start + len(part) - len(rest), (">0", "1..2", "<=3"))
        ranges.append(found)
        start += len(part) + 1
    return tuple(ranges)


def _range(part: str, head: str, start: int) -> Range | None:
    match = _COMPARISON.fullmatch(part)
    if match:
        number, percent = float(match[2]), bool(match[3])
        if match[1] in (">", ">="):
            return Range(low=number, low_open=match[1] == ">", percent=percent)
        if match[1] in ("<", "<="):
            return Range(high=number, high_open=match[1] == "<", percent=percent)
        return Range(number, number, percent=percent)
    match = _BETWEEN.fullmatch(part)
    if not match or (match[1] is None and match[2] is None):
        return None
    low = None if match[1] is None else float(match[1])
    high = None if match[2] is None else float(match[2])
    if low is not None and high is not None and low > high:
        raise QueryError(
            f"Expected the smaller number first after {head}, got {part}",
            position=start,
            length=len(part),
            expected=(f"{match[2]}..{match[1]}",),
        )
    return Range(low, high, percent=bool(match[3]))


def _text(name: str, value: str, head: str, position: int) -> Text:
    plain = unquote(value)
    if plain is None and not value:
        raise _mistake("text", head, value, position + len(head), ('"..."',))
    pattern = value if plain is None else plain
    if name == "hash":
        pattern = pattern.lower()
        if not _HEX.fullmatch(pattern):
            raise _mistake("the start of a SHA-256 in hex", head, value, position + len(head), ("0-9a-f",))
        return Text(name, pattern)
    return Text(name, pattern)


def _choice(name: str, value: str, head: str, position: int) -> Choice:
    known = RATINGS if name == "rating" else tuple(CATEGORIES)
    values = []
    start = position + len(head)
    for part in value.split(","):
        word = rating_name(part) if name == "rating" else part.lower()
        if word not in known:
            raise _mistake(_alternatives(known), head, part, start, known)
        values.append(word)
        start += len(part) + 1
    return Choice(name, tuple(dict.fromkeys(values)))


def _flag(value: str, head: str, position: int) -> Flag:
    if value.lower() not in FLAGS:
        raise _mistake(_alternatives(FLAGS), head, value, position + len(head), FLAGS)
    return Flag(value.lower())


def _alternatives(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _order(value: str, head: str, position: int, scores: Collection[str]) -> Order:
    key = value.removeprefix("-")
    random = _RANDOM.fullmatch(key)
    if random:
        return Order(f"random:{random[1] or 0}", descending=key != value)
    names: dict[str, str] = {score_key(name): name for name in scores} | {name: name for name in ORDERS}
    if key.lower() in names:
        return Order(names[key.lower()], descending=key != value)
    near = nearest(key, names)
    hint = f" (did you mean {near}?)" if near else ""
    error = _mistake(
        "a column or a score", head, key, position + len(head) + len(value) - len(key), tuple(names)
    )
    raise QueryError(f"{error}{hint}", position=error.position, length=error.length, expected=error.expected)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that looks most like a mistyped one."""
    found = difflib.get_close_matches(word.lower(), list(known), 1)
    return found[0] if found else None


def _mistake(wanted: str, head: str, got: str, position: int, expected: tuple[str, ...]) -> QueryError:
    """Say it as the interface does: ``Expected a number after sharpness:>, got hi``."""
    return QueryError(
        f"Expected {wanted} after {head}, got {got or 'nothing'}",
        position=position,
        length=max(1, len(got)),
        expected=expected,
    )
