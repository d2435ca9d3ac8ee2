"""From tree to text: the canonical way to write a search."""

from __future__ import annotations

import re
from functools import singledispatch

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


@singledispatch
def _term(node: Node) -> str:
    raise TypeError(f"{type(node).__name__} is no part of a search")


@_term.register(Everything)
def _everything(node: Everything) -> str:  # noqa: ARG001 - one signature for all nodes
    return ""


@_term.register(Number)
def _number_term(node: Number) -> str:
    return f"{score_key(node.field)}:{_ranges(node.ranges)}"


@_term.register(TagScore)
def _tag_score(node: TagScore) -> str:
    name = node.tag if _BARE_TAG.fullmatch(node.tag) else quote(node.tag)
    return f"score({name}):{_ranges(node.ranges)}"


@_term.register(Text)
def _text(node: Text) -> str:
    return f"{node.field}:{node.pattern if _BARE.fullmatch(node.pattern) else quote(node.pattern)}"


@_term.register(Choice)
def _choice(node: Choice) -> str:
    return f"{node.field}:{','.join(node.values)}"


@_term.register(Flag)
def _flag(node: Flag) -> str:
    return f"is:{node.name}"


@_term.register(Order)
def _order(node: Order) -> str:
    return f"order:{'-' if node.descending else ''}{score_key(node.key)}"


@_term.register(Tag)
def _tag(node: Tag) -> str:
    """Write a name bare where it reads back as itself, inside a group too; quoted otherwise."""
    if _reads_back(node.name, node):
        return node.name
    # In quotes a star is a star. An underscore at the edge is no part of a name, so it only hides a field.
    return f"_{node.name}" if node.glob else quote(node.name)


def _reads_back(text: str, node: Tag) -> bool:
    if _NUMBER_LIKE.match(text):
        return False
    try:
        words = tokens(f"({text} x)", frozenset())
        kinds = [word.type for word in words]
        bare = kinds == ["LPAR", "TERM", "TERM", "RPAR"] and words[1] == text
        return bare and read_term(text, 0, frozenset()) == node
    except QueryError:
        return False  # what cannot be read bare is quoted


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
