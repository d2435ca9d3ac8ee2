"""Requests that change something: each is one operation, answered with what undo would do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.datasets import dataset_for
from lorairo.widgets.browsing import flags_at, undo_state
from lorairo.widgets.standing import images_where
from lorairo.widgets.wire import Answer, Route, WireError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lorairo.results import Done
    from lorairo.view import View
    from lorairo.widgets.session import Session

_MAX_NAMED = 2_000  # images whose marks fit a reply
_MAX_SETTING = 4096  # characters: settings are sizes and folded panels, not documents


def routes(session: Session) -> dict[str, Route]:
    """Return the handlers, bound to a session."""
    return {
        "edit": Route(partial(_edit, session), changes=True),
        "undo": Route(partial(_turn_back, session, "undo"), changes=True),
        "redo": Route(partial(_turn_back, session, "redo"), changes=True),
        "setting": Route(partial(_setting, session), changes=True),
        "job.cancel": Route(partial(_cancel, session), changes=True),
    }


def target_view(session: Session, target: Any, revision: int | None = None) -> View:
    """Return the images a request is about: ``"selected"``, ``{id}`` or ``{ids}``.

    Parameters
    ----------
    session
        Of the widget that asks.
    target
        As it came.
    revision
        The selection the person saw; where another was made meanwhile, nothing is done to that one.
    """
    view = session.view
    everything = view.project.view(everything=True)
    if target == "selected":
        ids, now = view.lens.selection()
        if revision is not None and revision != now:
            raise WireError("the selection changed before this arrived, so nothing was done", kind="stale")
        chosen: View = everything[ids]
        return chosen
    if isinstance(target, dict) and "id" in target:
        target = {"ids": [target["id"]]}
    if isinstance(target, dict) and "ids" in target:
        named: View = everything[np.array([int(image_id) for image_id in target["ids"]], dtype=np.int64)]
        return named
    raise WireError(f"an edit must say which images it is for, not {target!r}")


def _names(payload: dict[str, Any]) -> list[str]:
    names = payload.get("names", [])
    if not isinstance(names, list):
        raise WireError("the names of tags are a list")
    return [str(name) for name in names]


def _toggle_excluded(view: View, _payload: dict[str, Any]) -> Done:
    index, snapshot = view.held()
    excluded = index.column("excluded")[snapshot.positions]
    return view.include() if len(excluded) and excluded.all() else view.exclude()


_ACTIONS: dict[str, Callable[[View, dict[str, Any]], Done]] = {
    "tags.add": lambda view, payload: view.add_tags(*_names(payload)),
    "tags.accept": lambda view, payload: view.add_tags(*_names(payload)),
    "tags.remove": lambda view, payload: view.remove_tags(*_names(payload)),
    "tags.reject": lambda view, payload: view.reject_tags(*_names(payload)),
    "tags.clear": lambda view, payload: view.clear_tags(*_names(payload)),
    "tags.order": lambda view, payload: view.order_tags(*_names(payload)),
    "tags.arrange": lambda view, _payload: view.arrange_tags("category").apply(),
    "tags.set": lambda view, payload: view.set_tags(_names(payload)),
    "tags.rename": lambda view, payload: view.replace_tags({str(payload["old"]): str(payload["new"])}),
    "stars": lambda view, payload: view.stars(int(payload["value"])),
    "exclude": lambda view, payload: view.exclude(payload.get("reason")),
    "include": lambda view, _payload: view.include(),
    "toggle_excluded": _toggle_excluded,
    "reviewed": lambda view, payload: view.mark_reviewed(bool(payload.get("value", True))),
    "caption": lambda view, payload: view.set_caption(
        dict.fromkeys(view.ids.tolist(), str(payload["text"] or "")),
        variant=str(payload.get("variant") or "default"),
    ),
    "sentences.accept": lambda view, payload: view.accept_sentences(
        str(payload["sentence"]), variant=str(payload.get("variant") or "default")
    ),
    "sentences.strike": lambda view, payload: view.strike_sentences(str(payload["sentence"])),
    "sentences.clear": lambda view, payload: view.clear_sentences(str(payload["sentence"])),
    "captions.replace": lambda view, payload: view.edit_captions(
        str(payload["pattern"]),
        str(payload["replacement"]),
        variant=str(payload.get("variant") or "default"),
        regex=bool(payload.get("regex", False)),
    ).apply(),
    "captions.compose": lambda view, payload: view.compose_captions(
        str(payload["template"]),
        variant=str(payload.get("variant") or "default"),
        dataset=payload.get("dataset"),
    ).apply(),
    "dataset.add": lambda view, payload: view.add_to(str(payload["name"])),
    "dataset.remove": lambda view, payload: view.remove_from(str(payload["name"])),
}


def _affected(view: View) -> dict[str, Any] | None:
    if len(view) > _MAX_NAMED:
        return None  # the browser asks for its pages again
    index, snapshot = view.held()
    places = snapshot.positions
    flags, stars = flags_at(index, places), index.column("stars")[places]
    return {
        str(image_id): {"flags": int(flag), "stars": int(star)}
        for image_id, flag, star in zip(snapshot.ids.tolist(), flags, stars, strict=True)
    }


def _cancel(session: Session, payload: dict[str, Any]) -> Answer:
    session.view.project.cancel_job(int(payload.get("id", 0)))
    return Answer({"version": session.version})


def _edit(session: Session, payload: dict[str, Any]) -> Answer:
    action = _ACTIONS.get(str(payload.get("action")))
    if action is None:
        raise WireError(f"this lorairo knows no edit {payload.get('action')!r}")
    view = target_view(session, payload.get("target"), payload.get("revision"))
    if payload.get("where") is not None:
        view = images_where(view, _names(payload), str(payload["where"]))
    if payload["action"] == "captions.compose" and not payload.get("dataset"):
        about = dataset_for(session.view)  # of the view that is shown: the target has no search of its own
        payload = {**payload, "dataset": None if about is None else about.name}
    try:
        done = action(view, payload)
    except KeyError as error:
        raise WireError(f"the edit {payload['action']} lacks {error}") from error
    return Answer(
        {
            "version": session.version,
            "message": done.message,
            "count": done.count,
            "operation": done.operation_id,
            "affected": _affected(view),
            **undo_state(session),
        }
    )


def _turn_back(session: Session, way: str, _payload: dict[str, Any]) -> Answer:
    project = session.view.project
    done = project.undo() if way == "undo" else project.redo()
    return Answer(
        {"version": session.version, "message": done.message, "count": done.count, **undo_state(session)}
    )


def _setting(session: Session, payload: dict[str, Any]) -> Answer:
    key, value = str(payload.get("key", "")), payload.get("value")
    if not key or len(key) > 100 or len(repr(value)) > _MAX_SETTING:  # noqa: PLR2004 - a name, not a text
        raise WireError("a setting has a short name and a small value")
    session.view.project.remember(f"ui.{key}", value)
    return Answer({"version": session.version})
