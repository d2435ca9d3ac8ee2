"""The log as a person reads it: steps of undo, those undone apart, and what builds upon an older one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sqlalchemy import select

from lorairo.errors import NotFoundError
from lorairo.store import deltas
from lorairo.store.deltas import CellDelta, RecordDelta, TagDelta
from lorairo.store.schema import operation
from lorairo.store.undo import REDO, UNDO, Entry, Ledger

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.store.deltas import Delta

_KEPT = "lorairo.timeline"
_BACK_AND_FORTH = frozenset({UNDO, REDO})


class Step(NamedTuple):  # cheap to make: a long history has ten thousand
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
            return self.last.count
        return len(self.images(c)) or max(entry.count for entry in self.entries)


def timeline(c: Connection) -> list[Step]:
    """Return every step: those undone, newest first, then those in force, newest first."""
    ledger = Ledger.read(c)
    kept: tuple[Ledger, int, list[Step]] | None = c.info.get(_KEPT)
    if kept is not None and kept[0] is ledger and kept[1] == ledger.last:
        return kept[2]
    steps = _steps(ledger)
    c.info[_KEPT] = (ledger, ledger.last, steps)
    return steps


def _steps(ledger: Ledger) -> list[Step]:
    batches: dict[str, list[Entry]] = {}
    undone, steps = ledger.undone, []
    for entry in ledger.entries.values():
        if entry.kind in _BACK_AND_FORTH:
            continue
        if entry.batch is None:
            steps.append(Step((entry,), entry.id in undone))
        else:
            batches.setdefault(entry.batch, []).append(entry)
    steps += [Step(tuple(many), all(one.id in undone for one in many)) for many in batches.values()]
    steps.sort(key=lambda step: (step.undone, step.entries[-1].id), reverse=True)
    return steps


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
        entry.target: entry.id
        for entry in Ledger.read(c).entries.values()
        if entry.kind == UNDO and entry.target in mine
    }
    return sorted(newest.values(), reverse=True)


def built_upon(c: Connection, step: Step) -> list[int]:
    """Return the later changes in force that set values of a step, newest first.

    None where all it set still stands. Undone alone, the step leaves the values they set.
    """
    own = _changes(c, step.entries)
    if not any(_overtaken(c, delta) for delta in own):
        return []
    ledger = Ledger.read(c)
    return [
        entry.id
        for entry in reversed(ledger.entries.values())
        if entry.id > step.entries[0].id
        and entry.unit != step.last.unit
        and entry.kind not in _BACK_AND_FORTH
        and entry.id not in ledger.undone
        and any(_meet(one, other) for other in _changes(c, [entry]) for one in own)
    ]


def _changes(c: Connection, entries: Iterable[Entry]) -> list[Delta]:
    found: list[Delta] = []
    for entry in entries:
        payload = c.execute(select(operation.c.payload).where(operation.c.id == entry.id)).scalar_one()
        found += deltas.unpack(bytes(payload))
    return found


def _overtaken(c: Connection, delta: Delta) -> bool:
    back, kept = delta.reverse(c)
    return back is None or len(kept) > 0


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
