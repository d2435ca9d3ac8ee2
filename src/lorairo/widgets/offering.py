"""Requests about models: which there are, what they have left to do, how long it takes, whose tags count."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lorairo.errors import Error
from lorairo.inference import registry, run
from lorairo.inference.remaining import remaining
from lorairo.inference.weights import place_of
from lorairo.services import reach
from lorairo.services.prompts import prompts
from lorairo.store import answers, cells, jobs, state
from lorairo.widgets.accounting import past_account
from lorairo.widgets.asking import Asked, target_of
from lorairo.widgets.wire import Answer, Route

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lorairo.inference.specs import ModelSpec
    from lorairo.store import Database
    from lorairo.widgets.session import Session

_PAST_JOBS = 20
_GENERAL, _CHARACTER = 0, 4
_COMMAND = re.compile(r'pip install "[^"]+"|lr\.config\.set\(.*\)')
_MAKES = {
    "tagger": "tags",
    "scorer": "a score",
    "captioner": "caption",
    "annotator": "tags, caption",
    "embedder": "embedding",
    "upscaler": "a larger picture",
    "vlm_api": "caption, tags",
}
_RUNS = {"local": "here", "plugin": "plugin"}


def routes(session: Session) -> dict[str, Route]:
    """Return the handlers, bound to a session."""
    return {"models": Route(partial(_models, session)), "models.plan": Route(partial(_plan, session))}


def _models(session: Session, payload: dict[str, Any]) -> Answer:
    view, _ = target_of(session, payload)
    with session.view.project.database.read() as connection:
        past = [row for row in jobs.list_jobs(connection) if row["kind"] in run.KINDS]
        offered = _offered(past)
        ids = view.ids
        left = remaining(connection, list(offered.values()), ids)
        each = answers.seconds_each(connection, [(spec.provider, spec.name) for spec in offered.values()])
        cuts = _cuts(connection)
        told = [_past(connection, session.view.project.database, row) for row in past[:_PAST_JOBS]]
    rows = [_row(name, spec, todo) for (name, spec), todo in zip(offered.items(), left, strict=True)]
    for row in rows:
        row["seconds"] = each.get((row["provider"], row["name"]))
    return Answer(
        {
            "version": session.version,
            "rows": rows,
            "images": len(ids),
            "selected": session.selection()["count"],
            "jobs": told,
            "cuts": cuts,
            "prompts": [
                {**prompt.model_dump(mode="json"), "makes": prompt.writes} for prompt in prompts().values()
            ],
        }
    )


def _plan(session: Session, payload: dict[str, Any]) -> Answer:
    """Say what a run would be: its lines of code, and what each model has left to do when asked so."""
    asked = Asked.of(payload)
    view, called = target_of(session, payload)
    with session.view.project.database.read() as connection:
        left = remaining(connection, asked.specs(), view.ids, asked.lowest)
    code = "\n".join(call.code(called) for call in asked.calls())
    return Answer({"version": session.version, "code": code, "todo": left})


def _offered(past: list[dict[str, Any]]) -> dict[str, ModelSpec]:
    """Return models by what a verb of a view takes: the registry, and folders that were run here."""
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
    command = _COMMAND.search(row.remedy)
    fetched = row.available and spec.backend in registry.NEEDS and place_of(spec).folder is None
    generation, service = spec.generation, spec.service
    return {
        "id": name,
        "name": row.id,
        "kind": row.kind,
        "provider": row.provider,
        "makes": _makes(spec),
        "runs": _RUNS.get(spec.provider, "away"),
        "place": reach.place_of(spec.provider) if service is not None else spec.provider,
        "own": service is not None and reach.is_own(spec.provider),
        "inside": service is not None and reach.is_here(spec.provider),
        "runnable": run.verb_of(spec.kind) is not None,
        "available": row.available,
        "why_not": row.why_not or None,
        "remedy": row.remedy or None,
        "command": command.group() if command else None,
        "size": row.size or None,
        "downloads": fetched,
        "price": row.price or None,
        "licence": row.licence or None,
        "todo": todo,
        "thresholds": spec.thresholds.named if spec.kind == "tagger" else None,
        "generation": None
        if generation is None
        else {"prompt": generation.prompt, "max_new_tokens": generation.max_new_tokens},
        "service": None
        if service is None
        else {"prompt": service.prompt.name, "max_tokens": service.max_tokens, "batch": service.batch},
    }


def _makes(spec: ModelSpec) -> str:
    if spec.scores:
        return ", ".join(spec.scores)
    if spec.service is not None:
        return spec.service.prompt.writes
    makes = _MAKES[spec.kind]
    return f"{makes}, rating" if spec.kind == "tagger" and "rating" in spec.categories.values() else makes


def _past(c: Connection, database: Database, row: dict[str, Any]) -> dict[str, Any]:
    unfinished = row["state"] in jobs.UNFINISHED
    return {
        **{key: row[key] for key in ("id", "label", "state", "done", "total", "failed")},
        "started": datetime.fromtimestamp(row["created_at"], UTC).isoformat(),
        "budget": (row["parameters"].get("wishes") or {}).get("budget"),
        "account": past_account(c, database, row),
        # functions are not kept: only the kernel that has them can go on
        "resumable": not unfinished
        and (row["state"] != "done" or row["failed"] > 0)
        and not row["parameters"].get("functions"),
    }


def _cuts(c: Connection) -> list[dict[str, Any]]:
    """Return the thresholds in force of the models that have named tags."""
    in_force, policy = state.cuts(c).models, cells.record_named("policy")
    found = []
    for provider, name in answers.taggers(c):
        cut, set_here = in_force[f"{provider}/{name}"], policy.read(c, f"{provider}/{name}") or {}
        general, character = (min(1.0, float(cut.limits[category])) for category in (_GENERAL, _CHARACTER))
        found.append(
            {
                "model": f"{provider}/{name}",
                "name": name,
                "general": round(general, 3),
                "character": round(character, 3),
                "method": cut.method,
                "per_tag": set_here.get("per_tag") or {},
            }
        )
    return found
