"""Requests that only look: the order, thumbnails, one image, searches, completions, the selection."""

from __future__ import annotations

import re
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo import images
from lorairo.errors import NotFoundError
from lorairo.query import complete, parse, relaxations
from lorairo.store import log
from lorairo.widgets.session import places_of
from lorairo.widgets.wire import Answer, Route, WireError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lorairo.query import Index
    from lorairo.view import View
    from lorairo.widgets.session import Session

MAX_PAGE = 16_384
MAX_THUMBNAILS = 64
MAX_REPLY = 1_000_000  # bytes; Jupyter's proxies and Colab's channel are happy below
_ORDER = re.compile(r"(?:^|\s)order:(\S+)")
_EXCLUDED, _DUPLICATE, _REFUSED, _MISSING, _REVIEWED, _SELECTED = (1 << bit for bit in range(6))


def routes(session: Session, hello: Callable[[], dict[str, Any]]) -> dict[str, Route]:
    """Return the handlers, bound to a session."""
    return {
        "hello": Route(partial(_hello, session, hello)),
        "index": Route(partial(_index, session)),
        "thumbs": Route(partial(_thumbs, session)),
        "image": Route(partial(_image, session)),
        "search": Route(partial(_search, session), changes=True),
        "select": Route(partial(_select, session), changes=True),
        "search_complete": Route(partial(_complete, session)),
    }


def undo_state(session: Session) -> dict[str, Any]:
    """Say what undo and redo would do."""
    project = session.view.project
    with project.database.read() as connection:
        undo, redo = log.next_undo(connection, project.author), log.next_redo(connection, project.author)
    return {
        "can_undo": {"message": undo} if undo else None,
        "can_redo": {"message": redo} if redo else None,
    }


def flags_at(index: Index, places: np.ndarray) -> np.ndarray:
    """Return the marks of images as bits (protocol.ts, ``Flag``)."""
    refused = np.zeros(len(index.ids), dtype=bool)
    for positions in index.refusals.values():
        refused[positions] = True
    marks = (
        (_EXCLUDED, index.column("excluded")[places]),
        (_DUPLICATE, index.column("copies")[places] > 1),
        (_REFUSED, refused[places]),
        (_MISSING, index.column("missing")[places]),
        (_REVIEWED, index.column("reviewed")[places]),
    )
    flags = np.zeros(len(places), dtype=np.uint8)
    for bit, marked in marks:
        flags |= marked.astype(np.uint8) * np.uint8(bit)
    return flags


def overview(session: Session) -> dict[str, Any]:
    """Say what is shown: counts, query, selection, undo."""
    view, order = session.view, session.order
    project = view.project
    total = len(view)
    return {
        "version": session.version,
        "project": project.name,
        "path": str(project.location),
        "count": len(order.ids),
        "total": total,
        "query": view.lens.query,
        "live": view.lens.live,
        "order": own[-1] if (own := _ORDER.findall(view.query)) else "",
        "readonly": project.readonly,
        "author": project.author,
        "selection": session.selection(),
        "active": view.lens.active,
        "state": "ready" if total or len(project) else "empty",
        "relaxations": _relaxations(view) if view.lens.query and not len(order.ids) else [],
        **undo_state(session),
    }


def _hello(session: Session, extra: Callable[[], dict[str, Any]], _payload: dict[str, Any]) -> Answer:
    session.refresh()
    return Answer({**overview(session), **extra()})


