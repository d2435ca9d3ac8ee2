"""Whole columns at once, for the index: arrays by image, sorted by id."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import ColumnElement, select

from lorairo.store.blobs import EFFECTIVE, SCORED, Ragged
from lorairo.store.schema import (
    annotation,
    caption,
    dataset,
    failure,
    image,
    membership,
    model,
    path,
    score,
    scorer,
    state,
    tag,
)
from lorairo.store.state import all_ids
from lorairo.store.statements import as_ids, fetch, fetch_of
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


def load_images(c: Connection, ids: Ids | None = None) -> dict[str, Any]:
    """Return facts of images.

    Returns
    -------
    dict
        Arrays ``id`` int64, ``sha256`` uint8[n, 32], ``bytes`` int64, ``width``, ``height`` int32, ``phash`` uint64,
        ``mean_rgb`` uint32, ``added`` float64 (seconds since 1970), ``alpha`` bool; lists ``format``, ``mode``.
    """
    names = "id sha256 bytes width height phash mean_rgb created_at alpha format mode".split()
    query = select(*(image.c[name] for name in names)).order_by(image.c.id)
    found = dict(zip(names, _columns(_asked(c, query, image.c.id, ids), len(names)), strict=True))
    return {
        "id": np.array(found["id"], dtype=np.int64),
        "sha256": np.frombuffer(b"".join(found["sha256"]), dtype=np.uint8).reshape(-1, 32),
        "bytes": np.array(found["bytes"], dtype=np.int64),
        "width": np.array(found["width"], dtype=np.int32),
        "height": np.array(found["height"], dtype=np.int32),
        "phash": np.array(found["phash"], dtype=np.int64).view(np.uint64),
        "mean_rgb": np.array(found["mean_rgb"], dtype=np.uint32),
        "added": np.array(found["created_at"], dtype=np.float64),
        "alpha": np.array(found["alpha"], dtype=bool),
        "format": list(found["format"]),
        "mode": list(found["mode"]),
    }


def load_paths(c: Connection, ids: Ids | None = None) -> dict[str, Any]:
    """Return the paths images are known under: ``image_id`` int64 (sorted, repeated), ``missing`` bool, ``path``, ``name``.

    Of one image's paths those that are there come first.
    """
    query = (
        select(path.c.image_id, path.c.missing, path.c.path, path.c.name)
        .where(path.c.image_id.is_not(None))
        .order_by(path.c.image_id, path.c.missing, path.c.id)
    )
    found = _columns(_asked(c, query, path.c.image_id, ids), 4)
    return {
        "image_id": np.array(found[0], dtype=np.int64),
        "missing": np.array(found[1], dtype=bool),
        "path": list(found[2]),
        "name": list(found[3]),
    }


def load_flags(c: Connection, ids: Ids | None = None) -> dict[str, Any]:
    """Return curated values: ``id`` int64, ``stars`` uint8, ``excluded``, ``reviewed`` bool, ``reason`` list (None = none)."""
    names = "image_id stars excluded reviewed reason".split()
    query = select(*(state.c[name] for name in names)).order_by(state.c.image_id)
    found = _columns(_asked(c, query, state.c.image_id, ids), len(names))
    return {
        "id": np.array(found[0], dtype=np.int64),
        "stars": np.array(found[1], dtype=np.uint8),
        "excluded": np.array(found[2], dtype=bool),
        "reviewed": np.array(found[3], dtype=bool),
        "reason": list(found[4]),
    }


def load_tags(
    c: Connection, ids: Ids | None = None
) -> tuple[Ids, NDArray[np.int64], NDArray[np.uint32], NDArray[np.uint8]]:
    """Return effective tags: image ids int64[n], offsets int64[n + 1], tag ids uint32[m] in order, sources uint8[m]."""
    rows = _asked(c, select(state.c.image_id, state.c.tags).order_by(state.c.image_id), state.c.image_id, ids)
    found = _columns(rows, 2)
    joined = Ragged.join(found[1], EFFECTIVE)
    tags = np.ascontiguousarray(joined.values["tag"])
    return (
        np.array(found[0], dtype=np.int64),
        joined.offsets,
        tags,
        np.ascontiguousarray(joined.values["source"]),
    )


def load_tag_table(c: Connection) -> tuple[NDArray[np.uint32], list[str], NDArray[np.uint8]]:
    """Return all tags: ids sorted, names, categories."""
    found = _columns(fetch(c, select(tag.c.id, tag.c.name, tag.c.category).order_by(tag.c.id)), 3)
    return np.array(found[0], dtype=np.uint32), list(found[1]), np.array(found[2], dtype=np.uint8)


def load_scores(c: Connection, ids: Ids | None = None) -> dict[str, tuple[Ids, NDArray[np.float32]]]:
    """Return scores by name: image ids and values; of several versions of a scorer the newest answer counts."""
    names = {row.id: list(row.names) for row in c.execute(select(scorer.c.id, scorer.c.names))}
    query = select(score.c.image_id, score.c.scorer_id, score.c["values"]).order_by(score.c.image_id)
    blobs: dict[int, list[tuple[int, bytes]]] = defaultdict(list)
    for image_id, number, values in _asked(c, query, score.c.image_id, ids):
        blobs[number].append((image_id, values))
    parts: dict[str, tuple[Ids, NDArray[np.float32]]] = {}
    for number in sorted(blobs):  # a later version has the higher id and wins
        found = np.array([image_id for image_id, _ in blobs[number]], dtype=np.int64)
        table = np.frombuffer(b"".join(values for _, values in blobs[number]), "<f4").reshape(len(found), -1)
        for column, name in enumerate(names[number]):
            parts[name] = _overlaid(parts.get(name), found, table[:, column].astype(np.float32))
    return parts


def _overlaid(
    old: tuple[Ids, NDArray[np.float32]] | None, ids: Ids, values: NDArray[np.float32]
) -> tuple[Ids, NDArray[np.float32]]:
    if old is None:
        return ids, values
    every = np.union1d(old[0], ids)
    merged = np.full(len(every), np.nan, dtype=np.float32)
    merged[np.searchsorted(every, old[0])] = old[1]
    merged[np.searchsorted(every, ids)] = values
    return every, merged


def captions_in_force(
    c: Connection, ids: Ids | None = None, variant: str | None = None
) -> dict[int, dict[str, tuple[str, str]]]:
    """Return captions and who wrote them, by image and variant.

    A person's caption counts; until there is one, `default` is what a file beside the image says, else what a model
    said last.

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


