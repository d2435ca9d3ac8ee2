"""Requests about thresholds: what moving one would do, and moving it.

Keep in sync: widgets/src/protocol/thresholds.ts.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.passes.calibrating import calibrate
from lorairo.store import cells, policies, sheet, state
from lorairo.store.cuts import CATEGORY_NAMES
from lorairo.widgets.browsing import undo_state
from lorairo.widgets.wire import Answer, Route, WireError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lorairo.query import Index
    from lorairo.widgets.session import Session

MOST_ROWS = 500
"""Tags in one answer, those whose number of images changes most."""


def routes(session: Session) -> dict[str, Route]:
    """Return the handlers, bound to a session."""
    return {
        "threshold.preview": Route(partial(_preview, session)),
        "threshold.set": Route(partial(_set, session), changes=True),
    }


def _preview(session: Session, payload: dict[str, Any]) -> Answer:
    """Count what would be, without writing: images whose tags change, and images by tag among those shown."""
    view = session.view
    index, snapshot = view.shown.held()
    with view.project.database.read() as connection:
        matrix = index.foreseen(*sheet.foreseen(connection, _cuts(connection, _given(session, payload))))
    where = snapshot.positions
    was, now = index.matrix.count(where), matrix.count(where)
    return Answer(
        {
            "version": session.version,
            "images": len(index.matrix.differing(matrix)),
            "tags": int(matrix.counts.sum()),
            "rows": _rows(index, was, now),
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


def _set(session: Session, payload: dict[str, Any]) -> Answer:
    """Set a policy: gallery and facets show it at once, while it is being saved."""
    view, given = session.view, _given(session, payload)
    project = view.project
    project.writable()
    with project.database.read() as connection:
        known = sheet.foreseen(connection, _cuts(connection, given))
    with project.live.ahead(lambda index: index.retagged(*known), {"tags", "policy"}):
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
    calibrated = None
    if method == "pr":
        with project.database.read() as connection:
            calibrated = calibrate(connection, key)
    limits = {name: payload[name] for name in CATEGORY_NAMES.values() if payload.get(name) is not None}
    return {"model": key, "policy": policies.checked(limits, per_tag, method, calibrated)}


def _cuts(c: Connection, given: dict[str, Any]) -> Any:
    """Return the policies there would be."""
    before = cells.record_named("policy").read(c, given["model"])
    return state.cuts(c, {given["model"]: policies.policy_after(before, given["policy"])})
