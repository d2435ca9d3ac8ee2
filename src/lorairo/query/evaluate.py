"""Evaluation: a tree over an index gives a mask. Tags are masks from posting lists, joined by numpy."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.captions.phrases import OWN, Phrases, shipped
from lorairo.errors import NotFoundError, QueryError
from lorairo.query import patterns
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
    walk,
)
from lorairo.tags import CATEGORIES, RATINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from lorairo.query.index import Index

    Mask = NDArray[np.bool_]
    Array = NDArray[Any]

_SQUARE_ENOUGH = 0.005  # an exact aspect such as 1.78 is typed with two digits
_SLOW = (TagScore, Text)


def evaluate(node: Node, index: Index) -> Mask:
    """Find the images a search matches.

    The default filter is not applied: `hides_excluded` says whether a view should.

    Parameters
    ----------
    node
        From `parse`.
    index
        What it is asked of.

    Returns
    -------
    numpy.ndarray
        bool[n] by position; the caller's own.

    Raises
    ------
    QueryError
        When the search names a score that the index does not have.
    """
    return np.array(_mask(node, index))


@singledispatch
def _mask(node: Node, index: Index) -> Mask:  # noqa: ARG001 - one signature for all nodes
    """Evaluate; the result may be shared and is not to be written to."""
    raise TypeError(f"{type(node).__name__} is no part of a search")


@_mask.register(Order)
@_mask.register(Everything)
def _every(node: Order | Everything, index: Index) -> Mask:  # noqa: ARG001 - one signature for all nodes
    return np.ones(len(index), dtype=bool)


@_mask.register(Not)
def _none_of(node: Not, index: Index) -> Mask:
    return ~_mask(node.part, index)


@_mask.register(Or)
def _any_of(node: Or, index: Index) -> Mask:
    found = np.array(_mask(node.parts[0], index))
    for part in node.parts[1:]:
        found |= _mask(part, index)
    return found


@_mask.register(And)
def _all_of(node: And, index: Index) -> Mask:
    """Join by AND, cheap parts first: text and evidence are not read when nothing is left to find."""
    ordered = sorted(node.parts, key=lambda part: any(isinstance(inner, _SLOW) for inner in walk(part)))
    found = np.array(_mask(ordered[0], index))
    for part in ordered[1:]:
        if isinstance(part, _SLOW) and not found.any():
            break
        found &= _mask(part, index)
    return found


# ------------------------------------------------------------------------------------------- tags


@_mask.register(Tag)
def _tag(node: Tag, index: Index) -> Mask:
    if not node.glob:
        tag = index.tag_id(node.name)
        return np.zeros(len(index), dtype=bool) if tag is None else index.matrix.mask(tag)
    matches = patterns.whole(node.name)
    chosen = [tag for tag in np.flatnonzero(index.matrix.counts).tolist() if matches(index.tag_name(tag))]
    return _any_tag(chosen, index)


@_mask.register(Choice)
def _choice(node: Choice, index: Index) -> Mask:
    if node.field == "rating":
        return np.isin(index.ratings, [RATINGS.index(value) for value in node.values])
    wanted = [CATEGORIES[value] for value in node.values]
    used = np.flatnonzero(index.matrix.counts)
    return _any_tag(used[np.isin(index.known_categories[used], wanted)].tolist(), index)


def _any_tag(tags: list[int], index: Index) -> Mask:
    found = np.zeros(len(index), dtype=bool)
    for tag in tags:
        found[index.postings(tag)] = True
    return found


# ---------------------------------------------------------------------------------------- numbers


@_mask.register(TagScore)
def _tag_score(node: TagScore, index: Index) -> Mask:
    return _in_values(index.tag_score(node.tag), node.ranges)


@_mask.register(Number)
def _number(node: Number, index: Index) -> Mask:
    field, ranges = node.field, node.ranges
    try:
        values = index.column(field)
    except NotFoundError as error:
        raise QueryError(f"this project has no score {field!r}: score the images first") from error
    if field == "aspect":
        ranges = tuple(_around(each) for each in ranges)
    if any(each.percent for each in ranges):
        ranges = tuple(_from_percent(each, field, values, index) for each in ranges)
    return _in_values(values, ranges)


def _around(each: Range) -> Range:
    if each.low is None or each.low != each.high or each.percent:
        return each
    return Range(each.low - _SQUARE_ENOUGH, each.low + _SQUARE_ENOUGH)


def _from_percent(each: Range, field: str, values: Array, index: Index) -> Range:
    """Turn percentiles of the project into values."""
    if not each.percent:
        return each
    known = index.held.get("percentile", field, lambda: np.sort(values[~np.isnan(values)].astype(np.float64)))

    def at(percent: float | None) -> float | None:
        if percent is None:
            return None
        return float(np.percentile(known, min(100.0, max(0.0, percent)))) if len(known) else float("nan")

    return Range(at(each.low), at(each.high), each.low_open, each.high_open)


def _in_values(values: Array, ranges: tuple[Range, ...]) -> Mask:
    """Test each value; NaN lies in no interval."""
    found = np.zeros(len(values), dtype=bool)
    for each in ranges:
        inside = (
            ~np.isnan(values) if values.dtype.kind == "f" and each.low is None else np.ones(len(values), bool)
        )
        if each.low is not None:
            inside &= values > each.low if each.low_open else values >= each.low
        if each.high is not None:
            inside &= values < each.high if each.high_open else values <= each.high
        found |= inside
    return found


# ------------------------------------------------------------------------------------------- text


@_mask.register(Text)
def _text(node: Text, index: Index) -> Mask:
    if node.field in _NAMED:
        return _named(_NAMED[node.field](index), node.pattern, index)
    if node.field == "hash":
        return _hash(node.pattern, index)
    if node.field == "phrase":
        return _phrase(node.pattern, index)
    values, matches = _TEXTS[node.field]
    if not node.pattern.strip("*"):
        known = _texts(values(index), patterns.given)
        return known if node.pattern else ~known
    return _texts(
        values(index), matches(node.pattern.replace("\\", "/") if node.field == "path" else node.pattern)
    )


def _phrase(pattern: str, index: Index) -> Mask:
    """Find captions that hold a phrase of the kinds that match, or these words; empty: that hold none."""
    test = patterns.whole(pattern or "*")
    kinds = [one for kind, one in shipped().items() if test(kind)]
    wanted = [one.pattern for one in kinds or [Phrases(OWN, (pattern,))]]
    found = _texts(index.captions, lambda text: any(one.search(text) for one in wanted))
    return found if pattern else ~found


def _texts(texts: Sequence[str], test: Callable[[str], bool]) -> Mask:
    return np.fromiter(map(test, texts), dtype=bool, count=len(texts))


def _named(groups: Mapping[str, Array], pattern: str, index: Index) -> Mask:
    """Unite the positions of the groups whose name matches; an empty pattern asks for those in none."""
    test = patterns.whole(pattern or "*")
    found = np.zeros(len(index), dtype=bool)
    for name, positions in groups.items():
        if test(name):
            found[positions] = True
    return found if pattern else ~found


_NAMED: dict[str, Callable[[Index], Mapping[str, Array]]] = {
    "source": lambda index: index.sources,
    "refused": lambda index: index.refusals,
    "dataset": lambda index: index.datasets,
}
_TEXTS: dict[str, tuple[Callable[[Index], Sequence[str]], Callable[[str], Callable[[str], bool]]]] = {
    "caption": (lambda index: index.captions, patterns.inside),
    "path": (lambda index: index.paths, patterns.lines),
    "name": (lambda index: index.names, patterns.lines),
    "reason": (lambda index: [(text or "").lower() for text in index.column("reason")], patterns.lines),
    "format": (lambda index: index.column("format").tolist(), patterns.whole),
}


def _hash(prefix: str, index: Index) -> Mask:
    """Compare the first hex digits, two to a byte."""
    whole_bytes = bytes.fromhex(prefix[: len(prefix) // 2 * 2])
    hashes = index.hashes
    found: Mask = (hashes[:, : len(whole_bytes)] == np.frombuffer(whole_bytes, dtype=np.uint8)).all(axis=1)
    if len(prefix) % 2:
        found &= hashes[:, len(whole_bytes)] >> 4 == int(prefix[-1], 16)
    return found


# ------------------------------------------------------------------------------------------ states


_FLAGS: dict[str, Callable[[Index], Mask]] = {
    "excluded": lambda index: index.column("excluded"),
    "reviewed": lambda index: index.column("reviewed"),
    "missing": lambda index: index.column("missing"),
    "duplicate": lambda index: index.column("copies") > 1,
    "untagged": lambda index: index.column("tags") == 0,
    "disputed": lambda index: index.disputed,
}


@_mask.register(Flag)
def _flag(node: Flag, index: Index) -> Mask:
    return _FLAGS[node.name](index)
