"""Whole columns at once, for the index: arrays by image, sorted by id."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import ColumnElement, select

from lorairo.store.blobs import SCORED
from lorairo.store.schema import (
    annotation,
    caption,
    model,
)
from lorairo.store.state import all_ids
from lorairo.store.statements import as_ids, fetch_of
from lorairo.store.tagrows import tag_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection, Select

    from lorairo.store.tagrows import Row

    Ids = NDArray[np.int64]


def _sorted(ids: Ids | None) -> Ids | None:
    return None if ids is None else np.unique(np.asarray(ids, dtype=np.int64))


def _asked(
    c: Connection, query: Select[Any], column: ColumnElement[int], ids: Ids | None
) -> list[tuple[Any, ...]]:
    return fetch_of(c, query, column, _sorted(ids))


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True)) if rows else [()] * width


def captions_in_force(
    c: Connection, ids: Ids | None = None, variant: str | None = None
) -> dict[int, dict[str, tuple[str, str]]]:
    """Return captions and who wrote them, by image and variant.

    A person's caption counts; until there is one, `default` is what a file beside the image says, else what
    a model said last.

    Returns
    -------
    dict
        Image id to {variant: (text, "hand" | "file" | model name)}.
    """
    found: dict[int, dict[str, tuple[str, str]]] = defaultdict(dict)
    if variant in {None, "default"}:
        said = (
            select(
                annotation.c.image_id,
                annotation.c.caption,
                model.c.provider,
                model.c.model,
                annotation.c.sidecar_id,
            )
            .join(model, model.c.id == annotation.c.model_id)
            .where(annotation.c.caption.is_not(None))
            .order_by(annotation.c.image_id, annotation.c.id)
        )
        filed: dict[int, int] = {}
        for image_id, text, provider, name, sidecar_id in _asked(c, said, annotation.c.image_id, ids):
            if provider != "file":
                if image_id not in filed:
                    found[image_id]["default"] = (text, name)
            elif image_id not in filed or (sidecar_id or 0) < filed[image_id]:
                filed[image_id] = sidecar_id or 0
                found[image_id]["default"] = (text, "file")
    written = select(caption.c.image_id, caption.c.variant, caption.c.text)
    if variant is not None:
        written = written.where(caption.c.variant == variant)
    for image_id, name, text in _asked(c, written, caption.c.image_id, ids):
        found[image_id][name] = (text, "hand")
    return found


def load_captions(c: Connection, variant: str = "default", ids: Ids | None = None) -> dict[int, str]:
    """Return captions of one variant by image id; images without one are left out."""
    return {
        n: texts[variant][0] for n, texts in captions_in_force(c, ids, variant).items() if variant in texts
    }


def caption_origin(c: Connection, image_id: int, variant: str = "default") -> str | None:
    """Return who wrote a caption: ``hand``, ``file`` or the name of a model; None when there is none."""
    entry = captions_in_force(c, np.array([image_id]), variant).get(image_id, {}).get(variant)
    return None if entry is None else entry[1]


def load_tag_rows(c: Connection, ids: Ids | None = None) -> list[Row]:
    """Return one row per image and tag: image_id, tag, state, source, model, score.

    The state is effective, suggested (a model said it, below its threshold) or rejected. Model and score are
    those of the highest score.
    """
    return list(tag_rows(c, all_ids(c) if ids is None else as_ids(ids)))


def load_annotations(c: Connection, ids: Ids | None = None) -> list[dict[str, Any]]:
    """Return model runs, with the number of tags each named; one dictionary per image and run."""
    plain = ["caption", "rating", "confidence", "seconds", "tokens_in", "tokens_out", "cost", "at"]
    query = (
        select(
            annotation.c.image_id,
            *(model.c[name] for name in ("provider", "model", "revision", "parameters", "kind")),
            *(annotation.c[name] for name in plain),
            annotation.c.tags,
        )
        .join(model, model.c.id == annotation.c.model_id)
        .order_by(annotation.c.image_id, annotation.c.id)
    )
    names = ["image_id", "provider", "model", "revision", "parameters", "kind", *plain]
    rows = _asked(c, query, annotation.c.image_id, ids)
    return [
        {
            **dict(zip(names, row[:-1], strict=True)),
            "parameters": json.loads(row[4]),
            "tags": len(row[-1] or b"") // SCORED.itemsize,
        }
        for row in rows
    ]
