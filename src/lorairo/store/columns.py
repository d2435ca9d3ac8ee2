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
    dataset,
    model,
)
from lorairo.store.sentencing import decided, variant_asked_for
from lorairo.store.state import all_ids
from lorairo.store.statements import as_ids, fetch_of
from lorairo.store.tagrows import tag_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection, Select

    from lorairo.store.tagrows import Row

    Ids = NDArray[np.int64]

_MODEL = ("provider", "model", "revision", "parameters", "kind")
_ANSWER = ("caption", "rating", "confidence", "seconds", "tokens_in", "tokens_out", "cost", "at")
RUNS = ("image_id", *_MODEL, *_ANSWER, "tags")


def _sorted(ids: Ids | None) -> Ids | None:
    return None if ids is None else np.unique(np.asarray(ids, dtype=np.int64))


def _asked(
    c: Connection, query: Select[Any], column: ColumnElement[int], ids: Ids | None
) -> list[tuple[Any, ...]]:
    return fetch_of(c, query, column, _sorted(ids))


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True)) if rows else [()] * width


_HAND, _ASKED_FOR, _FILE, _OFFERED = range(4)  # whose caption counts before whose


def _caption_texts(
    c: Connection, ids: Ids | None, variant: str | None
) -> Iterator[tuple[int, str, tuple[int, int], str, str]]:
    """Give every caption that is known: image, variant, rank (the lowest counts), text, who wrote it.

    A model's caption is of the variant that its parameters name, or of `default` where they name none; there
    it stands behind what a file says. Of it the sentences count that nobody struck.
    """
    people = decided(c, _sorted(ids))
    said = (
        select(
            annotation.c.image_id,
            annotation.c.caption,
            model.c.provider,
            model.c.model,
            model.c.parameters,
            annotation.c.sidecar_id,
            annotation.c.id,
        )
        .join(model, model.c.id == annotation.c.model_id)
        .where(annotation.c.caption.is_not(None))
    )
    for image_id, text, provider, name, parameters, sidecar_id, number in _asked(
        c, said, annotation.c.image_id, ids
    ):
        if provider == "file":
            of, rank, who = "default", (_FILE, sidecar_id or 0), "file"
        else:
            asked = variant_asked_for(parameters)
            of, rank, who = asked or "default", (_ASKED_FOR if asked else _OFFERED, -number), name
            if image_id in people and not (text := people[image_id].kept(text)):
                continue
        if variant in {None, of}:
            yield image_id, of, rank, text, who
    written = select(caption.c.image_id, caption.c.variant, caption.c.text)
    if variant is not None:
        written = written.where(caption.c.variant == variant)
    for image_id, of, text in _asked(c, written, caption.c.image_id, ids):
        yield image_id, of, (_HAND, 0), text, "hand"


def captions_in_force(
    c: Connection, ids: Ids | None = None, variant: str | None = None
) -> dict[int, dict[str, tuple[str, str]]]:
    """Return captions and who wrote them, by image and variant.

    A person's caption counts, also an empty one; until there is one, what a model said last that was asked
    for this variant; then, for `default`, what a file beside the image says, and what other models said. In
    the latter struck sentences are lacking, and accepted ones of other models follow.

    Returns
    -------
    dict
        Image id to {variant: (text, "hand" | "file" | model name)}.
    """
    found: dict[int, dict[str, tuple[str, str]]] = defaultdict(dict)
    ranks: dict[tuple[int, str], tuple[int, int]] = {}
    for image_id, of, rank, text, who in _caption_texts(c, ids, variant):
        if (image_id, of) not in ranks or rank < ranks[image_id, of]:
            ranks[image_id, of] = rank
            found[image_id][of] = (text, who)
    for image_id, people in decided(c, _sorted(ids)).items():
        for of, (text, who) in found.get(image_id, {}).items():
            if ranks[image_id, of][0] != _HAND:
                found[image_id][of] = (people.completed(text, of), who)
    return found


def caption_variants(c: Connection) -> list[str]:
    """Return the variants that anything in the project names: a caption, a model's settings, a dataset."""
    found = set(c.execute(select(caption.c.variant).distinct()).scalars())
    found.update(c.execute(select(dataset.c.variant).distinct()).scalars())
    found.update(map(variant_asked_for, c.execute(select(model.c.parameters)).scalars()))
    return sorted({"default", *(name for name in found if name)})


def load_caption_rows(c: Connection, ids: Ids) -> list[tuple[int, str, str, str, str | None, bool]]:
    """Return image_id, variant, text, source, model and whether it is in force, of every caption known.

    In the order of `ids`, then by variant; the one in force first.
    """
    place = {image_id: number for number, image_id in enumerate(ids.tolist())}
    known = sorted(
        _caption_texts(c, ids, None), key=lambda row: (place[row[0]], row[1] != "default", row[1], row[2])
    )
    rows = []
    before: tuple[int, str] | None = None
    people = decided(c, _sorted(ids))
    for image_id, of, rank, text, who in known:
        if image_id in people and before != (image_id, of) and rank[0] != _HAND:
            text = people[image_id].completed(text, of)  # noqa: PLW2901 - as it counts
        source = {_HAND: "hand", _FILE: "file"}.get(rank[0], "model")
        rows.append(
            (image_id, of, text, source, who if source == "model" else None, before != (image_id, of))
        )
        before = (image_id, of)
    return rows


def load_captions(c: Connection, variant: str = "default", ids: Ids | None = None) -> dict[int, str]:
    """Return captions of one variant by image id; images without one are left out."""
    return {
        n: texts[variant][0] for n, texts in captions_in_force(c, ids, variant).items() if variant in texts
    }


def load_tag_rows(c: Connection, ids: Ids | None = None) -> list[Row]:
    """Return one row per image and tag: image_id, tag, state, source, model, score, revision.

    The state is effective, suggested (a model said it, and that was not enough) or rejected. Model, score and
    revision are those of the highest score over its model's threshold, else of the highest.
    """
    return list(tag_rows(c, all_ids(c) if ids is None else as_ids(ids)))


def load_annotations(c: Connection, ids: Ids | None = None) -> list[dict[str, Any]]:
    """Return model runs, with the number of tags each named; one dictionary per image and run."""
    query = (
        select(
            annotation.c.image_id,
            *(model.c[name] for name in _MODEL),
            *(annotation.c[name] for name in _ANSWER),
            annotation.c.tags,
        )
        .join(model, model.c.id == annotation.c.model_id)
        .order_by(annotation.c.image_id, annotation.c.id)
    )
    rows = _asked(c, query, annotation.c.image_id, ids)
    return [
        {
            **dict(zip(RUNS[:-1], row[:-1], strict=True)),
            "parameters": json.loads(row[4]),
            "tags": len(row[-1] or b"") // SCORED.itemsize,
        }
        for row in rows
    ]
