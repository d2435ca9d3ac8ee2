"""The fold: policy over evidence gives the base, decisions laid over it give the tags an image has.

Pure functions on joined records, no database. Order of tags: explicitly ranked ones first; then a file's tags
in file order; then tags of models by score, highest first, ties by name; then hand-added tags in the order of
being added. A replacement stands where the replaced tag stood.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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
from lorairo.store.cuts import Cuts, cut_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

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
    revision
        Of the model.
    """

    row: int
    model: str
    tags: bytes
    revision: str = ""


@dataclass(frozen=True)
class Said:
    """What was said about images folded together, one record per score.

    Attributes
    ----------
    count
        Images.
    models
        ``provider/model`` by number; the records of files have the number -1.
    row, tag, score, model
        Of each record.
    answered
        The pairs of image and model where a model answered, even if it named nothing.
    """

    count: int
    models: tuple[str, ...]
    row: NDArray[np.int64]
    tag: NDArray[np.uint32]
    score: NDArray[np.float32]
    model: NDArray[np.int16]
    answered: tuple[NDArray[np.int64], NDArray[np.int64]]

    @classmethod
    def of(cls, count: int, evidence: Sequence[Evidence]) -> Said:
        """Join evidence, a file's before and after others in file order."""
        said = Ragged.join([entry.tags for entry in evidence], SCORED)
        models = dict.fromkeys(e.model for e in evidence if not e.model.startswith("file/"))
        numbers = {model: number for number, model in enumerate(models)}
        by_entry = np.array([numbers.get(entry.model, -1) for entry in evidence], dtype=np.int64)
        row = np.array([entry.row for entry in evidence], dtype=np.int64)
        whose = by_entry >= 0
        return cls(
            count,
            tuple(models),
            np.repeat(row, said.counts),
            np.ascontiguousarray(said.values["tag"]),
            np.ascontiguousarray(said.values["score"]),
            np.repeat(by_entry, said.counts).astype(np.int16),
            (row[whose], by_entry[whose]),
        )

    @classmethod
    def joined(cls, parts: Sequence[Said]) -> Said:
        """Join what was said about other images each, one after the other."""
        models = tuple(dict.fromkeys(model for part in parts for model in part.models))
        numbers = [np.array([*map(models.index, part.models), -1], dtype=np.int16) for part in parts]
        starts = np.cumsum([0, *(part.count for part in parts)]).tolist()
        several = list(zip(parts, numbers, starts, strict=False))
        return cls(
            starts[-1],
            models,
            np.concatenate([np.empty(0, np.int64), *(part.row + start for part, _, start in several)]),
            np.concatenate([np.empty(0, np.uint32), *(part.tag for part in parts)]),
            np.concatenate([np.empty(0, np.float32), *(part.score for part in parts)]),
            np.concatenate([np.empty(0, np.int16), *(own[part.model] for part, own, _ in several)]),
            (
                np.concatenate([np.empty(0, np.int64), *(p.answered[0] + s for p, _, s in several)]),
                np.concatenate([np.empty(0, np.int64), *(own[p.answered[1]] for p, own, _ in several)]),
            ),
        )

    def taken(self, places: NDArray[np.int64]) -> Said:
        """Return some of the records, in the order given."""
        return replace(
            self,
            row=self.row[places],
            tag=self.tag[places],
            score=self.score[places],
            model=self.model[places],
        )

    def over(self, cuts: Cuts, tags: TagTable) -> NDArray[np.bool_]:
        """Say which records their model's cut lets through; those of files always."""
        found = self.model < 0
        for number, name in enumerate(self.models):
            cut = cuts.models.get(name) or cut_of()
            mine = slice(None) if len(self.models) == 1 and not found.any() else self.model == number
            row, tag, score = self.row[mine], self.tag[mine], self.score[mine]
            found[mine] = score >= cut.of_pairs(row, tag, score, tags.category)
        return found

    def passing(self, cuts: Cuts, tags: TagTable) -> NDArray[np.bool_]:
        """Say which records make a tag: those over their cut that enough models stand behind."""
        found = self.over(cuts, tags)
        if cuts.combining.how == "union" or not self.models:
            return found
        votes = cuts.combining.votes(self.models)
        answered = np.bincount(self.answered[0], weights=votes[self.answered[1]], minlength=self.count)
        places = np.flatnonzero(found & (self.model >= 0))
        passing = (self.row[places], self.tag[places], self.model[places].astype(np.intp))
        found[places] = cuts.combining.agreed(passing, answered, votes)
        return found

    def order(self, tags: TagTable) -> NDArray[np.int64]:
        """Return the places of the records by image: a file's in file order, then models' by score, name."""
        filed = self.model < 0
        # File tags keep the sequence they came in (lexsort is stable).
        by_score = np.where(filed, np.float32(0), -self.score)
        by_name = np.where(filed, 0, tags.alphabetical[self.tag])
        return np.lexsort((by_name, by_score, ~filed, self.row))

    def effective(self) -> Ragged:
        """Return sorted records as `EFFECTIVE` ones: of a tag that several name, the first."""
        values = np.empty(len(self.tag), dtype=EFFECTIVE)
        values["tag"] = self.tag
        values["source"] = np.where(self.model < 0, FILE, MODEL)
        return Ragged.grouped(values, self.row, self.count)

    def once(self) -> Said:
        """Leave out what stands there before: a tag of an image that several name."""
        _, first = np.unique(keys(self.row, self.tag), return_index=True)
        return self if len(first) == len(self.tag) else self.taken(np.sort(first))


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
