"""Evidence of a whole project in memory, in the order of tags: a policy is one pass over it.

Unpacking and sorting what was said about 100,000 images takes seconds, and none of it depends on a policy.
One sheet is kept, that of the project whose policy was looked at last.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select

from lorairo.store import changes, commits, news, schema, state
from lorairo.store.blobs import DECISION, Ragged
from lorairo.store.fold import overlay
from lorairo.store.said import Said
from lorairo.store.statements import fetch

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.store.cuts import Cuts
    from lorairo.store.said import TagTable

    Ids = NDArray[np.int64]

_STALE_AFTER = frozenset({"images", "annotations", "paths"})


@dataclass
class Sheet:
    """What was said about every image.

    Attributes
    ----------
    mark
        The last commit after which it is known to hold.
    ids
        Images, sorted.
    said
        Records, row by row in the order of tags.
    tags
        Their categories.
    doubled
        Whether some tag of an image is named twice.
    """

    mark: str | None
    ids: Ids
    said: Said
    tags: TagTable
    doubled: bool

    def base(self, cuts: Cuts) -> Ragged:
        """Fold policy over all of it, as `lorairo.store.fold.base` does."""
        kept = self.said.taken(np.flatnonzero(self.said.passing(cuts, self.tags)))
        return (kept.once() if self.doubled else kept).effective()


_lock = threading.Lock()
_kept: dict[str, Sheet] = {}


def _go_on() -> None:
    """Read to the end: somebody waits."""


def sheet(c: Connection, between: Callable[[], None] = _go_on) -> Sheet:
    """Return the sheet of a project as a snapshot or transaction sees it, read anew where evidence came.

    A transaction that wrote evidence itself may not ask.

    Parameters
    ----------
    c
        Connection.
    between
        Called before each part that is read; it gives up by raising.
    """
    place, mark = str(c.engine.url.database), commits.current(c)
    with _lock:
        known = _kept.get(place)
        if known is not None:
            since = news.since(c, mark, known.mark, lambda _mark: False)
            if since is None or not since.kind & _STALE_AFTER:
                known.mark = mark
                return known
        _kept.clear()
        _kept[place] = made = _read(c, mark, between)
        return made


def foreseen(c: Connection, cuts: Cuts) -> tuple[Ids, Ragged]:
    """Return all images, sorted, and the tags they would have under other policies."""
    whole = sheet(c)
    query = select(schema.state.c.image_id, schema.state.c.decisions).where(schema.state.c.decisions != b"")
    rows = fetch(c, query.order_by(schema.state.c.image_id))
    said = Ragged.join([row[1] for row in rows], DECISION)
    places = np.searchsorted(whole.ids, np.array([row[0] for row in rows], dtype=np.int64))
    decisions = Ragged.grouped(said.values, np.repeat(places, said.counts), len(whole.ids))
    return whole.ids, overlay(whole.base(cuts), decisions)


def _read(c: Connection, mark: str | None, between: Callable[[], None]) -> Sheet:
    tags, ids = state.tag_table(c), state.all_ids(c)
    parts: list[Said] = []
    for start in range(0, len(ids), state.PART):
        between()
        some = ids[start : start + state.PART]
        said = Said.of(len(some), state.evidence_for(c, some))
        parts.append(said.taken(said.order(tags)))
    return Sheet(mark, ids, Said.joined(parts), tags, any(part.doubled for part in parts))


def refresh(c: Connection, ids: Ids) -> Ids:
    """Fold images again after a policy was set; return those whose tags are others now."""
    pending = changes.pending(c)
    if len(ids) <= state.PART or (pending is not None and pending.kind & _STALE_AFTER):
        return state.refresh(c, ids)
    whole = sheet(c)
    under = whole.base(state.cuts(c))
    return state.refresh(c, ids, base_of=lambda some: under.take(np.searchsorted(whole.ids, some)))
