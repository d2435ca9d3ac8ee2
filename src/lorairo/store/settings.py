"""Settings of the interface, per project, outside the log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from lorairo.masking import masked_values
from lorairo.store import commits, dialect
from lorairo.store.schema import setting
from lorairo.store.statements import bulk

if TYPE_CHECKING:
    from sqlalchemy import Connection


def get(c: Connection, key: str, default: Any = None) -> Any:
    """Return a setting."""
    row = c.execute(select(setting.c.value).where(setting.c.key == key)).one_or_none()
    return default if row is None else row[0]


def put(c: Connection, key: str, value: Any) -> None:
    """Keep a setting: anything JSON has."""
    text = json.dumps(masked_values(value))
    with commits.aside(c):
        bulk(c, dialect.upsert(setting, ("key",)), ["key", "value"], [(key, text)])


def everything(c: Connection) -> dict[str, Any]:
    """Return all settings."""
    return {row.key: row.value for row in c.execute(select(setting.c.key, setting.c.value))}
