"""Tagging, and undoing, 100,000 images, against sqlite3 `executemany` of the same state rows: within 3x.

Meanwhile a gallery's request for what is visible is answered within 250 ms (95th percentile); and a first
page of a history of 10,000 operations comes within 100 ms.

Run: python benchmarks/tagging.py [images] [rounds]
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import statistics
import sys
import tempfile
import threading
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


TAGS_EACH = 20
VOCABULARY = 5_000
OPERATIONS = 10_000
SCROLL = 0.01  # seconds between two questions: as often as a page that scrolls asks


def build(folder: Path, count: int) -> None:
    """A project of `count` images with twenty model tags each."""
    random = np.random.default_rng(0)
    weights = 1 / np.arange(1, VOCABULARY + 1)
    weights /= weights.sum()
    with Database.open(folder) as db:
        for start in range(0, count, 10_000):
            numbers = range(start, min(start + 10_000, count))
            with log.evidence_write(db) as c:
                rows = []
                for n in numbers:
                    sha = hashlib.sha256(str(n).encode()).digest()
                    facts = ImageRow(
                        sha, 500_000, 1024, 768, "JPEG", "RGB", False, None, {}, None, n, 0, (0.5,) * 8
                    )
                    rows.append((PathRow(f"/photos/{n:07}.jpg", f"{n:07}.jpg", 500_000, n), facts, None))
                added = catalog.add_images(c, rows)
                model = evidence.model_id(c, "local", "tagger", "1", {}, defaults={"general": 0.35})
                tags = evidence.tag_ids(c, [(f"tag_{k:05}", 0) for k in range(VOCABULARY)])
                answers = []
                for entry in added:
                    chosen = np.unique(random.choice(tags, TAGS_EACH * 2, p=weights))[:TAGS_EACH]
                    scores = random.uniform(0.35, 1, len(chosen))
                    blob = evidence.pack_scores(chosen, scores)
                    answers.append(AnnotationRow(entry.image_id, model, tags=blob))
                evidence.record(c, answers)
                log.refresh(c, [entry.image_id for entry in added])


def reference(folder: Path) -> float:
    """Write the same state rows with plain sqlite3, in one transaction, same journal and page cache."""
    connection = sqlite3.connect(folder / "database.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -65536")
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    decision = b"\0" * 18
    rows = [
        (said + decision, tags + b"\1\0\0\0\1", number)
        for said, tags, number in connection.execute("SELECT decisions, tags, image_id FROM state")
    ]
    start = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("UPDATE state SET decisions = ?, tags = ? WHERE image_id = ?", rows)
    connection.execute("COMMIT")
    seconds = time.perf_counter() - start
    connection.close()
    return seconds


def timed(action) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def ours(folder: Path, count: int) -> dict[str, float]:
    ids = np.arange(1, count + 1)
    with Database.open(folder) as db:
        new = timed(lambda: log.add_tags(db, ids, ["checked_by_hand"], author="me"))
        undone = timed(lambda: log.undo(db, author="me"))
        redone = timed(lambda: log.redo(db, author="me"))
        log.undo(db, author="me")
        known = timed(lambda: log.add_tags(db, ids, ["tag_00000"], author="me"))
        removed = timed(lambda: log.remove_tags(db, ids, ["tag_00001"], author="me"))
    return {
        "tag, new": new,
        "undo": undone,
        "redo": redone,
        "tag, often there": known,
        "remove a frequent tag": removed,
    }


def pings(folder: Path) -> dict[str, list[float]]:
    """Ask a gallery for what is visible, again and again, while a thread tags everything and undoes it."""
    with lr.open_project(folder) as project:
        view = project.view()
        page = Page(lr.Gallery(view))
        found: dict[str, list[float]] = {}
        for name, action in (("tag", lambda: view.add_tags("pinged")), ("undo", project.undo)):
            while_running(action, lambda name=name: found.setdefault(name, []).append(ping(page)))
    return found


def ping(page: Page) -> float:
    return timed(lambda: page.ask("index", version=page.version, start=500, stop=700))


def while_running(action: Callable[[], object], step: Callable[[], object]) -> None:
    thread = threading.Thread(target=action)
    thread.start()
    while thread.is_alive():
        step()
        thread.join(SCROLL)


def history(folder: Path) -> tuple[float, float]:
    """Return how long the first page of a long history takes: just opened, and after another change."""
    with lr.open_project(folder) as project:
        for number in range(OPERATIONS):
            log.set_stars(project.database, [number % 500 + 1], number // 500 % 5 + 1, author="me")
    with lr.open_project(folder) as project:
        page = Page(lr.History(project))
        cold = timed(lambda: page.ask("history", start=0, stop=200, filter=""))
        project.view().head(1).stars(5)
        return cold, timed(lambda: page.ask("history", start=0, stop=200, filter=""))


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory() as temporary:
        origin = Path(temporary) / "origin"
        build(origin, count)
        results: dict[str, list[float]] = {}
        for _ in range(rounds):
            for kind in ("reference", "ours"):
                folder = Path(temporary) / kind
                shutil.copytree(origin, folder)
                found = {"reference": reference(folder)} if kind == "reference" else ours(folder, count)
                for name, seconds in found.items():
                    results.setdefault(name, []).append(seconds)
                shutil.rmtree(folder)
        asked = pings(origin)
        build(Path(temporary) / "long", 1_000)
        cold, warm = history(Path(temporary) / "long")
    base = statistics.median(results["reference"])
    print(f"{count:,} images, {TAGS_EACH} tags each, median of {rounds}")
    print(f"{'step':<24}{'ms':>8}{'x reference':>14}")
    for name, seconds in results.items():
        middle = statistics.median(seconds)
        print(f"{name:<24}{middle * 1000:>8.0f}{middle / base:>14.2f}")
    for name, seconds in asked.items():
        late = np.percentile(seconds, 95)
        print(f"ping during {name:<12}{late * 1000:>8.0f} ms, 95th percentile of {len(seconds)}")
    print(
        f"page of {OPERATIONS:,} operations: {cold * 1000:.0f} ms cold, {warm * 1000:.0f} ms after a change"
    )


if __name__ == "__main__":
    main()
