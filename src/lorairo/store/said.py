"""What models and files said about images, joined into columns for the fold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from lorairo.store.blobs import EFFECTIVE, FILE, MODEL, SCORED, Ragged, keys
from lorairo.store.cuts import cut_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lorairo.store.cuts import Cuts

_SCORE_BITS = 32


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
        group = self.row * 2 + ~filed
        key = group << _SCORE_BITS | np.where(filed, 0, _descending(self.score))
        order = np.argsort(key, kind="stable")  # file tags keep the sequence they came in
        sorted_key = key[order]
        same = sorted_key[1:] == sorted_key[:-1]
        tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
        places = order[tied]
        by_name = np.where(filed[places], 0, tags.alphabetical[self.tag[places]])
        order[tied] = places[np.lexsort((by_name, key[places]))]
        return order

    def effective(self) -> Ragged:
        """Return sorted records as `EFFECTIVE` ones: of a tag that several name, the first."""
        values = np.empty(len(self.tag), dtype=EFFECTIVE)
        values["tag"] = self.tag
        values["source"] = np.where(self.model < 0, FILE, MODEL)
        return Ragged.grouped(values, self.row, self.count)

    @property
    def doubled(self) -> bool:
        """Whether a tag of an image is named twice."""
        known = np.sort(keys(self.row, self.tag))
        return bool((known[1:] == known[:-1]).any())

    def once(self) -> Said:
        """Leave out what stands there before: a tag of an image that several name."""
        _, first = np.unique(keys(self.row, self.tag), return_index=True)
        return self if len(first) == len(self.tag) else self.taken(np.sort(first))


def _descending(scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return integers of `_SCORE_BITS` that sort as the scores do from the highest down."""
    bits = (scores + np.float32(0)).view(np.int32).astype(np.int64)  # -0 is 0
    ascending = np.where(bits < 0, bits ^ 0x7FFFFFFF, bits)
    return (1 << (_SCORE_BITS - 1)) - 1 - ascending
