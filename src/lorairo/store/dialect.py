"""Everything that is SQLite's own: connections, journal, locks, guard, errors. The rest is portable SQL."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import create_engine, event
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from lorairo.errors import Error, GuardError, ReadOnlyError, StoreError
from lorairo.store.schema import GUARDED
from lorairo.store.volumes import holds_wal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Connection, Engine, Table
    from sqlalchemy.sql.dml import Insert

BUSY_SECONDS = 30.0
"""How long a reader waits for a lock (they hardly ever do under WAL)."""

WRITER_BUSY_SECONDS = 0.25
"""How long SQLite itself waits before we try again, so that Ctrl-C is heard while waiting."""

_GATE = "lorairo.gate"
_REFUSED = "lorairo: only the operation log may write this table"


def sqlite_uri(path: Path, mode: str) -> str:
    """Return the address of a database file as a URI; the mode is ro, rw, rwc or immutable."""
    text = quote(path.as_posix())
    prefix = "file:" if text.startswith("/") else "file:/"  # C:/... becomes file:/C:/...
    return f"{prefix}{text}?" + ("mode=ro&immutable=1" if mode == "immutable" else f"mode={mode}")


def connect(path: Path, mode: str = "rwc", *, timeout: float = BUSY_SECONDS) -> sqlite3.Connection:
    """Open a plain connection: no implicit transactions, for any thread, waiting for locks from the start."""
    return sqlite3.connect(
        sqlite_uri(path, mode), uri=True, timeout=timeout, isolation_level=None, check_same_thread=False
    )


def reading_mode(path: Path) -> str:
    """Return how to open a file only to read it: ``ro``, or ``immutable`` where nothing may lie beside it.

    Changes that wait in a write-ahead log are not seen by who takes the file as immutable.
    """
    log = path.with_name(f"{path.name}-wal")
    waiting = log.is_file() and log.stat().st_size > 0
    return "ro" if waiting or os.access(path.parent, os.W_OK) else "immutable"


def engine(path: Path, mode: str, *, writer: bool) -> Engine:
    """Make the pool of readers, or the one writer."""

    def opened() -> sqlite3.Connection:
        # `timeout` sets the busy timeout before anything else can ask for a lock, journal_mode above all.
        connection = connect(path, mode, timeout=WRITER_BUSY_SECONDS if writer else BUSY_SECONDS)
        try:
            _prepare(connection, writer=writer)
        except BaseException:
            connection.close()
            raise
        return connection

    made = create_engine(
        f"sqlite:///{path.as_posix()}",
        creator=opened,
        poolclass=QueuePool,
        pool_size=1 if writer else 4,
        max_overflow=0 if writer else -1,
    )

    @event.listens_for(made, "connect")
    def install(connection: sqlite3.Connection, record: Any) -> None:
        gate: list[bool] = []  # as many entries as blocks that may write curated tables now
        record.info[_GATE] = gate
        if writer:
            # A method of C, not a lambda: Ctrl-C inside a Python function would reach SQLite as an error.
            connection.create_function("lorairo_writer", 0, gate.__len__)

    return made


def _prepare(connection: sqlite3.Connection, *, writer: bool) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    if not writer:
        connection.execute("PRAGMA query_only = ON")
        return
    (journal,) = connection.execute("PRAGMA journal_mode").fetchone()
    # A rollback journal is only safe against power loss with FULL; WAL needs no more than NORMAL.
    connection.execute(f"PRAGMA synchronous = {'NORMAL' if journal == 'wal' else 'FULL'}")
    connection.execute("PRAGMA cache_size = -65536")  # 64 MiB: one edit of 100,000 images does not spill
    connection.execute("PRAGMA journal_size_limit = 67108864")  # the WAL shrinks again after such an edit


def choose_journal(path: Path) -> str:
    """Set WAL where it holds, the rollback journal elsewhere; return the mode in force.

    WAL needs memory shared by everybody who has the file open. Network drives do not give it: some fail at
    once, others pretend. So it must be a local volume, and a probe beside the database must work.
    """
    with contextlib.closing(connect(path, timeout=BUSY_SECONDS)) as connection:
        (journal,) = connection.execute("PRAGMA journal_mode").fetchone()
        wanted = "wal" if holds_wal(path.parent) and (journal == "wal" or _probe(path.parent)) else "delete"
        if journal == wanted:
            return wanted
        try:
            (journal,) = connection.execute(f"PRAGMA journal_mode = {wanted}").fetchone()
        except sqlite3.OperationalError as error:  # someone else has it open: their mode stays
            if not is_busy(error):
                raise
        return str(journal)


def _probe(folder: Path) -> bool:
    """Try WAL with two connections on a scratch file: a reader must see its snapshot, then the commit."""
    scratch = folder / f".lorairo-probe-{id(object()):x}.db"
    try:
        with contextlib.closing(connect(scratch)) as one, contextlib.closing(connect(scratch)) as two:
            if one.execute("PRAGMA journal_mode = wal").fetchone() != ("wal",):
                return False
            one.execute("CREATE TABLE probe (value INTEGER)")
            two.execute("BEGIN")
            before = two.execute("SELECT count(*) FROM probe").fetchone()
            one.execute("INSERT INTO probe VALUES (1)")
            during = two.execute("SELECT count(*) FROM probe").fetchone()
            two.execute("COMMIT")
            after = two.execute("SELECT count(*) FROM probe").fetchone()
            return (before, during, after) == ((0,), (0,), (1,))
    except sqlite3.Error:  # whatever the volume says, it does not hold WAL
        return False
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            scratch.with_name(scratch.name + suffix).unlink(missing_ok=True)


# ------------------------------------------------------------------------------------------ transactions


def begin_read(connection: Connection) -> None:
    """Start a snapshot: the first read fixes it, so read at once."""
    connection.exec_driver_sql("BEGIN")
    connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1").all()


def begin_write(connection: Connection) -> None:
    """Take the write lock, or raise busy."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def commit(connection: Connection) -> None:
    """Commit, or raise busy (rollback journal, while somebody reads); may be called again then."""
    connection.exec_driver_sql("COMMIT")


