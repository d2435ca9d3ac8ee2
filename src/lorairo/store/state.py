"""Curated state of images as the fold of evidence, policy and decisions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sqlalchemy import bindparam, select, update

from lorairo.store import changes, dialect
from lorairo.store.blobs import DECISION, EFFECTIVE, Ragged, keys
from lorairo.store.cuts import Combining, Cuts, cut_of
from lorairo.store.fold import base, effective, overlaid, overlay
from lorairo.store.said import Evidence, TagTable
from lorairo.store.schema import annotation, image, model, policy, state, tag
from lorairo.store.statements import as_ids, bulk, chunks, fetch, fetch_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection


__all__ = [
    "COMBINING",
    "Stored",
    "all_ids",
    "cuts",
    "decide",
    "effective",
    "evidence_for",
    "refresh",
    "stored",
    "tag_table",
]

COMBINING = "*"
"""Where the policy of how models combine stands, in the place of a ``provider/model``."""

PART = 8192
"""Images folded at a time: bounds memory, as one image's evidence is a few kilobytes."""


def refresh(
    c: Connection,
    image_ids: Iterable[int] | None = None,
    *,
    base_of: Callable[[NDArray[np.int64]], Ragged] | None = None,
) -> NDArray[np.int64]:
    """Fold evidence, policy and decisions of images again; return the images whose tags are others now.

    Parameters
    ----------
    image_ids
        After new evidence about them; None for all.
    base_of
        Folds policy over the evidence of some of them, where that is at hand already.
    """
    ids = all_ids(c) if image_ids is None else as_ids(image_ids)
    if not len(ids):
        return ids
    base_of = base_of or _base_of(c)
    changed: list[NDArray[np.int64]] = []
    touched: set[int] = set()
    for start in range(0, len(ids), PART):
        held = stored(c, ids[start : start + PART])
        under = base_of(held.ids)
        blobs = under.split()
        differs = [row for row, blob in enumerate(blobs) if blob != held.blobs[row]]
        if not differs:
            continue
        old, new = overlay(held.under, held.said), overlay(under, held.said)
        before, after = old.split(), new.split()
        ids_there = held.ids.tolist()
        _write(c, ("base", "tags"), [(blobs[row], after[row], ids_there[row]) for row in differs])
        changed.append(held.ids[[row for row in differs if before[row] != after[row]]])
        touched |= _differing(old, new)
    found = np.concatenate(changed) if changed else ids[:0]
    if len(found):
        changes.tell(c, {"tags"}, found, touched)
    return found


def _base_of(c: Connection) -> Callable[[NDArray[np.int64]], Ragged]:
    tags, in_force = tag_table(c), cuts(c)
    return lambda ids: base(len(ids), evidence_for(c, ids), in_force, tags)


def all_ids(c: Connection) -> NDArray[np.int64]:
    """Return the ids of all images, sorted."""
    return np.array([row[0] for row in fetch(c, select(image.c.id).order_by(image.c.id))], dtype=np.int64)


class Stored(NamedTuple):
    """Images with what they are folded from.

    Attributes
    ----------
    ids
        int64, sorted.
    blobs, under
        The base: one blob per image, and joined.
    said
        Decisions.
    """

    ids: NDArray[np.int64]
    blobs: list[bytes]
    under: Ragged
    said: Ragged

    def only(self, rows: NDArray[np.int64]) -> Stored:
        """Return some of the images."""
        if len(rows) == len(self.ids):
            return self
        blobs = [self.blobs[row] for row in rows.tolist()]
        return Stored(self.ids[rows], blobs, self.under.take(rows), self.said.take(rows))


def stored(c: Connection, ids: NDArray[np.int64]) -> Stored:
    """Return those of the sorted ids that exist, with base and decisions; their tags follow (`overlay`)."""
    query = select(state.c.image_id, state.c.base, state.c.decisions).order_by(state.c.image_id)
    rows = fetch_of(c, query, state.c.image_id, ids)
    blobs = [row[1] for row in rows]
    there = np.array([row[0] for row in rows], dtype=np.int64)
    said = Ragged.join([row[2] for row in rows], DECISION)
    return Stored(there, blobs, Ragged.join(blobs, EFFECTIVE), said)