def _index(session: Session, payload: dict[str, Any]) -> Answer:
    ids = session.at(payload.get("version"))
    start = max(0, int(payload["start"]))
    stop = min(int(payload["stop"]), len(ids), start + MAX_PAGE)
    part = ids[start:stop]
    index = session.view.project.index
    known = np.isin(part, index.ids)  # an image deleted meanwhile keeps its place, empty
    places = np.searchsorted(index.ids, part[known])
    count = len(part)

    def spread(values: np.ndarray, dtype: str, empty: int = 0) -> np.ndarray:
        full = np.full(count, empty, dtype=dtype)
        full[known] = values
        return full

    ratio = np.maximum(index.column("width")[places], 1) / np.maximum(index.column("height")[places], 1)
    aspect = np.clip(np.round(8192 + 2048 * np.log2(ratio)), 0, 16383)
    mean = index.column("mean_rgb")[places].astype(np.uint32)
    rgb = np.stack([mean >> 16 & 255, mean >> 8 & 255, mean & 255], axis=1).astype(np.uint8)
    colours = np.full((count, 3), 128, dtype=np.uint8)
    colours[known] = rgb
    flags = flags_at(index, places)
    selected = np.isin(part, session.view.lens.selected).astype(np.uint8) * np.uint8(_SELECTED)
    body = b"".join(
        [
            part.astype("<i4").tobytes(),
            spread(aspect, "<u2", 8192).tobytes(),
            colours.tobytes(),
            (spread(flags, "u1") | selected).tobytes(),
            spread(index.column("stars")[places], "u1").tobytes(),
        ]
    )
    return Answer({"version": session.version, "start": start, "stop": stop}, [body])


def _thumbs(session: Session, payload: dict[str, Any]) -> Answer:
    wanted = [int(image_id) for image_id in payload.get("ids", [])][:MAX_THUMBNAILS]
    index = session.view.project.index
    known = set(np.array(wanted)[np.isin(wanted, index.ids)].tolist())
    present = [image_id for image_id in wanted if image_id in known]
    found = session.view.project.thumbnails_of(present)
    ids: list[int] = []
    parts: list[bytes] = []
    size = 0
    for image_id in wanted:
        if image_id not in found:
            continue
        data = found[image_id]
        if parts and size + len(data) > MAX_REPLY:
            break
        ids.append(image_id)
        parts.append(data)
        size += len(data)
    errors = {str(i): "The file is missing" for i in present if i not in found}
    errors.update({str(i): "Deleted" for i in wanted if i not in known})
    payload = {"ids": ids, "lengths": [len(part) for part in parts], "type": "image/jpeg", "errors": errors}
    return Answer({"version": session.version, **payload}, [b"".join(parts)])


def _image(session: Session, payload: dict[str, Any]) -> Answer:
    image_id, largest = int(payload["id"]), min(int(payload.get("max", 1600)), 4096)
    try:
        data = session.view.project.read(image_id)
        encoded, width, height = images.encode_preview(data, largest)
        while len(encoded) > MAX_REPLY and largest > 400:  # noqa: PLR2004 - smaller is no large view
            largest = int(largest * 0.75)
            encoded, width, height = images.encode_preview(data, largest)
    except (NotFoundError, images.Rejected) as error:
        raise WireError(str(error), kind="unreadable") from error
    return Answer(
        {"version": session.version, "id": image_id, "width": width, "height": height, "type": "image/jpeg"},
        [encoded],
    )


def _search(session: Session, payload: dict[str, Any]) -> Answer:
    view = session.view
    text = str(payload.get("query", ""))
    if text.strip():
        view.shown = text
    else:
        view.lens.show("")
    session.refresh()
    return Answer(overview(session))


def _relaxations(view: View) -> list[dict[str, Any]]:
    """Say what leaving out one part of a search that finds nothing would find."""
    index, text = view.project.index, view.lens.query
    within = np.zeros(len(index.ids), dtype=bool)
    within[view.snapshot.positions] = True
    found = relaxations(parse(text, scores=index.score_names), index, within=within)
    return [asdict(relaxation) for relaxation in found]


def _select(session: Session, payload: dict[str, Any]) -> Answer:
    ids = session.at(payload.get("version"))
    if payload.get("all"):
        mask = ~places_of(payload.get("except"), len(ids))
    else:
        mask = places_of(payload.get("ranges"), len(ids))
    active = payload.get("active")
    session.view.lens.select(ids[mask], active=None if active is None else int(active))
    return Answer({"version": session.version, "count": int(mask.sum())})


def _complete(session: Session, payload: dict[str, Any]) -> Answer:
    text = str(payload.get("text", ""))
    cursor = int(payload.get("cursor", len(text)))
    project = session.view.project
    options = complete(text, cursor, project.index, vocabulary=project.vocabulary.known)
    offers = [
        {"text": o.text, "kind": o.kind, "label": o.label, "count": o.count, "from": o.start, "to": o.stop}
        for o in options
    ]
    return Answer({"version": session.version, "options": offers})
