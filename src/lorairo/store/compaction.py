"""Bounding the log: its oldest operations become one, which holds what they did together.

State stays the fold of the log. What is folded cannot be undone any more, so a copy of the database is made
before, and the operation says since when undo reaches back.
"""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, null, select, update

from lorairo.errors import ArgumentError, StoreError
from lorairo.store import backups, changes, deltas, dialect, journal
from lorairo.store.ledger import COMPACT, Ledger
from lorairo.store.neteffect import NetEffect
from lorairo.store.schema import operation

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from lorairo.store.database import Database
    from lorairo.store.ledger import Entry

_DAY = 86_400.0
_COUNT = "operations"  # parameter: how many are folded, by this compaction and earlier ones
_NONE = ("query", "batch", "batch_label", "target_id", "expression", "scope_count", "scope_digest")


class Compaction(NamedTuple):
    """What a compaction did.

    Attributes
    ----------
    operation_id
        The operation that stands for those folded, or None when there was nothing to fold.
    operations
        How many were folded by this call.
    bytes
        How much smaller the file is.
    backup
        The copy made before.
    message
        What to say.
    """

    operation_id: int | None
    operations: int
    bytes: int
    backup: Path | None
    message: str

    def __repr__(self) -> str:
        return self.message


def compact(db: Database, *, keep: int, days: float, author: str) -> Compaction:
    """Fold the operations that are neither among the newest nor young into one, and shrink the file.

    Parameters
    ----------
    keep
        How many of the newest operations stay.
    days
        How old an operation must be.

    Raises
    ------
    ArgumentError
        When one of them is no number from 0.
    """
    for name, given, kind in (("keep", keep, int), ("days", days, int | float)):
        if not isinstance(given, kind) or isinstance(given, bool) or not given >= 0:
            raise ArgumentError(f"{name} is a {'whole ' if kind is int else ''}number from 0, not {given!r}")
    before = time.time() - days * _DAY
    with db.read() as c:
        if not _oldest(c, keep, before):
            return Compaction(None, 0, 0, None, "Nothing to compact")
    copy = backups.before(db.path, "compact", keep=backups.KEEP)
    with db.write() as c:
        folded = _oldest(c, keep, before)
        if not folded:  # another process was faster
            return Compaction(None, 0, 0, None, "Nothing to compact")
        _fold(c, folded, author)
        changes.tell(c, ())  # nothing but the history is another
    try:
        freed, still = db.shrink(), ""
    except StoreError as error:  # the log is bounded all the same
        freed, still = 0, f", as it could not be written anew ({error})"
    count = len(folded)
    message = f"Compacted {count:,} operations into one; the file is {freed / 1e6:,.1f} MB smaller{still}"
    return Compaction(folded[-1].id, count, freed, copy, message)


def _oldest(c: Connection, keep: int, before: float) -> list[Entry]:
    """Return the operations to fold: a beginning of the log that cuts no batch in two; none if it is one."""
    entries = list(Ledger.read(c))
    stop = 0
    for entry in entries[: max(0, len(entries) - keep)]:
        if entry.at >= before:
            break
        stop += 1
    newest = {entry.batch: k for k, entry in enumerate(entries) if entry.batch is not None}
    spans = [(k, newest[entry.batch]) for k, entry in enumerate(entries) if entry.batch is not None]
    for first, last in reversed(spans):
        if first < stop <= last:
            stop = first
    return entries[:stop] if stop > 1 else []


def _fold(c: Connection, folded: list[Entry], author: str) -> None:
    """Put one operation in the place of the last of them, and drop the others."""
    net, count = NetEffect(), 0
    for entry in folded:
        query = select(operation.c.payload, operation.c.parameters).where(operation.c.id == entry.id)
        payload, parameters = c.execute(query).one()
        net.add(deltas.unpack(bytes(payload)))
        count += (parameters or {}).get(_COUNT, 1) if entry.kind == COMPACT else 1
    last = folded[-1]
    label = f"Everything until {datetime.fromtimestamp(last.at, UTC).date()}: {count:,} operations"
    changed = net.deltas()
    touched = deltas.images_of(changed)
    made = {
        **dict.fromkeys(_NONE, null()),
        "uuid": str(uuid.uuid4()),
        "author": author,
        "kind": COMPACT,
        "label": label,
        "count": len(touched),
        "digest": journal.digest(c, touched),
        "payload": deltas.pack(changed),
        "parameters": {_COUNT: count},
    }
    later = (operation.c.id > last.id, operation.c.target_id < last.id)
    with dialect.writer(c):
        # Later undo and redo operations name the one that stands for what they turned back.
        c.execute(update(operation).where(*later).values(target_id=last.id))
        c.execute(update(operation).where(operation.c.id == last.id).values(made))
        c.execute(delete(operation).where(operation.c.id < last.id))
