"""Moving a threshold over 100,000 images with 80 scores each: facets and gallery follow within 300 ms.

Run: python benchmarks/thresholds.py [images] [rounds]
"""

from __future__ import annotations

import hashlib
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from kernel_page import Page

import lorairo as lr
from lorairo.store import Database, catalog, evidence, log
from lorairo.store.catalog import ImageRow, PathRow
from lorairo.store.evidence import AnnotationRow

if TYPE_CHECKING:
    from collections.abc import Callable


SCORES_EACH = 80
VOCABULARY = 10_000
CHARACTERS = 2_000
PART = 10_000
SEARCH = "tag_00005 -tag_00001"  # what the gallery shows depends on the threshold, too


def build(folder: Path, count: int) -> None:
    """A project of `count` images that one tagger gave eighty scores each, a few of them for characters."""
    random = np.random.default_rng(0)
    weights = 1 / np.arange(1, VOCABULARY + 1)
    weights /= weights.sum()
    names = [(f"tag_{k:05}", 4 if k % 5 == 4 else 0) for k in range(VOCABULARY)]
    with Database.open(folder) as db:
        for start in range(0, count, PART):
            with log.evidence_write(db) as c:
                added = catalog.add_images(c, [_row(n) for n in range(start, min(start + PART, count))])
                model = evidence.model_id(c, "local", "tagger", "1", {}, defaults={"general": 0.35})
                tags = evidence.tag_ids(c, names)
                chosen = random.choice(tags, (len(added), SCORES_EACH * 2), p=weights)
                answers = []
                for entry, some in zip(added, chosen, strict=True):
                    said = np.unique(some)[:SCORES_EACH]
                    blob = evidence.pack_scores(said, random.beta(0.4, 1.2, len(said)) * 0.999 + 0.001)
                    answers.append(AnnotationRow(entry.image_id, model, tags=blob))
                evidence.record(c, answers)
                log.refresh(c, [entry.image_id for entry in added])


def _row(n: int) -> tuple[PathRow, ImageRow, None]:
    sha = hashlib.sha256(str(n).encode()).digest()
    facts = ImageRow(sha, 500_000, 1024, 768, "JPEG", "RGB", False, None, {}, None, n, 0, (0.5,) * 8)
    return PathRow(f"/photos/{n:07}.jpg", f"{n:07}.jpg", 500_000, n), facts, None


def moved(page: Page, limit: float) -> dict[str, float]:
    """Move the slider once: dragged, then released, until facets and gallery show it, until it is saved."""
    cut = {"model": "local/tagger", "general": limit, "character": 0.85, "method": "fixed"}
    preview = timed(lambda: page.ask("threshold.preview", **cut))
    page.rest()
    start = time.perf_counter()
    setting = page.send("threshold.set", **cut)
    told = page.events.get(timeout=120) - start
    page.ask("facets", start=0, stop=100)
    page.ask("index", version=page.version, start=0, stop=200)
    followed = time.perf_counter() - start
    page.answer(setting)
    saved = time.perf_counter() - start
    page.rest()
    return {"preview": preview, "told": told, "followed": followed, "saved": saved}


def timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "project"
        build(folder, count)
        measure(folder, count, rounds)


def measure(folder: Path, count: int, rounds: int) -> None:
    results: dict[str, list[float]] = {}
    with lr.open_project(folder) as project:
        view = project.view()
        view.lens.show(SEARCH)
        page = Page(lr.Gallery(view))
        first = timed(lambda: page.ask("threshold.preview", model="local/tagger", general=0.5))
        for number in range(rounds):
            for name, took in moved(page, 0.2 + 0.1 * (number % 5)).items():
                results.setdefault(name, []).append(took)
        undone = timed(project.undo)
    print(f"{count:,} images, {SCORES_EACH} scores each, median of {rounds}; first preview {first:.1f} s")
    for name, seconds in results.items():
        print(f"{name:<14}{statistics.median(seconds) * 1000:>8.0f} ms{max(seconds) * 1000:>8.0f} at most")
    print(f"undo          {undone * 1000:>8.0f} ms")


if __name__ == "__main__":
    main()
