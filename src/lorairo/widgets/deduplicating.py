"""Requests of the review of duplicates: looking for them, their groups, what is decided about each.

Keep in sync: widgets/src/protocol/duplicates.ts.
"""

from __future__ import annotations

import itertools
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo import images
from lorairo.duplicated import DECISIONS, Duplicates
from lorairo.errors import Error, NotFoundError
from lorairo.log import logger
from lorairo.masking import masked
from lorairo.widgets.browsing import undo_state
from lorairo.widgets.wire import Answer, Route, WireError

if TYPE_CHECKING:
    from lorairo.results import Done
    from lorairo.store.pairing import Verdict
    from lorairo.view import View
    from lorairo.widgets.session import Session

MAX_PAGE = 100  # groups in one reply
MAX_MEMBERS = 1000  # of one group that are shown
_THUMBS = 3  # of each group in the list
# How the pictures of a group are to the one kept, in one word: what needs a look first.
_TELLING = ("detail", "recoloured", "mirrored", "grey", "cropped", "different", "same")


class _Ended(Exception):  # noqa: N818 - it is no error: nobody waits for this search any more
    """Ends a search from inside."""


class _Search:
    """One search for duplicates, in a thread of its own: the kernel and the wire stay free."""

    def __init__(self, number: int, session: Session, radius: int) -> None:
        self.number = number
        self.radius = radius
        self.images = len(session.view)
        self.found: Duplicates | None = None
        self.message = ""
        self._session = session
        self._steps = (0, 0, 0)
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="lorairo-duplicates", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Look no further."""
        self._ended = True

    def state(self) -> dict[str, Any]:
        done, steps, looked = self._steps
        state = "failed" if self.message else "looking" if self.found is None else "found"
        return {
            "search": self.number,
            "state": state,
            "radius": self.radius,
            "images": self.images,
            "done": done,
            "steps": steps,
            "looked": looked if self.found is None else self.found.looked,
            "groups": 0 if self.found is None else len(self.found),
            "message": self.message,
        }

    def _run(self) -> None:
        try:
            self.found = self._session.view.find_duplicates(self.radius, progress=self._tell)
        except _Ended:
            self.message = "The search was ended"
        except Error as error:
            self.message = masked(str(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the browser must hear of it
            logger.opt(exception=error).error("looking for duplicates failed")
            self.message = masked(f"{type(error).__name__}: {error}. The project's log has the details.")

    def _tell(self, done: int, steps: int, looked: int) -> None:
        if self._ended or self._session.closed:
            raise _Ended
        self._steps = (done, steps, looked)


class _Searches:
    """The newest search of a widget."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._newest: _Search | None = None

    def wanted(self, radius: int, *, again: bool) -> _Search:
        """Return the search of this radius: the one under way or done, or a new one."""
        with self._lock:
            newest = self._newest
            if newest is None or newest.radius != radius or again or newest.message:
                if newest is not None:
                    newest.end()
                newest = self._newest = _Search(next(self._numbers), self._session, radius)
            return newest

    def found(self, payload: dict[str, Any]) -> Duplicates:
        newest = self._newest
        if newest is None or newest.number != payload.get("search") or newest.found is None:
            raise WireError("these groups are not those found last: look again", kind="stale")
        return newest.found


def routes(session: Session) -> dict[str, Route]:
    """Return the handlers, bound to a session."""
    searches = _Searches(session)
    return {
        "duplicates.find": Route(partial(_find, session, searches)),
        "duplicates.standing": Route(partial(_standing, session, searches)),
        "duplicates.groups": Route(partial(_groups, session, searches)),
        "duplicates.group": Route(partial(_group, session, searches)),
        "duplicates.pixels": Route(partial(_pixels, session)),
        "duplicates.keep": Route(partial(_keep, session, searches), changes=True),
        "duplicates.mark": Route(partial(_mark, session, searches), changes=True),
    }


def _find(session: Session, searches: _Searches, payload: dict[str, Any]) -> Answer:
    search = searches.wanted(int(payload.get("radius", 6)), again=bool(payload.get("again")))
    return Answer({"version": session.version, **search.state()})


def _standing(session: Session, searches: _Searches, payload: dict[str, Any]) -> Answer:
    return _stands(session, searches.found(payload), {})


