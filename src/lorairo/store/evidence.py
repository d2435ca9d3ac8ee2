"""What models and files said: stored once, never edited."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import bindparam, delete, func, insert, select, update

from lorairo.errors import StoreError
from lorairo.masking import masked, masked_values
from lorairo.store import changes, dialect, state
from lorairo.store.blobs import SCORED, Ragged, numbered
from lorairo.store.schema import annotation, failure, score, scorer, tag
from lorairo.store.schema import model as model_table
from lorairo.store.statements import bulk, chunks, fetch, fetch_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

FLOOR = 0.001
"""Lowest score worth keeping."""

_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class AnnotationRow:
    """One model run on one image, or what one sidecar said (``provider="file"``)."""

    image_id: int
    model_id: int
    caption: str | None = None
    tags: bytes | None = None
    rating: str | None = None
    confidence: float | None = None
    seconds: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None
    raw: str | None = None
    sidecar_id: int | None = None


@dataclass(frozen=True, slots=True)
class FailureRow:
    """Why a model gave no answer for an image."""

    image_id: int
    model_id: int | None
    provider: str
    model: str
    kind: str
    message: str
    policy_violation: bool = False


def model_id(  # noqa: PLR0917 - the parts of a model's identity, in their usual order
    c: Connection,
    provider: str,
    model: str,
    revision: str,
    parameters: Mapping[str, Any],
    kind: str = "tagger",
    *,
    defaults: Mapping[str, Any] | None = None,
) -> int:
    """Return the id of a model with these parameters, made when missing.

    Parameters
    ----------
    defaults
        Minimum score by category, and the method, before anybody sets a policy.
    """
    text = _canonical(parameters)
    key = {"provider": provider, "model": model, "revision": revision, "parameters": text}
    found = c.execute(
        select(model_table.c.id).where(*(model_table.c[column] == value for column, value in key.items()))
    ).scalar()
    if found is None:
        number = c.execute(select(func.coalesce(func.max(model_table.c.id), 0) + 1)).scalar_one()
        c.execute(insert(model_table).values(id=number, **key, kind=kind, defaults=dict(defaults or {})))
        return int(number)
    return int(found)


def _canonical(parameters: Mapping[str, Any]) -> str:
    return json.dumps(
        masked_values(dict(parameters)), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )


def calibrate(c: Connection, number: int, limits: Mapping[str, float]) -> None:
    """Keep thresholds of single tags that a model brings, for the method ``pr``."""
    where = model_table.c.id == number
    known = dict(c.execute(select(model_table.c.defaults).where(where)).scalar_one())
    wanted = {**known, "calibrated": dict(limits)} if limits else known
    if wanted != known:
        c.execute(update(model_table).where(where).values(defaults=wanted))
        asked = select(annotation.c.image_id).where(annotation.c.model_id == number).distinct()
        state.refresh(c, [row[0] for row in fetch(c, asked)])


def known_model_id(
    c: Connection, provider: str, model: str, revision: str | None, parameters: Mapping[str, Any]
) -> int | None:
    """Return the id of a model that was run so; where the revision is None, of the one run last."""
    query = select(func.max(model_table.c.id)).where(
        model_table.c.provider == provider,
        model_table.c.model == model,
        model_table.c.parameters == _canonical(parameters),
    )
    if revision is not None:
        query = query.where(model_table.c.revision == revision)
    found = c.execute(query).scalar()
    return None if found is None else int(found)


def tag_ids(c: Connection, names: Sequence[tuple[str, int]], *, make: bool = True) -> NDArray[np.uint32]:
    """Return the ids of tags, made when missing.

    Parameters
    ----------
    names
        Canonical name and category. A tag known as general takes a more special category.
    make
        False to give 0 for those that are missing.

    Raises
    ------
    StoreError
        When a name is empty or longer than 255 characters.
    """
    for name, _ in names:
        if not name or len(name) > _LONGEST_NAME:
            raise StoreError(f"{name[:40]!r} is no tag: a name has 1 to {_LONGEST_NAME} characters")
    known = _known_tags(c, [name for name, _ in names])
    first = int(c.execute(select(func.coalesce(func.max(tag.c.id), 0))).scalar_one()) + 1
    new: dict[str, tuple[int, str, int]] = {}
    for name, category in names:
        if make and name not in known and (name not in new or not new[name][2]):
            new[name] = (new[name][0] if name in new else first + len(new), name, category)
    bulk(c, insert(tag), ["id", "name", "category"], list(new.values()))
    special = {name: category for name, category in names if category and known.get(name, (0, 1))[1] == 0}
    change = update(tag).where(tag.c.name == bindparam("of")).values(category=bindparam("category"))
    bulk(c, change, ["category", "of"], [(category, name) for name, category in special.items()])
    raised = [known[name][0] for name in special if name in known]
    if raised:
        _follow_category(c, raised)
    number = {
        **{name: entry[0] for name, entry in known.items()},
        **{name: entry[0] for name, entry in new.items()},
    }
    return np.array([number.get(name, 0) for name, _ in names], dtype=np.uint32)


def _follow_category(c: Connection, raised: list[int]) -> None:
    """Fold images again whose models named tags that have another category, so another threshold, now."""
    query = (
        select(annotation.c.image_id, annotation.c.tags)
        .join(model_table, model_table.c.id == annotation.c.model_id)
        .where(model_table.c.provider != "file", annotation.c.tags.is_not(None))
    )
    rows = fetch(c, query)
    if not rows:  # the usual case: files named tags before the first tagger ran
        return
    said = Ragged.join([row[1] for row in rows], SCORED)
    hit, _ = numbered(said.rows[np.isin(said.values["tag"], raised)], len(rows))
    state.refresh(c, {rows[place][0] for place in hit.tolist()})


def _known_tags(c: Connection, names: Sequence[str]) -> dict[str, tuple[int, int]]:
    query = select(tag.c.name, tag.c.id, tag.c.category)
    parts = chunks(sorted(set(names)))
    return {row[0]: (row[1], row[2]) for part in parts for row in fetch(c, query.where(tag.c.name.in_(part)))}


def known_tag_ids(c: Connection, names: Iterable[str]) -> dict[str, int]:
    """Return the ids of those tags that exist."""
    return {name: entry[0] for name, entry in _known_tags(c, list(names)).items()}


def pack_scores(
    ids: Sequence[int] | NDArray[np.uint32], scores: Sequence[float] | NDArray[np.floating[Any]]
) -> bytes:
    """Pack tag ids and scores, in the order given (a file's in file order)."""
    records = np.empty(len(ids), dtype=SCORED)
    records["tag"], records["score"] = ids, scores
    return records.tobytes()


def unpack_scores(blob: bytes) -> tuple[NDArray[np.uint32], NDArray[np.float32]]:
    """Read what `pack_scores` wrote."""
    records = np.frombuffer(blob, SCORED)
    return records["tag"].astype(np.uint32), records["score"].astype(np.float32)


def record(c: Connection, rows: Sequence[AnnotationRow]) -> None:
    """Save answers; an earlier answer of the same model (and sidecar) about the same image is replaced.

    Call `lorairo.store.log.refresh` for the images in the same transaction, so that state follows evidence.
    """
    if not rows:
        return
    now = time.time()
    names = [
        "image_id",
        "model_id",
        "caption",
        "tags",
        "rating",
        "confidence",
        "seconds",
        "tokens_in",
        "tokens_out",
        "cost",
        "raw",
        "sidecar_id",
        "at",
    ]
    values = {
        (row.image_id, row.model_id, row.sidecar_id): (
            *(row.image_id, row.model_id, row.caption, row.tags, row.rating, row.confidence, row.seconds),
            *(row.tokens_in, row.tokens_out, row.cost, masked_values(row.raw), row.sidecar_id, now),
        )
        for row in rows
    }
    for with_sidecar in (True, False):
        keys = [key for key in values if (key[2] is not None) == with_sidecar]
        same = (
            annotation.c.sidecar_id == bindparam("s") if with_sidecar else annotation.c.sidecar_id.is_(None)
        )
        old = delete(annotation).where(
            annotation.c.image_id == bindparam("i"), annotation.c.model_id == bindparam("m"), same
        )
        bulk(
            c,
            old,
            ["i", "m", "s"][: 3 if with_sidecar else 2],
            [key if with_sidecar else key[:2] for key in keys],
        )
    bulk(c, insert(annotation), names, list(values.values()))
    changes.tell(c, {"annotations", "captions"}, {row.image_id for row in rows})


def record_failures(c: Connection, rows: Sequence[FailureRow]) -> None:
    """Save why models gave no answer."""
    now = time.time()
    names = ["image_id", "provider", "model", "kind", "message", "policy_violation", "at"]
    values = [
        (row.image_id, row.provider, row.model, row.kind, masked(row.message), row.policy_violation, now)
        for row in rows
    ]
    bulk(c, insert(failure), names, values)
    if rows:
        changes.tell(c, {"failures"}, {row.image_id for row in rows})


def scorer_id(c: Connection, name: str, version: str, names: list[str]) -> int:
    """Return the id of a scorer of this version, made when missing.

    Raises
    ------
    StoreError
        When this version is known with other value names.
    """
    query = select(scorer.c.id, scorer.c.names).where(scorer.c.name == name, scorer.c.version == version)
    found = c.execute(query).one_or_none()
    if found is None:
        number = c.execute(select(func.coalesce(func.max(scorer.c.id), 0) + 1)).scalar_one()
        c.execute(insert(scorer).values(id=number, name=name, version=version, names=names))
        return int(number)
    if list(found.names) != names:
        raise StoreError(
            f"scorer {name} version {version} gave {', '.join(found.names)} before: raise its version"
        )
    return int(found.id)


def known_scorer_id(c: Connection, name: str, version: str | None) -> int | None:
    """Return the id of a scorer that was run in this version; where that is None, of the one made last."""
    query = select(func.max(scorer.c.id)).where(scorer.c.name == name)
    if version is not None:
        query = query.where(scorer.c.version == version)
    found = c.execute(query).scalar()
    return None if found is None else int(found)


def record_scores(
    c: Connection,
    scorer_number: int,
    image_ids: Sequence[int] | NDArray[np.int64],
    values: NDArray[np.float32],
) -> None:
    """Save scores, float32[images, names of the scorer]; NaN = unknown. Earlier ones are replaced."""
    now = time.time()
    packed = np.ascontiguousarray(values, dtype="<f4")
    rows = [(scorer_number, int(n), packed[k].tobytes(), now) for k, n in enumerate(image_ids)]
    bulk(c, dialect.upsert(score, ("scorer_id", "image_id")), ["scorer_id", "image_id", "values", "at"], rows)
    if rows:
        changes.tell(c, {"scores"}, [row[1] for row in rows])


def scored(
    c: Connection, scorer_number: int, image_ids: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Return the images, sorted, that a scorer of this version has scored."""
    query = select(score.c.image_id).where(score.c.scorer_id == scorer_number)
    rows = fetch_of(c, query, score.c.image_id, None if image_ids is None else np.unique(image_ids))
    return np.unique(np.array([row[0] for row in rows], dtype=np.int64))


def answered(c: Connection, number: int, image_ids: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """Return the images, sorted, that already have an answer of this model with these parameters."""
    query = select(annotation.c.image_id).where(annotation.c.model_id == number).distinct()
    rows = fetch_of(c, query, annotation.c.image_id, None if image_ids is None else np.unique(image_ids))
    return np.unique(np.array([row[0] for row in rows], dtype=np.int64))


def count_answered(c: Connection, numbers: Sequence[int], image_ids: NDArray[np.int64]) -> Counter[int]:
    """Count, by model, how many of some images have an answer of it."""
    pairs = select(annotation.c.image_id, annotation.c.model_id).where(annotation.c.model_id.in_(numbers))
    rows = fetch_of(c, pairs.distinct(), annotation.c.image_id, np.unique(image_ids)) if numbers else []
    return Counter(row[1] for row in rows)


def tags_of_image(c: Connection, image_id: int) -> list[tuple[str, str, str, str, int, float]]:
    """Return what was said about an image: provider, model, revision, tag, category, score."""
    query = (
        select(model_table.c.provider, model_table.c.model, model_table.c.revision, annotation.c.tags)
        .join(model_table, model_table.c.id == annotation.c.model_id)
        .where(annotation.c.image_id == image_id, annotation.c.tags.is_not(None))
        .order_by(annotation.c.id)
    )
    answers = [(row[:3], *unpack_scores(row[3])) for row in fetch(c, query)]
    wanted = sorted({int(n) for _, ids, _ in answers for n in ids})
    names = {
        row[0]: row[1:]
        for part in chunks(wanted)
        for row in fetch(c, select(tag.c.id, tag.c.name, tag.c.category).where(tag.c.id.in_(part)))
    }
    rows = []
    for who, ids, scores in answers:
        order = np.arange(len(ids)) if who[0] == "file" else np.argsort(-scores, kind="stable")
        rows += [(*who, *names[int(ids[k])], float(scores[k])) for k in order]
    return rows
