"""The log as a person reads it: steps of undo, those undone apart, and what builds upon an older one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
from sqlalchemy import select

from lorairo.errors import NotFoundError
from lorairo.store import deltas, packing
from lorairo.store.deltas import CellDelta, RecordDelta, TagDelta
from lorairo.store.ledger import BACK_AND_FORTH, UNDO, Entry, Ledger
from lorairo.store.schema import operation
from lorairo.store.statements import fetch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.store.deltas import Delta

_KEPT = "lorairo.timeline"
_SAID = ("id", "at", "author", "kind", "label", "count")
_COLUMNS = (*_SAID, "batch", "batch_label", "target_id", "query")
HISTORY = (*_SAID, "undone", "batch", "batch_label", "target", "query")


class Step(NamedTuple):
    """What is undone together: one operation, or the operations of a batch.

    Attributes
    ----------
    entries
        Its operations, oldest first; none of them is an undo or a redo.
    undone
        Whether it is out of force.
    """

    entries: tuple[Entry, ...]
    undone: bool

    @property
    def last(self) -> Entry:
        """The newest operation, which names the step."""
        return self.entries[-1]

    @property
    def label(self) -> str:
        """What it is called."""
        return self.last.batch_label or self.last.label

    def images(self, c: Connection) -> NDArray[np.int64]:
        """Return the images it touched, sorted; empty where it is about none by name, as a threshold is."""
        return deltas.images_of(_changes(c, self.entries))

    def count(self, c: Connection) -> int:
        """Return how many images it changed; those that several operations of a batch changed count once."""
        if len(self.entries) == 1:
            return self.last.images
        return len(self.images(c)) or max(entry.images for entry in self.entries)


class Timeline(Sequence[Step]):
    """Every step: those undone, newest first, then those in force, newest first.

    Only ids are kept: a page of a long history makes as many steps as it shows. They are plain numbers, as
    ten thousand objects at once would wake the garbage collector.

    Attributes
    ----------
    undone
        How many are undone.
    since
        When the oldest was made, in seconds since 1970; None where there is none.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._batches: dict[int, list[int]] = {}  # by the last of its operations
        self.since: float | None = None
        out: list[int] = []
        standing: list[int] = []
        for entry in ledger:
            if entry.kind in BACK_AND_FORTH:
                continue
            if self.since is None or entry.at < self.since:
                self.since = entry.at
            if entry.batch is None:
                (out if entry.id in ledger.undone else standing).append(entry.id)
        for batch in ledger.batches.values():
            many = [number for number in batch if ledger.entry(number).kind not in BACK_AND_FORTH]
            if many:
                self._batches[many[-1]] = many
                (out if ledger.undone.issuperset(many) else standing).append(many[-1])
        self._lasts = sorted(out, reverse=True) + sorted(standing, reverse=True)
        self.undone = len(out)
        self.last = ledger.last

    def __len__(self) -> int:
        return len(self._lasts)

    @overload
    def __getitem__(self, place: int) -> Step: ...
    @overload
    def __getitem__(self, place: slice) -> list[Step]: ...
    def __getitem__(self, place: int | slice) -> Step | list[Step]:
        """Return a step, or a page of them."""
        if isinstance(place, slice):
            return [self[k] for k in range(*place.indices(len(self)))]
        last = self._lasts[place]
        numbers = self._batches.get(last, [last])
        entries = tuple(self._ledger.entry(number) for number in numbers)
        return Step(entries, self._ledger.undone.issuperset(numbers))

    def of(self, ledger: Ledger) -> bool:
        """Whether this is what a ledger says now."""
        return self._ledger is ledger and self.last == ledger.last


def timeline(c: Connection) -> Timeline:
    """Return the steps of the log."""
    ledger = Ledger.read(c)
    kept: Timeline | None = c.info.get(_KEPT)
    if kept is None or not kept.of(ledger):
        kept = c.info[_KEPT] = Timeline(ledger)
    return kept


def step_of(c: Connection, number: int) -> Step:
    """Return the step an operation belongs to.

    Raises
    ------
    NotFoundError
        When there is no such operation, or it is an undo or a redo, which is no step of its own.
    """
    for step in timeline(c):
        if any(entry.id == number for entry in step.entries):
            return step
    raise NotFoundError(f"there is no change {number} in the history; project.history lists all operations")


def turned_back_by(c: Connection, step: Step) -> list[int]:
    """Return the undo operations that hold a step undone, newest first; undoing them redoes it."""
    mine = {entry.id for entry in step.entries}
    newest = {
        entry.target: entry.id for entry in Ledger.read(c) if entry.kind == UNDO and entry.target in mine
    }
    return sorted(newest.values(), reverse=True)


def built_upon(c: Connection, step: Step) -> list[int]:
    """Return the later changes in force that set values of a step, newest first.

    None where all it set still stands. Undone alone, the step leaves the values they set.
    """
    own = _changes(c, step.entries)
    if all(delta.reverse(c)[1] is None for delta in own):
        return []
    ledger = Ledger.read(c)
    return [
        entry.id
        for entry in reversed(ledger)
        if entry.id > step.entries[0].id
        and entry.unit != step.last.unit
        and entry.kind not in BACK_AND_FORTH
        and entry.id not in ledger.undone
        and any(_meet(one, other) for other in _changes(c, [entry]) for one in own)
    ]


def _changes(c: Connection, entries: Iterable[Entry]) -> list[Delta]:
    found: list[Delta] = []
    for entry in entries:
        payload = c.execute(select(operation.c.payload).where(operation.c.id == entry.id)).scalar_one()
        found += deltas.unpack(bytes(payload))
    return found


def _meet(one: Delta, other: Delta) -> bool:
    """Whether two changes set the same value of the same image, or the same row."""
    if isinstance(one, TagDelta) and isinstance(other, TagDelta):
        return bool(np.isin(_cells(one), _cells(other)).any())
    if isinstance(one, CellDelta) and isinstance(other, CellDelta):
        return one.field == other.field and bool(np.isin(one.images, other.images).any())
    if isinstance(one, RecordDelta) and isinstance(other, RecordDelta):
        return (one.field, one.key) == (other.field, other.key)
    return False


def _cells(delta: TagDelta) -> NDArray[np.int64]:
    """Return one number for each image and tag decided about."""
    tags: Sequence[int] | NDArray[np.int64] = delta.after["tag"].astype(np.int64)
    cells: NDArray[np.int64] = (delta.images[delta.row] << 32) | tags
    return cells


def history(c: Connection) -> list[dict[str, Any]]:
    """Return every operation, newest first, and whether it is undone."""
    query = select(*(operation.c[name] for name in _COLUMNS)).order_by(operation.c.id.desc())
    undone = Ledger.read(c).undone
    return [_row(row, undone) for row in fetch(c, query)]


def history_of(c: Connection, image_id: int) -> list[dict[str, Any]]:
    """Return the operations that touched one image, newest first."""
    columns = (*(operation.c[name] for name in _COLUMNS), operation.c.payload)
    undone, wanted = Ledger.read(c).undone, np.int64(image_id)
    return [
        _row(row, undone)
        for *row, payload in fetch(c, select(*columns).order_by(operation.c.id.desc()))
        if packing.may_hold(payload, wanted)
        and any((delta.ids == wanted).any() for delta in deltas.unpack(bytes(payload)))
    ]


def _row(row: Sequence[Any], undone: set[int]) -> dict[str, Any]:
    number, at, author, kind, label, count, *rest = row
    values = (number, at, author, kind, label, count, number in undone, *rest)
    return dict(zip(HISTORY, values, strict=True))
