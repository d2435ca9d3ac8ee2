"""What the log says is done, undone, and can be done again: followed once, then kept up to date."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from lorairo.errors import NotFoundError
from lorairo.store.schema import operation
from lorairo.store.statements import fetch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

UNDO, REDO, COMPACT = "undo", "redo", "compact"

BACK_AND_FORTH = frozenset({UNDO, REDO})
"""Operations that turn others back; they are no steps of their own."""

_KEPT = "lorairo.ledger"
_COLUMNS = ("id", "at", "author", "kind", "label", "count", "batch", "batch_label", "target_id")


class Entry(NamedTuple):
    """One row of the log, without its payload; `images` is how many it changed."""

    id: int
    at: float
    author: str
    kind: str
    label: str
    images: int
    batch: str | None
    batch_label: str | None
    target: int | None

    @property
    def unit(self) -> str:
        """What is undone together."""
        return self.batch or str(self.id)


@dataclass
class Ledger:
    """The log without its payloads, and what follows from it.

    Attributes
    ----------
    rows
        Plain rows by id, oldest first; `entry` makes them readable. A long history has ten thousand, and
        plain tuples of plain values cost the garbage collector nothing.
    ends
        Ids and uuids of the first and the last: another log does not have both.
    batches
        Operations by batch, oldest first.
    undone
        Operations that are not in force.
    redoable
        By author: undo operations by unit, newest last.
    """

    rows: dict[int, tuple[object, ...]] = field(default_factory=dict)
    ends: list[tuple[object, ...]] = field(default_factory=list)
    batches: dict[str, list[int]] = field(default_factory=dict)
    undone: set[int] = field(default_factory=set)
    redoable: dict[str, list[list[int]]] = field(default_factory=dict)

    @classmethod
    def read(cls, c: Connection) -> Ledger:
        """Follow the log to its end; what this connection followed before is kept, as the log only grows.

        Not so after a rollback of what was followed, or after a compaction.
        """
        kept: Ledger | None = c.info.get(_KEPT)
        ledger = kept if kept is not None and kept.is_of(c) else cls()
        query = select(*(operation.c[name] for name in _COLUMNS)).where(operation.c.id > ledger.last)
        new = fetch(c, query.order_by(operation.c.id))
        for row in new:
            ledger.rows[row[0]] = row
            ledger.follow(Entry._make(row))
        if new:
            ledger.ends = ledger.named(c)
        c.info[_KEPT] = ledger
        return ledger

    def __iter__(self) -> Iterator[Entry]:
        """Go through the log, oldest first."""
        return map(Entry._make, self.rows.values())

    def __reversed__(self) -> Iterator[Entry]:
        return map(Entry._make, reversed(self.rows.values()))

    def __contains__(self, number: int) -> bool:
        return number in self.rows

    def entry(self, number: int) -> Entry:
        """Return an operation.

        Raises
        ------
        NotFoundError
            When there is none of that number; the message says whether a compaction folded it.
        """
        if number in self.rows:
            return Entry._make(self.rows[number])
        first = next(iter(self), None)
        if first is not None and first.kind == COMPACT and 0 < number < first.id:
            raise NotFoundError(
                f"operation {number} cannot be undone any more: project.compact() folded it into "
                f"operation {first.id} ({first.label})"
            )
        raise NotFoundError(f"there is no operation {number}; project.history lists them")

    @property
    def last(self) -> int:
        """Id of the newest operation, 0 when there is none."""
        return next(reversed(self.rows), 0)

    def is_of(self, c: Connection) -> bool:
        """Whether this is how the log begins."""
        return self.ends == self.named(c)

    def named(self, c: Connection) -> list[tuple[object, ...]]:
        """Return id and uuid of the first operation in the log, and of the last one followed."""
        query = select(operation.c.id, operation.c.uuid)
        first = fetch(c, query.order_by(operation.c.id).limit(1)) if self.rows else []
        return first + fetch(c, query.where(operation.c.id == self.last))

    def follow(self, entry: Entry) -> None:
        """Take the next operation into account."""
        if entry.batch is not None:
            self.batches.setdefault(entry.batch, []).append(entry.id)
        if entry.kind == UNDO and entry.target is not None:
            if self.entry(entry.target).kind == COMPACT:  # what it took back is not told apart any more
                return
            self.undone.add(entry.target)
            stack = self.redoable.setdefault(entry.author, [])
            if stack and self.entry(stack[-1][-1]).unit == entry.unit:
                stack[-1].append(entry.id)
            else:
                stack.append([entry.id])
        elif entry.kind == REDO and entry.target is not None:
            taken_back = self.entry(entry.target).target
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
        for entry in reversed(self):
            plain = entry.kind not in {UNDO, REDO, COMPACT} and entry.id not in self.undone
            if plain and author in {None, entry.author}:
                return self.whole(entry)
        return []

    def whole(self, entry: Entry) -> list[Entry]:
        """Return what is undone together with an operation, newest first."""
        if entry.batch is None:
            return [entry]
        way = entry.kind if entry.kind in BACK_AND_FORTH else None  # edits of any kind make one step
        many = (self.entry(number) for number in reversed(self.batches[entry.batch]))
        return [
            other
            for other in many
            if (other.kind if other.kind in BACK_AND_FORTH else None) == way and other.id not in self.undone
        ]

    def to_redo(self, author: str | None) -> list[Entry]:
        """Return the undo operations the next redo takes back, newest first."""
        stacks = self.redoable.values() if author is None else [self.redoable.get(author, [])]
        tops = [stack[-1] for stack in stacks if stack]
        newest = max(tops, key=lambda unit: unit[-1], default=[])
        return [self.entry(number) for number in reversed(newest)]

    def named_by(self, number: int) -> list[Entry]:
        """Return what is turned back by naming one operation, newest first.

        Raises
        ------
        NotFoundError
            When there is no such operation, it is not in force, or a compaction folded it.
        """
        entry = self.entry(number)
        if entry.kind == REDO and entry.target is not None:  # a redo stands for what it did again
            entry = self.entry(self.entry(entry.target).target or number)
        if COMPACT in {entry.kind, self._kind(entry.target)}:
            raise NotFoundError(
                f"operation {number} cannot be turned back: project.compact() folded what was before it"
            )
        if entry.kind == UNDO:
            if not self._holds(entry):
                raise NotFoundError(
                    f"operation {number} is not in force any more; project.history shows what is"
                )
            return [entry]
        if entry.id in self.undone:
            raise NotFoundError(f"operation {number} is undone already; project.redo() does it again")
        return self.whole(entry)

    def _kind(self, number: int | None) -> str | None:
        return None if number is None else self.entry(number).kind

    def _holds(self, undo: Entry) -> bool:
        """Whether an undo is the one that holds its operation undone, or can be redone."""
        if any(undo.id in unit for stack in self.redoable.values() for unit in stack):
            return True
        later = (other for other in reversed(self) if other.id > undo.id)
        again = any(other.kind == UNDO and other.target == undo.target for other in later)
        return undo.target in self.undone and not again
