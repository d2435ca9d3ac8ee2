"""Requests about runs of models: starting one, going on with one, and what went wrong in it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.jobs import live
from lorairo.store import jobs
from lorairo.widgets.asking import Asked, start, target_of
from lorairo.widgets.wire import Answer, Route, WireError

if TYPE_CHECKING:
    from lorairo.jobs import Job
    from lorairo.widgets.session import Session

_MAX_ERRORS = 200  # errors in one reply; the count tells of the others


def routes(session: Session) -> dict[str, Route]:
    """Return the handlers, bound to a session."""
    return {
        "models.run": Route(partial(_run, session), changes=True),
        "job.errors": Route(partial(_errors, session)),
        "job.resume": Route(partial(_resume, session), changes=True),
    }


def _run(session: Session, payload: dict[str, Any]) -> Answer:
    calls = Asked.of(payload).calls()
    view, called = target_of(session, payload)
    code = "\n".join(call.code(called) for call in calls)
    # Pressed twice, or in two widgets: the run that is under way is the one that was asked for.
    running = next((job for job in _under_way(session) if job.label == calls[0].label), None)
    if running is not None:
        return _job(session, running, code=code)
    if not len(view):
        raise WireError("there is no image to run models on")
    return _job(session, start(view, calls), code=code)


def _under_way(session: Session) -> list[Job]:
    return [job for job in live(session.view.project.database) if job.state in jobs.UNFINISHED]


def _job(session: Session, job: Job, **more: Any) -> Answer:
    return Answer({"version": session.version, "job": job.told(), **more})


def _errors(session: Session, payload: dict[str, Any]) -> Answer:
    project = session.view.project
    with project.database.read() as connection:
        total, found = jobs.failures(connection, int(payload.get("id", 0)), _MAX_ERRORS)
    index = project.index
    names = index.column("name")
    errors = []
    for row in found:
        place = int(np.searchsorted(index.ids, row["image_id"]))
        there = place < len(index.ids) and index.ids[place] == row["image_id"]
        name = str(names[place]) if there else f"image {row['image_id']}"
        errors.append({"image": row["image_id"] if there else None, "name": name, "message": row["message"]})
    return Answer({"version": session.version, "total": total, "errors": errors})


def _resume(session: Session, payload: dict[str, Any]) -> Answer:
    project, number = session.view.project, int(payload.get("id", 0))
    running = next((job for job in _under_way(session) if job.id == number), None)
    if running is not None:
        return _job(session, running)
    job = project.resume(number)
    project.showing()(job.progress)
    return _job(session, job)
