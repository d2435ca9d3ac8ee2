"""Cuts: which scores of a model make a tag, by category, by tag or by gap; and how several models combine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.store.blobs import keys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from lorairo.store.blobs import Array

    Floats = NDArray[np.float32]
    Ids = NDArray[np.int64]
    Mask = NDArray[np.bool_]

CATEGORY_NAMES = {0: "general", 1: "artist", 3: "copyright", 4: "character", 5: "meta", 9: "rating"}
DEFAULT_THRESHOLDS: dict[str, float] = {"general": 0.35, "character": 0.85}
"""Used where neither a policy nor the model's row says otherwise."""
METHODS = ("fixed", "mcut", "pr")
"""``fixed``: by category. ``mcut``: the widest gap of each image and category. ``pr``: calibrated by tag."""
WAYS = ("union", "intersection", "vote")
HALF = 0.5
"""Share of the votes that makes a tag, where nobody says another."""

_CATEGORIES = 10
_RATING, _CHARACTER = 9, 4
_LEAST_CHARACTER = 0.15  # the WD family's floor under its gap: a lone weak character is none
_SMALLEST = 1e-9


@dataclass(frozen=True)
class Cut:
    """From which score on the tags of one model count.

    Attributes
    ----------
    limits
        By category number; infinity where none counts.
    method
        Of `METHODS`.
    own
        Tag ids with a threshold of their own, and those thresholds; they stand before everything else.
    """

    limits: Floats
    method: str = "fixed"
    own: tuple[NDArray[np.uint32], Floats] = field(
        default_factory=lambda: (np.empty(0, np.uint32), np.empty(0, np.float32))
    )

    def by_tag(self, categories: NDArray[np.uint8]) -> Floats:
        """Return the threshold of each tag id; under ``mcut`` only those of ratings and single tags count."""
        found = self.limits[np.minimum(categories, _RATING)]
        tags, limits = self.own
        known = tags < len(found)
        found[tags[known]] = limits[known]
        return found

    def of(self, tag: int | None, category: int) -> float | None:
        """Return the threshold of one tag; None where it never counts, or where each image has its own."""
        at = np.flatnonzero(self.own[0] == (-1 if tag is None else tag))
        if not len(at) and self.method == "mcut" and category != _RATING:
            return None
        limit = float(self.own[1][at[0]] if len(at) else self.limits[min(category, _RATING)])
        return limit if np.isfinite(limit) else None

    def of_pairs(self, row: Ids, tag: Array, score: Floats, categories: NDArray[np.uint8]) -> Floats:
        """Return the threshold of each pair of image and tag; all pairs of an image must be among them."""
        limits = self.by_tag(categories)[tag]
        if self.method != "mcut":
            return limits
        category = categories[tag]
        gap = (category != _RATING) & ~np.isin(tag, self.own[0])
        groups = row[gap] * _CATEGORIES + np.minimum(category[gap], _RATING)
        least = np.where(category[gap] == _CHARACTER, _LEAST_CHARACTER, 0.0)
        middle = np.maximum(least, mcut(groups, score[gap]))
        over = middle.astype(np.float32)  # what lies over it holds, not what lies on it
        limits[gap] = np.where(over > middle, over, np.nextafter(over, np.float32(2)))
        return limits


def mcut(groups: Ids, scores: Floats) -> NDArray[np.float64]:
    """Return for each score the middle of the widest gap among the scores of its group.

    Below the lowest score comes 0, as what a model gave next to nothing is not kept: so a lone score has a
    gap too. Of gaps equally wide the upper one is taken.
    """
    if not len(scores):
        return np.empty(0, dtype=np.float64)
    order = np.lexsort((-scores, groups))
    group, high = groups[order], scores[order].astype(np.float64)
    ends = np.append(group[1:] != group[:-1], True)
    low = np.where(ends, 0.0, np.append(high[1:], 0.0))
    starts = np.flatnonzero(np.append(True, ends[:-1]))
    number = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(high))))
    gap = high - low
    widest = np.flatnonzero(gap == np.maximum.reduceat(gap, starts)[number])
    _, first = np.unique(number[widest], return_index=True)
    at = widest[first]
    found = np.empty(len(scores), dtype=np.float64)
    found[order] = ((high[at] + low[at]) / 2)[number]
    return found


