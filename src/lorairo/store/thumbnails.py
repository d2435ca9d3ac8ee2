"""Thumbnails by content hash, in a file of their own that may be deleted at any time."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

from lorairo.errors import ProjectError
from lorairo.store import backups, dialect
from lorairo.store.statements import chunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FILE_NAME = "thumbnails.db"

_CREATE = "CREATE TABLE IF NOT EXISTS thumbnail (sha256 BLOB PRIMARY KEY, data BLOB NOT NULL)"


class ThumbnailCache:
    """A cache of encoded thumbnails; any thread may read and write.

    Reading threads have a connection each, so they do not wait for one another. What is missing is made again
    by the caller, so a damaged file is thrown away.

    Parameters
    ----------
    path
        The file, made when missing.
    readonly
        Never write.
    """

    def __init__(self, path: str | Path, *, readonly: bool = False) -> None:
        self.path = Path(path)
        self.readonly = readonly
        self._local = threading.local()
        self._lock = threading.Lock()
        self._opened: list[sqlite3.Connection] = []
        self._writer: sqlite3.Connection | None = None
        self._closed = False
        if not readonly:
            try:
                self._writer = self._created()
            except sqlite3.DatabaseError as error:
                if dialect.is_busy(error):
                    raise dialect.explained(error, self.path) from error
                self._throw_away()
                self._writer = self._created()

    def _created(self) -> sqlite3.Connection:
        connection = dialect.connect(self.path)
        try:
            wanted = dialect.choose_journal(self.path)
            # A power cut may cost thumbnails, which are made again; it never costs the file with WAL.
            connection.execute(f"PRAGMA synchronous = {'NORMAL' if wanted == 'wal' else 'FULL'}")
            connection.execute("PRAGMA journal_size_limit = 67108864")
            connection.execute(_CREATE)
        except BaseException:
            connection.close()
            raise
        return connection

    def _throw_away(self) -> None:
        for suffix in ("", "-wal", "-shm", "-journal"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def put_many(self, items: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep thumbnails: pairs of content hash and encoded bytes."""
        rows = list(items)
        if not rows or self._writer is None:
            return
        with self._lock:
            self._run("INSERT OR REPLACE INTO thumbnail (sha256, data) VALUES (?, ?)", rows)

    def get_many(self, hashes: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the thumbnails that are there, by content hash."""
        found: dict[bytes, bytes] = {}
        if not self.path.is_file():
            return found
        try:
            connection = self._reader()
            for part in chunks(list(hashes)):
                marks = ",".join("?" * len(part))
                query = f"SELECT sha256, data FROM thumbnail WHERE sha256 IN ({marks})"  # noqa: S608 - marks
                found.update(connection.execute(query, list(part)))
        except sqlite3.Error as error:
            raise dialect.explained(error, self.path) from error
        return found

    def remove(self, hashes: Iterable[bytes]) -> None:
        """Forget thumbnails, overwriting them in the file."""
        if self._writer is None:
            return
        with self._lock:
            self._writer.execute("PRAGMA secure_delete = ON")
            self._run("DELETE FROM thumbnail WHERE sha256 = ?", [(sha,) for sha in hashes])

    def missing(self, hashes: Sequence[bytes]) -> list[bytes]:
        """Return the hashes without a thumbnail."""
        found = self.get_many(hashes)
        return [sha for sha in hashes if sha not in found]

    def backup(self, target: str | Path) -> Path:
        """Copy the cache, consistent even while it is in use."""
        return backups.backup(self.path, Path(target))

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            self._closed = True
            for connection in self._opened:
                connection.close()
            self._opened.clear()
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None or self._closed:
            if self._closed:
                raise ProjectError(f"{self.path} is closed: open the project again")
            connection = dialect.connect(self.path, dialect.reading_mode(self.path))
            connection.execute("PRAGMA query_only = ON")
            self._local.connection = connection
            with self._lock:
                self._opened.append(connection)
        return connection

    def _run(self, statement: str, rows: Sequence[tuple[bytes, ...]]) -> None:
        if self._writer is None:
            return
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            self._writer.executemany(statement, rows)
            self._writer.execute("COMMIT")
        except BaseException as error:
            with contextlib.suppress(sqlite3.Error):  # nothing to roll back when BEGIN itself was refused
                self._writer.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise dialect.explained(error, self.path) from error
            raise
