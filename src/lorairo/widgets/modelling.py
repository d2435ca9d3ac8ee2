"""Requests about models: which there are, what they have left to do, runs and what went wrong in them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.errors import Error
from lorairo.inference import registry
from lorairo.inference.remaining import remaining
from lorairo.inference.weights import place_of
from lorairo.jobs import live
from lorairo.store import jobs
from lorairo.widgets.wire import Answer, Route, WireError

if TYPE_CHECKING:
    from lorairo.inference.specs import ModelSpec
    from lorairo.jobs import Job
    from lorairo.view import View
    from lorairo.widgets.session import Session

_KIND = "annotate"
_PAST_JOBS = 20
_MAX_ERRORS = 200  # errors in one reply; the count tells of the others
_MAKES = {
    "tagger": "tags",
    "scorer": "a score",
    "captioner": "caption",
    "upscaler": "a larger picture",
    "vlm_api": "caption, tags",
}
_RUNS = {"local": "here", "plugin": "plugin"}


def routes(session: Session) -> dict[str, Route]:
    """Return the handlers, bound to a session."""
    return {
        "models": Route(partial(_models, session)),
        "models.run": Route(partial(_run, session), changes=True),
        "job.errors": Route(partial(_errors, session)),
        "job.resume": Route(partial(_resume, session), changes=True),
    }


def _target(session: Session, payload: dict[str, Any]) -> tuple[View, str]:
    """Return the view a request is about, and what a cell calls it."""
    view, target = session.view, payload.get("target")
    if target == "selected":
        return view.selected, "view.selected"
    if target == "shown":
        return view.shown, "view.shown" if view.lens.query else "view"
    raise WireError(f'models run on what is "shown" or "selected", not on {target!r}')


def _models(session: Session, payload: dict[str, Any]) -> Answer:
    view, _ = _target(session, payload)
    project = session.view.project
    with project.database.read() as connection:
        past = [row for row in jobs.list_jobs(connection) if row["kind"] == _KIND]
        offered = _offered(past)
        ids = view.ids
        left = remaining(connection, list(offered.values()), ids)
    rows = [_row(name, spec, todo) for (name, spec), todo in zip(offered.items(), left, strict=True)]
    return Answer(
        {
            "version": session.version,
            "rows": rows,
            "images": len(ids),
            "selected": session.selection()["count"],
            "jobs": [_past(row) for row in past[:_PAST_JOBS]],
        }
    )


def _offered(past: list[dict[str, Any]]) -> dict[str, ModelSpec]:
    """Return models by what ``view.annotate`` takes: the registry, and folders that were run here."""
    found = registry.specs()
    places = {spec.path for spec in found.values()}
    for row in past:
        for name in row["parameters"].get("models", []):
            folder = Path(name).expanduser()
            if name in found or not folder.is_dir() or folder.resolve() in places:
                continue
            try:
                spec = registry.of_folder(folder)
            except Error:  # it holds no model any more: nothing to offer
                continue
            found[name] = spec
            places.add(spec.path)
    return found


def _row(name: str, spec: ModelSpec, todo: int) -> dict[str, Any]:
    row = registry.row_of(spec)
    fetched = row.available and spec.backend == "onnx" and place_of(spec).folder is None
    makes = _MAKES[spec.kind]
    return {
        "id": name,
        "name": row.id,
        "kind": row.kind,
        "provider": row.provider,
        "makes": f"{makes}, rating"
        if spec.kind == "tagger" and "rating" in spec.categories.values()
        else makes,
        "runs": _RUNS.get(spec.provider, "away"),
        "available": row.available,
        "why_not": row.why_not or None,
        "remedy": row.remedy or None,
        "size": row.size or None,
        "downloads": fetched,
        "price": row.price or None,
        "licence": row.licence or None,
        "todo": todo,
    }


def _past(row: dict[str, Any]) -> dict[str, Any]:
    unfinished = row["state"] in jobs.UNFINISHED
    return {
        **{key: row[key] for key in ("id", "label", "state", "done", "total", "failed")},
        "started": datetime.fromtimestamp(row["created_at"], UTC).isoformat(),
        "resumable": not unfinished and (row["state"] != "done" or row["failed"] > 0),
    }


def _run(session: Session, payload: dict[str, Any]) -> Answer:
    names = payload.get("models")
    if not isinstance(names, list) or not names:
        raise WireError("the models of a run are a list with at least one of them")
    models = [str(name) for name in names]
    view, called = _target(session, payload)
    code = f"{called}.annotate({json.dumps(models, ensure_ascii=False)})"
    project = session.view.project
    label = ", ".join(registry.find(model).name for model in models)
    # Pressed twice, or in two widgets: the run that is under way is the one that was asked for.
    running = next((job for job in _under_way(session) if job.label == label), None)
    if running is not None:
        return _job(session, running, code=code)
    if not len(view):
        raise WireError("there is no image to run models on")
    job = view.annotate(models)
    project.showing()(job.progress)  # at once: files may be fetched for minutes before the first batch
    return _job(session, job, code=code)


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
