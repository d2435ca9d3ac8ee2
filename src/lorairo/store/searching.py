"""What searches ask of the database besides columns: paths, answers, refusals, members, scores of tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import func, select

from lorairo.store.blobs import ACCEPTED, DECISION, SCORED, Ragged
from lorairo.store.portable import IMPORTED
from lorairo.store.schema import (
    annotation,
    dataset,
    embedding,
    failure,
    membership,
    model,
    path,
    score,
    scorer,
    state,
    tag,
)
from lorairo.store.state import cuts
from lorairo.store.statements import fetch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    Groups = dict[str, NDArray[np.int64]]


def paths_of(c: Connection) -> tuple[NDArray[np.int64], list[str], list[str]]:
    """Return image id, path and name of every known path; what was rejected has no image."""
    query = select(path.c.image_id, path.c.path, path.c.name).where(path.c.image_id.is_not(None))
    ids, paths, names = _columns(fetch(c, query.order_by(path.c.image_id, path.c.missing, path.c.id)), 3)
    return np.array(ids, dtype=np.int64), list(paths), list(names)


def members(c: Connection) -> Groups:
    """Return the ids of the images in each dataset, empty ones too, by name."""
    query = select(dataset.c.name, membership.c.image_id).outerjoin(
        membership, membership.c.dataset_id == dataset.c.id
    )
    return _grouped((row[0], row[1]) for row in fetch(c, query))


def runs(c: Connection) -> Groups:
    """Return the ids of the images each model was run on, by ``provider/model``; scorers by name alone.

    What measures every image as it is added was not run by anybody and is left out.
    """
    places = select(model.c.provider, model.c.model, embedding.c.image_id).join(
        embedding, embedding.c.model_id == model.c.id
    )
    numbers = select(scorer.c.name, score.c.image_id).join(score, score.c.scorer_id == scorer.c.id)
    placed = _grouped((f"{row[0]}/{row[1]}", row[2]) for row in fetch(c, places))
    scored = _grouped((row[0], row[1]) for row in fetch(c, numbers.where(scorer.c.name != IMPORTED)))
    return answerers(c) | placed | scored


def answerers(c: Connection) -> Groups:
    """Return the ids of the images each model answered about, by ``provider/model``."""
    models = {
        row[0]: f"{row[1]}/{row[2]}" for row in fetch(c, select(model.c.id, model.c.provider, model.c.model))
    }
    rows = fetch(c, select(annotation.c.model_id, annotation.c.image_id))
    return _grouped((models[row[0]], row[1]) for row in rows)


def refusers(c: Connection) -> Groups:
    """Return the ids of the images a model refused and has not answered since, by ``provider/model``."""
    refusal, answer = func.max(failure.c.at), func.max(annotation.c.at)
    query = (
        select(failure.c.provider, failure.c.model, failure.c.image_id, refusal)
        .where(failure.c.policy_violation.is_(True))
        .group_by(failure.c.provider, failure.c.model, failure.c.image_id)
    )
    last = {(row[0], row[1], row[2]): row[3] for row in fetch(c, query)}
    models = {key[:2] for key in last}
    since = (
        select(model.c.provider, model.c.model, annotation.c.image_id, answer)
        .join(model, model.c.id == annotation.c.model_id)
        .where(model.c.model.in_([name for _, name in models]))
        .group_by(model.c.provider, model.c.model, annotation.c.image_id)
    )
    answered = {(row[0], row[1], row[2]): row[3] for row in fetch(c, since)} if last else {}
    kept = [key for key, at in last.items() if answered.get(key, float("-inf")) <= at]
    found = _grouped((f"{key[0]}/{key[1]}", key[2]) for key in kept)
    return {f"{provider}/{name}": np.empty(0, dtype=np.int64) for provider, name in models} | found


def _grouped(pairs: Iterable[tuple[str, int | None]]) -> Groups:
    found: dict[str, list[int]] = {}
    for name, image_id in pairs:
        ids = found.setdefault(name, [])
        if image_id is not None:
            ids.append(image_id)
    return {name: np.unique(np.array(ids, dtype=np.int64)) for name, ids in found.items()}


RATING = "rating:"
"""Begins the names of tags that are ratings."""


def ratings(c: Connection) -> dict[int, str]:
    """Return the rating of each image that has one.

    What people accepted as a tag, ``rating:explicit``, comes first, the newest of several. Else each model's
    newest rating is one vote, with the weight that combining by vote gives it; of ratings with equally many
    votes the one counts whose models were surer together, then the one given last.
    """
    return _rated_by_models(c) | _rated_by_people(c)


def _rated_by_models(c: Connection) -> dict[int, str]:
    query = (
        select(
            *(annotation.c.image_id, annotation.c.rating, annotation.c.confidence),
            *(model.c.provider, model.c.model),
        )
        .join(model, model.c.id == annotation.c.model_id)
        .where(annotation.c.rating.is_not(None))
    )
    newest = {(row[0], f"{row[3]}/{row[4]}"): row for row in fetch(c, query.order_by(annotation.c.id))}
    combining = cuts(c).combining
    votes: dict[int, dict[str, tuple[float, float, int]]] = {}
    for turn, ((image_id, key), (_, rating, confidence, *_)) in enumerate(newest.items()):
        (weight,) = combining.votes([key]).tolist()
        count, sure, _ = votes.setdefault(image_id, {}).get(rating, (0.0, 0.0, 0))
        votes[image_id][rating] = (count + weight, sure + weight * (confidence or 0.0), turn)
    return {image_id: max(said, key=said.__getitem__) for image_id, said in votes.items()}


def _rated_by_people(c: Connection) -> dict[int, str]:
    query = select(tag.c.id, tag.c.name).where(tag.c.name.startswith(RATING, autoescape=True))
    names = dict(fetch(c, query))
    if not names:
        return {}
    rows = fetch(c, select(state.c.image_id, state.c.decisions).where(state.c.decisions != b""))
    said = Ragged.join([row[1] for row in rows], DECISION)
    hit = np.flatnonzero(np.isin(said.values["tag"], list(names)) & (said.values["state"] == ACCEPTED))
    hit = hit[np.argsort(said.values["order"][hit], kind="stable")]
    images = np.array([row[0] for row in rows], dtype=np.int64)[said.rows[hit]]
    given = zip(images.tolist(), said.values["tag"][hit].tolist(), strict=True)
    return {image_id: names[number].removeprefix(RATING) for image_id, number in given}


def tag_scores(c: Connection, tag_id: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return image ids, ascending, and the best score any model gave a tag. Files give no scores."""
    query = (
        select(annotation.c.image_id, annotation.c.tags)
        .join(model, model.c.id == annotation.c.model_id)
        .where(annotation.c.tags.is_not(None), model.c.provider != "file")
        .order_by(annotation.c.image_id)
    )
    ids, blobs = _columns(fetch(c, query), 2)
    said = Ragged.join(blobs, SCORED)
    places = np.flatnonzero(said.values["tag"] == tag_id)
    owners = np.array(ids, dtype=np.int64)[np.searchsorted(said.offsets, places, side="right") - 1]
    images, first = np.unique(owners, return_index=True)
    scores = said.values["score"][places].astype(np.float32)
    return images, np.maximum.reduceat(scores, first) if len(first) else scores


def _columns(rows: Sequence[tuple[Any, ...]], count: int) -> tuple[Sequence[Any], ...]:
    return tuple(zip(*rows, strict=True)) if rows else ((),) * count
