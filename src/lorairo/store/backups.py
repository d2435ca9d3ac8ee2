"""Copies of the database: on request, before what cannot be undone, and once a day."""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lorairo.log import logger
from lorairo.store import dialect

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "backups"
KEEP = 5
DAY = 86_400.0


def backup(source: Path, target: Path) -> Path:
    """Copy a database that may be in use; the target appears only when it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    partial.unlink(missing_ok=True)
    try:
        dialect.copy(source, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def before(source: Path, what: str, *, keep: int | None = None) -> Path:
    """Copy a database before something that no undo takes back.

    Parameters
    ----------
    what
        Becomes part of the file's name.
    keep
        How many copies of this kind stay; None for all.
    """
    folder = source.parent / FOLDER
    made = backup(source, folder / f"{source.stem}-{_stamp()}-before-{what}.db")
    if keep is not None:
        _prune(folder, f"{source.stem}-*-before-{what}.db", keep)
    return made


def before_migration(source: Path, revision: str) -> Path:
    """Copy a database before its schema changes; these copies are never removed."""
    return before(source, revision)


def daily(source: Path, *, keep: int = KEEP, interval: float = DAY) -> Path | None:
    """Copy a database unless a copy is younger than the interval; keep the newest few.

    Parameters
    ----------
    keep
        How many daily copies stay.
    interval
        Seconds between two copies.

    Returns
    -------
    Path or None
        The copy, or None when there is a young one, or nothing changed since.
    """
    folder = source.parent / FOLDER
    copies = _copies(folder, source.stem)
    if copies:
        newest = copies[-1].stat().st_mtime
        if time.time() - newest < interval or newest > _changed(source):
            return None
    made = backup(source, folder / f"{source.stem}-{_stamp()}.daily.db")
    _prune(folder, f"{source.stem}-*.daily.db", keep)
    return made


def _prune(folder: Path, pattern: str, keep: int) -> None:
    """Remove all but the newest copies, and what a killed kernel left of one."""
    for old in sorted(folder.glob(pattern))[:-keep]:
        old.unlink(missing_ok=True)
    for partial in folder.glob(".*.part"):
        if time.time() - partial.stat().st_mtime > DAY:
            partial.unlink(missing_ok=True)


def in_background(source: Path) -> threading.Thread:
    """Make the daily copy without holding up whoever opens the project."""

    def run() -> None:
        try:
            daily(source)
        except Exception:  # noqa: BLE001 - a full disk must not keep a project from opening; it is logged
            logger.exception("the daily backup of {} failed", source)

    thread = threading.Thread(target=run, name="lorairo-backup", daemon=True)
    thread.start()
    return thread


def _changed(source: Path) -> float:
    files = (source, source.with_name(source.name + "-wal"))
    return max(file.stat().st_mtime for file in files if file.is_file())


def _copies(folder: Path, stem: str) -> list[Path]:
    return sorted(folder.glob(f"{stem}-*.daily.db"))


def _stamp() -> str:
    return datetime.now(tz=UTC).strftime("%Y%m%dT%H%M%S%f")