def decide(c: Connection, held: Stored, said: Ragged) -> None:
    """Save new decisions of images, and the tags that follow."""
    tags = overlaid(held.blobs, held.under, said)
    _write(c, ("decisions", "tags"), list(zip(said.split(), tags, held.ids.tolist(), strict=True)))


def _write(c: Connection, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
    statement = (
        update(state).where(state.c.image_id == bindparam("of")).values({n: bindparam(n) for n in columns})
    )
    with dialect.writer(c):
        bulk(c, statement, [*columns, "of"], rows)


def _differing(old: Ragged, new: Ragged) -> set[int]:
    """Return the tags that some image has in one but not the other."""
    before, after = keys(old.rows, old.values["tag"]), keys(new.rows, new.values["tag"])
    if len(before) == len(after) and np.array_equal(before, after):
        return set()
    return set(np.unique(np.setxor1d(before, after, assume_unique=True) & 0xFFFFFFFF).tolist())


def tag_table(c: Connection) -> TagTable:
    """Return categories and alphabetical order of all tags."""
    rows = fetch(c, select(tag.c.id, tag.c.name, tag.c.category).order_by(tag.c.id))
    ids, names, categories = zip(*rows, strict=True) if rows else ((), (), ())
    return TagTable.of(list(ids), names, categories)


def cuts(c: Connection, instead: Mapping[str, Mapping[str, Any]] | None = None) -> Cuts:
    """Return the policies in force: of each model that was run what people set, else its newest defaults.

    Parameters
    ----------
    c
        Where to ask.
    instead
        By model, rows to be taken in the place of what people set.
    """
    found: dict[str, dict[str, Any]] = {}
    for provider, name, defaults in fetch(
        c, select(model.c.provider, model.c.model, model.c.defaults).order_by(model.c.id)
    ):
        found[f"{provider}/{name}"] = _parsed(defaults)
    said = {key: _parsed(text) for key, text in fetch(c, select(policy.c.model_key, policy.c.thresholds))}
    said.update({key: dict(row) for key, row in (instead or {}).items()})
    layers = {key: (defaults, said.get(key)) for key, defaults in found.items()}
    numbers = _numbers(c, [layer for both in layers.values() for layer in both if layer])
    return Cuts(
        {key: cut_of(*both, numbers=numbers) for key, both in layers.items()},
        Combining.of(said.get(COMBINING)),
    )


def calibrated_by_default(c: Connection, key: str) -> bool:
    """Whether a model, ``provider/model``, brings thresholds of single tags."""
    provider, _, name = key.partition("/")
    query = select(model.c.defaults).where(model.c.provider == provider, model.c.model == name)
    return any(_parsed(row[0]).get("calibrated") for row in fetch(c, query))


def _numbers(c: Connection, layers: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Return the ids of the tags that policies name."""
    parts = (layer.get(key) or {} for layer in layers for key in ("per_tag", "calibrated"))
    names = sorted({name for part in parts for name in part})
    asked = (select(tag.c.name, tag.c.id).where(tag.c.name.in_(some)) for some in chunks(names))
    return {row[0]: row[1] for query in asked for row in fetch(c, query)}


def _parsed(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return found


def evidence_for(c: Connection, ids: NDArray[np.int64]) -> list[Evidence]:
    """Return what counts: the newest answer of each model about each image, and every file's tags."""
    asked = select(model.c.id, model.c.provider, model.c.model, model.c.revision)
    names = {row[0]: (f"{row[1]}/{row[2]}", row[3]) for row in fetch(c, asked)}
    query = (
        select(
            annotation.c.image_id,
            annotation.c.model_id,
            annotation.c.sidecar_id,
            annotation.c.id,
            annotation.c.tags,
        )
        .where(annotation.c.tags.is_not(None))
        .order_by(annotation.c.image_id, annotation.c.id)
    )
    row_of = {image_id: row for row, image_id in enumerate(ids.tolist())}
    newest: dict[tuple[int, str, int], tuple[int, bytes, str]] = {}
    for image_id, model_id, sidecar_id, number, blob in fetch_of(c, query, annotation.c.image_id, ids):
        name, revision = names[model_id]
        newest[row_of[image_id], name, sidecar_id or 0] = (number, blob, revision)
    ordered = sorted(newest.items(), key=lambda item: (item[0][0], item[0][2], item[1][0]))
    return [Evidence(row, name, blob, revision) for (row, name, _), (_, blob, revision) in ordered]
