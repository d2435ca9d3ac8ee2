"""Bring a database to the schema of this version: Alembic, one transaction, a copy before it."""

from __future__ import annotations

import contextlib
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, inspect
from sqlalchemy.exc import DBAPIError

from lorairo._version import __version__
from lorairo.errors import ProjectError
from lorairo.store import backups, commits, dialect
from lorairo.store.schema import meta, metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from alembic.config import Config
    from sqlalchemy import Connection

HEAD = "0005"
"""Newest revision; kept here so that opening a current project does not import Alembic (a test compares)."""

NEWER = "Read only: this project was made by a newer lorairo."

_LOCK_SECONDS = 60.0


def migrate(path: Path) -> str | None:
    """Create or upgrade a database.

    Returns
    -------
    str or None
        Why the database can only be read, or None when it is ready to be written.

    Raises
    ------
    ProjectError
        When the file is another program's, or of a newer schema that this version cannot read.
    """
    if path.is_file() and _revision_of(path) == HEAD:
        return None
    with _exclusively(path) as connection:
        revision = _revision(connection)
        if revision == HEAD:  # another process was faster
            return None
        tables = sorted(set(inspect(connection).get_table_names()) - {"alembic_version"})
        if revision is None and tables:
            raise ProjectError(
                f"{path} is not a lorairo project (it holds {', '.join(tables[:3])}): choose another folder"
            )
        if revision is not None:
            if revision not in _known_revisions(_config(connection)):
                _must_be_readable(connection, path)
                return NEWER
            backups.before_migration(path, HEAD)
        _run(connection, "upgrade", "head")
        dialect.install_guard(connection)
        if revision is None:
            _introduce(connection)
        commits.renew(connection)
        connection.exec_driver_sql("COMMIT")
    return None


def _introduce(connection: Connection) -> None:
    """Say in a new project what it is."""
    facts = {"uuid": str(uuid.uuid4()), "created_at": repr(time.time()), "made_by": f"lorairo {__version__}"}
    connection.execute(insert(meta), [{"key": key, "value": value} for key, value in facts.items()])


def downgrade(path: Path, revision: str) -> None:
    """Take a database back to an older revision (``base`` empties it), after a copy of it."""
    with _exclusively(path) as connection:
        backups.before_migration(path, revision)
        for trigger in dialect.guards(connection):
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        _run(connection, "downgrade", revision)
        if revision != "base":
            dialect.install_guard(connection)
        connection.exec_driver_sql("COMMIT")


def check_readable(path: Path, mode: str) -> None:
    """Raise unless this version can read the database as it is.

    Raises
    ------
    ProjectError
        When it is older or newer in a way that matters.
    """
    engine = dialect.engine(path, mode, writer=False)
    try:
        with engine.connect() as connection:
            _must_be_readable(connection, path)
    finally:
        engine.dispose()


def _must_be_readable(connection: Connection, path: Path) -> None:
    inspector = inspect(connection)
    there = set(inspector.get_table_names())
    missing = sorted(set(metadata.tables) - there)
    for name in sorted(set(metadata.tables) & there):
        columns = {column["name"] for column in inspector.get_columns(name)}
        missing += sorted(
            f"{name}.{column.name}" for column in metadata.tables[name].columns if column.name not in columns
        )
    if missing:
        raise ProjectError(
            f"{path} has another schema (revision {_revision(connection)}, without "
            f"{', '.join(missing[:3])}). Made by an older lorairo: open it once without readonly=True. "
            "Made by a newer one: upgrade lorairo"
        )


def _revision_of(path: Path) -> str | None:
    with contextlib.closing(dialect.connect(path, "ro")) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if row is None else str(row[0])


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    value: Any = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if value is None else str(value)


@contextlib.contextmanager
def _exclusively(path: Path) -> Iterator[Connection]:
    """Hold the write lock on a connection that may change everything; without a COMMIT nothing is changed."""
    engine = dialect.engine(path, "rwc", writer=True)
    deadline = time.monotonic() + _LOCK_SECONDS
    try:
        with engine.connect() as connection:
            dialect.foreign_keys(connection, on=False)
            while True:
                try:
                    dialect.begin_write(connection)
                except DBAPIError as error:
                    if not dialect.is_busy(error) or time.monotonic() > deadline:
                        raise
                else:
                    break
            with dialect.writer(connection):
                yield connection
    finally:
        engine.dispose()


def _config(connection: Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - opening a current project must not pay for Alembic

    config = Config()
    folder = Path(__file__).with_name("migrations")
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _known_revisions(config: Config) -> set[str]:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as above

    return {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}


def _run(connection: Connection, verb: str, revision: str) -> None:
    from alembic import command  # noqa: PLC0415 - as above

    getattr(command, verb)(_config(connection), revision)
    if broken := dialect.broken_references(connection):
        raise ProjectError(
            f"the migration to {revision} left broken references in {', '.join(broken)}: nothing was changed"
        )
