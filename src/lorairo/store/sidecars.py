"""Files beside images, kept byte for byte."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, bindparam, delete, insert, select, update

from lorairo.errors import StoreError
from lorairo.store import changes
from lorairo.store.schema import annotation, path, sidecar
from lorairo.store.statements import bulk, chunks, fetch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class SidecarRow:
    """A file (or a line of one) that belongs to the image at `path`; `source` is where it stands."""

    path: str
    source: str
    kind: str
    raw: bytes
    text: str | None
    bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class KnownSidecar:
    """A sidecar as it was when last read."""

    id: int
    path: str
    source: str
    kind: str
    bytes: int
    mtime_ns: int


def known_sidecars(c: Connection, paths: Iterable[str] | None = None) -> list[KnownSidecar]:
    """Return the sidecars of some image paths, or of all."""
    query = select(
        sidecar.c.id, path.c.path, sidecar.c.source, sidecar.c.kind, sidecar.c.bytes, sidecar.c.mtime_ns
    ).join(path, path.c.id == sidecar.c.path_id)
    parts = [None] if paths is None else list(chunks(list(paths)))
    rows = [
        row
        for part in parts
        for row in fetch(c, query if part is None else query.where(path.c.path.in_(part)))
    ]
    return [KnownSidecar(*row) for row in rows]


def add_sidecars(c: Connection, rows: Sequence[SidecarRow]) -> list[int]:
    """Save sidecars; one known under the same path and source is replaced and keeps its id.

    Returns
    -------
    list of int
        Ids, one per row: evidence read from a sidecar names it.

    Raises
    ------
    StoreError
        When an image path is not known yet.
    """
    wanted = sorted({row.path for row in rows})
    path_ids = {
        row[0]: row[1]
        for part in chunks(wanted)
        for row in fetch(c, select(path.c.path, path.c.id).where(path.c.path.in_(part)))
    }
    for row in rows:
        if row.path not in path_ids:
            raise StoreError(f"{row.source}: the image it belongs to, {row.path}, is not in the project")
    before = {(known.path, known.source) for known in known_sidecars(c, wanted)}
    names = ["kind", "raw", "text", "bytes", "mtime_ns", "path_id", "source"]
    values = {
        (row.path, row.source): (
            row.kind,
            row.raw,
            row.text,
            row.bytes,
            row.mtime_ns,
            path_ids[row.path],
            row.source,
        )
        for row in rows
    }
    bulk(c, insert(sidecar), names, [value for key, value in values.items() if key not in before])
    change = (
        update(sidecar)
        .where(sidecar.c.path_id == bindparam("of_path"), sidecar.c.source == bindparam("of_source"))
        .values({name: bindparam(name) for name in names[:5]})
    )
    bulk(
        c,
        change,
        [*names[:5], "of_path", "of_source"],
        [value for key, value in values.items() if key in before],
    )
    ids = {(known.path, known.source): known.id for known in known_sidecars(c, wanted)}
    return [ids[row.path, row.source] for row in rows]


def texts_of(c: Connection, image_ids: Iterable[int]) -> list[tuple[int, str, str]]:
    """Return image id, source and text of the sidecars of some images, oldest first; only those with text."""
    query = (
        select(path.c.image_id, sidecar.c.source, sidecar.c.text)
        .join(path, path.c.id == sidecar.c.path_id)
        .where(sidecar.c.text.is_not(None))
        .order_by(sidecar.c.id)
    )
    parts = chunks(sorted(set(image_ids)))
    return [
        (int(row[0]), row[1], row[2])
        for part in parts
        for row in fetch(c, query.where(path.c.image_id.in_(part)))
    ]


class Text(NamedTuple):
    """A text beside an image, with what was understood of it."""

    path: str
    id: int
    source: str
    kind: str
    raw: bytes
    understood: bool
    size: int
    caption: str | None
    tags: bytes | None  # evidence.unpack_scores


def texts_beside(c: Connection, image_ids: Iterable[int]) -> list[Text]:
    """Return the texts beside some images, oldest first, with what they were understood to say."""
    said = and_(annotation.c.sidecar_id == sidecar.c.id, annotation.c.image_id == path.c.image_id)
    query = (
        select(
            path.c.path,
            sidecar.c.id,
            sidecar.c.source,
            sidecar.c.kind,
            sidecar.c.raw,
            sidecar.c.text.is_not(None),
            sidecar.c.bytes,
            annotation.c.caption,
            annotation.c.tags,
        )
        .join(path, path.c.id == sidecar.c.path_id)
        .join(annotation, said, isouter=True)
        .order_by(sidecar.c.id, annotation.c.id)
    )
    rows = (
        Text(*row)
        for part in chunks(sorted(set(image_ids)))
        for row in fetch(c, query.where(path.c.image_id.in_(part)))
    )
    newest = {row.id: row for row in rows}
    return [newest[number] for number in sorted(newest)]


def rows_of(c: Connection, sources: Iterable[str]) -> list[tuple[str, str, bytes]]:
    """Return source, path of the picture, and bytes of every row of some tables."""
    query = select(sidecar.c.source, path.c.path, sidecar.c.raw).join(path, path.c.id == sidecar.c.path_id)
    return [
        (row[0], row[1], bytes(row[2]))
        for part in chunks(sorted(set(sources)))
        for row in fetch(c, query.where(sidecar.c.source.in_(part)).order_by(path.c.path))
    ]


def remove_sidecars(c: Connection, ids: Iterable[int]) -> None:
    """Forget sidecars that are gone, and what they said; then refresh the state of their images."""
    for part in chunks(list(ids)):
        c.execute(delete(sidecar).where(sidecar.c.id.in_(part)))
    changes.tell(c, {"annotations"})
