"""Requests of the comparison: which images are compared. What is told of each is its `details`.

Keep in sync: widgets/src/protocol/passes.ts.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.widgets.wire import Answer, Route

if TYPE_CHECKING:
    from lorairo.widgets.session import Session

FEWEST, MOST = 2, 4


def routes(session: Session) -> dict[str, Route]:
    """Return the handlers, bound to a session."""
    return {"compare": Route(partial(_compare, session))}


def _compare(session: Session, _payload: dict[str, Any]) -> Answer:
    """Choose two to four images: those selected; else all, where they are so few; else one and the next."""
    view = session.view
    selected = view.selected.ids
    shown = session.order.ids
    if len(selected) >= FEWEST:
        chosen = selected[:MOST]
    elif len(shown) <= MOST:
        chosen = shown
    else:
        after = session.positions(selected)
        start = int(after[0]) if len(after) else 0
        chosen = shown[max(0, min(start, len(shown) - FEWEST)) :][:FEWEST]
    there = chosen[np.isin(chosen, view.project.index.ids)]
    return Answer({"version": session.version, "ids": there.tolist(), "selected": len(selected)})
