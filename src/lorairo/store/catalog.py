"""Images and the paths they are known under."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from sqlalchemy import bindparam, delete, func, insert, select, update

from lorairo.errors import NotFoundError, StoreError
from lorairo.images.quality import QUALITY_NAMES, QUALITY_VERSION
from lorairo.store import changes, columns, dialect, evidence
from lorairo.store.forget import HIGHEST_FORGOTTEN, forget
from lorairo.store.schema import dataset, failure, image, membership, meta, model, path, sidecar, state
from lorairo.store.sidecars import KnownSidecar, SidecarRow, add_sidecars, known_sidecars, remove_sidecars
from lorairo.store.statements import bulk, chunks, fetch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

__all__ = [
    "Added",
    "ImageRow",
    "KnownPath",
    "KnownSidecar",
    "PathRow",
    "SidecarRow",
    "add_images",
    "add_rejected",
    "add_sidecars",
    "captions_of",
    "copied",
    "datasets",
    "failures",
    "file_paths",
    "forget",
    "image_record",
    "images_by_sha",
    "known_paths",
    "known_sidecars",
    "mark_missing",
    "model_keys",
    "relink",
    "remove_sidecars",
]

# A field called `bytes` hides the type inside its class.
Sha256 = bytes
Encoded = bytes
Status = Literal["added", "duplicate", "changed", "unchanged"]


@dataclass(frozen=True, slots=True)
class ImageRow:
    """Facts of one image, read from its bytes (see `lorairo.images.read_facts`)."""

    sha256: Sha256
    bytes: int
    width: int
    height: int
    format: str
    mode: str
    alpha: bool
    icc: str | None
    exif: dict[str, Any]
    prompt: str | None
    phash: int
    mean_rgb: int
    quality: tuple[float, ...]
    thumbnail: Encoded = b""


@dataclass(frozen=True, slots=True)
class PathRow:
    """A place where an image was found."""

    path: str
    name: str
    bytes: int
    mtime_ns: int
    kind: str = "file"


@dataclass(frozen=True, slots=True)
class KnownPath:
    """What the project knows of a path; `reason` says why it was rejected."""

    image_id: int | None
    bytes: int
    mtime_ns: int
    reason: str | None
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one path: a new image, a known one under another path, new content, or nothing new."""

    path: str
    image_id: int
    status: Status


def known_paths(c: Connection, paths: Iterable[str] | None = None) -> dict[str, KnownPath]:
    """Return known paths, rejected ones too; None asks for all."""
    query = select(path.c.path, path.c.image_id, path.c.bytes, path.c.mtime_ns, path.c.reason, path.c.missing)
    if paths is None:
        rows = fetch(c, query)
    else:
        rows = [row for part in chunks(list(paths)) for row in fetch(c, query.where(path.c.path.in_(part)))]
    return {row[0]: KnownPath(*row[1:]) for row in rows}


def images_by_sha(c: Connection, shas: Iterable[bytes]) -> dict[bytes, int]:
    """Return the ids of images with these content hashes."""
    query = select(image.c.sha256, image.c.id)
    parts = chunks(list(shas))
    return {
        bytes(sha): int(n) for part in parts for sha, n in fetch(c, query.where(image.c.sha256.in_(part)))
    }


def content_hashes(c: Connection) -> frozenset[bytes]:
    """Return the content hash of every image."""
    return frozenset(row[0] for row in fetch(c, select(image.c.sha256)))


def add_images(c: Connection, rows: Sequence[tuple[PathRow, ImageRow | None, bytes | None]]) -> list[Added]:
    """Add images and paths.

    Parameters
    ----------
    rows
        Path, facts, content hash, in sorted path order: new ids follow it. The facts may be None for content
        that the project has already; then the hash is needed.

    Returns
    -------
    list of Added
        One per row, in the same order.

    Raises
    ------
    StoreError
        When facts are None for content the project does not have.
    """
    hashes = [facts.sha256 if facts is not None else sha for _, facts, sha in rows]
    if None in hashes:
        raise StoreError(f"{rows[hashes.index(None)][0].path}: neither facts nor a content hash were given")
    wanted = [sha for sha in hashes if sha is not None]
    ids = images_by_sha(c, set(wanted))
    before = known_paths(c, [row[0].path for row in rows])
    new: dict[bytes, ImageRow] = {}
    added: list[Added] = []
    first = _next_id(c)
    for (place, facts, _), sha in zip(rows, wanted, strict=True):
        fresh = sha not in ids
        if fresh:
            if facts is None:
                raise StoreError(f"{place.path}: its content is not in the project, and no facts were given")
            ids[sha] = first + len(new)
            new[sha] = facts
        added.append(Added(place.path, ids[sha], _status(before.get(place.path), ids[sha], fresh=fresh)))
    _insert_images(c, ids, new)
    _save_paths(c, [(row[0], entry.image_id, None) for row, entry in zip(rows, added, strict=True)], before)
    touched = [entry.image_id for entry in added]
    changes.tell(c, {"images", "paths", "scores", "tags"} if new else {"paths"}, touched)
    return added


