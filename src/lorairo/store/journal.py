"""Writing operations: the one place where rows of `operation` are made, and where batches are known."""

from __future__ import annotations

import contextlib
import hashlib
import time
import uuid
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Required, TypedDict, Unpack

import numpy as np
from sqlalchemy import func, insert, select

from lorairo.masking import masked, masked_values
from lorairo.store import changes, deltas, dialect
from lorairo.store.schema import image, operation
from lorairo.store.statements import fetch, fetch_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.store.conflicts import Conflicts
    from lorairo.store.database import Database
    from lorairo.store.deltas import Delta


_FEW = 5000
_HASHES = "lorairo.hashes"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a verb of the log did.

    Attributes
    ----------
    operation_id
        The operation, or None when nothing had to change.
    count
        Images changed.
    message
        As the toast and the history say it.
    conflicts
        Of an undo or redo: the values it left because they were changed since.
    """

    operation_id: int | None
    count: int
    message: str
    conflicts: Conflicts | None = None


class Told(TypedDict, total=False):
    """What every verb of the log may be told besides its own arguments.

    Attributes
    ----------
    author
        Who makes the change.
    query
        The search that chose the images.
    expression
        The view as Python, as a person types it: ``project.view("dog").head(20)``.
    label
        What the history says instead of the message.
    """

    author: Required[str]
    query: str | None
    expression: str | None
    label: str | None


@dataclass
class Batch:
    """Operations that are undone together."""

    label: str
    author: str
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))
    operations: list[int] = field(default_factory=list)

    @property
    def last_operation(self) -> int | None:
        """The newest operation of the batch, or None while there is none."""
        return self.operations[-1] if self.operations else None


_batches: ContextVar[tuple[tuple[Database, Batch], ...]] = ContextVar("lorairo.batches", default=())


@contextlib.contextmanager
def batch(db: Database, label: str, author: str) -> Iterator[Batch]:
    """Make the operations inside one step of undo; operations of other threads stay outside.

    Each is committed by itself: when the block fails, those before stay, and one undo takes them back. A
    batch inside a batch joins the outer one.
    """
    inside = current_batch(db)
    if inside is not None:
        yield inside
        return
    made = Batch(label, author)
    token = _batches.set((*_batches.get(), (db, made)))
    try:
        yield made
    finally:
        _batches.reset(token)


def current_batch(db: Database) -> Batch | None:
    """Return the batch this thread or task is in, if any."""
    return next((made for owner, made in _batches.get() if owner is db), None)


def next_operation(c: Connection) -> int:
    """Return the id of the next operation; the caller holds the write lock."""
    return int(c.execute(select(func.coalesce(func.max(operation.c.id), 0) + 1)).scalar_one())


def write_operation(
    c: Connection,
    *,
    author: str,
    kind: str,
    label: str,
    changed: Sequence[Delta],
    count: int,
    query: str | None = None,
    within: Batch | None = None,
    target: int | None = None,
    parameters: Mapping[str, Any] | None = None,
    expression: str | None = None,
    scope: NDArray[np.int64] | None = None,
) -> int:
    """Append one operation to the log.

    Parameters
    ----------
    parameters
        What the verb was given, by name; what JSON can hold.
    expression
        The view it was called on, as Python.
    scope
        Images of that view, sorted; None where a verb is about no images.
    """
    number = next_operation(c)
    touched = deltas.images_of(changed)
    hashed = digest(c, touched)
    with dialect.writer(c):
        c.execute(
            insert(operation).values(
                id=number,
                uuid=str(uuid.uuid4()),
                at=time.time(),
                author=author,
                kind=kind,
                label=masked(label),
                query=None if query is None else masked(query),
                count=count,
                digest=hashed,
                payload=deltas.pack(changed),
                batch=None if within is None else within.uuid,
                batch_label=None if within is None else masked(within.label),
                target_id=target,
                parameters=None if parameters is None else masked_values(dict(parameters)),
                expression=None if expression is None else masked(expression),
                scope_count=None if scope is None else len(scope),
                scope_digest=None
                if scope is None
                else hashed
                if np.array_equal(scope, touched)
                else digest(c, scope),
            )
        )
    if within is not None:
        changes.after_commit(c, lambda: within.operations.append(number))
    return number


def written(
    db: Database,
    c: Connection,
    changed: Sequence[Delta],
    count: int,
    *,
    kind: str,
    say: Callable[[int], str],
    parameters: Mapping[str, Any],
    scope: NDArray[np.int64] | None = None,
    **told: Unpack[Told],
) -> Outcome:
    """Append an operation of a verb, in the batch this thread is in, and say what it did."""
    message = masked(told.get("label") or say(count))
    number = write_operation(
        c,
        author=told["author"],
        kind=kind,
        label=message,
        changed=changed,
        count=count,
        query=told.get("query"),
        within=current_batch(db),
        parameters=parameters,
        expression=told.get("expression"),
        scope=scope,
    )
    return Outcome(number, count, message)


def digest(c: Connection, ids: NDArray[np.int64]) -> bytes:
    """Return the SHA-256 of the sorted content hashes of images: names a set without ids."""
    if len(ids) <= _FEW:
        rows = fetch_of(c, select(image.c.id, image.c.sha256), image.c.id, ids)
        return hashlib.sha256(b"".join(sorted(bytes(row[1]) for row in rows))).digest()
    numbers, hashes = _by_hash(c)
    wanted = np.zeros(max(int(ids[-1]), int(numbers.max(initial=0))) + 1, dtype=bool)
    wanted[ids] = True
    return hashlib.sha256(hashes[wanted[numbers]].tobytes()).digest()


def _by_hash(c: Connection) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Return all ids and hashes in the order of the hashes; kept, as an image never changes its hash."""
    signature = tuple(c.execute(select(func.count(), func.max(image.c.id)).select_from(image)).one())
    kept: tuple[Any, NDArray[np.int64], NDArray[np.uint8]] | None = c.info.get(_HASHES)
    if kept is None or kept[0] != signature:
        rows = fetch(c, select(image.c.id, image.c.sha256).order_by(image.c.sha256))
        hashes = np.frombuffer(b"".join([row[1] for row in rows]), dtype=np.uint8).reshape(-1, 32)
        kept = c.info[_HASHES] = (signature, np.array([row[0] for row in rows], dtype=np.int64), hashes)
    return kept[1], kept[2]
