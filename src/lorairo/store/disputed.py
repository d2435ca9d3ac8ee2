"""Images about which models disagree, and how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sqlalchemy import select

from lorairo.store.blobs import DECISION, SCORED, Ragged
from lorairo.store.cuts import cut_of
from lorairo.store.schema import annotation, model, state, tag
from lorairo.store.state import cuts
from lorairo.store.statements import fetch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.store.cuts import Cut

    Ids = NDArray[np.int64]

_DOUBT = 0.25  # certainty at half the threshold: below it a model is sure that the tag is not there


class Disagreement(NamedTuple):
    """Where models disagree.

    Attributes
    ----------
    ids
        Images with any disagreement, sorted.
    degree
        How much, over 0 and up to 1.
    disputed
        Whether one was sure of what another was sure was not so.
    """

    ids: Ids
    degree: NDArray[np.float32]
    disputed: NDArray[np.bool_]


class _Opinion(NamedTuple):
    """What one model holds of each image and tag it scored.

    Attributes
    ----------
    images, tags
        Those it answered about, and those it ever named.
    pairs
        Image and tag in one number, sorted.
    certainty
        Of each pair: 0 at the score 0, a half at the threshold, 1 at the score 1, straight in between.
    """

    images: Ids
    tags: Ids
    pairs: Ids
    certainty: NDArray[np.float64]


def disagreement(c: Connection, ratings: Sequence[str]) -> Disagreement:
    """Return the images about which models disagree.

    Parameters
    ----------
    c
        Where to ask.
    ratings
        In their order.

    Notes
    -----
    Two taggers disagree about a tag where one, by its threshold, says it of an image, and the other, who
    answered about the image and knows the tag, does not: by the difference of their certainties. What an
    answer does not name has the certainty 0. An image is disputed where the other is sure, too: under half
    its threshold. Ratings that differ are disputed, by how far they lie apart. What people decided is no
    matter of dispute any more. The degree of an image is that of its worst tag.
    """
    opinions, decided = _opinions(c), _decided(c)
    clashes = [_clash(one, other, decided) for one in opinions for other in opinions if one is not other]
    image, degree, sure = (
        np.concatenate(parts) for parts in zip(*clashes, _different_ratings(c, decided, ratings), strict=True)
    )
    ids, place = np.unique(image, return_inverse=True)
    worst, disputed = np.zeros(len(ids), dtype=np.float32), np.zeros(len(ids), dtype=bool)
    np.maximum.at(worst, place, degree.astype(np.float32))
    disputed[place[sure]] = True
    return Disagreement(ids, worst, disputed)


_Clashes = tuple["Ids", "NDArray[np.float64]", "NDArray[np.bool_]"]


def _clash(one: _Opinion, other: _Opinion, decided: Ids) -> _Clashes:
    """Return image, degree and whether both are sure, where `one` says a tag and `other` does not."""
    said = np.flatnonzero(one.certainty >= 0.5)  # noqa: PLR2004 - the threshold
    pairs = one.pairs[said]
    both = np.isin(pairs >> 32, other.images) & np.isin(pairs & 0xFFFFFFFF, other.tags)
    both &= ~np.isin(pairs, decided)
    said, pairs = said[both], pairs[both]
    theirs = np.zeros(len(pairs))
    if len(other.pairs):
        at = np.minimum(np.searchsorted(other.pairs, pairs), len(other.pairs) - 1)
        theirs = np.where(other.pairs[at] == pairs, other.certainty[at], 0.0)
    against = theirs < 0.5  # noqa: PLR2004 - the threshold
    degree = one.certainty[said] - theirs
    return pairs[against] >> 32, degree[against], theirs[against] < _DOUBT


def _opinions(c: Connection) -> list[_Opinion]:
    models: dict[str, list[int]] = {}
    query = select(model.c.id, model.c.provider, model.c.model).where(model.c.provider != "file")
    for number, provider, name in fetch(c, query):
        models.setdefault(f"{provider}/{name}", []).append(number)
    categories, in_force = _categories(c), cuts(c).models
    opinions = []
    for key, numbers in models.items():
        asked = select(annotation.c.image_id, annotation.c.tags).where(
            annotation.c.model_id.in_(numbers), annotation.c.tags.is_not(None)
        )
        newest = dict(fetch(c, asked.order_by(annotation.c.image_id, annotation.c.id)))
        if newest:
            opinions.append(_opinion(newest, in_force.get(key) or cut_of(), categories))
    return opinions


def _opinion(newest: dict[int, bytes], cut: Cut, categories: NDArray[np.uint8]) -> _Opinion:
    images = np.fromiter(newest, dtype=np.int64)
    said = Ragged.join(list(newest.values()), SCORED)
    row, tags, scores = said.rows, said.values["tag"], said.values["score"]
    limits = cut.of_pairs(row, tags, scores, categories).astype(np.float64)
    pairs = images[row] << 32 | tags
    order = np.argsort(pairs, kind="stable")
    certainty = _certainty(scores.astype(np.float64), limits)[order]
    return _Opinion(images, np.unique(tags).astype(np.int64), pairs[order], certainty)


def _certainty(scores: NDArray[np.float64], limits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 0 for the score 0, a half for the threshold, 1 for 1; a tag that never counts stays below."""
    with np.errstate(divide="ignore", invalid="ignore"):
        below = np.where(limits > 0, scores / (2 * limits), 0.0)
        above = np.where(limits < 1, 0.5 + (scores - limits) / (2 * (1 - limits)), 1.0)
    return np.where(scores >= limits, np.clip(above, 0.5, 1.0), below)


def _decided(c: Connection) -> Ids:
    """Return the pairs of image and tag that people accepted or rejected."""
    rows = fetch(c, select(state.c.image_id, state.c.decisions).where(state.c.decisions != b""))
    said = Ragged.join([row[1] for row in rows], DECISION)
    image = np.array([row[0] for row in rows], dtype=np.int64)[said.rows]
    pairs: Ids = (image << 32 | said.values["tag"])[said.values["state"] != 0]
    return pairs


def _different_ratings(c: Connection, decided: Ids, ratings: Sequence[str]) -> _Clashes:
    query = (
        select(annotation.c.image_id, annotation.c.rating).where(annotation.c.rating.is_not(None)).distinct()
    )
    rated = [(image, ratings.index(rating)) for image, rating in fetch(c, query) if rating in ratings]
    pairs = np.array(rated, dtype=np.int64).reshape(-1, 2)
    ids, place = np.unique(pairs[:, 0], return_inverse=True)
    low, high = np.full(len(ids), len(ratings)), np.zeros(len(ids), dtype=np.int64)
    np.minimum.at(low, place, pairs[:, 1])
    np.maximum.at(high, place, pairs[:, 1])
    names = [f"rating:{name}" for name in ratings]
    numbers = [row[0] for row in fetch(c, select(tag.c.id).where(tag.c.name.in_(names)))]
    by_people = decided[np.isin(decided & 0xFFFFFFFF, numbers)] >> 32
    apart = np.flatnonzero((high > low) & ~np.isin(ids, by_people))
    return ids[apart], (high - low)[apart] / (len(ratings) - 1), np.ones(len(apart), dtype=bool)


def _categories(c: Connection) -> NDArray[np.uint8]:
    rows = fetch(c, select(tag.c.id, tag.c.category))
    categories = np.zeros(max((row[0] for row in rows), default=0) + 1, dtype=np.uint8)
    for number, category in rows:
        categories[number] = min(category, 9)
    return categories
