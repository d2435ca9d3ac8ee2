"""Curated state anew from evidence and log: proof that the log holds everything, and repair of lost state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from lorairo.store import changes, deltas, dialect, state
from lorairo.store import schema as tables
from lorairo.store.statements import bulk, fetch

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lorairo.store.database import Database


def fold_log(c: Connection) -> int:
    """Empty the curated tables and apply every operation again; return how many.

    Undo and redo are operations like others: their payload is what they really turned back.
    """
    with dialect.writer(c):
        for table in reversed(tables.CURATED):
            c.execute(delete(table))
        blank = [(number, b"", b"", b"", 0, False, None, False) for number in state.all_ids(c).tolist()]
        columns = ["image_id", "base", "decisions", "tags", "stars", "excluded", "reason", "reviewed"]
        bulk(c, insert(tables.state), columns, blank)
    numbers = [row[0] for row in fetch(c, select(tables.operation.c.id).order_by(tables.operation.c.id))]
    for number in numbers:
        query = select(tables.operation.c.payload).where(tables.operation.c.id == number)
        for delta in deltas.unpack(bytes(c.execute(query).scalar_one())):
            delta.apply(c)
    state.refresh(c)
    changes.announce(c, changes.Change(changes.ALL_KINDS))
    return len(numbers)


def refold(db: Database) -> int:
    """Rebuild curated state in one transaction; return how many operations were applied."""
    with db.write() as c:
        return fold_log(c)
