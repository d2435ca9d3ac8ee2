"""The fold: policy over evidence gives the base, decisions laid over it give the tags an image has.

Pure functions on joined records, no database. Order of tags: explicitly ranked ones first; then a file's tags
in file order; then tags of models by score, highest first, ties by name; then hand-added tags in the order of
being added. A replacement stands where the replaced tag stood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lorairo.store.blobs import ACCEPTED, DECISION, EFFECTIVE, REJECTED, Array, Ragged, find
from lorairo.store.said import Said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lorairo.store.cuts import Cuts
    from lorairo.store.said import Evidence, TagTable

_NO_RANK = 1 << 16


def base(count: int, evidence: Sequence[Evidence], cuts: Cuts, tags: TagTable) -> Ragged:
    """Fold policy over evidence.

    Parameters
    ----------
    count
        Number of images folded together.
    evidence
        Of any of them; a file's before and after others in file order.
    cuts
        Of each model that answered, and how they combine.
    tags
        Categories and alphabetical order.

    Returns
    -------
    Ragged
        `EFFECTIVE` records with the sources MODEL and FILE.
    """
    said = Said.of(count, evidence)
    said = said.taken(np.flatnonzero(said.passing(cuts, tags)))
    return said.taken(said.order(tags)).once().effective()


def overlay(under: Ragged, decisions: Ragged) -> Ragged:
    """Lay decisions over the base.

    Parameters
    ----------
    under
        `EFFECTIVE` records from `base`.
    decisions
        `DECISION` records of the same images, each image's sorted by order and index.
    """
    if not len(decisions.values):
        return under
    said, said_row = decisions.values, decisions.rows
    values = under.values.copy()
    keep = np.ones(len(values), dtype=bool)
    at = find(under, said_row, said["tag"])
    known = at >= 0
    keep[at[known & (said["state"] == REJECTED)]] = False
    accepted = said["state"] == ACCEPTED
    values["source"][at[known & accepted]] = said["source"][known & accepted]
    added = np.flatnonzero((accepted & ~known) | _leaving(under, keep, decisions, at, accepted & known))
    added = _take_places(under, values, keep, decisions, added)
    merged = _append(values[keep], under.rows[keep], said[added], said_row[added], len(under))
    return _ranked(merged, said, said_row)


def overlaid(blobs: Sequence[bytes], under: Ragged, decisions: Ragged) -> list[bytes]:
    """Do as `overlay`, one blob per image, fast where decisions only add tags the base does not have.

    Parameters
    ----------
    blobs
        The base, one blob per image.
    under
        The same, joined.
    decisions
        `DECISION` records of the same images.
    """
    said, row = decisions.values, decisions.rows
    if not len(said):
        return list(blobs)
    plain = (find(under, row, said["tag"]) < 0) & (said["place"] == 0) & (said["rank"] == 0)
    hard = np.zeros(len(under), dtype=bool)
    hard[row[~plain]] = True
    at_end = np.flatnonzero((said["state"] == ACCEPTED) & ~hard[row])
    added = np.empty(len(at_end), dtype=EFFECTIVE)
    added["tag"], added["source"] = said["tag"][at_end], said["source"][at_end]
    extra = Ragged.grouped(added, row[at_end], len(under)).split()
    found = [blob + more for blob, more in zip(blobs, extra, strict=True)]
    rows = np.flatnonzero(hard)
    if len(rows):
        assembled = overlay(under.take(rows), decisions.take(rows)).split()
        for place, blob in zip(rows.tolist(), assembled, strict=True):
            found[place] = blob
    return found


def _leaving(
    under: Ragged, keep: NDArray[np.bool_], decisions: Ragged, at: NDArray[np.int64], named: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Take replacements that evidence names, too, out of its order, where the replaced tag left its place."""
    said = decisions.values
    leaving = np.zeros(len(said), dtype=bool)
    waiting = np.flatnonzero(named & (said["place"] != 0) & (said["place"] != said["tag"]))
    slot = find(under, decisions.rows[waiting], said["place"][waiting])
    while len(waiting):  # one that leaves makes room for the next
        free = (slot < 0) | ~keep[slot]
        if not free.any():
            break
        keep[at[waiting[free]]] = False
        leaving[waiting[free]] = True
        waiting, slot = waiting[~free], slot[~free]
    return leaving


def _take_places(
    under: Ragged,
    values: Array,
    keep: NDArray[np.bool_],
    decisions: Ragged,
    added: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Put replacements where the rejected tag stood; return those added ones that found no such place."""
    said, said_row = decisions.values, decisions.rows
    placed = added[said["place"][added] != 0]
    if not len(placed):
        return added
    slot = find(under, said_row[placed], said["place"][placed])
    free = slot >= 0
    free[free] = ~keep[slot[free]]
    placed, slot = placed[free], slot[free]
    slot, first = np.unique(slot, return_index=True)  # two for one place: the earlier takes it
    placed = placed[first]
    keep[slot] = True
    values["tag"][slot] = said["tag"][placed]
    values["source"][slot] = said["source"][placed]
    return np.setdiff1d(added, placed, assume_unique=True)


def _append(
    kept: Array, kept_row: NDArray[np.int64], said: Array, said_row: NDArray[np.int64], count: int
) -> Ragged:
    """Join kept and added records of each row, without sorting: both come by row."""
    ours = np.bincount(kept_row, minlength=count)
    theirs = np.bincount(said_row, minlength=count)
    offsets = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(ours + theirs, out=offsets[1:])
    values = np.empty(offsets[-1], dtype=EFFECTIVE)
    before = np.cumsum(theirs) - theirs  # records added to earlier rows
    values[np.arange(len(kept)) + before[kept_row]] = kept
    extra = np.empty(len(said), dtype=EFFECTIVE)
    extra["tag"], extra["source"] = said["tag"], said["source"]
    values[np.arange(len(said)) + np.cumsum(ours)[said_row]] = extra
    return Ragged(values, offsets)


def _ranked(effective: Ragged, said: Array, said_row: NDArray[np.int64]) -> Ragged:
    """Move explicitly ranked tags to the front."""
    ranked = np.flatnonzero(said["rank"])
    if not len(ranked):
        return effective
    at = find(effective, said_row[ranked], said["tag"][ranked])
    rank = np.full(len(effective.values), _NO_RANK, dtype=np.int64)
    rank[at[at >= 0]] = said["rank"][ranked[at >= 0]]
    order = np.lexsort((rank, effective.rows))
    return Ragged(effective.values[order], effective.offsets)


def effective(cuts: Cuts, evidence: Sequence[Evidence], decisions: Array, tags: TagTable) -> Array:
    """Return the tags of one image.

    Parameters
    ----------
    cuts
        Of the models, and how they combine.
    evidence
        Every answer about this image (``row`` 0).
    decisions
        `DECISION` records.
    tags
        Categories and alphabetical order.

    Returns
    -------
    numpy.ndarray
        `EFFECTIVE` records in order.
    """
    said = decisions[np.lexsort((decisions["index"], decisions["order"]))].astype(DECISION)
    under = base(1, evidence, cuts, tags)
    return overlay(under, Ragged.grouped(said, np.zeros(len(said), np.int64), 1)).values
