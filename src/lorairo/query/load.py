"""Filling the index: everything at the start, afterwards only what a change touched."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.query.matrix import TagMatrix
from lorairo.store import index_columns as stored

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.store import Change
    from lorairo.store.index_columns import Columns, Vocabulary

    Ids = NDArray[np.int64]

_FLAG_KINDS = frozenset({"stars", "excluded", "reviewed"})


@dataclass(frozen=True)
class Parts:
    """The arrays of an index. All are read-only, and shared from version to version while they stay the same.

    Attributes
    ----------
    ids
        int64[n], ascending.
    hashes
        uint8[n, 32], SHA-256.
    columns
        Facts, flags and paths by name.
    aspect
        float64[n], width by height.
    scores
        float32[n] by name, NaN where unknown.
    matrix
        Images by tags.
    vocabulary
        Names and categories of tags.
    """

    ids: Ids
    hashes: NDArray[np.uint8]
    columns: Columns
    aspect: NDArray[np.float64]
    scores: Columns
    matrix: TagMatrix
    vocabulary: Vocabulary


def everything(c: Connection, wanted: Ids | None = None) -> Parts:
    """Read all images, or some."""
    ids, hashes, columns = stored.load_facts(c, wanted)
    columns |= stored.load_flags(c, ids) | stored.load_paths(c, ids, every=wanted is None)
    vocabulary = stored.load_vocabulary(c)
    return _frozen(
        Parts(
            ids=ids,
            hashes=hashes,
            columns=columns,
            aspect=columns["width"] / np.maximum(columns["height"], 1),
            scores=stored.load_scores(c, ids),
            matrix=TagMatrix(*_rows(c, ids), len(vocabulary.names)),
            vocabulary=vocabulary,
        )
    )


def changed(c: Connection, parts: Parts, change: Change) -> Parts:
    """Read again what a change touched.

    Parameters
    ----------
    c
        Where to ask: a snapshot that has the change.
    parts
        What was known before.
    change
        Its kinds say which columns, its images which rows.
    """
    kinds = change.kind
    if change.images is None and kinds & {"images", "tags"}:
        return everything(c)
    touched = parts.ids if change.images is None else np.unique(change.images)
    if "images" in kinds:
        grown = _grown(c, parts, touched)
        if grown is None:
            return everything(c)
        touched = touched[np.isin(touched, parts.ids)]  # the new ones are complete already
        parts = grown
    rows = touched[np.isin(touched, parts.ids)]
    places = np.searchsorted(parts.ids, rows)
    columns = dict(parts.columns)
    if kinds & _FLAG_KINDS:
        columns |= _patched(columns, places, stored.load_flags(c, rows))
    if "paths" in kinds:
        columns |= _patched(columns, places, stored.load_paths(c, rows))
    scores = parts.scores
    if "scores" in kinds:
        scores = _rescored(scores, places, stored.load_scores(c, rows), len(parts.ids))
    parts = replace(parts, columns=columns, scores=scores)
    return _frozen(_retagged(c, parts, change, rows) if "tags" in kinds else parts)


def _retagged(c: Connection, parts: Parts, change: Change, rows: Ids) -> Parts:
    offsets, tags, sources = _rows(c, rows)
    places = np.searchsorted(parts.ids, rows)
    matrix = parts.matrix.amended(places, offsets, tags, sources, hint=change.tags)
    return replace(parts, vocabulary=stored.load_vocabulary(c, parts.vocabulary), matrix=matrix)


def _grown(c: Connection, parts: Parts, touched: Ids) -> Parts | None:
    """Append new images, which have the highest ids; None says that it was something else."""
    n = len(parts.ids)
    last = parts.ids[-1] if n else -1
    above, old = touched[touched > last], touched[touched <= last]
    new = everything(c, above)
    still = stored.load_facts(c, old)[0]
    if len(new.ids) != len(above) or len(still) != len(old) or not np.isin(old, parts.ids).all():
        return None
    total = n + len(above)
    added = new.matrix
    return Parts(
        ids=np.concatenate([parts.ids, new.ids]),
        hashes=np.concatenate([parts.hashes, new.hashes]),
        columns={name: np.concatenate([old, new.columns[name]]) for name, old in parts.columns.items()},
        aspect=np.concatenate([parts.aspect, new.aspect]),
        scores={
            name: np.concatenate([_score(parts.scores, name, n), _score(new.scores, name, len(above))])
            for name in {*parts.scores, *new.scores}
        },
        matrix=parts.matrix.amended(
            np.arange(n, total), added.offsets, added.tags, added.sources, length=total
        ),
        vocabulary=new.vocabulary,
    )


def _score(scores: Columns, name: str, length: int) -> NDArray[Any]:
    return scores[name] if name in scores else np.full(length, np.nan, dtype=np.float32)


def _patched(columns: Columns, places: Ids, fresh: Columns) -> Columns:
    patched: Columns = {}
    for name, values in fresh.items():
        patched[name] = columns[name].copy()
        patched[name][places] = values
    return patched


def _rescored(scores: Columns, places: Ids, fresh: Columns, length: int) -> Columns:
    """Take new values; a score that these images lost is unknown for them, and gone when no image has it."""
    result: Columns = {}
    for name in {*scores, *fresh}:
        values = _score(scores, name, length).copy()
        values[places] = fresh.get(name, np.nan)
        if not np.isnan(values).all():
            result[name] = values
    return result


def _rows(c: Connection, ids: Ids) -> tuple[Ids, NDArray[np.int32], NDArray[np.uint8]]:
    effective = stored.load_effective(c, ids)
    values = effective.values
    return effective.offsets, values["tag"].astype(np.int32), np.ascontiguousarray(values["source"])


def _frozen(parts: Parts) -> Parts:
    arrays: list[NDArray[Any]] = [parts.ids, parts.hashes, parts.aspect]
    for array in (*arrays, *parts.columns.values(), *parts.scores.values()):
        array.setflags(write=False)
    return parts
