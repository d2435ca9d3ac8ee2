"""One open database: snapshots for readers, one writing transaction at a time, news of changes."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from psygnal import EmitLoopError, Signal
from sqlalchemy.exc import DBAPIError

from lorairo.errors import ProjectError, ReadOnlyError, StoreError
from lorairo.log import logger
from lorairo.store import backups, changes, commits, dialect, migrate
from lorairo.store.changes import Change
from lorairo.store.following import Following
from lorairo.store.presence import Presence
from lorairo.store.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

FILE_NAME = "database.db"

_PATIENCE = 0.2  # seconds the watcher waits for a change under way: one after the other must not shut it out

_locks: dict[str, threading.Lock] = {}
_locks_guard = threading.Lock()


def _process_lock(path: Path) -> threading.Lock:
    with _locks_guard:
        return _locks.setdefault(os.path.normcase(path), threading.Lock())


def _file_of(location: str | Path) -> Path:
    text = str(location)
    if text.startswith("sqlite:///"):
        return Path(text.removeprefix("sqlite:///")).expanduser().resolve()
    if "://" in text:
        raise ProjectError(
            f"{text.split('://', maxsplit=1)[0]} databases are not supported by this version: give a folder"
        )
    place = Path(location).expanduser().resolve()
    return place if place.suffix == ".db" and not place.is_dir() else place / FILE_NAME


class Database:
    """A project's database. Made by `Database.open`.

    Attributes
    ----------
    path
        The file.
    folder
        The folder it lies in.
    readonly
        Whether changes are refused.
    reason
        Why, if the caller did not ask for it; None otherwise.
    changed
        Emitted with a `Change` after each commit that announced one, outside the lock.
    """

    changed = Signal(Change, reemission="immediate")  # a listener that edits sees its edit at once

    def __init__(self, path: Path, mode: str, reason: str | None, journal: str) -> None:
        self.path = path
        self.folder = path.parent
        self.readonly = mode != "rw"
        self.reason = reason
        self.journal = journal
        self._mode = mode
        self._presence = Presence(path, stable=journal == "wal")
        self.lock_timeout = 60.0  # seconds a writer waits for another process
        self._readers: Engine = dialect.engine(path, mode, writer=False)
        self._writer: Engine | None = None if self.readonly else dialect.engine(path, mode, writer=True)
        self._watching: Engine | None = None
        self._lock = _process_lock(path)
        self._owner: int | None = None
        self._current: Connection | None = None
        self._closed = False
        self._following = Following()
        self._watcher = Watcher(self._external_version, self._tell_external)
        self._backup: threading.Thread | None = None
        self._looked_after = time.monotonic()  # when a daily copy was last thought of

    @classmethod
    def open(cls, location: str | Path, *, readonly: bool = False) -> Self:
        """Open a database, creating or migrating it as needed.

        Parameters
        ----------
        location
            A folder, a ``.db`` file, or a ``sqlite:///`` address.
        readonly
            Never write, not even to migrate.

        Raises
        ------
        ProjectError
            When it cannot be opened at all: missing, or made by a newer lorairo that this one cannot read.
        StoreError
            When the file is damaged or locked.
        """
        path = _file_of(location)
        existed = path.is_file()
        if readonly and not existed:
            raise ProjectError(
                f"there is no project in {path.parent}: open it without readonly=True to create one"
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            database = cls._opened(path, readonly=readonly)
        except OSError as error:
            raise ProjectError(f"{path.parent} cannot be a project: {error.strerror or error}") from error
        except (DBAPIError, sqlite3.Error) as error:
            raise dialect.explained(error, path) from error
        if existed and not database.readonly:
            database.back_up_daily()
        return database

    @classmethod
    def _opened(cls, path: Path, *, readonly: bool) -> Self:
        reason = None
        writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
        if not readonly and path.is_file() and not writable:
            readonly, reason = True, f"{path} cannot be written: check who may write it and its folder"
        if readonly:
            mode = dialect.reading_mode(path)
            migrate.check_readable(path, mode)
            return cls(path, mode, reason, "ro")
        reason = migrate.migrate(path)
        if reason is not None:
            return cls(path, "ro", reason, "ro")
        return cls(path, "rw", None, dialect.choose_journal(path))

    def close(self) -> None:
        """Close; harmless when closed already."""
        if self._closed:
            return
        self._not_writing()
        self._closed = True
        self._watcher.close()
        if self._backup is not None:
            self._backup.join()
        self._readers.dispose()
        if self._watching is not None:
            self._watching.dispose()
        if self._writer is not None:
            with self._lock:
                self._writer.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ------------------------------------------------------------------------------------ transactions

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Read one consistent snapshot; from any thread, beside others and beside a writer.

        Raises
        ------
        StoreError
            When the database is damaged, or locked for too long.
        """
        self._usable()
        try:
            with self._readers.connect() as connection:
                dialect.begin_read(connection)
                yield connection
        except (DBAPIError, sqlite3.Error) as error:
            raise dialect.explained(error, self.path) from error

    @contextlib.contextmanager
    def write(self, *, curated: bool = False) -> Iterator[Connection]:
        """Hold the one writing transaction: committed at the end, rolled back on any exception.

        Parameters
        ----------
        curated
            May write curated tables: for the log and the fold only.

        Raises
        ------
        ReadOnlyError
            When the project is open read-only.
        StoreError
            When the disk is full, another process holds the lock too long, or the file is damaged or gone.
            Nothing is changed then.
        """
        with self._exclusive() as connection:
            with dialect.writer(connection) if curated else contextlib.nullcontext():
                yield connection
            sealed = commits.seal(connection)
            self._presence.check()
            self._patiently(lambda: dialect.commit(connection))
            self._following.committed(sealed)
            told, after = changes.pending(connection), changes.afterwards(connection)
        for action in after:
            action()
        if told is not None:
            self._emit(told)
        if time.monotonic() - self._looked_after > backups.DAY:  # a kernel may live for weeks
            self.back_up_daily()

    @contextlib.contextmanager
    def _exclusive(self) -> Iterator[Connection]:
        self._usable()
        if self._writer is None:
            raise ReadOnlyError(
                self.reason or f"{self.path} is open read-only: open it without readonly=True to change it"
            )
        self._not_writing()
        with self._lock:
            try:
                with self._writer.connect() as connection:
                    self._patiently(lambda: dialect.begin_write(connection))
                    self._owner, self._current = threading.get_ident(), connection
                    dialect.close_gate(connection)
                    changes.start(connection)
                    commits.begin(connection)
                    yield connection  # leaving without commit rolls back
            except (DBAPIError, sqlite3.Error) as error:
                raise dialect.explained(error, self.path) from error
            finally:
                self._owner = self._current = None

    def _patiently(self, step: Callable[[], None]) -> None:
        """Try a step again while another process holds the lock."""
        deadline = time.monotonic() + self.lock_timeout
        while True:
            try:
                step()
            except DBAPIError as error:
                if not dialect.is_busy(error) or time.monotonic() > deadline:
                    raise
            else:
                return

    def _not_writing(self) -> None:
        # The lock is asked too: an interrupt at the very end of a write may leave a stale owner behind.
        if self._lock.locked() and self._owner == threading.get_ident():
            raise StoreError("a writing transaction is open in this thread already: use its connection")

    def _usable(self) -> None:
        if self._closed:
            raise ProjectError(f"{self.folder} is closed: open it again")

    # ------------------------------------------------------------------------------------------- news

    def announce(self, change: Change) -> None:
        """Announce a change from inside `write`; it is emitted after the commit."""
        if self._current is None or self._owner != threading.get_ident():
            raise StoreError("announce() belongs inside `with database.write()`")
        changes.announce(self._current, change)

    def _emit(self, change: Change) -> None:
        try:
            self.changed.emit(change)
        except EmitLoopError:
            # What was written is written: whoever listens must not make it look failed.
            logger.exception("a listener to changes of {} failed", self.folder)

    def watch(self) -> None:
        """Look for changes by other processes twice a second, until `unwatch` was called as often."""
        with self.read() as connection:
            self._following.start(connection)
        self._watcher.watch()

    def unwatch(self) -> None:
        """Take back one `watch`."""
        self._watcher.unwatch()

    def _external_version(self) -> int | None:
        """Return what changes with foreign commits; None while we write ourselves.

        Asked on the writing connection, as its own commits do not count there.
        """
        if self._closed:
            return None
        if self._writer is None:
            with self._observer().connect() as connection:
                return dialect.data_version(connection)
        if not self._lock.acquire(timeout=_PATIENCE):
            return None
        try:
            with self._writer.connect() as connection:
                return dialect.data_version(connection)
        finally:
            self._lock.release()

    def _observer(self) -> Engine:
        """Return the one connection a read-only project watches with: the number is each connection's own."""
        if self._watching is None:
            self._watching = dialect.engine(self.path, self._mode, writer=False)
        return self._watching

    def _tell_external(self) -> None:
        with self.read() as connection:
            change = self._following.look(connection)
        if change is not None:
            self._emit(change)

    # ---------------------------------------------------------------------------------------- safety

    def back_up_daily(self) -> None:
        """Copy the database in the background, unless there is a copy of the last day.

        `open` does it, and the first change a day later.
        """
        self._looked_after = time.monotonic()
        if self._backup is None or not self._backup.is_alive():
            self._backup = backups.in_background(self.path)

    def backup(self, target: str | Path) -> Path:
        """Copy the database to a file, consistent even while it is in use; thumbnails are not in it.

        Returns
        -------
        Path
            The file written; it appears only when it is whole.
        """
        self._usable()
        return backups.backup(self.path, Path(target).expanduser())

    def shrink(self) -> int:
        """Give the free pages of the file back to the disk; return how many bytes it is smaller.

        Raises
        ------
        StoreError
            When the disk has no room for the copy this makes meanwhile, or others hold the lock too long.
        """
        self._usable()
        self._not_writing()
        if self._writer is None:
            raise ReadOnlyError(f"{self.path} is open read-only: it cannot be made smaller")
        try:
            with self._lock, self._writer.connect() as connection:
                before = dialect.size(connection)
                self._patiently(lambda: dialect.vacuum(connection))
                return before - dialect.size(connection)
        except (DBAPIError, sqlite3.Error) as error:
            raise dialect.explained(error, self.path) from error

    def check(self) -> list[str]:
        """Check the whole file; return what is wrong, nothing when it is sound."""
        with self.read() as connection:
            return [*dialect.problems(connection), *dialect.broken_references(connection)]