def _stands(session: Session, found: Duplicates, more: dict[str, Any]) -> Answer:
    """Answer with what is decided about each group: a byte each, its place among `DECISIONS`."""
    codes = bytes(DECISIONS.index(decision) for decision in found.decisions)
    excluded = _excluded(session.view)
    gone = sum(len(excluded.intersection(ids.tolist())) for ids in found.groups) if excluded else 0
    return Answer({"version": session.version, "excluded": gone, **more}, [codes])


def _excluded(view: View) -> set[int]:
    index = view.project.index
    return set(index.ids[index.column("excluded")].tolist())


def _groups(session: Session, searches: _Searches, payload: dict[str, Any]) -> Answer:
    found = searches.found(payload)
    start = max(0, int(payload.get("start", 0)))
    stop = min(int(payload.get("stop", MAX_PAGE)), start + MAX_PAGE, len(found))
    excluded = _excluded(session.view)
    rows = []
    for number in range(start + 1, stop + 1):
        members = found.rows(number)
        ids = [row[0] for row in members]
        rows.append(
            {
                "ids": ids[:_THUMBS],
                "images": len(ids),
                "excluded": len(excluded.intersection(ids)),
                **_kind(members),
            }
        )
    return Answer({"version": session.version, "start": start, "rows": rows})


def _kind(members: list[tuple[Any, ...]]) -> dict[str, Any]:
    kinds = {row[3] for row in members[1:]}
    return {"kind": next(kind for kind in _TELLING if kind in kinds), "bits": max(row[4] for row in members)}


def _group(session: Session, searches: _Searches, payload: dict[str, Any]) -> Answer:
    found = searches.found(payload)
    members = found.rows(int(payload.get("group", 0)))
    shown = members[:MAX_MEMBERS]
    view = session.view.project.view(everything=True)[[row[0] for row in shown]]
    index, snapshot = view.held()
    place_of = dict(zip(snapshot.ids.tolist(), snapshot.positions.tolist(), strict=True))
    said = view.tag_frame
    by_state = {
        state: said[said["state"] == state].groupby("image_id")["tag"].agg(list).to_dict()
        for state in ("effective", "rejected")
    }
    sharpness = index.column("sharpness") if "sharpness" in index.score_names else None
    pictures = []
    for image_id, _group, _keeper, kind, bits, reason, name in shown:
        place = place_of.get(image_id)
        if place is None:
            continue  # deleted since
        value = np.nan if sharpness is None else float(sharpness[place])
        pictures.append(
            {
                "id": image_id,
                "name": name,
                "path": str(index.column("path")[place]),
                "kind": kind,
                "bits": bits,
                "reason": reason,
                **{key: int(index.column(key)[place]) for key in ("width", "height", "bytes", "stars")},
                "format": str(index.column("format")[place]),
                "sharpness": None if np.isnan(value) else value,
                "excluded": bool(index.column("excluded")[place]),
                "tags": by_state["effective"].get(image_id, []),
                "rejected": by_state["rejected"].get(image_id, []),
            }
        )
    told = {"group": members[0][1], "images": len(members), "pictures": pictures, **_kind(members)}
    return Answer({"version": session.version, **told})


def _pixels(session: Session, payload: dict[str, Any]) -> Answer:
    """Answer whether two pictures, decoded, are the same pixel by pixel."""
    project = session.view.project
    try:
        one, other = (images.pixel_digest(project.read(int(payload[key]))) for key in ("a", "b"))
    except (NotFoundError, images.Rejected) as error:
        raise WireError(str(error), kind="unreadable") from error
    return Answer({"version": session.version, "identical": one == other})


def _keep(session: Session, searches: _Searches, payload: dict[str, Any]) -> Answer:
    found = searches.found(payload)
    merge = bool(payload.get("merge", True))
    done = found.keep(int(payload["group"]), int(payload["image"]), merge_tags=merge)
    return _changed(session, found, done)


def _mark(session: Session, searches: _Searches, payload: dict[str, Any]) -> Answer:
    found = searches.found(payload)
    verdict: Verdict = "variant" if payload.get("verdict") == "variant" else "different"
    return _changed(session, found, found.mark(verdict, int(payload["group"])))


def _changed(session: Session, found: Duplicates, done: Done) -> Answer:
    told = {"message": done.message, "count": done.count, "operation": done.operation_id}
    return _stands(session, found, {**told, **undo_state(session)})
