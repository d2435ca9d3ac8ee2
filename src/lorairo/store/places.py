"""Where images lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from lorairo.store.schema import path
from lorairo.store.statements import chunks, fetch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection


def places_of(c: Connection, image_ids: Iterable[int]) -> list[tuple[int, str, str, str]]:
    """Return image id, path, name and kind of where images lie, by path; copies in the project left out."""
    query = select(path.c.image_id, path.c.path, path.c.name, path.c.kind).where(path.c.kind != "copy")
    return [
        (int(row[0]), row[1], row[2], row[3])
        for part in chunks(sorted(set(image_ids)))
        for row in fetch(c, query.where(path.c.image_id.in_(part)).order_by(path.c.path))
    ]


def all_places(c: Connection) -> list[str]:
    """Return every path outside the project at which an image lies."""
    query = select(path.c.path).where(path.c.image_id.is_not(None), path.c.kind.in_(("file", "zip")))
    return [row[0] for row in fetch(c, query)]


def inside_paths(c: Connection) -> list[str]:
    """Return the paths of files inside the project, relative to it: copies, and pictures from memory."""
    return [row[0] for row in fetch(c, select(path.c.path).where(path.c.kind.in_(("copy", "memory"))))]
