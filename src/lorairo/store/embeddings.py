"""Places of images in the space of a model: float16, one row per image and model."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import func, select

from lorairo.store import changes, dialect
from lorairo.store.schema import embedding, model
from lorairo.store.statements import bulk, fetch_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

_STORED = np.dtype("<f2")


def record(c: Connection, model_id: int, image_ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
    """Save places, float32[images, dimensions]; earlier ones of the same model are replaced."""
    now, packed = time.time(), np.ascontiguousarray(vectors, dtype=_STORED)
    rows = [(model_id, int(number), packed[k].tobytes(), now) for k, number in enumerate(image_ids)]
    new = dialect.upsert(embedding, ("model_id", "image_id"))
    bulk(c, new, ["model_id", "image_id", "vector", "at"], rows)
    if rows:
        changes.tell(c, {"annotations"}, [row[1] for row in rows])


def known(c: Connection, model_id: int, image_ids: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """Return the images, sorted, whose place is known."""
    query = select(embedding.c.image_id).where(embedding.c.model_id == model_id)
    rows = fetch_of(c, query, embedding.c.image_id, None if image_ids is None else np.unique(image_ids))
    return np.unique(np.array([row[0] for row in rows], dtype=np.int64))


def newest(c: Connection, provider: str, name: str) -> int | None:
    """Return the id of the embedder of this name that was entered last; None where it has not run."""
    query = select(func.max(model.c.id)).where(
        model.c.provider == provider, model.c.model == name, model.c.kind == "embedder"
    )
    found = c.execute(query).scalar()
    return None if found is None else int(found)


def made_by(c: Connection, model_id: int) -> tuple[str, float]:
    """Return the revision of an embedder, and when it last placed an image: with its id, what places are."""
    revision = c.execute(select(model.c.revision).where(model.c.id == model_id)).scalar()
    last = c.execute(select(func.max(embedding.c.at)).where(embedding.c.model_id == model_id)).scalar()
    return str(revision), float(last or 0)


def embedders(c: Connection) -> list[tuple[str, int]]:
    """Return the names of embedders that have placed images here and how many, those with the most first."""
    count = func.count(embedding.c.image_id.distinct())
    query = (
        select(model.c.provider, model.c.model, count)
        .join(model, model.c.id == embedding.c.model_id)
        .group_by(model.c.provider, model.c.model)
        .order_by(count.desc(), model.c.model)
    )
    found = c.execute(query).all()
    return [(name if provider == "local" else f"{provider}/{name}", int(n)) for provider, name, n in found]


def vectors(
    c: Connection, model_id: int, image_ids: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return ids, sorted, and their places, float32[ids, dimensions]; images without one are left out."""
    query = (
        select(embedding.c.image_id, embedding.c.vector)
        .where(embedding.c.model_id == model_id)
        .order_by(embedding.c.image_id)
    )
    wanted = None if image_ids is None else np.unique(image_ids)
    rows = fetch_of(c, query, embedding.c.image_id, wanted)
    ids = np.array([row[0] for row in rows], dtype=np.int64)
    flat = np.frombuffer(b"".join(bytes(row[1]) for row in rows), dtype=_STORED).astype(np.float32)
    return ids, flat.reshape(len(rows), -1) if rows else np.zeros((0, 0), np.float32)
