"""Requests about the history: its steps, undo and redo of one of them, the images it touched, the recipe.

Keep in sync: widgets/src/protocol/history.ts.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.recipes.fingerprint import fingerprint
from lorairo.recipes.recipe import text_of
from lorairo.store import timeline
from lorairo.store.ledger import COMPACT
from lorairo.widgets.browsing import undo_state
from lorairo.widgets.wire import Answer, Route, WireError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from lorairo.results import Done
    from lorairo.store.timeline import Step
    from lorairo.widgets.session import Session

MAX_PAGE = 200
MAX_TEXT = 200_000  # characters of a recipe: more is read in an editor


def routes(session: Session) -> dict[str, Route]:
    """Return the handlers, bound to a session."""
    return {
        "history": Route(partial(_history, session)),
        "history.undo": Route(partial(_turn_back, session), changes=True),
        "history.select": Route(partial(_select, session), changes=True),
        "history.recipe": Route(partial(_recipe, session)),
    }


def _history(session: Session, payload: dict[str, Any]) -> Answer:
    wanted = str(payload.get("filter") or "").strip().casefold()
    start = max(0, int(payload.get("start", 0)))
    stop = min(int(payload.get("stop", MAX_PAGE)), start + MAX_PAGE)
    with session.view.project.database.read() as connection:
        steps = timeline.timeline(connection)
        found = [step for step in steps if _matches(step, wanted)] if wanted else steps
        rows = [_row(connection, step) for step in found[start:stop]]
    return Answer(
        {
            "version": session.version,
            "rows": rows,
            "start": start,
            "total": len(found),
            "undone": steps.undone if found is steps else sum(step.undone for step in found),
            "changes": len(steps),
            "since": None if steps.since is None else _iso(steps.since),
        }
    )


def _matches(step: Step, wanted: str) -> bool:
    return wanted in step.label.casefold() or wanted in step.last.author.casefold()


def _row(connection: Connection, step: Step) -> dict[str, Any]:
    return {
        "id": step.last.id,
        "time": _iso(step.last.at),
        "author": step.last.author,
        "by": _by(step.entries),
        "message": step.label,
        "images": step.count(connection),
        "undone": step.undone,
        "folded": step.last.kind == COMPACT,
    }


def _by(entries: Sequence[Any]) -> str:
    """Say whose work it is: what a threshold did is a model's, what a batch did a rule's."""
    if all(entry.kind in {"policy", "combine"} for entry in entries):
        return "model"
    return "rule" if entries[-1].batch is not None else "person"


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _turn_back(session: Session, payload: dict[str, Any]) -> Answer:
    number, later = int(payload["operation"]), payload.get("later", "ask")
    if later not in {"ask", "undo", "keep"}:
        raise WireError(f"later changes are undone or kept, not {later!r}")
    with session.view.project.database.read() as connection:
        step = timeline.step_of(connection, number)
        if step.undone:
            back, above = timeline.turned_back_by(connection, step), []
        else:
            back, above = [number], timeline.built_upon(connection, step) if later != "keep" else []
    if above and later == "ask":
        return _answer(session, None, len(above))
    return _answer(session, _undone(session, step, back, above), 0)


def _undone(session: Session, step: Step, numbers: list[int], above: list[int]) -> tuple[str, int]:
    """Undo operations, those that build upon them first; all of it is one step of redo."""
    project = session.view.project
    if len(numbers) == 1 and not above:
        done = project.undo(numbers[0])
        return done.message, done.count
    count, others = 0, 0
    made: Done | None = None
    with project.batch(step.label):
        for number in above:
            if _in_force(session, number):  # a batch goes as a whole with the first of it
                count += project.undo(number).count
                others += 1
        for number in numbers:
            made = project.undo(number)
            count += made.count
    if not others or made is None:
        return f"Redone: {step.label}", count
    noun = "change" if others == 1 else "changes"
    return f"{made.message}, and {others:,} later {noun}", count


def _in_force(session: Session, number: int) -> bool:
    with session.view.project.database.read() as connection:
        return not timeline.step_of(connection, number).undone


def _answer(session: Session, done: tuple[str, int] | None, later: int) -> Answer:
    message, count = done or (None, 0)
    return Answer(
        {
            "version": session.version,
            "message": message,
            "count": count,
            "later": later,
            **undo_state(session),
        }
    )


def _select(session: Session, payload: dict[str, Any]) -> Answer:
    project = session.view.project
    with project.database.read() as connection:
        touched = timeline.step_of(connection, int(payload["operation"])).images(connection)
    there = touched[np.isin(touched, project.index.ids)]
    if len(there):
        session.view.lens.select(there)
    return Answer({"version": session.version, "count": len(there)})


def _recipe(session: Session, _payload: dict[str, Any]) -> Answer:
    project = session.view.project
    with project.database.read() as connection:
        text = text_of(connection, project.name)
        reached = fingerprint(connection)
    shown = text[:MAX_TEXT].rpartition("\n")[0] + "\n" if len(text) > MAX_TEXT else text
    return Answer({"version": session.version, "text": shown, "whole": shown == text, "fingerprint": reached})
