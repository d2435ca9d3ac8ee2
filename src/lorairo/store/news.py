"""What the last commits changed, kept in the database, so that other processes read only that again.

Each commit leaves, under one of a few keys, its mark, the mark it follows, and its `Change`. Who knows a mark
goes back from the newest to it. Where the way is lost - too many commits since, a backup put back, an older
lorairo - everything counts as changed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select

from lorairo.store import changes, dialect
from lorairo.store.changes import Change
from lorairo.store.schema import meta
from lorairo.store.statements import fetch

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

KEPT = 64
"""Commits whose changes are known; a reader who looks twice a second misses none of a person's."""

_MOST = 2_000  # images or tags named by one commit; of more, all are read again
_PREFIX = "news:"
_UPSERT = dialect.upsert(meta, ("key",))
_SELECT = select(meta.c.value).where(meta.c.key.startswith(_PREFIX))


def leave(c: Connection, mark: str, after: str | None, change: Change) -> None:
    """Write down what a commit changed, in the place of one long ago.

    Parameters
    ----------
    mark, after
        The commit, and the one before it.
    """
    value = {
        "mark": mark,
        "after": after,
        "kinds": sorted(change.kind),
        "images": None if change.images is None or len(change.images) > _MOST else change.images.tolist(),
        "tags": None if change.tags is None or len(change.tags) > _MOST else sorted(change.tags),
    }
    key = f"{_PREFIX}{number_of(mark) % KEPT}"
    c.execute(_UPSERT, {"key": key, "value": json.dumps(value, separators=(",", ":"))})


def number_of(mark: str | None) -> int:
    """Return the number that a mark begins with; 0 where an older lorairo left it."""
    head, dash, _ = (mark or "").partition("-")
    return int(head) if dash else 0


def since(c: Connection, newest: str | None, known: str | None, mine: Callable[[str], bool]) -> Change | None:
    """Return what commits of others changed after a known one.

    Parameters
    ----------
    newest
        The mark of this snapshot.
    known
        The mark to go back to.
    mine
        Whether a commit is one's own, which is told already.

    Returns
    -------
    Change or None
        None where others changed nothing.
    """
    if newest == known:
        return None
    entries: dict[str, dict[str, Any]] = {}
    for (text,) in fetch(c, _SELECT):
        entry = json.loads(text)
        entries[entry["mark"]] = entry
    found: list[Change] = []
    at = newest
    while at != known:
        entry = entries.get(at or "", {})
        if not entry:
            return Change(changes.ALL_KINDS, external=True)
        if not mine(entry["mark"]):
            found.append(_change(entry))
        at = entry["after"]
    return changes.merged(found) if found else None


def _change(entry: dict[str, Any]) -> Change:
    images = None if entry["images"] is None else np.array(entry["images"], dtype=np.int64)
    tags = None if entry["tags"] is None else frozenset(entry["tags"])
    return Change(frozenset(entry["kinds"]), images, tags, external=True)
