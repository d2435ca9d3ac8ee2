"""Requests of the map: where images lie, what they are coloured by, which are shown and selected.

Keep in sync: widgets/src/protocol/map.ts.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.errors import Error
from lorairo.store import embeddings
from lorairo.tags import RATINGS
from lorairo.widgets.filtering import available
from lorairo.widgets.wire import Answer, Route, WireError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lorairo.query import Index
    from lorairo.widgets.session import Session

    Array = NDArray[Any]

MAX_CORNERS, MAX_NAMED = 1_000, 4_096
_SHOWN, _SELECTED = 1, 2
_SOON = 0.2  # seconds that an answer waits for a map that is nearly done
_MOST_KINDS = 5  # datasets with a colour of their own
_NONE = 255
_OUTLIERS = (2, 98)  # percentiles beyond which all have the colour of the end


@dataclass
class Drawn:
    """The map a widget shows: it stays as it is until somebody asks for another one."""

    method: str | None = None
    number: int = 0
    model: str = ""
    ids: Array = field(default_factory=lambda: np.empty(0, np.int64))
    places: Array = field(default_factory=lambda: np.empty((0, 2), np.float32))
    by: str = ""
    error: Error | None = None
    making: threading.Thread | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


def routes(session: Session, drawn: Drawn) -> dict[str, Route]:
    """Return the handlers, bound to a session and its map."""
    return {
        "map": Route(partial(_map, session, drawn)),
        "map.colours": Route(partial(_colours, session, drawn)),
        "map.marks": Route(partial(_marks, session, drawn)),
        "map.select": Route(partial(_select, session, drawn), changes=True),
    }


# ------------------------------------------------------------------------------------------ where images lie


def _map(session: Session, drawn: Drawn, payload: dict[str, Any]) -> Answer:
    """Tell the map, or that it is being made: then the browser asks again."""
    project = session.view.project
    with project.database.read() as connection:
        models = embeddings.embedders(connection)
    told = {
        "version": session.version,
        "models": [{"name": name, "images": count} for name, count in models],
        "columns": _columns(project.index),
    }
    model = str(payload.get("model") or (models[0][0] if models else ""))
    if not model:
        return Answer({**told, "state": "none", "model": ""})
    thread = _made(session, drawn, model, again=bool(payload.get("again")))
    if thread is not None:
        thread.join(_SOON)
    with drawn.lock:
        if drawn.making is not None:
            return Answer({**told, "state": "making", "model": model})
        error, drawn.error = drawn.error, None
        if error is not None:
            raise error
        facts = {"state": "ready", "model": drawn.model, "made": drawn.number, "method": drawn.by}
        facts |= {"images": len(drawn.ids), "lacking": max(0, len(session.view) - len(drawn.ids))}
        body = drawn.ids.astype("<i4").tobytes() + drawn.places.astype("<f4").tobytes()
    return Answer({**told, **facts}, [body])


def _made(session: Session, drawn: Drawn, model: str, *, again: bool) -> threading.Thread | None:
    """Start to make a map, if the one there is is another or is to be made anew; return what makes it."""
    with drawn.lock:
        fresh = drawn.model == model and drawn.number > 0 and not again
        if drawn.making is None and not fresh and drawn.error is None:
            drawn.making = threading.Thread(
                target=_make, args=(session, drawn, model), name="lorairo-map", daemon=True
            )
            drawn.making.start()
        return drawn.making


def _make(session: Session, drawn: Drawn, model: str) -> None:
    error: Error | None = None
    try:
        frame = session.view.map(model, method=drawn.method)
    except Error as raised:
        error = raised
    except Exception as raised:  # noqa: BLE001 - whatever a library says, the browser must hear of it
        error = Error(f"the map could not be made: {type(raised).__name__}: {raised}")
    with drawn.lock:
        drawn.making, drawn.error = None, error
        if error is None:
            drawn.number += 1
            drawn.model, drawn.by = model, str(frame.attrs["method"])
            drawn.ids, drawn.places = frame.index.to_numpy(np.int64), frame.to_numpy(np.float32)


def _held(drawn: Drawn, payload: dict[str, Any]) -> tuple[Array, Array]:
    """Return ids and places of the map that the browser speaks of."""
    with drawn.lock:
        if payload.get("made") != drawn.number:
            raise WireError("there is another map since", kind="stale")
        return drawn.ids, drawn.places


# ------------------------------------------------------------------------------------------ how they look


def _columns(index: Index) -> list[str]:
    """Return what images can be coloured by."""
    return [*available(index), "rating", *(["dataset"] if index.datasets else [])]


def _colours(session: Session, drawn: Drawn, payload: dict[str, Any]) -> Answer:
    ids, _ = _held(drawn, payload)
    index, by = session.view.project.index, str(payload.get("by", ""))
    known = np.isin(ids, index.ids)
    places = np.searchsorted(index.ids, ids[known])
    told: dict[str, Any] = {"version": session.version, "by": by}
    if by in ("rating", "dataset"):
        labels, codes = _kinds(index, by)
        found = np.full(len(ids), _NONE, np.uint8)
        found[known] = codes[places]
        counts = np.bincount(found, minlength=_NONE + 1)[: len(labels)]
        return Answer({**told, "labels": labels, "counts": counts.tolist()}, [found.tobytes()])
    if by not in available(index):
        raise WireError(f"images cannot be coloured by {by!r}")
    values = np.full(len(ids), np.nan, np.float32)
    values[known] = index.column(by)[places]
    there = values[np.isfinite(values)]
    low, high = np.percentile(there, _OUTLIERS) if len(there) else (0.0, 0.0)
    return Answer({**told, "low": float(low), "high": float(high)}, [values.astype("<f4").tobytes()])


def _kinds(index: Index, by: str) -> tuple[list[str], Array]:
    """Return names of kinds and for each image of the index the place of its own, 255 for none."""
    codes = np.full(len(index.ids), _NONE, np.uint8)
    if by == "rating":
        ratings = index.ratings
        codes[ratings >= 0] = ratings[ratings >= 0]
        return list(RATINGS), codes
    members = sorted(index.datasets.items(), key=lambda item: (-len(item[1]), item[0]))
    labels = [name for name, _ in members[:_MOST_KINDS]]
    for place, (_, positions) in reversed(list(enumerate(members))):  # of several, the largest
        codes[positions] = min(place, _MOST_KINDS)
    return [*labels, *(["others"] if len(members) > _MOST_KINDS else [])], codes


def _marks(session: Session, drawn: Drawn, payload: dict[str, Any]) -> Answer:
    """Tell which images pass the search, and which are selected."""
    ids, _ = _held(drawn, payload)
    lens = session.view.lens
    shown = np.isin(ids, session.view.shown.ids)
    selected = np.isin(ids, lens.selected)
    bits = shown.astype(np.uint8) * np.uint8(_SHOWN) | selected.astype(np.uint8) * np.uint8(_SELECTED)
    told = {"shown": int(shown.sum()), "selected": int(selected.sum()), "new": _new(session, ids)}
    return Answer({"version": session.version, **told}, [bits.tobytes()])


def _new(session: Session, ids: Array) -> int:
    """Count images of the view that came after the map."""
    return int(np.isin(session.view.ids, ids, invert=True).sum())


# ------------------------------------------------------------------------------------------ selecting


def _select(session: Session, drawn: Drawn, payload: dict[str, Any]) -> Answer:
    """Select what lies in a polygon, or some images by id; what the search hides is never selected."""
    ids, places = _held(drawn, payload)
    mode = payload.get("mode", "set")
    if mode not in ("set", "add", "remove"):
        raise WireError(f"a selection is set, added to or removed from, not {mode!r}")
    if "corners" in payload:
        chosen = ids[inside(places, _corners(payload["corners"]))]
    else:
        chosen = np.array(payload.get("ids", [])[:MAX_NAMED], np.int64)
    chosen = chosen[np.isin(chosen, session.view.shown.ids)]
    lens = session.view.lens
    if mode == "add":
        chosen = np.concatenate([lens.selected, chosen[np.isin(chosen, lens.selected, invert=True)]])
    elif mode == "remove":
        chosen = lens.selected[np.isin(lens.selected, chosen, invert=True)]
    active = payload.get("active")
    lens.select(chosen, active=None if active is None else int(active))
    return Answer({"version": session.version, "count": len(chosen)})


def _corners(given: Any) -> Array:
    corners = np.array(given, np.float64).reshape(-1, 2)
    if not 2 < len(corners) <= MAX_CORNERS or not np.isfinite(corners).all():  # noqa: PLR2004 - a triangle
        raise WireError(f"a lasso has 3 to {MAX_CORNERS:,} corners")
    return corners


def inside(places: Array, corners: Array) -> Array:
    """Return which places lie in a polygon; where it crosses itself, by the even-odd rule."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    found: Array = ((places >= low) & (places <= high)).all(axis=1)
    near = np.flatnonzero(found)
    x, y = places[near, 0].astype(np.float64), places[near, 1].astype(np.float64)
    odd = np.zeros(len(near), bool)
    for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        crossed = (ay > y) != (by > y)
        odd[crossed] ^= x[crossed] < ax + (y[crossed] - ay) * (bx - ax) / (by - ay)
    found[near] = odd
    return found
