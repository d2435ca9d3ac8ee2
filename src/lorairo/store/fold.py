"""The fold: policy over evidence gives the base, decisions laid over it give the tags an image has.

Pure functions on joined records, no database. Order of tags: explicitly ranked ones first; then a file's tags
in file order; then tags of models by score, highest first, ties by name; then hand-added tags in the order of
being added. A replacement stands where the replaced tag stood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lorairo.store.blobs import (
    ACCEPTED,
    DECISION,
    EFFECTIVE,
    FILE,
    MODEL,
    REJECTED,
    SCORED,
    Array,
    Ragged,
    find,
    keys,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

CATEGORY_NAMES = {0: "general", 1: "artist", 3: "copyright", 4: "character", 5: "meta", 9: "rating"}
DEFAULT_THRESHOLDS: dict[str, float] = {"general": 0.35, "character": 0.85}
"""Used where neither a policy nor the model's row says otherwise."""

_CATEGORIES = 10
_NO_RANK = 1 << 16


@dataclass(frozen=True)
class TagTable:
    """What the fold must know of tags.

    Attributes
    ----------
    category
        uint8, indexed by tag id.
    alphabetical
        int64, indexed by tag id: position of its name in alphabetical order.
    """

    category: NDArray[np.uint8]
    alphabetical: NDArray[np.int64]

    @classmethod
    def of(cls, ids: Sequence[int], names: Sequence[str], categories: Sequence[int]) -> TagTable:
        """Build the tables from the rows of `tag`."""
        size = max(ids, default=0) + 1
        category = np.zeros(size, dtype=np.uint8)
        alphabetical = np.zeros(size, dtype=np.int64)
        if ids:
            category[ids] = categories
            ordered = sorted(range(len(ids)), key=names.__getitem__)
            alphabetical[np.asarray(ids)[ordered]] = np.arange(len(ids))
        return cls(category, alphabetical)


@dataclass(frozen=True)
class Evidence:
    """What one model run, or one file beside the image, said about one image.

    Attributes
    ----------
    row
        Which image, as position among those folded together.
    model
        ``provider/model``; the provider ``file`` means tags that stood in a file.
    tags
        `SCORED` records, packed; a file's in file order.
    """

    row: int
    model: str
    tags: bytes


def thresholds_of(*layers: Mapping[str, float] | None) -> NDArray[np.float32]:
    """Return the minimum score by category number; later layers win.

    A category nobody names follows ``general``. Rating tags count only where a layer names ``rating``: a
    rating is one answer about the image, not one of its tags.
    """
    named: dict[str, float] = {}
    for layer in (DEFAULT_THRESHOLDS, *layers):
        named.update(layer or {})
    limits = np.full(_CATEGORIES, named["general"], dtype=np.float32)
    limits[9] = np.inf
    for number, name in CATEGORY_NAMES.items():
        if name in named:
            limits[number] = named[name]
    return limits


def base(
    count: int, evidence: Sequence[Evidence], limits: Mapping[str, NDArray[np.float32]], tags: TagTable
) -> Ragged:
    """Fold policy over evidence.

    Parameters
    ----------
    count
        Number of images folded together.
    evidence
        Of any of them; a file's before and after others in file order.
    limits
        `thresholds_of` each model that answered.
    tags
        Categories and alphabetical order.

    Returns
    -------
    Ragged
        `EFFECTIVE` records with the sources MODEL and FILE.
    """
    said = Ragged.join([entry.tags for entry in evidence], SCORED)
    places = np.repeat(np.arange(len(evidence)), said.counts)
    is_file = np.array([entry.model.startswith("file/") for entry in evidence], dtype=bool)
    row = np.array([entry.row for entry in evidence], dtype=np.int64)
    numbers = {model: number for number, model in enumerate(limits)}
    table = np.stack([*limits.values(), np.zeros(_CATEGORIES, np.float32)])
    model = np.array(
        [-1 if e.model.startswith("file/") else numbers[e.model] for e in evidence], dtype=np.int64
    )

    tag, score = said.values["tag"], said.values["score"]
    passing = (
        np.flatnonzero(is_file[places] | (score >= table[model[places], tags.category[tag]]))
        if len(tag)
        else places
    )
    tag, score, places = tag[passing], score[passing].astype(np.float64), places[passing]
    filed = is_file[places]
    # File tags keep the sequence they came in (lexsort is stable); models' go by score, then name.
    by_score = np.where(filed, 0.0, -score)
    by_name = np.where(filed, 0, tags.alphabetical[tag])
    order = np.lexsort((by_name, by_score, ~filed, row[places]))
    tag, rows, filed = tag[order], row[places][order], filed[order]
    _, first = np.unique(keys(rows, tag), return_index=True)
    first.sort()
    values = np.empty(len(first), dtype=EFFECTIVE)
    values["tag"] = tag[first]
    values["source"] = np.where(filed[first], FILE, MODEL)
    return Ragged.grouped(values, rows[first], count)


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


def effective(
    policy: Mapping[str, Mapping[str, float]], evidence: Sequence[Evidence], decisions: Array, tags: TagTable
) -> Array:
    """Return the tags of one image.

    Parameters
    ----------
    policy
        Minimum score by category name, by ``provider/model``.
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
    limits = {entry.model: thresholds_of(policy.get(entry.model)) for entry in evidence}
    said = decisions[np.lexsort((decisions["index"], decisions["order"]))].astype(DECISION)
    return overlay(
        base(1, evidence, limits, tags), Ragged.grouped(said, np.zeros(len(said), np.int64), 1)
    ).values
