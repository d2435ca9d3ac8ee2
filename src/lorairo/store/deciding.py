"""What the verbs about tags share: images with what is decided, and new decisions as an operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from lorairo.store.blobs import ACCEPTED, DECISION, REJECTED, Ragged, find, keys, numbered
from lorairo.store.deltas import TagDelta, standing
from lorairo.store.journal import Outcome, Told, next_operation, written

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.store import state
    from lorairo.store.blobs import Array
    from lorairo.store.database import Database


class Images:
    """Images of one operation, with what is decided about their tags."""

    def __init__(self, held: state.Stored) -> None:
        self.count = len(held.ids)
        self.under = held.under
        self.said = held.said

    def every(self, tags: NDArray[np.uint32]) -> tuple[Array, Array]:
        """Return all pairs of image row and tag."""
        return np.repeat(np.arange(self.count), len(tags)), np.tile(tags, self.count)

    def have(self, row: Array, tags: Array) -> NDArray[np.bool_]:
        """Return which images have which tags: said by evidence and not rejected, or accepted."""
        decision = standing(self.said, row, tags)["state"]
        said = find(self.under, row, tags) >= 0
        found: NDArray[np.bool_] = (said & (decision != REJECTED)) | (decision == ACCEPTED)
        return found


def records_of(c: Connection, tags: Array, decision: int, source: int) -> Array:
    """Return one decision of the operation about each tag."""
    records = np.zeros(len(tags), dtype=DECISION)
    records["tag"], records["state"], records["source"] = tags, decision, source
    records["order"] = next_operation(c)
    return records


def ranked(
    c: Connection,
    said: Ragged,
    row: Array,
    tag: Array,
    rank: NDArray[np.int64],
    *,
    others: NDArray[np.bool_],
) -> tuple[Array, Array]:
    """Give tags of images ranks, and take them from other tags.

    Parameters
    ----------
    said
        What is decided.
    row, tag, rank
        Of each tag that gets one.
    others
        Which of the decisions lose theirs.
    """
    old = np.flatnonzero((said.values["rank"] != 0) & others)
    row = np.concatenate([row, said.rows[old]])
    tag = np.concatenate([tag, said.values["tag"][old]])
    now = standing(said, row, tag)
    new = now.copy()
    new["rank"] = np.concatenate([rank, np.zeros(len(old), dtype=rank.dtype)])
    fresh = (now["state"] == 0) & (now["rank"] == 0)
    new["order"][fresh] = next_operation(c)
    new["index"][fresh] = new["rank"][fresh]
    gone = (new["state"] == 0) & (new["rank"] == 0)
    new[gone] = np.zeros(1, dtype=DECISION)
    new["tag"] = tag
    differs = now["rank"] != new["rank"]
    return row[differs], new[differs]


def last_wins(row: Array, records: Array, wanted: NDArray[np.int64]) -> tuple[Array, Array]:
    """Keep one record per (row, tag), the last; and no rejection of what the same operation wants."""
    key = keys(row, records["tag"])
    stays = (records["state"] != REJECTED) | ~np.isin(key, wanted)
    row, records, key = row[stays], records[stays], key[stays]
    _, first = np.unique(key[::-1], return_index=True)
    last = np.sort(len(key) - 1 - first)
    return row[last], records[last]


def decide(
    db: Database,
    c: Connection,
    held: state.Stored,
    row: Array,
    after: Array,
    *,
    asked: Ragged | None = None,
    parameters: Mapping[str, Any],
    kind: str,
    say: Callable[[int], str],
    **told: Unpack[Told],
) -> Outcome:
    """Write decisions about images as one operation; none where nothing is decided anew."""
    if not len(row):
        return Outcome(None, 0, say(0))
    scope = held.ids
    before = standing(held.said, row, after["tag"])
    used, position = numbered(row, len(held.ids))
    held = held.only(used)
    lists = None if asked is None else asked.take(used)
    delta = TagDelta(held.ids, position.astype(np.uint32), before, after, lists, held)
    delta.apply(c)
    return written(db, c, [delta], len(used), kind=kind, say=say, parameters=parameters, scope=scope, **told)
