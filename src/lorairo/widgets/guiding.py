"""Requests of the guided pass: which image is next, and how much is left.

Keep in sync: widgets/src/protocol/passes.ts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.widgets.wire import Answer, Route, WireError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lorairo.widgets.session import Session

_AHEAD = 4  # pictures the page loads before they are asked for
_KEY = "guided"
_REMEMBERED = 20  # searches for which it is remembered where the pass stopped


@dataclass(slots=True)
class _Pass:
    """The images gone through, in the order of when it began: what is edited on the way moves nothing."""

    query: str = ""
    ids: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))


def routes(session: Session) -> dict[str, Route]:
    """Return the handlers, bound to a session."""
    return {"guide": Route(partial(_guide, session, _Pass()), changes=True)}


def _guide(session: Session, going: _Pass, payload: dict[str, Any]) -> Answer:
    step, again = payload.get("step"), bool(payload.get("again"))
    if step not in _STEPS:
        raise WireError(f"a guided pass goes {', '.join(_STEPS)}, not {step!r}")
    view = session.view
    if step == "resume":
        shown = view.shown
        going.query, going.ids = shown.query, shown.ids
    reviewed = _reviewed(session, going.ids)
    here = payload.get("from")
    if step == "resume":
        here = view.project.setting(_KEY, {}).get(going.query)
    found = np.flatnonzero(going.ids == here) if here is not None else np.empty(0, dtype=np.int64)
    place = int(found[0]) if len(found) else -1
    waiting = np.ones(len(going.ids), dtype=bool) if again else ~reviewed
    target = _STEPS[step](place, waiting, around=not again)
    image_id = int(going.ids[target]) if target is not None else None
    if image_id is not None:
        _remember(session, going.query, image_id)
        view.lens.select(np.array([image_id], dtype=np.int64), active=image_id)
    return Answer(
        {
            "version": session.version,
            "id": image_id,
            "place": 0 if target is None else target,
            "total": len(going.ids),
            "reviewed": int(reviewed.sum()),
            "marked": target is not None and bool(reviewed[target]),
            "ahead": _ahead(going.ids, waiting, target),
        }
    )


def _reviewed(session: Session, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which images are marked; one that was deleted meanwhile has nothing left to look at."""
    index = session.view.project.index
    there = np.isin(ids, index.ids)
    marked = np.ones(len(ids), dtype=bool)
    marked[there] = index.column("reviewed")[np.searchsorted(index.ids, ids[there])]
    return marked


def _resume(place: int, waiting: NDArray[np.bool_], *, around: bool) -> int | None:
    """Go to where it stopped, or to the next after it that waits."""
    return place if place >= 0 and waiting[place] else _next(place, waiting, around=around)


def _next(place: int, waiting: NDArray[np.bool_], *, around: bool) -> int | None:
    """Go to the next that waits; after the last, to the first of those passed over."""
    after = np.flatnonzero(waiting[place + 1 :])
    if len(after):
        return place + 1 + int(after[0])
    return int(np.argmax(waiting)) if around and waiting.any() else None


def _back(place: int, waiting: NDArray[np.bool_], *, around: bool) -> int | None:  # noqa: ARG001 - as the others
    """Go to the one before, marked or not: somebody wants to look again."""
    return max(0, place - 1) if len(waiting) else None


_STEPS = {"resume": _resume, "next": _next, "back": _back}


def _ahead(ids: NDArray[np.int64], waiting: NDArray[np.bool_], target: int | None) -> list[int]:
    if target is None:
        return []
    after = np.flatnonzero(waiting[target + 1 :])[:_AHEAD] + target + 1
    found: list[int] = ids[after].tolist()
    return found


def _remember(session: Session, query: str, image_id: int) -> None:
    project = session.view.project
    known = {key: value for key, value in project.setting(_KEY, {}).items() if key != query}
    project.remember(_KEY, dict([*known.items(), (query, image_id)][-_REMEMBERED:]))
