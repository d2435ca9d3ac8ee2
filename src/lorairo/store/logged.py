"""The log with what each operation was asked, for whoever writes it down as calls."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from lorairo.store import deltas
from lorairo.store.schema import operation
from lorairo.store.statements import fetch

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lorairo.store.deltas import Delta


@dataclass(frozen=True, slots=True)
class Logged:
    """One operation: who, when, what, asked how, on how many images; without what it changed."""

    id: int
    at: float
    author: str
    kind: str
    label: str
    batch: str | None
    batch_label: str | None
    target: int | None
    parameters: dict[str, Any] | None
    expression: str | None
    scope_count: int | None
    scope_digest: bytes | None


_NAMES = tuple(part.name for part in fields(Logged))


def logged(c: Connection) -> list[Logged]:
    """Return every operation, oldest first."""
    columns = (operation.c["target_id" if name == "target" else name] for name in _NAMES)
    query = select(*columns).order_by(operation.c.id)
    rows = (dict(zip(_NAMES, row, strict=True)) for row in fetch(c, query))
    return [Logged(**{**row, "parameters": json.loads(row["parameters"] or "null")}) for row in rows]


def changes_of(c: Connection, number: int) -> list[Delta]:
    """Return what one operation changed."""
    payload = c.execute(select(operation.c.payload).where(operation.c.id == number)).scalar_one()
    return deltas.unpack(bytes(payload))


def newest(c: Connection) -> int:
    """Return the id of the newest operation, 0 where there is none."""
    query = select(operation.c.id).order_by(operation.c.id.desc()).limit(1)
    return int(c.execute(query).scalar() or 0)
