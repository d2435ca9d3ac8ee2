"""What an undo left as it is, as it was changed since: each value, and the operation that set it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sqlalchemy import select

from lorairo.store import deltas
from lorairo.store.blobs import ACCEPTED, REJECTED
from lorairo.store.deltas import CellDelta, RecordDelta, TagDelta
from lorairo.store.pairing import verdict_of
from lorairo.store.schema import operation, path, tag
from lorairo.store.statements import fetch, fetch_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.store.database import Database
    from lorairo.store.deltas import Delta

    Place = tuple[int | None, str, int | str]  # image, kind of value, tag or name
    Values = tuple[Any, Any]  # now, would be

_TAG, _RECORD = "tag", "record"
_SAID = {ACCEPTED: "accepted", REJECTED: "rejected", 0: "undecided"}


class Left(NamedTuple):
    """What was left when one operation was turned back.

    Attributes
    ----------
    number
        The operation that was to be turned back.
    by
        The operation that did it.
    kept
        Changes that were not made: from the value that is to the one that would be.
    """

    number: int
    by: int
    kept: Sequence[Delta]


class Conflicts:
    """The values an undo left; looked up when asked for, as the log must be read for who set them.

    Parameters
    ----------
    db
        The project's database.
    left
        By operation, in the order they were turned back.
    """

    def __init__(self, db: Database, left: Sequence[Left]) -> None:
        self._db = db
        self._left = left

    def rows(self) -> list[dict[str, Any]]:
        """Return each value: image_id, name, what, now, would_be, and operation, label, author of the change.

        An image is None where the value belongs to none, as a threshold does; an operation is None where it
        was folded by a compaction since.
        """
        with self._db.read() as c:
            values = self._values(c)
            setters = self._setters(c, values)
            names = _names(c, values)
            said = dict(fetch(c, select(tag.c.id, tag.c.name))) if any(p[1] == _TAG for p in values) else {}
        rows = []
        for place, (now, would_be) in sorted(values.items(), key=lambda item: _order(item[0])):
            image_id, kind, name = place
            number, label, author = setters.get(place, (None, None, None))
            rows.append(
                {
                    "image_id": image_id,
                    "name": None if image_id is None else names.get(image_id),
                    "what": f"tag:{said.get(name, name)}" if kind == _TAG else str(name),
                    "now": now,
                    "would_be": would_be,
                    "operation": number,
                    "label": label,
                    "author": author,
                }
            )
        return rows

    def _values(self, c: Connection) -> dict[Place, Values]:
        """Return what was left in the end; of a batch, an older operation may have turned it back."""
        found: dict[Place, Values] = {}
        for entry in self._left:
            for delta in _changes(c, entry.by) if found else ():
                for place in _met(delta, found):
                    del found[place]
            for delta in entry.kept:
                found.update(_values_of(delta))
        return found

    def _setters(self, c: Connection, values: dict[Place, Values]) -> dict[Place, tuple[int, str, str]]:
        """Return who set each value last, between the operations and their undo."""
        own = {entry.number for entry in self._left}
        between = operation.c.id.between(min(own) + 1, min(entry.by for entry in self._left) - 1)
        query = select(operation.c.id, operation.c.label, operation.c.author).where(between)
        open_ones = set(values)
        found: dict[Place, tuple[int, str, str]] = {}
        for number, label, author in fetch(c, query.order_by(operation.c.id.desc())):
            if number in own or not open_ones:
                continue
            for delta in _changes(c, number):
                for place in _met(delta, open_ones):
                    found[place] = (number, label, author)
                    open_ones.discard(place)
        return found


def _changes(c: Connection, number: int) -> list[Delta]:
    payload = c.execute(select(operation.c.payload).where(operation.c.id == number)).scalar()
    return [] if payload is None else deltas.unpack(bytes(payload))


def _values_of(delta: Delta) -> Iterator[tuple[Place, Values]]:
    if isinstance(delta, TagDelta):
        images = delta.images[delta.row].tolist()
        pairs = zip(delta.before.tolist(), delta.after.tolist(), strict=True)
        names = delta.after.dtype.names or ()
        for image_id, (now, would_be) in zip(images, pairs, strict=True):
            one, other = (dict(zip(names, record, strict=True)) for record in (now, would_be))
            yield (image_id, _TAG, one["tag"]), (_decision(one), _decision(other))
    elif isinstance(delta, CellDelta):
        codes = zip(delta.images.tolist(), delta.before.tolist(), delta.after.tolist(), strict=True)
        for image_id, now, would_be in codes:
            place = (image_id, "cell", delta.field)
            yield place, (_cell(delta.field, delta.values[now]), _cell(delta.field, delta.values[would_be]))
    elif isinstance(delta, RecordDelta):
        yield (None, _RECORD, f"{delta.field}:{delta.key}"), (delta.before, delta.after)


def _decision(record: dict[str, int]) -> str:
    text = _SAID[record["state"]]
    return f"{text}, place {record['rank']}" if record["rank"] else text


def _cell(field: str, value: Any) -> Any:
    """Say a value in one."""
    return _SAY[field](value) if field in _SAY else value


def _exclusion(value: list[Any]) -> str:
    """Say in one value what an exclusion keeps in two."""
    excluded, reason = value
    return (f"excluded: {reason}" if reason else "excluded") if excluded else "included"


def _sentences(value: list[list[str | None]] | None) -> str | None:
    return "; ".join(f"{'struck' if of is None else 'accepted'}: {text}" for text, of in value or []) or None


def _pairs(value: list[str] | None) -> str | None:
    said = {"different": "different from others", "variant": "variant of others"}
    return "; ".join(sorted({said[verdict_of(mark)] for mark in value or []})) or None


_SAY: dict[str, Callable[[Any], str | None]] = {
    "excluded": _exclusion,
    "sentences": _sentences,
    "duplicates": _pairs,
}


def _met(delta: Delta, places: Collection[Place]) -> list[Place]:
    """Return those places that a change sets; one of a dataset's images stands for its record too."""
    if isinstance(delta, RecordDelta):
        place = (None, _RECORD, f"{delta.field}:{delta.key}")
        return [place] if place in places else []
    there = {image_id for image_id, _, _ in places if image_id is not None}
    within = np.isin(delta.ids, np.fromiter(there, dtype=np.int64))
    if isinstance(delta, TagDelta):
        rows = np.flatnonzero(within[delta.row])
        pairs = zip(delta.images[delta.row[rows]].tolist(), delta.after["tag"][rows].tolist(), strict=True)
        return [place for image_id, number in pairs if (place := (image_id, _TAG, number)) in places]
    if isinstance(delta, CellDelta):
        found: list[Place] = [(image_id, "cell", delta.field) for image_id in delta.images[within].tolist()]
        found.append((None, _RECORD, delta.field))
        return [place for place in found if place in places]
    return []


def _names(c: Connection, values: Iterable[Place]) -> dict[int, str]:
    ids: NDArray[np.int64] = np.unique(np.array([p[0] for p in values if p[0] is not None], dtype=np.int64))
    query = select(path.c.image_id, path.c.name).order_by(path.c.image_id, path.c.id.desc())
    return dict(fetch_of(c, query, path.c.image_id, ids))


def _order(place: Place) -> tuple[int, str, str]:
    image_id, kind, name = place
    return (image_id or 0, kind, str(name))
