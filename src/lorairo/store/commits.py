"""Which commit a database is at, so that a file made from it can say what it was made from.

Every transaction that changes something leaves a new random mark in `meta`. A counter would not do: a
database that was put back from a backup, or that lost its last commits with the power, counts through the
same numbers again with other contents. Two marks are equal only where one commit was copied.
"""

from __future__ import annotations

import contextlib
import secrets
from typing import TYPE_CHECKING

from sqlalchemy import select

from lorairo.store import dialect
from lorairo.store.schema import meta

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

INDEX_CACHE = "index.cache"
"""Name of the file beside the database that keeps the index of one commit; it may be deleted at any time."""

_KEY = "commit"
_BEFORE = "lorairo.rows_before"
_ASIDE = "lorairo.rows_aside"
_UPSERT = dialect.upsert(meta, ("key",))
_SELECT = select(meta.c.value).where(meta.c.key == _KEY)


def current(c: Connection) -> str | None:
    """Return the mark of the commit that this snapshot shows; None where none was left yet."""
    mark: str | None = c.execute(_SELECT).scalar()
    return mark


def begin(c: Connection) -> None:
    """Start to watch whether a transaction changes anything."""
    c.info[_BEFORE], c.info[_ASIDE] = dialect.rows_changed(c), 0


def seal(c: Connection) -> None:
    """Leave a new mark, if this transaction changed anything; the last thing before its commit.

    One that changed nothing must stay one: whoever watches for commits of others would read all again.
    """
    if dialect.rows_changed(c) - c.info[_BEFORE] > c.info[_ASIDE]:
        renew(c)


def renew(c: Connection) -> None:
    """Leave a new mark."""
    c.execute(_UPSERT, {"key": _KEY, "value": secrets.token_hex(16)})


@contextlib.contextmanager
def aside(c: Connection) -> Iterator[None]:
    """Let what is written here keep the mark: rows that no index is made from, such as settings."""
    before = dialect.rows_changed(c)
    try:
        yield
    finally:
        c.info[_ASIDE] = c.info.get(_ASIDE, 0) + dialect.rows_changed(c) - before
