"""What the index holds of every image, as columns. Asked for all images, or for those that changed."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import func, select

from lorairo.store.blobs import EFFECTIVE, Ragged
from lorairo.store.schema import image, path, score, scorer, state, tag
from lorairo.store.statements import CHUNK, fetch_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import ColumnElement, Connection, Select

    Columns = dict[str, NDArray[Any]]

FACTS: dict[str, type] = {
    "bytes": np.int64,
    "width": np.int32,
    "height": np.int32,
    "phash": np.int64,
    "mean_rgb": np.int32,
    "added": np.float64,
    "format": object,
    "alpha": np.bool_,
}
FLAGS: dict[str, type] = {"stars": np.int8, "excluded": np.bool_, "reviewed": np.bool_, "reason": object}
PATHS: dict[str, type] = {"name": object, "path": object, "missing": np.bool_, "copies": np.int32}

_PART = 256  # rows turned to columns at a time


@dataclass(frozen=True)
class Vocabulary:
    """Every tag the project ever met.

    Attributes
    ----------
    names
        By tag id; None where there is no such id.
    categories
        Danbooru numbers by tag id.
    ids
        Tag id by name.
    signature
        Another one says that there is something new to read.
    """

    names: list[str | None]
    categories: NDArray[np.uint8]
    ids: dict[str, int]
    signature: tuple[int, ...]


def load_facts(
    c: Connection, ids: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.int64], NDArray[np.uint8], Columns]:
    """Return image ids ascending, their content hashes (uint8[n, 32]), and what files say of themselves.

    Parameters
    ----------
    c
        Where to ask.
    ids
        Sorted; None for all. Those that do not exist are left out.
    """
    columns = [image.c.created_at if name == "added" else image.c[name] for name in FACTS]
    query = select(image.c.id, image.c.sha256, *columns).order_by(image.c.id)
    found, hashes, *values = _ask(c, query, image.c.id, ids, 2 + len(FACTS))
    packed = np.frombuffer(b"".join(hashes), dtype=np.uint8).reshape(len(found), 32)
    return np.array(found, dtype=np.int64), packed, _typed(FACTS, values)


def load_flags(c: Connection, ids: NDArray[np.int64]) -> Columns:
    """Return what people decided about images, in the order of the sorted ids."""
    query = select(state.c.image_id, *(state.c[name] for name in FLAGS)).order_by(state.c.image_id)
    found, *values = _ask(c, query, state.c.image_id, ids, 1 + len(FLAGS))
    return _placed(ids, np.array(found, dtype=np.int64), _typed(FLAGS, values))


def load_paths(c: Connection, ids: NDArray[np.int64], *, every: bool = False) -> Columns:
    """Return where images are: the first path that is there, whether none is, and how many are known.

    Parameters
    ----------
    c
        Where to ask.
    ids
        Sorted.
    every
        That these are all images: then the table is read as it lies, which is faster than by image.
    """
    # sorted here: by image, those that are there first, then as they were found
    query = select(path.c.image_id, path.c.name, path.c.path, path.c.missing, path.c.id)
    query = query.where(path.c.image_id.is_not(None))
    owner, names, paths, missing, number = _ask(c, query, path.c.image_id, None if every else ids, 5)
    images, gone = np.array(owner, dtype=np.int64), np.array(missing, dtype=bool)
    order = np.lexsort((np.array(number, dtype=np.int64), gone, images))
    found, first, copies = np.unique(images[order], return_index=True, return_counts=True)
    chosen = order[first].tolist()
    values = [[column[place] for place in chosen] for column in (names, paths, missing)]
    return _placed(ids, found, _typed(PATHS, [*values, copies]), missing=True)


def load_effective(c: Connection, ids: NDArray[np.int64]) -> Ragged:
    """Return the tags of images, `EFFECTIVE` records, in the order of the sorted ids."""
    query = select(state.c.image_id, state.c.tags).order_by(state.c.image_id)
    found, blobs = _ask(c, query, state.c.image_id, ids, 2)
    if len(found) == len(ids):
        return Ragged.join(blobs, EFFECTIVE)
    by_id = dict(zip(found, blobs, strict=True))
    return Ragged.join([by_id.get(number, b"") for number in ids.tolist()], EFFECTIVE)


def load_vocabulary(c: Connection, known: Vocabulary | None = None) -> Vocabulary:
    """Return the tags the project ever met; the same object again when nothing is new."""
    # Names never change and tags are never removed; a category may go from general to a special one.
    sums = select(
        func.count(), func.coalesce(func.max(tag.c.id), 0), func.coalesce(func.sum(tag.c.category), 0)
    )
    signature = tuple(int(value) for value in c.execute(sums.select_from(tag)).one())
    if known is not None and known.signature == signature:
        return known
    query = select(tag.c.id, tag.c.name, tag.c.category).order_by(tag.c.id)
    ids, names, categories = _ask(c, query, tag.c.id, None, 3)
    width = ids[-1] + 1 if ids else 0
    by_id: list[str | None] = [None] * width
    for number, name in zip(ids, names, strict=True):
        by_id[number] = name
    numbers = np.zeros(width, dtype=np.uint8)
    numbers[list(ids)] = categories
    return Vocabulary(by_id, numbers, dict(zip(names, ids, strict=True)), signature)


def load_scores(c: Connection, ids: NDArray[np.int64]) -> Columns:
    """Return scores by name, float32 in the order of the sorted ids, NaN where unknown.

    Where two versions of a scorer, or two scorers, have values of one name, the scorer added last wins.
    """
    found: Columns = {}
    query = select(scorer.c.id, scorer.c.names).order_by(scorer.c.id)
    for number, names in c.execute(query).all():
        wanted = select(score.c.image_id, score.c["values"]).where(score.c.scorer_id == number)
        owner, blobs = _ask(c, wanted.order_by(score.c.image_id), score.c.image_id, ids, 2)
        if not owner:
            continue
        values = np.frombuffer(b"".join(blobs), dtype="<f4").reshape(len(owner), len(names))
        places = np.searchsorted(ids, np.array(owner, dtype=np.int64))
        for column, name in enumerate(names):
            known = ~np.isnan(values[:, column])
            if not known.any():  # a score that no image has is no score of the project
                continue
            into = found.setdefault(name, np.full(len(ids), np.nan, dtype=np.float32))
            into[places[known]] = values[known, column]
    return found


def _ask(
    c: Connection, query: Select[Any], column: ColumnElement[int], ids: NDArray[np.int64] | None, width: int
) -> list[list[Any]]:
    """Return the columns of a query for some images; its first column is the id that `column` names.

    Rows are turned to columns as they come: a hundred thousand tuples at once would make the garbage
    collector walk the whole kernel.
    """
    columns: list[list[Any]] = [[] for _ in range(width)]
    if ids is not None and len(ids) <= CHUNK:
        _extend(columns, fetch_of(c, query, column, ids))
        return columns
    if ids is not None:
        query = query.where(column.between(int(ids[0]), int(ids[-1])))
    result = c.execute(query)
    while rows := result.cursor.fetchmany(_PART) if result.cursor is not None else []:
        _extend(columns, rows)
    result.close()
    if ids is not None and len(columns[0]) and len(ids) <= ids[-1] - ids[0]:
        keep = np.isin(np.array(columns[0], dtype=np.int64), ids).tolist()
        columns = [list(itertools.compress(values, keep)) for values in columns]
    return columns


def _extend(columns: list[list[Any]], rows: Sequence[tuple[Any, ...]]) -> None:
    for column, values in zip(columns, zip(*rows, strict=True), strict=False):
        column.extend(values)


def _typed(types: dict[str, type], values: list[Any]) -> Columns:
    columns: Columns = {}
    for (name, kind), column in zip(types.items(), values, strict=True):
        if kind is object:
            columns[name] = np.empty(len(column), dtype=object)
            columns[name][:] = column
        else:
            columns[name] = np.array(column, dtype=kind)
    return columns


def _placed(ids: NDArray[np.int64], found: NDArray[np.int64], columns: Columns, **default: object) -> Columns:
    """Bring columns of some images to the places of all of them; the others get zero, None or `default`."""
    if np.array_equal(ids, found):
        return columns
    places = np.searchsorted(ids, found)
    placed: Columns = {}
    for name, values in columns.items():
        whole = np.zeros(len(ids), dtype=values.dtype)
        whole[:] = default.get(name, None if values.dtype == object else 0)
        whole[places] = values
        placed[name] = whole
    return placed
