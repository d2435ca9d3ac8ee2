"""What was exported where."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from lorairo.masking import masked_values
from lorairo.store import commits
from lorairo.store.schema import export

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


def record_export(
    c: Connection,
    *,
    author: str,
    exporter: str,
    path: str,
    query: str | None,
    count: int,
    manifest_sha256: bytes,
    settings: Mapping[str, Any],
) -> None:
    """Remember an export that was written."""
    row: dict[str, Any] = {
        "author": author,
        "exporter": exporter,
        "path": path,
        "query": query,
        "count": count,
    }
    row |= {"at": time.time(), "manifest_sha256": manifest_sha256, "settings": masked_values(dict(settings))}
    with commits.aside(c):
        c.execute(insert(export).values(**row))


def list_exports(c: Connection) -> list[dict[str, Any]]:
    """Return every export, newest first."""
    rows = c.execute(select(export).order_by(export.c.id.desc())).mappings()
    return [{**row, "manifest_sha256": bytes(row["manifest_sha256"]).hex()} for row in rows]
