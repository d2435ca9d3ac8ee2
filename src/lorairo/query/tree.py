"""The typed tree of a search: frozen values that compare, hash and print."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Everything:
    """The empty search: all images."""


@dataclass(frozen=True, slots=True)
class Tag:
    """Images with a tag; in `name` the star stands for any text when `glob` is set."""

    name: str
    glob: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """An interval of numbers; None is unbounded, `percent` counts both ends in percentiles of the project."""

    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Number:
    """Images whose column or score lies in one of the intervals; unknown values lie in none."""

    field: str
    ranges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class TagScore:
    """Images for which some model gave a tag a score in one of the intervals, whatever the thresholds say."""

    tag: str
    ranges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """Images whose text field matches; a star is any text, an empty pattern asks for images without."""

    field: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Images whose field is one of a fixed set of words (``rating:``, ``category:``)."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """Images in a state: ``is:untagged``."""

    name: str


@dataclass(frozen=True, slots=True)
class Order:
    """Not a filter: how to sort. `key` is a column, a score, or ``random:seed``."""

    key: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """Images that the part does not match."""

    part: Node


@dataclass(frozen=True, slots=True)
class And:
    """Images that all parts match: two parts or more, none of them an `And`."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Images that some part matches: two parts or more, none of them an `Or`."""

    parts: tuple[Node, ...]


Node = Everything | Tag | Number | TagScore | Text | Choice | Flag | Order | Not | And | Or


def conjunction(parts: tuple[Node, ...]) -> Node:
    """Join parts by AND, flat; no part is `Everything`, one part is itself."""
    flat = [
        inner
        for part in parts
        for inner in (part.parts if isinstance(part, And) else (part,))
        if not isinstance(inner, Everything)
    ]
    if not flat:
        return Everything()
    return flat[0] if len(flat) == 1 else And(tuple(flat))


def disjunction(parts: tuple[Node, ...]) -> Node:
    """Join parts by OR, flat; one part is itself."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,)))
    return flat[0] if len(flat) == 1 else Or(flat)


def walk(node: Node) -> list[Node]:
    """Return the node and everything below it."""
    if isinstance(node, And | Or):
        return [node, *(inner for part in node.parts for inner in walk(part))]
    return [node, *walk(node.part)] if isinstance(node, Not) else [node]


def orders(node: Node) -> tuple[Order, ...]:
    """Return the ``order:`` terms of a search, first key first."""
    parts = node.parts if isinstance(node, And) else (node,)
    return tuple(part for part in parts if isinstance(part, Order))


def hides_excluded(node: Node) -> bool:
    """Whether the default filter applies: the search speaks neither of exclusion nor of its reason."""
    return not any(
        (isinstance(part, Flag) and part.name == "excluded")
        or (isinstance(part, Text) and part.field == "reason")
        for part in walk(node)
    )
