"""Requests about the tags a person works with: those given last, and those pinned."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from lorairo.widgets.wire import Answer, Route

if TYPE_CHECKING:
    from lorairo.widgets.session import Session

MAX_RECENT = 50
RECENT = 9  # as many as there are number keys


def routes(session: Session) -> dict[str, Route]:
    """Return the handlers, bound to a session."""
    return {
        "tags.recent": Route(partial(_recent, session)),
        "tags.pin": Route(partial(_pin, session), changes=True),
    }


def _recent(session: Session, payload: dict[str, Any]) -> Answer:
    project = session.view.project
    limit = max(0, min(MAX_RECENT, int(payload.get("limit", RECENT))))
    return Answer(
        {"version": session.version, "recent": project.recently(limit), "pinned": project.pinned_tags}
    )


def _pin(session: Session, payload: dict[str, Any]) -> Answer:
    project = session.view.project
    tag = str(payload.get("tag", ""))
    pinned = project.pin_tags(tag) if payload.get("pinned", True) else project.unpin_tags(tag)
    return Answer({"version": session.version, "pinned": pinned})
