"""Undo and redo: operations that turn back operations, found in the log itself, so they survive a restart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select

from lorairo.errors import NotFoundError
from lorairo.store import deltas
from lorairo.store.journal import Batch, Outcome, current_batch, write_operation
from lorairo.store.schema import operation
from lorairo.store.statements import as_ids, fetch

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.store.database import Database
    from lorairo.store.deltas import Delta

UNDO, REDO = "undo", "redo"

_KEPT = "lorairo.ledger"
_COLUMNS = (
    "id",
    "at",
    "author",
    "kind",
    "label",
    "count",
    "query",
    "batch",
    "batch_label",
    "target_id",
    "uuid",
)


@dataclass(frozen=True)
class Entry:
    """One row of the log, without its payload."""

    id: int
    at: float
    author: str
    kind: str
    label: str
    count: int
    query: str | None
    batch: str | None
    batch_label: str | None
    target: int | None
    uuid: str

    @property
    def unit(self) -> str:
        """What is undone together."""
        return self.batch or str(self.id)


@dataclass
class Ledger:
    """What the log says is done, undone, and can be done again."""

    entries: dict[int, Entry] = field(default_factory=dict)
    undone: set[int] = field(default_factory=set)
    redoable: dict[str, list[list[int]]] = field(
        default_factory=dict
    )  # by author: undo operations by unit, newest last

    @classmethod
    def read(cls, c: Connection) -> Ledger:
        """Follow the log to its end; what this connection followed before is kept, as the log only grows."""
        kept: Ledger | None = c.info.get(_KEPT)
        ledger = kept if kept is not None and kept.is_of(c) else cls()
        query = select(*(operation.c[name] for name in _COLUMNS)).where(operation.c.id > ledger.last)
        for row in fetch(c, query.order_by(operation.c.id)):
            ledger.follow(Entry(*row))
        c.info[_KEPT] = ledger
        return ledger

    @property
    def last(self) -> int:
        """Id of the newest operation, 0 when there is none."""
        return next(reversed(self.entries), 0)

    def is_of(self, c: Connection) -> bool:
        """Whether this is how the log begins; not so after a rollback of what was followed."""
        if not self.entries:
            return True
        last = self.entries[self.last]
        return bool(
            c.execute(select(operation.c.uuid).where(operation.c.id == last.id)).scalar() == last.uuid
        )

    def follow(self, entry: Entry) -> None:
        """Take the next operation into account."""
        self.entries[entry.id] = entry
        if entry.kind == UNDO and entry.target is not None:
            self.undone.add(entry.target)
            stack = self.redoable.setdefault(entry.author, [])
            if stack and self.entries[stack[-1][-1]].unit == entry.unit:
                stack[-1].append(entry.id)
            else:
                stack.append([entry.id])
        elif entry.kind == REDO and entry.target is not None:
            taken_back = self.entries[entry.target].target
            if taken_back is not None:
                self.undone.discard(taken_back)
            self._spend(entry.target)
        else:
            self.redoable.pop(entry.author, None)  # a new edit: what was undone before it stays undone

    def _spend(self, number: int) -> None:
        for stack in self.redoable.values():
            for unit in stack:
                if number in unit:
                    unit.remove(number)
            stack[:] = [unit for unit in stack if unit]

    def to_undo(self, author: str | None) -> list[Entry]:
        """Return what the next undo takes back, newest first; of anybody when the author is None."""
        for entry in reversed(self.entries.values()):
            plain = entry.kind not in {UNDO, REDO} and entry.id not in self.undone
            if plain and author in {None, entry.author}:
                return self.whole(entry)
        return []

    def whole(self, entry: Entry) -> list[Entry]:
        """Return what is undone together with an operation, newest first."""
        way = entry.kind if entry.kind in {UNDO, REDO} else None  # edits of any kind make one step
        return [
            other
            for other in reversed(self.entries.values())
            if other.unit == entry.unit
            and (other.kind if other.kind in {UNDO, REDO} else None) == way
            and other.id not in self.undone
        ]

    def to_redo(self, author: str | None) -> list[Entry]:
        """Return the undo operations the next redo takes back, newest first."""
        stacks = self.redoable.values() if author is None else [self.redoable.get(author, [])]
        tops = [stack[-1] for stack in stacks if stack]
        newest = max(tops, key=lambda unit: unit[-1], default=[])
        return [self.entries[number] for number in reversed(newest)]


def undo(db: Database, *, author: str, operation_id: int | None = None, anyone: bool = False) -> Outcome:
    """Turn back the last operation of an author, or a named one; a batch as a whole.

    What was changed since keeps its newer value and is counted in the message. Undoing an undo is a redo.

    Raises
    ------
    NotFoundError
        When there is no such operation, or it is undone already.
    """
    with db.write() as c:
        ledger = Ledger.read(c)
        if operation_id is None:
            found = ledger.to_undo(None if anyone else author)
            if not found:
                return Outcome(None, 0, "Nothing to undo")
        else:
            found = _named(ledger, operation_id)
        if found[0].kind == UNDO:
            return _turn_back(db, c, ledger, found, author=author, kind=REDO)
        return _turn_back(db, c, ledger, found, author=author, kind=UNDO)


def _named(ledger: Ledger, number: int) -> list[Entry]:
    entry = ledger.entries.get(number)
    if entry is None:
        raise NotFoundError(f"there is no operation {number}; project.history lists them")
    if entry.kind == REDO and entry.target is not None:  # a redo stands for what it did again
        entry = ledger.entries[ledger.entries[entry.target].target or number]
    if entry.kind == UNDO:
        open_undos = {one for stack in ledger.redoable.values() for unit in stack for one in unit}
        still = entry.target in ledger.undone and all(
            other.target != entry.target or other.id <= entry.id
            for other in ledger.entries.values()
            if other.kind == UNDO
        )
        if not still and entry.id not in open_undos:
            raise NotFoundError(f"operation {number} is not in force any more; project.history shows what is")
        return [entry]
    if entry.id in ledger.undone:
        raise NotFoundError(f"operation {number} is undone already; project.redo() does it again")
    return ledger.whole(entry)


def redo(db: Database, *, author: str, anyone: bool = False) -> Outcome:
    """Do again what the author undid last, unless they made a new edit since."""
    with db.write() as c:
        ledger = Ledger.read(c)
        found = ledger.to_redo(None if anyone else author)
        if not found:
            return Outcome(None, 0, "Nothing to redo")
        return _turn_back(db, c, ledger, found, author=author, kind=REDO)


def _turn_back(
    db: Database, c: Connection, ledger: Ledger, found: list[Entry], *, author: str, kind: str
) -> Outcome:
    """Reverse operations, newest first, each by an operation of its own."""
    shared = found[0].batch_label
    within = current_batch(db)
    if within is None and len(found) > 1:
        within = Batch(shared or found[0].label, author)
    number = None
    changed: list[NDArray[np.int64]] = []
    kept: list[NDArray[np.int64]] = []
    others = 0
    for entry in found:
        done, conflicts, count = _reverse(c, entry.id)
        changed.append(deltas.images_of(done))
        kept.append(conflicts)
        others += count
        label = _label(kind, _original(ledger, entry).label)
        number = write_operation(
            c,
            author=author,
            kind=kind,
            label=label,
            changed=done,
            count=count,
            within=within,
            target=entry.id,
        )
    images = as_ids(np.concatenate(changed))
    stayed = np.setdiff1d(as_ids(np.concatenate(kept)), images)
    original = _original(ledger, found[0])
    message = _label(kind, original.batch_label or original.label) + _kept(len(stayed))
    return Outcome(number, max(len(images), others if not len(images) else 0), message)


def _reverse(c: Connection, number: int) -> tuple[list[Delta], NDArray[np.int64], int]:
    payload = c.execute(select(operation.c.payload).where(operation.c.id == number)).scalar_one()
    done: list[Delta] = []
    kept: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
    count = 0
    for delta in reversed(deltas.unpack(bytes(payload))):
        back, conflicts = delta.reverse(c)
        kept.append(conflicts)
        if back is not None:
            count = max(count, back.apply(c))
            done.append(back)
    return done, as_ids(np.concatenate(kept)), count


def _original(ledger: Ledger, entry: Entry) -> Entry:
    while entry.target is not None:
        entry = ledger.entries[entry.target]
    return entry


def _label(kind: str, label: str) -> str:
    # "Tagged 40 images" reads on in lower case; a name such as "GPT captions" keeps its capitals.
    if label[:1].isupper() and not label[1:2].isupper():
        label = label[0].lower() + label[1:]
    return f"{'Undone' if kind == UNDO else 'Redone'}: {label}"


def _kept(count: int) -> str:
    if not count:
        return ""
    return f"; {count:,} {'image' if count == 1 else 'images'} changed since and kept"


def next_undo(c: Connection, author: str) -> str | None:
    """Say what undo would take back, or None."""
    found = Ledger.read(c).to_undo(author)
    return (found[0].batch_label or found[0].label) if found else None


def next_redo(c: Connection, author: str) -> str | None:
    """Say what redo would do again, or None."""
    ledger = Ledger.read(c)
    found = ledger.to_redo(author)
    if not found:
        return None
    original = _original(ledger, found[0])
    return original.batch_label or original.label


def history(c: Connection) -> list[dict[str, Any]]:
    """Return every operation, newest first, and whether it is undone."""
    ledger = Ledger.read(c)
    return [_row(ledger, entry) for entry in reversed(ledger.entries.values())]


def history_of(c: Connection, image_id: int) -> list[dict[str, Any]]:
    """Return the operations that touched one image, newest first."""
    ledger = Ledger.read(c)
    found = []
    for number, payload in fetch(
        c, select(operation.c.id, operation.c.payload).order_by(operation.c.id.desc())
    ):
        if any(np.isin(image_id, delta.ids) for delta in deltas.unpack(bytes(payload))):
            found.append(_row(ledger, ledger.entries[number]))
    return found


def _row(ledger: Ledger, entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": entry.at,
        "author": entry.author,
        "kind": entry.kind,
        "label": entry.label,
        "count": entry.count,
        "undone": entry.id in ledger.undone,
        "batch": entry.batch,
        "batch_label": entry.batch_label,
        "target": entry.target,
        "query": entry.query,
    }
