"""What a transaction changed, told to whoever listens after the commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.store.statements import as_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection

ALL_KINDS = frozenset(
    {
        "images",
        "paths",
        "tags",
        "captions",
        "stars",
        "excluded",
        "reviewed",
        "datasets",
        "duplicates",
        "policy",
        "scores",
        "annotations",
        "failures",
        "jobs",
    }
)

_PENDING = "lorairo.changes"
_AFTER = "lorairo.after"


@dataclass(frozen=True)
class Change:
    """What is different after a commit.

    Attributes
    ----------
    kind
        Of `ALL_KINDS`.
    images
        int64 ids, sorted; None = all, or not known.
    tags
        Ids of tags whose membership may have changed; None = not known.
    external
        Another process, or another `Database`, made it.
    """

    kind: frozenset[str]
    images: np.ndarray[Any, np.dtype[np.int64]] | None = None
    tags: frozenset[int] | None = None
    external: bool = False


def merged(changes: Sequence[Change]) -> Change:
    """Make one change of several."""
    kind = frozenset().union(*(change.kind for change in changes))
    known = [change.images for change in changes if change.images is not None]
    images = as_ids(np.concatenate(known)) if len(known) == len(changes) else None
    named = [change.tags for change in changes if change.tags is not None]
    tags = frozenset().union(*named) if len(named) == len(changes) else None
    return Change(kind, images, tags, any(change.external for change in changes))


def start(connection: Connection) -> None:
    """Forget what an earlier transaction announced."""
    connection.info[_PENDING] = []
    connection.info[_AFTER] = []


def tell(
    connection: Connection,
    kinds: Iterable[str],
    images: Iterable[int] | None = None,
    tags: Iterable[int] | None = (),
) -> None:
    """Announce a change made in this transaction; it is emitted after the commit."""
    ids = None if images is None else as_ids(images)
    announce(
        connection,
        Change(frozenset(kinds), ids, None if tags is None else frozenset(int(tag) for tag in tags)),
    )


def announce(connection: Connection, change: Change) -> None:
    """Announce a ready-made `Change`."""
    connection.info.setdefault(_PENDING, []).append(change)


def pending(connection: Connection) -> Change | None:
    """Return what this transaction announced so far, as one change."""
    changes: list[Change] = connection.info.get(_PENDING, [])
    return merged(changes) if changes else None


def after_commit(connection: Connection, action: Callable[[], None]) -> None:
    """Do something outside the database once this transaction is committed."""
    connection.info.setdefault(_AFTER, []).append(action)


def afterwards(connection: Connection) -> list[Callable[[], None]]:
    """Return what is to be done after the commit."""
    return list(connection.info.get(_AFTER, []))
