"""Images about which models disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select

from lorairo.store.blobs import SCORED, Ragged
from lorairo.store.fold import thresholds_of
from lorairo.store.schema import annotation, model, tag
from lorairo.store.state import limits
from lorairo.store.statements import fetch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    Opinion = tuple[NDArray[np.int64], Ragged, NDArray[np.float32]]

_DOUBT = 0.5  # share of the threshold: below it a model is sure that the tag is not there


def disputed(c: Connection) -> NDArray[np.int64]:
    """Return the images about which models disagree, sorted.

    They do where two taggers answered and one is sure of a tag (over its threshold) of which another, who
    knows the tag, is sure that it is not there (under half its threshold); or where ratings differ.
    """
    opinions = _opinions(c)
    clashes = [_clash(one, other) for one in opinions for other in opinions if one is not other]
    return np.unique(np.concatenate([_different_ratings(c), *clashes]))


def _opinions(c: Connection) -> list[Opinion]:
    """Return, per model, image ids, their scored tags, and the threshold of each tag id."""
    models: dict[str, list[int]] = {}
    query = select(model.c.id, model.c.provider, model.c.model).where(model.c.provider != "file")
    for number, provider, name in fetch(c, query):
        models.setdefault(f"{provider}/{name}", []).append(number)
    categories, bounds = _categories(c), limits(c)
    opinions = []
    for key, numbers in models.items():
        asked = select(annotation.c.image_id, annotation.c.tags).where(
            annotation.c.model_id.in_(numbers), annotation.c.tags.is_not(None)
        )
        rows = fetch(c, asked.order_by(annotation.c.image_id, annotation.c.id))
        if rows:
            ids, blobs = _columns(rows)
            limit = bounds.get(key, thresholds_of())[categories]
            opinions.append((np.array(ids, dtype=np.int64), Ragged.join(blobs, SCORED), limit))
    return opinions


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True))


def _clash(one: Opinion, other: Opinion) -> NDArray[np.int64]:
    """Return the images for which `one` is sure of a tag and `other` is sure of the contrary."""
    sure = _keys_over(one, 1.0)
    known = np.zeros(len(one[2]), dtype=bool)
    known[other[1].values["tag"]] = True
    sure = sure[np.isin(sure >> 32, other[0]) & known[sure & 0xFFFFFFFF]]
    return np.unique(sure[~np.isin(sure, _keys_over(other, _DOUBT))] >> 32)


def _keys_over(opinion: Opinion, share: float) -> NDArray[np.int64]:
    """Return image and tag, in one number, of the scores over a share of their threshold."""
    ids, answers, limit = opinion
    tags = answers.values["tag"].astype(np.int64)
    over = np.flatnonzero(answers.values["score"] >= share * limit[tags])
    return ids[answers.rows[over]] << 32 | tags[over]


def _different_ratings(c: Connection) -> NDArray[np.int64]:
    query = (
        select(annotation.c.image_id, annotation.c.rating).where(annotation.c.rating.is_not(None)).distinct()
    )
    found, times = np.unique(
        np.array([row[0] for row in fetch(c, query)], dtype=np.int64), return_counts=True
    )
    return found[times > 1]


def _categories(c: Connection) -> NDArray[np.uint8]:
    rows = fetch(c, select(tag.c.id, tag.c.category))
    categories = np.zeros(max((row[0] for row in rows), default=0) + 1, dtype=np.uint8)
    for number, category in rows:
        categories[number] = min(category, 9)
    return categories
