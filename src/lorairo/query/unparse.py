"""From tree to text: the canonical way to write a search."""

from __future__ import annotations

import re

from lorairo.errors import QueryError
from lorairo.query.fields import quote, read_term, score_key
from lorairo.query.lexer import tokens
from lorairo.query.tree import (
    And,
    Choice,
    Everything,
    Flag,
    Node,
    Not,
    Number,
    Or,
    Order,
    Range,
    Tag,
    TagScore,
    Text,
)

_BARE = re.compile(r"[\w*./\\-]+")
_BARE_TAG = re.compile(r"\w+")
_INTEGER_LIMIT = 1e15
# A name that would be read as a score in a project that has one of that name must not depend on it.
_NUMBER_LIKE = re.compile(r"^[^:]+:[<>=]*[-+.\d]")


def unparse(node: Node) -> str:
    """Write a tree as text; ``parse(unparse(node), scores) == node`` where the scores are known."""
    if isinstance(node, Or):
        return " OR ".join(unparse(part) for part in node.parts)
    if isinstance(node, And):
        return " ".join(_grouped(part) if isinstance(part, Or) else unparse(part) for part in node.parts)
    if isinstance(node, Not):
        return "-" + (_grouped(node.part) if isinstance(node.part, And | Or) else unparse(node.part))
    return _term(node)


def _grouped(node: Node) -> str:
    return f"( {unparse(node)} )"


def _term(node: Node) -> str:
    match node:
        case Tag(name, glob):
            return _tag(name, glob=glob)
        case Number(field, ranges):
            return f"{score_key(field)}:{_ranges(ranges)}"
        case TagScore(tag, ranges):
            return f"score({tag if _BARE_TAG.fullmatch(tag) else quote(tag)}):{_ranges(ranges)}"
        case Text(field, pattern):
            return f"{field}:{pattern if _BARE.fullmatch(pattern) else quote(pattern)}"
        case Choice(field, values):
            return f"{field}:{','.join(values)}"
        case Flag(name):
            return f"is:{name}"
        case Order(key, descending):
            return f"order:{'-' if descending else ''}{score_key(key)}"
        case Everything():
            return ""
    raise TypeError(f"{type(node).__name__} is no part of a search")


def _tag(name: str, *, glob: bool) -> str:
    """Write a name bare where it reads back as itself, inside a group too; quoted otherwise."""
    if not _NUMBER_LIKE.match(name):
        try:
            words = tokens(f"({name} x)", frozenset())
            if [word.type for word in words] == ["LPAR", "TERM", "TERM", "RPAR"] and words[1] == name:
                if read_term(name, 0, frozenset()) == Tag(name, glob):
                    return name
        except QueryError:
            pass  # what cannot be read bare is quoted
    return quote(name)


def _ranges(ranges: tuple[Range, ...]) -> str:
    return ",".join(_range(each) for each in ranges)


def _range(each: Range) -> str:
    percent = "%" if each.percent else ""
    low, high = each.low, each.high
    if low is not None and high is not None:
        return f"{_number(low)}{percent}" if low == high else f"{_number(low)}..{_number(high)}{percent}"
    if low is not None:
        return f"{'>' if each.low_open else '>='}{_number(low)}{percent}"
    return f"{'<' if each.high_open else '<='}{_number(high or 0.0)}{percent}"


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < _INTEGER_LIMIT else repr(value)
