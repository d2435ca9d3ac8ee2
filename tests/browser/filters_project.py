"""A project without pictures, written by the store's own ways: scores and tags for the filters to show.

It is imported by notebooks of the tests, so it says nothing of the browser.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from lorairo.store import catalog, evidence, state

if TYPE_CHECKING:
    from lorairo import Project

COMMON = ("outdoors", "looking_at_viewer", "tongue_out", "grass", "park", "puppy", "snow", "blurry", "dog")


def fill(project: Project, images: int, tags: int) -> None:
    """Add images with the scores sharpness and aesthetic, and tags: few are frequent and most are rare."""
    random = np.random.default_rng(0)
    names = [*COMMON, *(f"tag_{number:05}" for number in range(tags - len(COMMON)))]
    chance = 0.7 / np.arange(1, tags + 1) ** 0.6
    rows = [np.flatnonzero(random.random(tags) < chance)[:40] for _ in range(images)]
    for number in range(tags):  # every tag occurs
        rows[number % images] = np.union1d(rows[number % images], [number])
    with project.database.write(curated=True) as c:
        ids = [added.image_id for added in catalog.add_images(c, [_row(number) for number in range(images)])]
        categories = {"grass": 4, "park": 1, "puppy": 5}
        known = evidence.tag_ids(c, [(name, categories.get(name, 0)) for name in names])
        model = evidence.model_id(c, "test", "tagger", "1", {})
        answers = [
            evidence.AnnotationRow(
                i, model, tags=evidence.pack_scores(known[row], np.ones(len(row), np.float32))
            )
            for i, row in zip(ids, rows, strict=True)
        ]
        evidence.record(c, answers)
        scorer = evidence.scorer_id(c, "test", "1", ["sharpness", "aesthetic"])
        values = np.stack([random.beta(4, 5, images), random.normal(5.5, 1.2, images)], axis=1)
        evidence.record_scores(c, scorer, np.array(ids), values.astype(np.float32))
        state.refresh(c, ids)


def _row(number: int) -> tuple[catalog.PathRow, catalog.ImageRow, None]:
    facts = catalog.ImageRow(
        hashlib.sha256(b"%d" % number).digest(), 1 << 20, 800 + number % 700, 1024,
        "JPEG", "RGB", False, None, {}, None, number, number, (),
    )  # fmt: skip
    return catalog.PathRow(f"/photos/{number:05}.jpg", f"{number:05}.jpg", 1 << 20, 0), facts, None
