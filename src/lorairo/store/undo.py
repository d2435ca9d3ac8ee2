"""Undo and redo: operations that turn back operations, found in the log itself, so they survive a restart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select

from lorairo.store import deltas
from lorairo.store.conflicts import Conflicts, Left
from lorairo.store.deltas import RecordDelta
from lorairo.store.journal import Batch, Outcome, current_batch, write_operation
from lorairo.store.ledger import REDO, UNDO, Entry, Ledger
from lorairo.store.schema import operation

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.store.database import Database
    from lorairo.store.deltas import Delta


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
            found = ledger.named_by(operation_id)
        if found[0].kind == UNDO:
            return _turn_back(db, c, ledger, found, author=author, kind=REDO)
        return _turn_back(db, c, ledger, found, author=author, kind=UNDO)


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
    done: list[Delta] = []
    left: list[Left] = []
    others = 0
    for entry in found:
        changed, kept, count = _reverse(c, entry.id)
        done += changed
        others += count
        label = _label(kind, _original(ledger, entry).label)
        number = write_operation(
            c,
            author=author,
            kind=kind,
            label=label,
            changed=changed,
            count=count,
            within=within,
            target=entry.id,
        )
        left.append(Left(entry.id, number, kept))
    images = deltas.images_of(done)
    original = _original(ledger, found[0])
    message = _label(kind, original.batch_label or original.label) + _kept(left, images)
    count = max(len(images), others if not len(images) else 0)
    return Outcome(number, count, message, Conflicts(db, left) if any(one.kept for one in left) else None)


def _reverse(c: Connection, number: int) -> tuple[list[Delta], list[Delta], int]:
    payload = c.execute(select(operation.c.payload).where(operation.c.id == number)).scalar_one()
    done: list[Delta] = []
    left: list[Delta] = []
    count = 0
    for delta in reversed(deltas.unpack(bytes(payload))):
        back, kept = delta.reverse(c)
        if kept is not None:
            left.append(kept)
        if back is not None:
            count = max(count, back.apply(c))
            done.append(back)
    return done, left, count


def _original(ledger: Ledger, entry: Entry) -> Entry:
    while entry.target is not None:
        entry = ledger.entry(entry.target)
    return entry


def _label(kind: str, label: str) -> str:
    # "Tagged 40 images" reads on in lower case; a name such as "GPT captions" keeps its capitals.
    if label[:1].isupper() and not label[1:2].isupper():
        label = label[0].lower() + label[1:]
    return f"{'Undone' if kind == UNDO else 'Redone'}: {label}"


def _kept(left: list[Left], changed: NDArray[np.int64]) -> str:
    kept = [delta for entry in left for delta in entry.kept]
    count = len(np.setdiff1d(deltas.images_of(kept), changed))
    if count:
        return f"; {count:,} {'image' if count == 1 else 'images'} changed since and kept"
    records = [f"{delta.field} {delta.key}" for delta in kept if isinstance(delta, RecordDelta)]
    return f"; {', '.join(dict.fromkeys(records))} changed since and kept" if records else ""


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
