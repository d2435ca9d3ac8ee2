"""The folder of a project: the drive it is on, the space left, how its database is kept."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING, Final

from lorairo.checkup.report import Row
from lorairo.store import dialect, volumes
from lorairo.store.database import FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LITTLE: Final = 2**30  # bytes; an import of a few thousand pictures needs some hundred megabytes
_JOURNALS: Final = {
    "wal": "write-ahead log: reading and writing at the same time",
    "delete": "rollback journal: safe on network drives, slower",
}


def look(folder: Path, *, project: bool) -> Iterator[Row]:
    """Look at a folder.

    Parameters
    ----------
    folder
        Of a project, or where one would be made.
    project
        Whether one is to be there already.
    """
    there = next((each for each in (folder, *folder.parents) if each.is_dir()), folder)
    kind = volumes.kind_of(there)
    part = "project" if project else "folder"
    writable = os.access(there, os.W_OK)
    if project and not (folder / FILE_NAME).is_file():
        yield Row(part, "problem", f"{folder} holds none", f'lr.open_project("{folder}") makes one')
    elif not writable:
        yield Row(
            part, "problem", f"{folder} cannot be written", "check who may write it; it opens read-only"
        )
    else:
        yield Row(part, "ok", str(folder))
    yield from _space(there)
    if volumes.holds_wal(there):
        yield Row("drive", "ok", f"{kind}, local")
    else:
        yield Row("drive", "ok", f"{kind}, a network or user-space drive: slower, and safe")
    if project and (folder / FILE_NAME).is_file():
        yield _journal(folder / FILE_NAME)


def _space(folder: Path) -> Iterator[Row]:
    try:
        usage = shutil.disk_usage(folder)
    except OSError as error:
        yield Row("disk", "problem", f"{folder}: {error.strerror or error}", "check that its drive is there")
        return
    found = f"{usage.free / 2**30:,.1f} GB free of {usage.total / 2**30:,.1f} GB"
    if usage.free < _LITTLE:
        yield Row("disk", "problem", found, "free some space, or keep the project on another drive")
    else:
        yield Row("disk", "ok", found)


def _journal(path: Path) -> Row:
    try:
        with contextlib.closing(dialect.connect(path, dialect.reading_mode(path))) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # a damaged file says so here
            (journal,) = connection.execute("PRAGMA journal_mode").fetchone()
    except dialect.ERRORS as error:
        return Row(
            "database",
            "problem",
            str(dialect.explained(error, path)),
            f"the newest copies are in {path.parent / 'backups'}",
        )
    return Row("database", "ok", _JOURNALS.get(str(journal), str(journal)))
