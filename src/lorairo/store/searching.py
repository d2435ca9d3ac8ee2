"""What searches ask of the database besides the columns: paths, answers, refusals, members. Rows come by image id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select

from lorairo.store.blobs import SCORED, Array, Ragged
from lorairo.store.fold import thresholds_of
from lorairo.store.schema import annotation, caption, dataset, failure, membership, model, path, tag
from lorairo.store.state import limits
from lorairo.store.statements import fetch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    Groups = dict[str, NDArray[np.int64]]

_DOUBT = 0.5  # of its own threshold: a score below says no, above the threshold yes, between it is unsure


def paths_of(c: Connection) -> tuple[NDArray[np.int64], list[str], list[str]]:
    """Return image id, path and name of every known path; what was rejected has no image."""
    query = select(path.c.image_id, path.c.path, path.c.name).where(path.c.image_id.is_not(None))
    ids, paths, names = _columns(fetch(c, query.order_by(path.c.image_id, path.c.missing, path.c.id)), 3)
    return np.array(ids, dtype=np.int64), list(paths), list(names)


def caption_texts(c: Connection, variant: str | None = None) -> tuple[NDArray[np.int64], list[str]]:
    """Return image id and text of captions, of one variant or of all, the variants of an image by name."""
    query = select(caption.c.image_id, caption.c.text).order_by(caption.c.image_id, caption.c.variant)
    ids, texts = _columns(
        fetch(c, query if variant is None else query.where(caption.c.variant == variant)), 2
    )
    return np.array(ids, dtype=np.int64), list(texts)


def members(c: Connection) -> Groups:
    """Return the ids of the images in each dataset, empty ones too, by name."""
    query = select(dataset.c.name, membership.c.image_id).outerjoin(
        membership, membership.c.dataset_id == dataset.c.id
    )
    return _grouped((row[0], row[1]) for row in fetch(c, query))


def answerers(c: Connection) -> Groups:
    """Return the ids of the images each model answered about, by ``provider/model``."""
    models = {
        row[0]: f"{row[1]}/{row[2]}" for row in fetch(c, select(model.c.id, model.c.provider, model.c.model))
    }
    rows = fetch(c, select(annotation.c.model_id, annotation.c.image_id))
    return _grouped((models[row[0]], row[1]) for row in rows)


def refusers(c: Connection) -> Groups:
    """Return the ids of the images a model refused and never answered since, by ``provider/model``."""
    query = select(failure.c.provider, failure.c.model, failure.c.image_id).where(
        failure.c.policy_violation.is_(True)
    )
    refused = _grouped((f"{row[0]}/{row[1]}", row[2]) for row in fetch(c, query))
    answered = answerers(c)
    nothing = np.empty(0, dtype=np.int64)
    return {name: np.setdiff1d(ids, answered.get(name, nothing)) for name, ids in refused.items()}


def _grouped(pairs: Iterable[tuple[str, int | None]]) -> Groups:
    found: dict[str, list[int]] = {}
    for name, image_id in pairs:
        ids = found.setdefault(name, [])
        if image_id is not None:
            ids.append(image_id)
    return {name: np.unique(np.array(ids, dtype=np.int64)) for name, ids in found.items()}


def ratings(c: Connection) -> dict[int, str]:
    """Return the newest rating any model gave each image."""
    query = select(annotation.c.image_id, annotation.c.rating).where(annotation.c.rating.is_not(None))
    return {row[0]: row[1] for row in fetch(c, query.order_by(annotation.c.id))}


def tag_scores(c: Connection, tag_id: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return image ids and the scores that models gave a tag; several models, several rows. Files give no scores."""
    ids, answers = _answers(
        c, [row[0] for row in fetch(c, select(model.c.id).where(model.c.provider != "file"))]
    )
    places = np.flatnonzero(answers.values["tag"] == tag_id)
    rows = np.searchsorted(answers.offsets, places, side="right") - 1
    return ids[rows], answers.values["score"][places]


def _answers(c: Connection, models: Sequence[int]) -> tuple[NDArray[np.int64], Ragged]:
    query = select(annotation.c.image_id, annotation.c.tags).where(
        annotation.c.model_id.in_(models), annotation.c.tags.is_not(None)
    )
    ids, blobs = _columns(fetch(c, query.order_by(annotation.c.image_id, annotation.c.id)), 2)
    return np.array(ids, dtype=np.int64), Ragged.join(blobs, SCORED)


def _columns(rows: Sequence[tuple[Any, ...]], count: int) -> tuple[Sequence[Any], ...]:
    return tuple(zip(*rows, strict=True)) if rows else ((),) * count


def disputed(c: Connection) -> NDArray[np.int64]:
    """Return the images about which models disagree.

    They do where two taggers answered and one is sure of a tag (over its threshold) of which another, who knows the
    tag, is sure that it is not there (under half its threshold); or where two models gave different ratings.
    """
    query = select(model.c.id, model.c.provider, model.c.model).where(model.c.provider != "file")
    models: dict[str, list[int]] = {}
    for number, provider, name in fetch(c, query):
        models.setdefault(f"{provider}/{name}", []).append(number)
    categories = _categories(c)
    bounds = limits(c)
    opinions = []
    for key, numbers in models.items():
        ids, answers = _answers(c, numbers)
        if len(ids):
            limit = bounds.get(key, thresholds_of())[np.minimum(categories, 9)]
            opinions.append((ids, answers, limit))
    found = [_clash(one, other) for one in opinions for other in opinions if one is not other]
    return np.unique(np.concatenate([_different_ratings(c), *found]))


Opinion = tuple["NDArray[np.int64]", Ragged, "NDArray[np.float32]"]


def _clash(one: Opinion, other: Opinion) -> NDArray[np.int64]:
    """Return the images for which `one` is sure of a tag and `other` is sure of the contrary."""
    sure = _keys_over(one, 1.0)
    both = np.isin(sure >> 32, other[0])
    known = np.zeros(len(one[2]), dtype=bool)
    known[other[1].values["tag"]] = True
    sure = sure[both & known[sure & 0xFFFFFFFF]]
    return np.unique(sure[~np.isin(sure, _keys_over(other, _DOUBT))] >> 32)


def _keys_over(opinion: Opinion, share: float) -> NDArray[np.int64]:
    """Return image and tag, in one number, of the scores over a share of their threshold."""
    ids, answers, limit = opinion
    tags: Array = answers.values["tag"].astype(np.int64)
    over = np.flatnonzero(answers.values["score"] >= share * limit[tags])
    rows = np.searchsorted(answers.offsets, over, side="right") - 1
    found: NDArray[np.int64] = ids[rows] << 32 | tags[over]
    return found


def _different_ratings(c: Connection) -> NDArray[np.int64]:
    query = (
        select(annotation.c.image_id, annotation.c.rating).where(annotation.c.rating.is_not(None)).distinct()
    )
    ids = np.array([row[0] for row in fetch(c, query)], dtype=np.int64)
    found, times = np.unique(ids, return_counts=True)
    return found[times > 1]


def _categories(c: Connection) -> NDArray[np.uint8]:
    rows = fetch(c, select(tag.c.id, tag.c.category))
    categories = np.zeros(max((row[0] for row in rows), default=0) + 1, dtype=np.uint8)
    for number, category in rows:
        categories[number] = category
    return categories