def data_version(connection: Connection) -> int:
    """Return a number that changes when another connection commits."""
    return int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())


def rows_changed(connection: Connection) -> int:
    """Return how many rows this connection has inserted, updated or deleted since it was opened."""
    driver: Any = connection.connection.driver_connection
    return int(driver.total_changes)


def size(connection: Connection) -> int:
    """Return how many bytes the database has, those still in the write-ahead log too."""
    pages, each = (
        connection.exec_driver_sql(f"PRAGMA {n}").scalar_one() for n in ("page_count", "page_size")
    )
    return int(pages) * int(each)


def vacuum(connection: Connection) -> None:
    """Write the file anew without its free pages, or raise busy; outside any transaction."""
    connection.exec_driver_sql("VACUUM")
    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()


@contextlib.contextmanager
def erasing(connection: Connection) -> Iterator[None]:
    """Overwrite what is deleted meanwhile, instead of only unlinking it."""
    connection.exec_driver_sql("PRAGMA secure_delete = ON").all()
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA secure_delete = OFF").all()


def foreign_keys(connection: Connection, *, on: bool) -> None:
    """Enforce foreign keys or not; only outside a transaction (migrations rebuild tables)."""
    connection.exec_driver_sql(f"PRAGMA foreign_keys = {'ON' if on else 'OFF'}")


