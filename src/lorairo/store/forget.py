"""Forgetting images for good: rows, evidence, thumbnails, and their part of the log."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import bindparam, delete, null, select, update

from lorairo.log import logger
from lorairo.store import changes, commits, deltas, dialect, maps
from lorairo.store.schema import annotation, image, meta, operation, path
from lorairo.store.statements import as_ids, bulk, chunks, fetch, fetch_of
from lorairo.store.thumbnails import FILE_NAME, ThumbnailCache

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from sqlalchemy import Connection


HIGHEST_FORGOTTEN = "highest_forgotten_image"
"""Key in `meta`: ids up to it are not given again."""


def forget(c: Connection, ids: Iterable[int]) -> list[bytes]:
    """Delete images with everything the project knows of them. Sources are not touched. Cannot be undone.

    Deleted values are overwritten in the file, operations keep only their label and count for these images,
    and what they were asked for while others are left in them; thumbnails, and the file that keeps the
    index, go once the transaction is committed.

    Returns
    -------
    list of bytes
        Content hashes of what was deleted.
    """
    wanted = as_ids(ids)
    rows = fetch_of(c, select(image.c.id, image.c.sha256), image.c.id, wanted)
    hashes = [bytes(row[1]) for row in rows]
    if not rows:
        return []
    _remember(c, max(row[0] for row in rows))
    with dialect.erasing(c), dialect.writer(c):
        _scrub(c, wanted)
        for part in chunks([row[0] for row in rows]):
            c.execute(delete(path).where(path.c.image_id.in_(part)))  # sidecars and their evidence go with it
            c.execute(delete(annotation).where(annotation.c.image_id.in_(part)))
            c.execute(delete(image).where(image.c.id.in_(part)))  # the rest follows by its foreign keys
    folder = Path(str(c.engine.url.database)).parent
    changes.after_commit(c, lambda: _drop_thumbnails(folder, hashes))
    changes.after_commit(c, lambda: _drop_cache(folder / commits.INDEX_CACHE))
    changes.after_commit(c, lambda: _drop_cache(folder / maps.MAPS))
    changes.announce(c, changes.Change(changes.ALL_KINDS - {"policy", "jobs"}, wanted))
    return hashes


def _remember(c: Connection, highest: int) -> None:
    known = c.execute(select(meta.c.value).where(meta.c.key == HIGHEST_FORGOTTEN)).scalar()
    value = str(max(highest, int(known or 0)))
    bulk(c, dialect.upsert(meta, ("key",)), ["key", "value"], [(HIGHEST_FORGOTTEN, value)])


def _scrub(c: Connection, ids: NDArray[np.int64]) -> None:
    rows, empty = [], []
    for number, payload in fetch(c, select(operation.c.id, operation.c.payload)):
        before = deltas.unpack(bytes(payload))
        if not any(np.isin(delta.ids, ids).any() for delta in before):
            continue
        after = [kept for kept in (delta.without(ids) for delta in before) if kept is not None]
        rows.append((deltas.pack(after), number))
        if not after:
            empty.append((number,))
    bulk(
        c,
        update(operation).where(operation.c.id == bindparam("of")).values(payload=bindparam("payload")),
        ["payload", "of"],
        rows,
    )
    nothing = dict.fromkeys(("parameters", "expression", "query"), null())
    bulk(c, update(operation).where(operation.c.id == bindparam("of")).values(nothing), ["of"], empty)


def _drop_thumbnails(folder: Path, hashes: list[bytes]) -> None:
    if (folder / FILE_NAME).is_file():
        with ThumbnailCache(folder / FILE_NAME) as cache:
            cache.remove(hashes)


def _drop_cache(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError:  # another process reads it just now: it is stale, and overwritten soon
        logger.warning("{} still holds what was forgotten: delete it", file)
