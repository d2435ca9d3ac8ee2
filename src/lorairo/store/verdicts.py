"""One tag over many images: what each model said about it, and what people decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select

from lorairo.store import evidence
from lorairo.store.blobs import DECISION, HAND, SCORED, Ragged, find
from lorairo.store.schema import annotation, model, state
from lorairo.store.schema import tag as tag_table
from lorairo.store.state import PART
from lorairo.store.statements import fetch, fetch_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.store.blobs import Array

UNSAID = -1.0
"""Instead of a score, where a model never looked at the image."""


def decided_by_hand(c: Connection, name: str, ids: NDArray[np.int64]) -> NDArray[np.int8]:
    """Return what people decided about a tag on images: 1 accepted, -1 rejected, 0 neither; by position."""
    found = np.zeros(len(ids), dtype=np.int8)
    tag = evidence.known_tag_ids(c, [name]).get(name)
    if tag is None:
        return found
    ordered = np.argsort(ids, kind="stable")
    there = ids[ordered]
    rows = fetch_of(c, select(state.c.image_id, state.c.decisions), state.c.image_id, there)
    owners, (records, row) = _of_tag(rows, DECISION, tag)
    hand = records["source"] == HAND
    found[ordered[np.searchsorted(there, owners[row[hand]])]] = records["state"][hand]
    return found


def answers_about(
    c: Connection, model_key: str
) -> tuple[dict[int, str], NDArray[np.uint32], NDArray[np.float32], NDArray[np.bool_]]:
    """Return what people decided by hand on images that a model answered about.

    Returns
    -------
    tuple
        Names by tag id; then, per decision, the tag, the newest score the model gave it (0 where it named it
        not), and whether it was accepted.
    """
    decided = fetch(c, select(state.c.image_id, state.c.decisions).where(state.c.decisions != b""))
    said = Ragged.join([row[1] for row in decided], DECISION)
    hand = np.flatnonzero((said.values["source"] == HAND) & (said.values["state"] != 0))
    image = np.array([row[0] for row in decided], dtype=np.int64)[said.rows[hand]]
    tag, yes = said.values["tag"][hand], said.values["state"][hand] > 0
    provider, _, name = model_key.partition("/")
    query = (
        select(annotation.c.image_id, annotation.c.tags)
        .join(model, model.c.id == annotation.c.model_id)
        .where(model.c.provider == provider, model.c.model == name, annotation.c.tags.is_not(None))
        .order_by(annotation.c.image_id, annotation.c.id)
    )
    newest = dict(fetch_of(c, query, annotation.c.image_id, np.unique(image)))
    answered = np.array(sorted(newest), dtype=np.int64)
    about = np.isin(image, answered)
    image, tag, yes = image[about], tag[about], yes[about]
    scored = Ragged.join([newest[number] for number in answered.tolist()], SCORED)
    at = find(scored, np.searchsorted(answered, image), tag)
    scores = np.zeros(len(tag), dtype=np.float32)
    scores[at >= 0] = scored.values["score"][at[at >= 0]]
    names = dict(fetch(c, select(tag_table.c.id, tag_table.c.name)))
    return names, tag, scores, yes


def scores_by_model(c: Connection, name: str, ids: NDArray[np.int64]) -> dict[str, NDArray[np.float32]]:
    """Return the scores of a tag on images, by ``provider/model`` and position.

    The newest answer of a model counts. Where it answered and did not name the tag, the score is 0, as it lay
    below what is kept; where it never answered, it is `UNSAID`. Models that never named the tag are left out.
    """
    tag = evidence.known_tag_ids(c, [name]).get(name)
    if tag is None:
        return {}
    models: dict[str, set[int]] = {}
    for number, provider, said in fetch(c, select(model.c.id, model.c.provider, model.c.model)):
        if provider != "file":
            models.setdefault(f"{provider}/{said}", set()).add(number)
    ordered = np.argsort(ids, kind="stable")
    found = {key: np.full(len(ids), UNSAID, dtype=np.float32) for key in models}
    query = (
        select(annotation.c.image_id, annotation.c.tags, annotation.c.model_id)
        .where(annotation.c.tags.is_not(None), annotation.c.model_id.in_(set().union(*models.values())))
        .order_by(annotation.c.id)
    )
    for start in range(0, len(ids), PART):  # one image's evidence is a few kilobytes
        places = ordered[start : start + PART]
        rows = fetch_of(c, query, annotation.c.image_id, ids[places])
        for key, numbers in models.items():
            newest = {row[0]: row[1] for row in rows if row[2] in numbers}
            _fill(found[key], ids, places, list(newest.items()), tag)
    return {key: scores for key, scores in found.items() if (scores > 0).any()}


def _fill(
    scores: NDArray[np.float32],
    ids: NDArray[np.int64],
    places: NDArray[np.int64],
    rows: list[tuple[int, bytes]],
    tag: int,
) -> None:
    """Write the scores of one model into their places."""
    owners, (records, row) = _of_tag(rows, SCORED, tag)
    at = places[np.searchsorted(ids[places], owners)]
    scores[at] = 0
    scores[at[row]] = records["score"]


def _of_tag(
    rows: Sequence[tuple[int, bytes]], kind: np.dtype[np.void], tag: int
) -> tuple[NDArray[np.int64], tuple[Array, NDArray[np.int64]]]:
    """Return the images of the rows, and of their records those of one tag with the row of each."""
    owners = np.array([row[0] for row in rows], dtype=np.int64)
    joined = Ragged.join([row[1] for row in rows], kind)
    hit = np.flatnonzero(joined.values["tag"] == tag)
    row = np.searchsorted(joined.offsets, hit, side="right") - 1
    return owners, (joined.values[hit], row)
