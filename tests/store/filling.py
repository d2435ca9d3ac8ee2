"""Fill projects for tests: images without pictures, as the store never looks at one."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from lorairo.store import catalog, evidence, log
from lorairo.store.catalog import ImageRow, PathRow
from lorairo.store.evidence import AnnotationRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lorairo.store import Database


def content(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def facts(name: str, **changes: object) -> ImageRow:
    values = {
        "sha256": content(name),
        "bytes": 1000,
        "width": 64,
        "height": 48,
        "format": "JPEG",
        "mode": "RGB",
        "alpha": False,
        "icc": None,
        "exif": {"Make": "Köln"},
        "prompt": None,
        "phash": 2**64 - 3,
        "mean_rgb": 0x112233,
        "quality": (0.5,) * 8,
    }
    return ImageRow(**{**values, **changes})


def place(path: str, **changes: object) -> PathRow:
    values = {"path": path, "name": path.rsplit("/", 1)[-1], "bytes": 1000, "mtime_ns": 7, "kind": "file"}
    return PathRow(**{**values, **changes})


def fill(db: Database, count: int, start: int = 0) -> list[int]:
    """Add images `start` to `start + count`; return their ids."""
    names = [f"/photos/{n:05}.jpg" for n in range(start, start + count)]
    with db.write() as c:
        return [e.image_id for e in catalog.add_images(c, [(place(n), facts(n), None) for n in names])]


def answer(db: Database, model: str, tags: Mapping[int, Mapping[str, float]], **options: object) -> None:
    """Record what ``provider/name`` said: image id to {tag: score}; ``character:x`` is a character."""
    provider, name = model.split("/")
    with log.evidence_write(db) as c:
        number = evidence.model_id(c, provider, name, "1", {}, **options)
        rows = []
        for image_id, scores in tags.items():
            named = [(t.removeprefix("character:"), 4 if t.startswith("character:") else 0) for t in scores]
            blob = evidence.pack_scores(evidence.tag_ids(c, named), list(scores.values()))
            rows.append(AnnotationRow(image_id, number, tags=blob))
        evidence.record(c, rows)
        log.refresh(c, list(tags))


def tags_of(db: Database, image_id: int) -> list[str]:
    """Return the effective tags as they are stored, in order."""
    return [name for name, _ in sources_of(db, image_id)]


def sources_of(db: Database, image_id: int) -> list[tuple[str, int]]:
    with db.read() as c:
        names = {row[0]: row[1] for row in c.exec_driver_sql("SELECT id, name FROM tag")}
        blob = c.exec_driver_sql("SELECT tags FROM state WHERE image_id = ?", (image_id,)).scalar_one()
    return [(names[int.from_bytes(blob[k : k + 4], "little")], blob[k + 4]) for k in range(0, len(blob), 5)]


def curated(db: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return everything people decided, and the tags that follow."""
    queries = {
        "state": "SELECT * FROM state ORDER BY image_id",
        "caption": "SELECT * FROM caption ORDER BY image_id, variant",
        "ruling": "SELECT * FROM ruling ORDER BY image_id, field",
        "policy": "SELECT * FROM policy ORDER BY model_key",
        "dataset": "SELECT * FROM dataset ORDER BY id",
        "membership": "SELECT * FROM membership ORDER BY dataset_id, image_id",
    }
    with db.read() as c:
        return {name: [tuple(row) for row in c.exec_driver_sql(query)] for name, query in queries.items()}