def _next_id(c: Connection) -> int:
    """Return an id no image ever had: recipes, jobs and logs may still name those that were forgotten."""
    highest = int(c.execute(select(func.coalesce(func.max(image.c.id), 0))).scalar_one())
    forgotten = c.execute(select(meta.c.value).where(meta.c.key == HIGHEST_FORGOTTEN)).scalar()
    return max(highest, int(forgotten or 0)) + 1


def _status(known: KnownPath | None, image_id: int, *, fresh: bool) -> Status:
    if known is not None and known.image_id is not None:
        return "unchanged" if known.image_id == image_id else "changed"
    return "added" if fresh else "duplicate"


def _insert_images(c: Connection, ids: Mapping[bytes, int], new: Mapping[bytes, ImageRow]) -> None:
    if not new:
        return
    now = time.time()
    names = [
        "id",
        "sha256",
        "bytes",
        "width",
        "height",
        "format",
        "mode",
        "alpha",
        "icc",
        "exif",
        "prompt",
        "phash",
        "mean_rgb",
        "created_at",
        "updated_at",
    ]
    rows = [
        (
            *(ids[sha], sha, row.bytes, row.width, row.height, row.format, row.mode, row.alpha, row.icc),
            *(
                json.dumps(row.exif, ensure_ascii=False),
                row.prompt,
                signed(row.phash),
                row.mean_rgb,
                now,
                now,
            ),
        )
        for sha, row in new.items()
    ]
    bulk(c, insert(image), names, rows)
    blank = [(ids[sha], b"", b"", b"", 0, False, None, False) for sha in new]
    with dialect.writer(c):  # the empty state of a new image is the fold of nothing
        bulk(
            c,
            insert(state),
            ["image_id", "base", "decisions", "tags", "stars", "excluded", "reason", "reviewed"],
            blank,
        )
    measured = [(ids[sha], row.quality) for sha, row in new.items() if len(row.quality) == len(QUALITY_NAMES)]
    if measured:
        scorer = evidence.scorer_id(c, "quality", QUALITY_VERSION, list(QUALITY_NAMES))
        values = np.array([quality for _, quality in measured], dtype=np.float32)
        evidence.record_scores(c, scorer, np.array([image_id for image_id, _ in measured]), values)


def signed(number: int) -> int:
    """Return an unsigned 64-bit number as the signed one that databases store."""
    return number - (1 << 64) if number >= 1 << 63 else number


def _save_paths(
    c: Connection, rows: Sequence[tuple[PathRow, int | None, str | None]], before: Mapping[str, KnownPath]
) -> None:
    now = time.time()
    names = ["path", "name", "image_id", "bytes", "mtime_ns", "kind", "missing", "reason", "added_at"]
    values: dict[str, tuple[Any, ...]] = {}  # a path given twice in one batch: the last word counts
    for place, image_id, reason in rows:
        values[place.path] = (
            *(place.path, place.name, image_id, place.bytes, place.mtime_ns, place.kind, False, reason, now),
        )
    bulk(c, insert(path), names, [value for key, value in values.items() if key not in before])
    columns = [name for name in names if name not in {"path", "added_at"}]
    change = (
        update(path)
        .where(path.c.path == bindparam("known"))
        .values({name: bindparam(name) for name in columns})
    )
    bulk(c, change, ["known", *columns], [value[:-1] for key, value in values.items() if key in before])


def add_rejected(c: Connection, rows: Sequence[tuple[PathRow, str]]) -> None:
    """Remember paths that could not be read, and why: they are not read again until they change."""
    before = known_paths(c, [row[0].path for row in rows])
    _save_paths(c, [(place, None, reason) for place, reason in rows], before)
    lost = [known.image_id for known in before.values() if known.image_id is not None]
    changes.tell(c, {"paths"}, lost)


