"""Requests about thresholds: what moving one would do, moving it, and reading what that needs before.

Keep in sync: widgets/src/protocol/thresholds.ts.
"""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.passes.calibrating import calibrate
from lorairo.store import cells, commits, policies, sheet, state
from lorairo.store.cuts import CATEGORY_NAMES
from lorairo.tags import canonical
from lorairo.widgets.ahead import Ahead
from lorairo.widgets.browsing import undo_state
from lorairo.widgets.wire import Answer, Route, WireError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lorairo.query import Index
    from lorairo.query.matrix import TagMatrix
    from lorairo.widgets.session import Session

MOST_ROWS = 500
"""Tags in one answer, those whose number of images changes most."""


class _Foreseen:
    """What a policy would do to an index: the last one asked for, as who lets go of a slider asks again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: tuple[Any, TagMatrix] | None = None

    def matrix(self, c: Connection, index: Index, given: dict[str, Any]) -> TagMatrix:
        """Return which image would have which tag."""
        before = cells.record_named("policy").read(c, given["model"])
        rows = {given["model"]: policies.policy_after(before, given["policy"])}
        key = (commits.current(c), rows, index.ids)
        with self._lock:
            last = self._last
            if last is not None and last[0][:2] == key[:2] and last[0][2] is key[2]:
                return last[1]
            matrix = index.foreseen(*sheet.foreseen(c, state.cuts(c, rows)))
            if index.matrix.by_tag is not None:  # somebody searches by tags: they will again
                matrix.postings(0)
            self._last = (key, matrix)
            return matrix


def routes(session: Session) -> dict[str, Route]:
    """Return the handlers, bound to a session."""
    foreseen, ahead = _Foreseen(), Ahead(session)
    return {
        "threshold.ahead": Route(partial(_ahead, session, ahead)),
        "threshold.preview": Route(partial(_preview, session, foreseen)),
        "threshold.set": Route(partial(_set, session, foreseen), changes=True),
    }


def _ahead(session: Session, ahead: Ahead, _payload: dict[str, Any]) -> Answer:
    ahead.begin()
    return Answer({"version": session.version})


def _preview(session: Session, foreseen: _Foreseen, payload: dict[str, Any]) -> Answer:
    """Count what would be, without writing: images whose tags change, and images by tag among those shown."""
    view = session.view
    index, snapshot = view.shown.held()
    given = _given(session, payload)
    with view.project.database.read() as connection:
        matrix = foreseen.matrix(connection, index, given)
    where = snapshot.positions
    return Answer(
        {
            "version": session.version,
            "images": len(index.matrix.differing(matrix)),
            "tags": int(matrix.counts.sum()),
            "rows": _rows(index, index.matrix.count(where), matrix.count(where)),
        }
    )


def _rows(index: Index, was: np.ndarray, now: np.ndarray) -> list[dict[str, Any]]:
    moved = np.flatnonzero(was != now)
    most = moved[np.argsort(-np.abs(now[moved] - was[moved]), kind="stable")][:MOST_ROWS]
    return [
        {
            "name": index.tag_name(tag),
            "category": index.tag_category(tag),
            "was": int(was[tag]),
            "count": int(now[tag]),
        }
        for tag in most.tolist()
    ]


def _set(session: Session, foreseen: _Foreseen, payload: dict[str, Any]) -> Answer:
    """Set a policy: gallery and facets show it at once, while it is being saved."""
    view, given = session.view, _given(session, payload)
    project = view.project
    project.writable()

    def ahead(index: Index) -> Index:
        with project.database.read() as connection:
            return index.retagged(foreseen.matrix(connection, index, given))

    with project.live.ahead(ahead, {"tags", "policy"}):
        done = view.threshold(
            given["model"],
            per_tag=given["policy"].get("per_tag"),
            method=given["policy"].get("method"),
            calibrated=given["policy"].get("calibrated"),
            **given["policy"]["thresholds"],
        )
    return Answer(
        {
            "version": session.version,
            "message": done.message,
            "count": done.count,
            "operation": done.operation_id,
            **undo_state(session),
        }
    )


def _given(session: Session, payload: dict[str, Any]) -> dict[str, Any]:
    """Return the model a request is about, and the policy it asks for."""
    project = session.view.project
    key = project.model_key(str(payload.get("model", "")))
    per_tag, method = payload.get("per_tag"), payload.get("method")
    if per_tag is not None and not isinstance(per_tag, dict):
        raise WireError("the thresholds of single tags come by name of the tag")
    own = None if per_tag is None else {canonical(name): limit for name, limit in per_tag.items()}
    calibrated = None
    if method == "pr":
        with project.database.read() as connection:
            calibrated = calibrate(connection, key)
    limits = {name: payload[name] for name in CATEGORY_NAMES.values() if payload.get(name) is not None}
    return {"model": key, "policy": policies.checked(limits, own, method, calibrated)}
