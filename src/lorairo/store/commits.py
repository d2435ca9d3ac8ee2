"""Which commit a database is at, so that a file made from it can say what it was made from.

Every transaction that changes something leaves a new random mark in `meta`. A counter would not do: a
database that was put back from a backup, or that lost its last commits with the power, counts through the
same numbers again with other contents. Two marks are equal only where one commit was copied. The number that
a mark begins with only says where its news are kept.
"""

from __future__ import annotations

import contextlib
import secrets
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from lorairo.store import changes, dialect, news
from lorairo.store.changes import Change
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


class Sealed(NamedTuple):
    """A commit: its mark, and the mark it follows."""

    mark: str
    after: str | None


def seal(c: Connection) -> Sealed | None:
    """Leave a new mark and the news, if this transaction changed anything; the last thing before its commit.

    One that changed nothing must stay one: whoever watches for commits of others would look in vain.
    """
    if dialect.rows_changed(c) - c.info[_BEFORE] <= c.info[_ASIDE]:
        return None
    after = current(c)
    mark = renew(c, after)
    news.leave(c, mark, after, changes.pending(c) or Change(changes.ALL_KINDS))
    return Sealed(mark, after)


def renew(c: Connection, before: str | None = None) -> str:
    """Leave a new mark, and return it."""
    mark = f"{news.number_of(before) + 1}-{secrets.token_hex(16)}"
    c.execute(_UPSERT, {"key": _KEY, "value": mark})
    return mark


@contextlib.contextmanager
def aside(c: Connection) -> Iterator[None]:
    """Let what is written here keep the mark: rows that no index is made from, such as settings."""
    before = dialect.rows_changed(c)
    try:
        yield
    finally:
        c.info[_ASIDE] = c.info.get(_ASIDE, 0) + dialect.rows_changed(c) - before
