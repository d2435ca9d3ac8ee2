"""Requests about runs of models: starting one, going on with one, and what went wrong in it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.jobs import live
from lorairo.store import jobs
from lorairo.widgets.accounting import account_of, read_account
from lorairo.widgets.asking import Asked, start, target_of
from lorairo.widgets.quoting import agreed
from lorairo.widgets.wire import Answer, Route, WireError

if TYPE_CHECKING:
    from lorairo.jobs import Job
    from lorairo.project import Project
    from lorairo.widgets.session import Session

_MAX_ERRORS = 200  # errors in one reply; the count tells of the others


def routes(session: Session) -> dict[str, Route]:
    """Return the handlers, bound to a session."""
    return {
        "models.run": Route(partial(_run, session), changes=True),
        "job.errors": Route(partial(_errors, session)),
        "job.resume": Route(partial(_resume, session), changes=True),
        "jobs": Route(partial(_jobs, session)),
    }


def told(project: Project, state: dict[str, Any]) -> dict[str, Any]:
    """Add to what is said of a job how many others are under way, and what it came to at services."""
    others = sum(job.id != state["id"] for job in _under_way(project))
    return {
        **state,
        "others": others,
        "account": account_of(project.database, state["id"], state["state"]),
    }


def _run(session: Session, payload: dict[str, Any]) -> Answer:
    calls = Asked.of(payload).calls()
    view, called = target_of(session, payload)
    code = "\n".join(call.code(called) for call in calls)
    # Pressed twice, or in two widgets: the run that is under way is the one that was asked for. Changes are
    # answered one after the other, so that what was pressed first is under way by now.
    labels = {call.label for call in calls}
    running = next((job for job in live(session.view.project.database) if job.label in labels), None)
    if running is not None:
        return _job(session, running, code=code)
    if not len(view):
        raise WireError("there is no image to run models on")
    if any(call.sends for call in calls):
        agreed(sum(call.quote(view).send for call in calls if call.sends), payload.get("quoted"))
    return _job(session, start(view, calls), code=code)


def _under_way(project: Project) -> list[Job]:
    return [job for job in live(project.database) if job.state in jobs.UNFINISHED]


def _job(session: Session, job: Job, **more: Any) -> Answer:
    return Answer({"version": session.version, "job": told(session.view.project, job.told()), **more})


def _jobs(session: Session, _payload: dict[str, Any]) -> Answer:
    under_way = _under_way(session.view.project)
    return Answer({"version": session.version, "jobs": [job.told() for job in under_way]})


def _errors(session: Session, payload: dict[str, Any]) -> Answer:
    project, number = session.view.project, int(payload.get("id", 0))
    with project.database.read() as connection:
        total, found = jobs.failures(connection, number, _MAX_ERRORS)
        came_to = read_account(connection, number)
    index = project.index
    names = index.column("name")
    errors = []
    for row in found:
        place = int(np.searchsorted(index.ids, row["image_id"]))
        there = place < len(index.ids) and index.ids[place] == row["image_id"]
        name = str(names[place]) if there else f"image {row['image_id']}"
        errors.append({"image": row["image_id"] if there else None, "name": name, "message": row["message"]})
    return Answer(
        {
            "version": session.version,
            "total": total,
            "errors": errors,
            "account": came_to,
        }
    )


def _resume(session: Session, payload: dict[str, Any]) -> Answer:
    project, number = session.view.project, int(payload.get("id", 0))
    running = next((job for job in _under_way(project) if job.id == number), None)
    if running is not None:
        return _job(session, running)
    wishes = {name: payload[name] for name in ("budget", "unknown") if payload.get(name) is not None}
    job = project.resume(number, **wishes)
    project.showing()(job.progress)
    return _job(session, job)
