"""Keeps the index of a project on disk, and loads it from there when it is of the database's very commit."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from lorairo.errors import Error
from lorairo.log import logger
from lorairo.query import cache
from lorairo.query.index import Index
from lorairo.query.load import Parts, everything
from lorairo.store import commits

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from lorairo.store import Database

_AFTER_LOADING = 2.0  # seconds
_QUIET = 60.0  # seconds without a change
_SHARE = 100.0  # reading a large project takes longer: wait that many times as long
_LEAST = 1_000  # images that are read fast enough without
_AT_CLOSING = 50_000  # images that may be read again when a project closes


class Keeper:
    """Loads an index, and writes the file that makes it fast the next time.

    The file is only ever made from one snapshot read whole, never from an index that followed changes: if one
    were missed, a restart would not heal it any more.

    Parameters
    ----------
    database
        The project's. When it is read-only, the file is used but not written.
    least
        Images a project must have to be worth a file.
    """

    def __init__(self, database: Database, *, least: int = _LEAST) -> None:
        self.file = database.folder / commits.INDEX_CACHE
        self._database = database
        self._least = least
        self._loaded: tuple[str | None, Parts] | None = None  # just read, not written yet
        self._count = 0
        self._kept: str | None = None  # the commit in the file, as far as we know
        self._spent = 0.0
        self._writing = threading.Lock()
        self._waiting = threading.Condition()
        self._due = 0.0
        self._thread: threading.Thread | None = None
        self._over = database.readonly

    def load(self, *, tokenizer: Path | None = None) -> Index:
        """Load the index, from the file if that is possible; see `Index.load`."""
        with self._database.read() as connection:
            commit = commits.current(connection)
            parts = None if commit is None else cache.read(self.file, commit)
            if parts is None:
                parts = self._read(connection)
                self._loaded = commit, parts
            else:
                self._kept = commit
        self._count = len(parts.ids)
        if self._kept != commit:
            self._write_in(_AFTER_LOADING)
        return Index(self._database, parts, tokenizer=tokenizer)

    def _read(self, connection: Connection) -> Parts:
        start = time.monotonic()
        parts = everything(connection)
        self._spent = time.monotonic() - start
        return parts

    def changed(self) -> None:
        """Write the file again when no more changes come for a while."""
        self._write_in(max(_QUIET, _SHARE * self._spent))

    def _write_in(self, seconds: float) -> None:
        with self._waiting:
            self._due = time.monotonic() + seconds
            if self._thread is None and not self._over:
                self._thread = threading.Thread(target=self._wait, name="lorairo-index-cache", daemon=True)
                self._thread.start()

    def _wait(self) -> None:
        with self._waiting:
            while not self._over and (left := self._due - time.monotonic()) > 0:
                self._waiting.wait(left)
            self._thread = None  # whoever changes something from here on starts another
        with self._writing:
            if not self._over:
                self._write()

    def close(self) -> None:
        """Stop; write the file now if it is stale and that takes little time."""
        with self._waiting:
            thread, open_until_now = self._thread, not self._over
            self._over = True
            self._waiting.notify_all()
        if thread is not None:
            thread.join()
        with self._writing:
            if open_until_now and self._count:
                self._write(at_most=_AT_CLOSING)
            self._loaded = None

    def _write(self, at_most: int | None = None) -> None:
        """Write the file unless it is of the present commit; a failure costs time at the next start only."""
        try:
            with self._database.read() as connection:
                commit = commits.current(connection)
                if commit is None or commit == self._kept:
                    return
                loaded, self._loaded = self._loaded, None
                if loaded is not None and loaded[0] == commit:
                    parts = loaded[1]
                elif at_most is not None and self._count > at_most:
                    return
                else:
                    parts = self._read(connection)
            self._count = len(parts.ids)
            if self._count >= self._least:
                cache.write(self.file, parts, commit)
                self._kept = commit
                self._drop_if_stale(commit)
        except (Error, OSError, ValueError) as error:
            self._over = True
            logger.debug("{} is not written: {}", self.file, error)
        except Exception:  # noqa: BLE001 - it is only a cache; it is logged
            self._over = True
            logger.exception("writing {} failed", self.file)

    def _drop_if_stale(self, commit: str) -> None:
        """Delete the file if a commit overtook it: it may hold what was forgotten meanwhile."""
        with self._database.read() as connection:
            stale = commits.current(connection) != commit
        if stale:
            self.file.unlink(missing_ok=True)
