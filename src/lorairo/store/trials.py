"""What models said of a few images each time they were asked in another way, and what people think of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select

from lorairo.store import changes, log, settings
from lorairo.store.requests import DROPPED
from lorairo.store.schema import annotation, failure, request
from lorairo.store.statements import bulk, fetch_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.store.database import Database

_ANSWER = ("caption", "rating", "seconds", "tokens_in", "tokens_out", "cost", "raw")
_ASKED = ("state", "ending", "cost")
_VOTES = "laboratory.votes."
_SAMPLE = "laboratory.sample."

Key = tuple[int, int]
"""Image and row of the model."""


def answers(c: Connection, numbers: Sequence[int], ids: NDArray[np.int64]) -> dict[Key, dict[str, Any]]:
    """Return the answers of models about images."""
    columns = [annotation.c[name] for name in _ANSWER]
    query = (
        select(annotation.c.image_id, annotation.c.model_id, *columns)
        .where(annotation.c.model_id.in_(numbers))
        .order_by(annotation.c.id)
    )
    rows = fetch_of(c, query, annotation.c.image_id, ids)
    return {(row[0], row[1]): dict(zip(_ANSWER, row[2:], strict=True)) for row in rows}


def requests(c: Connection, numbers: Sequence[int], ids: NDArray[np.int64]) -> dict[Key, dict[str, Any]]:
    """Return how the last question to a service ended, with what all of them about an image cost."""
    columns = [request.c[name] for name in _ASKED]
    query = (
        select(request.c.image_id, request.c.model_id, *columns)
        .where(request.c.model_id.in_(numbers), request.c.state != DROPPED)
        .order_by(request.c.id)
    )
    found: dict[Key, dict[str, Any]] = {}
    for image_id, number, *values in fetch_of(c, query, request.c.image_id, ids):
        now = dict(zip(_ASKED, values, strict=True))
        before = found.get((image_id, number), {}).get("cost")
        if before is not None:
            now["cost"] = before + (now["cost"] or 0.0)
        found[image_id, number] = now
    return found


def failed(c: Connection, provider: str, model: str, ids: NDArray[np.int64]) -> dict[int, str]:
    """Return what kind of failure a model had last, by image."""
    query = (
        select(failure.c.image_id, failure.c.kind)
        .where(failure.c.provider == provider, failure.c.model == model)
        .order_by(failure.c.id)
    )
    return {row[0]: row[1] for row in fetch_of(c, query, failure.c.image_id, ids)}


def say_last(database: Database, numbers: Sequence[int], ids: NDArray[np.int64]) -> int:
    """Let the answers of models be the last ones said about images, so that they are the ones in force.

    Returns
    -------
    int
        How many answers these are.
    """
    names = [column.name for column in annotation.columns if column.name != "id"]
    query = select(*(annotation.c[name] for name in names)).where(annotation.c.model_id.in_(numbers))
    with log.evidence_write(database) as c:
        rows = fetch_of(c, query.order_by(annotation.c.id), annotation.c.image_id, ids)
        told = [(row[names.index("image_id")], row[names.index("model_id")]) for row in rows]
        old = delete(annotation).where(
            annotation.c.image_id == bindparam("i"), annotation.c.model_id == bindparam("m")
        )
        bulk(c, old, ["i", "m"], told)
        bulk(c, insert(annotation), names, rows)
        images = {image_id for image_id, _ in told}
        log.refresh(c, images)
        changes.tell(c, {"annotations", "captions"}, images)
    return len(rows)


# Votes are settings: they say what people think of prompts and nothing about any image. There is one row for
# each pair, so that a vote never writes those of others again.


def votes(c: Connection, pairs: Sequence[str]) -> dict[str, dict[str, dict[str, str]]]:
    """Return votes by pair, image (as text) and author."""
    return {pair: settings.get(c, _VOTES + pair, {}) for pair in pairs}


def vote(database: Database, pair: str, image_id: int, author: str, won: str | None) -> None:
    """Keep one vote, or let it go."""
    with database.write() as c:
        kept = settings.get(c, _VOTES + pair, {})
        of_image = kept.setdefault(str(image_id), {})
        if won is None:
            of_image.pop(author, None)
        else:
            of_image[author] = won
        settings.put(c, _VOTES + pair, {image: said for image, said in kept.items() if said})


def sample(c: Connection, name: str) -> list[int] | None:
    """Return the images of a sample that was drawn before."""
    found: list[int] | None = settings.get(c, _SAMPLE + name)
    return found


def keep_sample(database: Database, name: str, ids: Sequence[int]) -> None:
    """Keep the images of a sample."""
    with database.write() as c:
        settings.put(c, _SAMPLE + name, list(ids))