def load_datasets(c: Connection) -> dict[str, Ids]:
    """Return the images of each dataset, sorted, by its name."""
    query = select(membership.c.dataset_id, membership.c.image_id).order_by(membership.c.image_id)
    members: dict[int, list[int]] = defaultdict(list)
    for number, image_id in fetch(c, query):
        members[number].append(image_id)
    names = fetch(c, select(dataset.c.id, dataset.c.name).order_by(dataset.c.name))
    return {name: np.array(members[number], dtype=np.int64) for number, name in names}


def load_answered(c: Connection) -> dict[str, Ids]:
    """Return the images each model (``provider/model``, and ``file/...``) has said something about, sorted."""
    names = {
        row[0]: f"{row[1]}/{row[2]}" for row in fetch(c, select(model.c.id, model.c.provider, model.c.model))
    }
    found: dict[str, set[int]] = defaultdict(set)
    for number, image_id in fetch(c, select(annotation.c.model_id, annotation.c.image_id).distinct()):
        found[names[number]].add(image_id)
    return {name: np.array(sorted(ids), dtype=np.int64) for name, ids in found.items()}


def load_failed(c: Connection, *, refused: bool = False) -> dict[str, Ids]:
    """Return the images each ``provider/model`` gave no answer for; only content-policy refusals on request."""
    query = select(failure.c.provider, failure.c.model, failure.c.image_id).distinct()
    if refused:
        query = query.where(failure.c.policy_violation.is_(True))
    found: dict[str, set[int]] = defaultdict(set)
    for provider, name, image_id in fetch(c, query):
        found[f"{provider}/{name}"].add(image_id)
    return {name: np.array(sorted(ids), dtype=np.int64) for name, ids in found.items()}


def load_ratings(c: Connection, ids: Ids | None = None) -> dict[int, str]:
    """Return the rating (general, sensitive, questionable, explicit) said last about each image."""
    query = (
        select(annotation.c.image_id, annotation.c.rating)
        .where(annotation.c.rating.is_not(None))
        .order_by(annotation.c.image_id, annotation.c.id)
    )
    return dict(_asked(c, query, annotation.c.image_id, ids))


def load_tag_scores(c: Connection, tag_id: int, ids: Ids | None = None) -> tuple[Ids, NDArray[np.float32]]:
    """Return the highest score any model gave a tag, with the images; files and lower than the floor are left out."""
    query = (
        select(annotation.c.image_id, annotation.c.tags)
        .join(model, model.c.id == annotation.c.model_id)
        .where(annotation.c.tags.is_not(None), model.c.provider != "file")
        .order_by(annotation.c.image_id)
    )
    found = _columns(_asked(c, query, annotation.c.image_id, ids), 2)
    said = Ragged.join(found[1], SCORED)
    at = np.flatnonzero(said.values["tag"] == tag_id)
    where = np.array(found[0], dtype=np.int64)[np.searchsorted(said.offsets, at, side="right") - 1]
    images, first = np.unique(where, return_index=True)
    values = said.values["score"][at].astype(np.float32)
    return images, np.maximum.reduceat(values, first) if len(first) else values


def load_tag_rows(c: Connection, ids: Ids | None = None) -> list[Row]:
    """Return one row per image and tag: image_id, tag, state, source, model, score.

    The state is effective, suggested (a model said it, below its threshold) or rejected. Model and score are those of
    the highest score.
    """
    return list(tag_rows(c, all_ids(c) if ids is None else as_ids(ids)))


def load_annotations(c: Connection, ids: Ids | None = None) -> list[dict[str, Any]]:
    """Return model runs: image_id, provider, model, revision, parameters, kind, caption, tags (number), rating, cost, ..."""
    plain = "caption rating confidence seconds tokens_in tokens_out cost at".split()
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