@dataclass(frozen=True)
class Combining:
    """How what several models say about one image becomes its tags.

    Attributes
    ----------
    how
        Of `WAYS`: a tag counts where any model says it, where all that answered about the image do, or where
        those that say it have a large enough share of the votes of those that answered.
    weights
        Votes by ``provider/model``; one that is not named has 1.
    at_least
        That share.
    """

    how: str = "union"
    weights: Mapping[str, float] = field(default_factory=dict)
    at_least: float = HALF

    @classmethod
    def of(cls, row: Mapping[str, Any] | None) -> Combining:
        """Read what the policy of the project says."""
        given = row or {}
        return cls(given.get("combine", "union"), given.get("weights") or {}, given.get("at_least") or HALF)

    def votes(self, models: Sequence[str]) -> NDArray[np.float64]:
        """Return the votes of each model; under union and intersection all have one."""
        weights = self.weights if self.how == "vote" else {}
        return np.array([weights.get(model, 1.0) for model in models], dtype=np.float64)

    def agreed(
        self, passing: tuple[Ids, Array, NDArray[np.intp]], answered: Ids, votes: NDArray[np.float64]
    ) -> Mask:
        """Say which pairs of image and tag enough models stand behind.

        Parameters
        ----------
        passing
            Row, tag and model of each score that its model's cut lets through; each model says a tag of an
            image once.
        answered
            Votes of all models that answered, summed, by row.
        votes
            By model.
        """
        row, tag, model = passing
        if self.how == "union" or not len(row):
            return np.ones(len(row), dtype=bool)
        _, pair = np.unique(keys(row, tag), return_inverse=True)
        said = np.bincount(pair, weights=votes[model])[pair]
        share = self.at_least if self.how == "vote" else 1.0
        enough: Mask = (said >= share * answered[row] - _SMALLEST) & (said > 0)
        return enough


@dataclass(frozen=True)
class Cuts:
    """The policies in force.

    Attributes
    ----------
    models
        By ``provider/model``.
    combining
        How they come together.
    """

    models: Mapping[str, Cut]
    combining: Combining = field(default_factory=Combining)


def cut_of(*layers: Mapping[str, Any] | None, numbers: Mapping[str, int] | None = None) -> Cut:
    """Return the cut that layers of policy make; later ones win.

    Parameters
    ----------
    layers
        A model's defaults, then what people set: minimum scores by category name, ``method``, ``per_tag``
        (minimum score by tag) and ``calibrated`` (the same, as found for the method ``pr``).
    numbers
        Tag ids by name; tags that are not there are none of the model's.
    """
    own: dict[str, float] = {}
    method = "fixed"
    for layer in layers:
        method = (layer or {}).get("method", method)
    for name in ("calibrated", "per_tag"):
        for layer in layers:
            if name != "calibrated" or method == "pr":
                own.update((layer or {}).get(name) or {})
    known = {(numbers or {})[name]: limit for name, limit in own.items() if name in (numbers or {})}
    tags = np.array(sorted(known), dtype=np.uint32)
    limits = np.array([known[tag] for tag in tags.tolist()], dtype=np.float32)
    return Cut(thresholds_of(*layers), method, (tags, limits))


def thresholds_of(*layers: Mapping[str, Any] | None) -> Floats:
    """Return the minimum score by category number; later layers win.

    A category nobody names follows ``general``. Rating tags count only where a layer names ``rating``: a
    rating is one answer about the image, not one of its tags.
    """
    named: dict[str, float] = {}
    for layer in (DEFAULT_THRESHOLDS, *layers):
        named.update({name: value for name, value in (layer or {}).items() if name in _NUMBERS})
    limits = np.full(_CATEGORIES, named["general"], dtype=np.float32)
    limits[_RATING] = np.inf
    for name, number in _NUMBERS.items():
        if name in named:
            limits[number] = named[name]
    return limits


_NUMBERS = {name: number for number, name in CATEGORY_NAMES.items()}
