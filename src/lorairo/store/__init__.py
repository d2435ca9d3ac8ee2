"""The project's database: schema, migrations, the operation log, evidence, thumbnails. All SQL lives here."""

from __future__ import annotations

from lorairo.store import catalog, columns, evidence, exports, jobs, log, settings, state
from lorairo.store.changes import Change
from lorairo.store.database import Database
from lorairo.store.log import Batch, Outcome
from lorairo.store.summary import summary
from lorairo.store.thumbnails import ThumbnailCache

__all__ = [
    "Batch",
    "Change",
    "Database",
    "Outcome",
    "ThumbnailCache",
    "catalog",
    "columns",
    "evidence",
    "exports",
    "jobs",
    "log",
    "settings",
    "state",
    "summary",
]
