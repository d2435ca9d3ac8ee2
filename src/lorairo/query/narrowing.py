"""What a brush or a list of tags does to a search: one term comes or goes, all others stay as they are.

Only terms that stand alone are meant, joined to the rest by AND: what is inside a group says something else.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

from lorairo.query.tree import And, Everything, Node, Not, Number, Order, Range, Tag, conjunction

if TYPE_CHECKING:
    from collections.abc import Callable

Wanted = Literal["include", "exclude"]


def terms(node: Node) -> tuple[Node, ...]:
    """Return the parts that all must match; the order of a search is no part."""
    return tuple(part for part in _parts(node) if not isinstance(part, Order | Everything))


def without_terms(node: Node) -> Node:
    """Drop all terms; the order stays."""
    return conjunction(tuple(part for part in _parts(node) if isinstance(part, Order)))


def without_range(node: Node, column: str) -> Node:
    """Drop what a search asks of a column."""
    return _replaced(node, _about(column), None)


def with_range(node: Node, column: str, low: float | None, high: float | None) -> Node:
    """Ask for an interval of a column, both ends included, in the place of what was asked of it before.

    Parameters
    ----------
    node
        The search.
    column
        A column or score.
    low, high
        None is unbounded; both None drops the term.
    """
    if low is None and high is None:
        return without_range(node, column)
    low, high = (None if end is None else float(end) for end in (low, high))
    if low is not None and high is not None and low > high:
        low, high = high, low
    return _replaced(node, _about(column), Number(column, (Range(low, high),)))


def with_above(node: Node, column: str, limit: float) -> Node:
    """Ask for more than a limit of a column, in the place of what was asked of it before."""
    return _replaced(node, _about(column), Number(column, (Range(float(limit), None, low_open=True),)))


def range_of(node: Node, column: str) -> Range | None:
    """Return the interval a search asks of a column; None for nothing, or for what one brush cannot say.

    Several terms about one column give what they have in common.
    """
    found: Range | None = None
    for part in _parts(node):
        if not isinstance(part, Number) or part.field != column:
            continue
        if len(part.ranges) != 1 or part.ranges[0].percent:
            return None
        found = part.ranges[0] if found is None else _common(found, part.ranges[0])
    return found


def in_whole_numbers(each: Range) -> Range:
    """Return the same interval of whole numbers with both ends included: above 4 is from 5."""
    low, high = each.low, each.high
    first = None if low is None else math.floor(low) + 1.0 if each.low_open else float(math.ceil(low))
    last = None if high is None else math.ceil(high) - 1.0 if each.high_open else float(math.floor(high))
    return Range(first, last)


def with_tag(node: Node, name: str, wanted: Wanted | Literal["only"] | None) -> Node:
    """Include or exclude a tag, or speak of it no more.

    Parameters
    ----------
    node
        The search.
    name
        Canonical name.
    wanted
        ``only`` includes it and drops every other tag that stands alone.
    """
    if wanted == "only":
        return _replaced(node, _is_tag, Tag(name))
    tag = Tag(name)
    new = None if wanted is None else tag if wanted == "include" else Not(tag)
    return _replaced(node, lambda part: part in (tag, Not(tag)), new)


def with_term(node: Node, term: Node) -> Node:
    """Ask for one more thing; what is asked for already is not said twice."""
    return _replaced(node, lambda part: part == term, term)


def tag_states(node: Node) -> dict[str, Wanted]:
    """Return the tags a search includes and excludes, in the order written; patterns are no tags."""
    found: dict[str, Wanted] = {}
    for part in _parts(node):
        if isinstance(part, Tag) and not part.glob:
            found[part.name] = "include"
        elif isinstance(part, Not) and isinstance(part.part, Tag) and not part.part.glob:
            found[part.part.name] = "exclude"
    return found


def _parts(node: Node) -> tuple[Node, ...]:
    return node.parts if isinstance(node, And) else (node,)


def _about(column: str) -> Callable[[Node], bool]:
    return lambda part: isinstance(part, Number) and part.field == column


def _is_tag(part: Node) -> bool:
    return bool(tag_states(part))


def _replaced(node: Node, old: Callable[[Node], bool], new: Node | None) -> Node:
    """Put a term where the first of the old ones stood, else behind the other terms and before the order."""
    kept: list[Node] = []
    place: int | None = None
    for part in _parts(node):
        if not old(part):
            kept.append(part)
        elif place is None:
            place = len(kept)
    if new is not None:
        behind = next((at for at, part in enumerate(kept) if isinstance(part, Order)), len(kept))
        kept.insert(behind if place is None else place, new)
    return conjunction(tuple(kept))


def _common(one: Range, other: Range) -> Range:
    """Return where two intervals overlap; of two equal ends the open one counts."""
    lows = [(each.low, each.low_open) for each in (one, other) if each.low is not None]
    highs = [(-each.high, each.high_open) for each in (one, other) if each.high is not None]
    low, low_open = max(lows, default=(None, False))
    high, high_open = max(highs, default=(None, False))
    return Range(low, None if high is None else -high, low_open, high_open)
