"""What a list of projects shows, without opening each."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from lorairo.store import dialect
from lorairo.store.database import FILE_NAME
from lorairo.store.schema import image

if TYPE_CHECKING:
    from pathlib import Path


def summary(folder: Path) -> dict[str, Any]:
    """Return images (None when the database cannot be read), bytes on disk, and when it changed last."""
    path = folder / FILE_NAME
    files = [path.with_name(path.name + suffix) for suffix in ("", "-wal")]
    changed = max((file.stat().st_mtime for file in files if file.is_file()), default=None)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    engine = dialect.engine(path, "ro", writer=False)
    try:
        with engine.connect() as connection:
            count = int(connection.execute(select(func.count()).select_from(image)).scalar_one())
    except (DBAPIError, sqlite3.Error):  # a damaged project stays in the list, without a count
        return {"images": None, "bytes": size, "changed": changed}
    finally:
        engine.dispose()
    return {"images": count, "bytes": size, "changed": changed}