def relink(c: Connection, moved: Mapping[str, str]) -> int:
    """Give paths a new place; return how many.

    A new place that the project knows already wins; the old row then goes.
    """
    there = known_paths(c, moved.values())
    before = known_paths(c, moved)
    pairs = {old: new for old, new in moved.items() if old in before and old != new}
    if not pairs:
        return 0
    number = {row[0]: row[1] for part in chunks([*pairs, *pairs.values()]) for row in _path_ids(c, part)}
    for old, new in pairs.items():
        if new in there:
            c.execute(update(sidecar).where(sidecar.c.path_id == number[old]).values(path_id=number[new]))
            c.execute(delete(path).where(path.c.id == number[old]))
            c.execute(
                update(path)
                .where(path.c.id == number[new])
                .values(image_id=before[old].image_id, missing=False, reason=None)
            )
        else:
            name = new.replace("\\", "/").rsplit("/", 1)[-1]
            c.execute(update(path).where(path.c.id == number[old]).values(path=new, name=name, missing=False))
    touched = [known.image_id for known in before.values() if known.image_id is not None]
    changes.tell(c, {"paths"}, touched)
    return len(pairs)


def _path_ids(c: Connection, paths: Sequence[str]) -> list[tuple[Any, ...]]:
    return fetch(c, select(path.c.path, path.c.id).where(path.c.path.in_(paths)))


def mark_missing(c: Connection, paths: Iterable[str], *, missing: bool = True) -> None:
    """Remember that these paths are gone, or are back; adding or relinking them takes it back too."""
    gone = list(paths)
    known = known_paths(c, gone)
    for part in chunks(list(known)):
        c.execute(update(path).where(path.c.path.in_(part)).values(missing=missing))
    touched = [entry.image_id for entry in known.values() if entry.image_id is not None]
    if touched:
        changes.tell(c, {"paths"}, touched)


def copied(c: Connection) -> frozenset[int]:
    """Return the images of which the project keeps a copy."""
    query = select(path.c.image_id).where(path.c.kind == "copy", path.c.image_id.is_not(None))
    return frozenset(row[0] for row in fetch(c, query))


def file_paths(c: Connection) -> list[dict[str, Any]]:
    """Return every known file: path, image_id, sha256, bytes, missing."""
    query = (
        select(path.c.path, path.c.image_id, image.c.sha256, path.c.bytes, path.c.missing)
        .join(image, image.c.id == path.c.image_id)
        .where(path.c.kind == "file")
        .order_by(path.c.path)
    )
    return [
        {
            "path": row[0],
            "image_id": row[1],
            "sha256": bytes(row[2]),
            "bytes": row[3],
            "missing": bool(row[4]),
        }
        for row in fetch(c, query)
    ]


def image_record(c: Connection, image_id: int) -> dict[str, Any]:
    """Return everything known of one image: facts, paths, curated flags.

    Raises
    ------
    NotFoundError
        When the project has no such image.
    """
    row = c.execute(
        select(image, state).join(state, state.c.image_id == image.c.id).where(image.c.id == image_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no image {image_id} in this project")
    record = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented way to a mapping
    for name in ("image_id", "base", "decisions", "tags"):
        del record[name]
    record["phash"] = int(record["phash"]) & (1 << 64) - 1
    places = c.execute(select(path).where(path.c.image_id == image_id).order_by(path.c.missing, path.c.id))
    record["paths"] = [
        {name: place[name] for name in ("path", "name", "kind", "bytes", "mtime_ns", "missing")}
        for place in places.mappings()
    ]
    record["name"] = (
        record["paths"][0]["name"] if record["paths"] else Path(bytes(record["sha256"]).hex()[:12]).name
    )
    return record


def model_keys(c: Connection) -> list[str]:
    """Return ``provider/model`` of everything that has answered, except files."""
    query = select(model.c.provider, model.c.model).where(model.c.provider != "file").distinct()
    return sorted(f"{row[0]}/{row[1]}" for row in fetch(c, query))


def captions_of(c: Connection, image_id: int) -> dict[str, str]:
    """Return the captions of an image by variant, as `columns.captions_in_force` finds them."""
    found = {
        variant: text
        for variant, (text, _) in columns.captions_in_force(c, np.array([image_id]))[image_id].items()
    }
    return dict(sorted(found.items()))


def failures(c: Connection) -> list[dict[str, Any]]:
    """Return why models gave no answer, newest first."""
    return [dict(row) for row in c.execute(select(failure).order_by(failure.c.id.desc())).mappings()]


def datasets(c: Connection) -> list[dict[str, Any]]:
    """Return datasets by name: name, images, profile, variant, trigger."""
    count = select(func.count()).where(membership.c.dataset_id == dataset.c.id).scalar_subquery()
    query = select(
        dataset.c.name, count.label("images"), dataset.c.profile, dataset.c.variant, dataset.c.trigger
    )
    return [dict(row) for row in c.execute(query.order_by(dataset.c.name)).mappings()]
