"""A small project in a real database, whose contents are known by heart."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lorairo.query import Index, evaluate, parse
from lorairo.store import catalog, evidence, log, state
from lorairo.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

AUTHOR = "tester"
SIZES = [(1024, 1024), (1920, 1080), (800, 600), (512, 768), (2000, 500), (640, 640), (100, 100), (3000, 2000)]


def facts(number: int) -> catalog.ImageRow:
    """Describe an image that exists in numbers only."""
    width, height = SIZES[number % len(SIZES)]
    return catalog.ImageRow(
        sha256=hashlib.sha256(f"image {number}".encode()).digest(),
        bytes=1000 + number,
        width=width,
        height=height,
        format="JPEG" if number % 3 else "PNG",
        mode="RGB",
        alpha=False,
        icc=None,
        exif={},
        prompt=None,
        phash=number * 0x0101,
        mean_rgb=number,
        quality=(),
    )


def add(database: Database, numbers: range) -> list[int]:
    """Add images by number; the path of number 3 is ``/photos/park/03.jpg``."""
    folders = ("beach", "park")
    rows = []
    for number in numbers:
        name = f"{number:02}.jpg"
        place = catalog.PathRow(f"/photos/{folders[number % 2]}/{name}", name, 1000 + number, 0)
        rows.append((place, facts(number), None))
    with database.write() as c:
        return [added.image_id for added in catalog.add_images(c, rows)]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty project."""
    with Database.open(tmp_path / "project") as opened:
        yield opened


@pytest.fixture
def filled(database: Database) -> Database:
    """Eight images, 1 to 8: see the calls here."""
    add(database, range(8))
    told = {"author": AUTHOR}
    log.add_tags(database, [1, 2, 3, 4], ["dog", "outdoors"], **told)
    log.add_tags(database, [3, 4, 5], ["cat", "saber_(fate)"], **told)
    log.add_tags(database, [5], ["re:zero", ":d", "(o)_(o)"], **told)
    log.set_captions(database, {1: "A Red hat\non a dog", 2: "a blue hat"}, **told)
    log.set_stars(database, [1, 2], 5, **told)
    log.set_stars(database, [3], 4, **told)
    log.set_reviewed(database, [1], True, **told)
    log.add_to_dataset(database, [1, 2, 3], "train", **told)
    log.exclude(database, [7], "blurry", **told)
    with database.write(curated=True) as c:
        scorer = evidence.scorer_id(c, "quality", "test", ["sharpness", "skin tone"])
        values = np.array([[0.1, 1], [0.5, 2], [0.4, 3], [np.nan, 4], [0.9, np.nan]], dtype=np.float32)
        evidence.record_scores(c, scorer, np.array([1, 2, 3, 4, 5]), values)
        ids = evidence.tag_ids(c, [("smile", 0), ("hat", 0), ("link", 4)])
        wd = evidence.model_id(c, "wd", "wd-vit", "1", {})
        other = evidence.model_id(c, "wd", "wd-swin", "1", {})
        rows = [
            evidence.AnnotationRow(1, wd, tags=evidence.pack_scores(ids, [0.9, 0.2, 0.01]), rating="general"),
            evidence.AnnotationRow(2, wd, tags=evidence.pack_scores(ids, [0.3, 0.8, 0.99]), rating="sensitive"),
            evidence.AnnotationRow(1, other, tags=evidence.pack_scores(ids[:2], [0.7, 0.1]), rating="general"),
            evidence.AnnotationRow(2, other, tags=evidence.pack_scores(ids[:2], [0.2, 0.01]), rating="explicit"),
            evidence.AnnotationRow(3, other, tags=evidence.pack_scores(ids[:1], [0.5]), rating="explicit"),
        ]
        evidence.record(c, rows)
        state.refresh(c, [1, 2, 3])
        refusal = evidence.FailureRow(6, None, "openai", "gpt-9", "refused", "no", policy_violation=True)
        broken = evidence.FailureRow(8, None, "openai", "gpt-9", "http", "502")
        evidence.record_failures(c, [refusal, broken])
        second = catalog.PathRow("/copies/04.jpg", "04.jpg", 1003, 0)
        catalog.add_images(c, [(second, None, facts(3).sha256)])
        catalog.mark_missing(c, ["/photos/park/07.jpg"])
    return database


@pytest.fixture
def index(filled: Database) -> Index:
    """The index of `filled`."""
    return Index.load(filled)


@pytest.fixture
def find(index: Index) -> Callable[[str], list[int]]:
    """Search `index`, giving ids."""

    def ids(text: str) -> list[int]:
        found: list[int] = index.ids[evaluate(parse(text, index.score_names), index)].tolist()
        return found

    return ids
