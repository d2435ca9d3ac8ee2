"""Requests of the filters: histograms, the list of tags, and the changes of the search that both make."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.query import Node, conjunction, hides_excluded, narrowing, parse, unparse
from lorairo.query.distribution import MEASURES, Bins, values_at
from lorairo.tags import canonical
from lorairo.widgets.browsing import overview
from lorairo.widgets.wire import Answer, Route, WireError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from lorairo.query import Index
    from lorairo.view import View
    from lorairo.widgets.session import Session

    Array = NDArray[Any]

MAX_HISTOGRAMS, MAX_BINS, MAX_ROWS = 24, 200, 500
_AT_FIRST = 3  # histograms that stand before anybody chose
_MOST_COUNTED = 20_000  # captions whose tokens are counted without being asked
_ALL = "is:excluded OR -is:excluded"  # lifts the default filter and narrows nothing
_CATEGORY_RANK = {4: 0, 3: 1, 1: 2, 0: 3, 5: 4, 9: 5}  # who and from where, then what, then the rest


def routes(session: Session) -> dict[str, Route]:
    """Return the handlers, bound to a session."""
    return {
        "histograms": Route(partial(_histograms, session)),
        "facets": Route(partial(_facets, session, _Shown())),
        "narrow": Route(partial(_narrow, session), changes=True),
    }


def available(index: Index) -> list[str]:
    """Return the columns a histogram can show."""
    tokens = ("tokens",) if index.counts_tokens else ()
    return [*sorted(index.score_names), *tokens, *MEASURES]


def _narrowed(view: View) -> Node:
    """Return the search in force, without its order."""
    return parse(view.lens.query, scores=view.project.index.score_names)


def _matching(view: View, terms: tuple[Node, ...]) -> tuple[Index, Array]:
    """Return the positions of the images of a view that match all of some terms, in no order."""
    index, snapshot = view.where(unparse(conjunction(terms))).held()
    return index, snapshot.positions


def _everything(view: View, node: Node) -> tuple[Index, Array]:
    """Return the positions a search may choose from: with the excluded where it asks for them."""
    index, snapshot = (view if hides_excluded(node) else view.where(_ALL)).held()
    return index, snapshot.positions


# --------------------------------------------------------------------------------------------- histograms


def _histograms(session: Session, payload: dict[str, Any]) -> Answer:
    return Answer({"version": session.version, **_charts(session.view, payload)})


def _charts(view: View, payload: dict[str, Any]) -> dict[str, Any]:
    """Return the histograms that were asked for, as the search narrows them now."""
    index = view.project.index
    asked = [str(column) for column in payload.get("columns") or []]
    columns = (asked or _chosen(view))[:MAX_HISTOGRAMS]
    bins = min(max(1, int(payload.get("bins", 36))), MAX_BINS)
    node = _narrowed(view)
    terms = narrowing.terms(node)
    whole, passed = _everything(view, node), _matching(view, terms)
    found = []
    for column in columns:
        rest = narrowing.terms(narrowing.without_range(node, column))
        others = passed if rest == terms else _matching(view, rest)
        found.append(_histogram(column, node, bins, (whole, others, passed)))
    told = {"histograms": found, "available": available(index)}
    return {**told, "scale": view.project.setting("ui.histogram_scale")}


def _histogram(column: str, node: Node, bins: int, masks: tuple[tuple[Index, Array], ...]) -> dict[str, Any]:
    """Count a column over the view, over what passes the rest of the search, and over what passes all."""
    (values, integer), (others, _), (passed, _) = (values_at(index, column, at) for index, at in masks)
    divided = Bins.over(values, bins, integer=integer)
    asked = narrowing.range_of(node, column)
    if asked is not None and integer:
        asked = narrowing.in_whole_numbers(asked)
    return {
        "column": column,
        "integer": integer,
        "min": divided.low if len(values) else 0,
        "max": divided.high if len(values) else 0,
        "width": divided.width,
        "median": float(np.median(values)) if len(values) else 0,
        "known": len(values),
        "missing": len(masks[0][1]) - len(values),
        "total": divided.counts(values).tolist(),
        "others": divided.counts(others).tolist(),
        "passed": divided.counts(passed).tolist(),
        "range": None if asked is None else {"low": asked.low, "high": asked.high},
        "limit": masks[0][0].token_limit if column == "tokens" else None,
    }


def _chosen(view: View) -> list[str]:
    """Return the columns somebody chose for this project, else the first that say something."""
    remembered = view.project.setting("ui.histograms")
    if isinstance(remembered, list):
        return [str(column) for column in remembered]
    index, snapshot = view.held()
    scores = sorted(index.score_names)
    offered = [name for name in scores if name == "sharpness"]
    offered += [name for name in scores if name.startswith("aesthetic")]
    offered += ["tokens"] if index.counts_tokens and len(index) <= _MOST_COUNTED else []
    offered += ["aspect", "tags"]
    return [name for name in offered if _varies(values_at(index, name, snapshot.positions)[0])][:_AT_FIRST]


def _varies(values: Array) -> bool:
    return len(values) > 0 and bool(values.min() < values.max())


# --------------------------------------------------------------------------------------------- the search


def _narrow(session: Session, payload: dict[str, Any]) -> Answer:
    view = session.view
    node = _narrowed(view)
    change = payload.get("change")
    if not isinstance(change, dict) or change.get("kind") not in _CHANGES:
        raise WireError(f"this lorairo knows no narrowing {change!r}")
    make = _CHANGES[change["kind"]]
    text = unparse(make(node, change))
    parse(text, scores=view.project.index.score_names)
    view.lens.show(text, live=bool(payload.get("live")))
    session.refresh()
    charts = payload.get("histograms")
    told = {"histograms": _charts(view, charts)} if isinstance(charts, dict) else {}
    return Answer({**overview(session), **told})


def _with_range(node: Node, change: dict[str, Any]) -> Node:
    return narrowing.with_range(
        node, str(change.get("column")), _number(change.get("low")), _number(change.get("high"))
    )


def _above(node: Node, change: dict[str, Any]) -> Node:
    limit = _number(change.get("limit"))
    if limit is None:
        raise WireError("above a limit needs a limit")
    return narrowing.with_above(node, str(change.get("column")), limit)


def _number(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise WireError(f"the end of a range is a number or nothing, not {value!r}")
    return float(value)


def _with_tag(node: Node, change: dict[str, Any]) -> Node:
    name, state = canonical(str(change.get("name", ""))), change.get("state")
    if not name or state not in ("include", "exclude", "only", None):
        raise WireError(f"a tag is included, excluded or let go, not {state!r}")
    return narrowing.with_tag(node, name, state)


def _also(node: Node, change: dict[str, Any]) -> Node:
    return narrowing.with_term(node, parse(str(change.get("query", ""))))


_CHANGES: dict[str, Callable[[Node, dict[str, Any]], Node]] = {
    "range": _with_range,
    "above": _above,
    "tag": _with_tag,
    "also": _also,
    "clear": lambda node, _change: narrowing.without_terms(node),
}


# --------------------------------------------------------------------------------------------- tags


@dataclass(slots=True)
class _Shown:
    """The order of the last answer: it holds while the pointer is over the list."""

    key: tuple[str, str] = ("", "")
    names: list[str] = field(default_factory=list)


def _facets(session: Session, shown: _Shown, payload: dict[str, Any]) -> Answer:
    view = session.view
    node = _narrowed(view)
    states = narrowing.tag_states(node)
    key = str(payload.get("filter", "")), str(payload.get("order", "count"))
    base, everything = _everything(view, node)
    index, matching = _matching(view, narrowing.terms(node))
    totals, counts = base.tag_counts(everything), index.tag_counts(matching)
    names = shown.names
    if not payload.get("keep") or shown.key != key:
        names = _ordered(index, (totals, counts), len(matching), key, list(states))
        shown.key, shown.names = key, names
    start = max(0, int(payload.get("start", 0)))
    page = names[start : min(int(payload.get("stop", 100)), start + MAX_ROWS)]
    rows = []
    for name in page:
        tag = index.tag_id(name)
        count, total = (0, 0) if tag is None else (_at(each, np.array([tag]))[0] for each in (counts, totals))
        row = {"name": name, "category": index.category_of(name), "count": int(count), "total": int(total)}
        rows.append({**row, "state": states.get(name)})
    return Answer(
        {
            "version": session.version,
            "rows": rows,
            "start": start,
            "count": len(names),
            "tags": int(np.count_nonzero(totals)),
            "images": len(matching),
            "terms": len(narrowing.terms(node)),
        }
    )


def _ordered(
    index: Index, tallies: tuple[Array, Array], images: int, key: tuple[str, str], chosen: list[str]
) -> list[str]:
    """Return the names of the tags in a view in the order asked for, those the search speaks of first."""
    (filtered, order), (totals, counts) = key, tallies
    part = "_".join(filtered.lower().split())
    top = [name for name in chosen if part in name]
    used = np.flatnonzero(totals[: len(index.tag_names)])
    named = [(index.tag_names[tag] or "", tag) for tag in used.tolist()]
    found = sorted(pair for pair in named if part in pair[0] and pair[0] not in chosen)
    tags = np.array([tag for _, tag in found], dtype=np.int64)
    total, count = _at(totals, tags), _at(counts, tags)
    alphabet = np.arange(len(tags))
    if order == "name":
        ranked = alphabet
    elif order == "category":
        groups = np.array([_CATEGORY_RANK.get(n, 3) for n in index.known_categories[tags].tolist()])
        ranked = np.lexsort((alphabet, -total, -count, groups))
    elif order == "split":
        ranked = np.lexsort((alphabet, -total, np.abs(2 * count - images)))
    elif order == "count":
        ranked = np.lexsort((alphabet, -total, -count))
    else:
        raise WireError(f"tags are ordered by count, name, category or split, not by {order!r}")
    return [*top, *(found[place][0] for place in ranked.tolist())]


def _at(counts: Array, tags: Array) -> Array:
    """Return the counts of tags, of which the index that counted may know fewer."""
    found = np.zeros(len(tags), dtype=np.int64)
    known = tags < len(counts)
    found[known] = counts[tags[known]]
    return found