def broken_references(connection: Connection) -> list[str]:
    """Return tables with rows that refer to nothing."""
    return sorted({str(row[0]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")})


def problems(connection: Connection) -> list[str]:
    """Check the whole file; empty when sound."""
    lines = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    return [] if lines == ["ok"] else lines


def copy(source: Path, target: Path) -> None:
    """Copy a database that may be in use: SQLite's backup, one consistent snapshot."""
    with contextlib.closing(connect(source, "ro")) as old, contextlib.closing(connect(target)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode = delete")  # one file, whole in itself


# ------------------------------------------------------------------------------------------------- guard


@contextlib.contextmanager
def writer(connection: Connection) -> Iterator[None]:
    """Let this connection write curated tables: for the log and the fold only."""
    gate: list[bool] = connection.info[_GATE]
    gate.append(True)
    try:
        yield
    finally:
        gate.pop()


def close_gate(connection: Connection) -> None:
    """Make sure that a transaction starts without the right to write curated tables."""
    connection.info[_GATE].clear()


def install_guard(connection: Connection) -> None:
    """Refuse every writer of the guarded tables but ours; a plain connection lacks the very function."""
    for table in GUARDED:
        for verb in ("INSERT", "UPDATE", "DELETE"):
            name = f"guard_{table.name}_{verb.lower()}"
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            connection.exec_driver_sql(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table.name} WHEN lorairo_writer() = 0 "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
            )


def guards(connection: Connection) -> list[str]:
    """Return the names of the guarding triggers that are installed."""
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'guard\\_%' ESCAPE '\\'"
    return [str(row[0]) for row in connection.exec_driver_sql(query)]


# -------------------------------------------------------------------------------------------- statements


def upsert(table: Table, keys: Sequence[str]) -> Insert:
    """Insert rows; where the key is there already, replace the other columns."""
    statement = insert(table)
    others = {
        column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys
    }
    if not others:
        return statement.on_conflict_do_nothing(index_elements=list(keys))
    return statement.on_conflict_do_update(index_elements=list(keys), set_=others)


# ------------------------------------------------------------------------------------------------ errors


def is_busy(error: BaseException) -> bool:
    """Whether somebody else holds the lock."""
    return _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _code(error: BaseException) -> int | None:
    original = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(original, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF  # the extended codes keep the primary one below


_LOCKED = (
    "the database has been locked by another program for too long: this change to {path} was not saved. "
    "Wait until it is done or close it, and try again"
)
_DAMAGED = "{path} is damaged ({text}). Close the project and put the newest file of {backups} in its place"
_UNWRITABLE = "the database cannot be written ({text}): check who may write {path} and its folder"
_MEANING: dict[int | None, tuple[type[Error], str]] = {
    sqlite3.SQLITE_FULL: (
        StoreError,
        "disk is full: this change to {path} was not saved. Free some space and try again",
    ),
    sqlite3.SQLITE_BUSY: (StoreError, _LOCKED),
    sqlite3.SQLITE_LOCKED: (StoreError, _LOCKED),
    sqlite3.SQLITE_CORRUPT: (StoreError, _DAMAGED),
    sqlite3.SQLITE_NOTADB: (StoreError, _DAMAGED),
    sqlite3.SQLITE_READONLY: (ReadOnlyError, _UNWRITABLE),
    sqlite3.SQLITE_PERM: (ReadOnlyError, _UNWRITABLE),
    sqlite3.SQLITE_AUTH: (ReadOnlyError, _UNWRITABLE),
    sqlite3.SQLITE_CANTOPEN: (
        StoreError,
        "{path} cannot be opened ({text}): check that it is there and who may use its folder",
    ),
    sqlite3.SQLITE_IOERR: (
        StoreError,
        "the drive cannot be read or written ({text}): this change to {path} was not saved",
    ),
}


ERRORS = (sqlite3.Error, DBAPIError)
"""What a database raises of its own accord; `explained` says what it means."""


def explained(error: BaseException, path: Path) -> Error:
    """Say in plain words what the database refused, and what to do."""
    text = str(error.orig if isinstance(error, DBAPIError) else error)
    if _REFUSED in text or "lorairo_writer" in text:
        return GuardError(f"{text}. Use the methods of a view or project, or lorairo.store.log")
    kind, words = _MEANING.get(_code(error), (StoreError, "{path}: the database refused ({text})"))
    return kind(words.format(path=path, text=text, backups=path.parent / "backups"))
