"""Import against a naive loop: first import with one and two workers, and again without changes.

    PYTHONPATH=src python benchmarks/importing.py CORPUS [--reference pipelines.py] [--rounds 3]

CORPUS is a folder made by `tools/make_corpus.py` of the shared material, where the reference loops lie too.
They need `opencv-python-headless`, `ImageHash` and SQLAlchemy beside lorairo's own dependencies. Rounds are
interleaved; ratios of medians are printed.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lorairo.images import PICTURE_SUFFIXES, Limits
from lorairo.importers.adding import add
from lorairo.sources import source_of
from lorairo.store import Database, ThumbnailCache

if TYPE_CHECKING:
    from collections.abc import Callable

_REFERENCE = Path(__file__).resolve().parents[1].parent / "shared" / "tools" / "reference" / "pipelines.py"


def load_reference(path: Path) -> Any:
    """Import the reference loops from where they lie."""
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location("pipelines", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measured(work: Callable[[], Any]) -> tuple[float, float]:
    """Wall and CPU seconds, all threads."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


class Project:
    """A fresh project for one round."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lorairo-benchmark-"))
        self.database = Database.open(self.folder)
        self.thumbnails = ThumbnailCache(self.folder / "thumbnails.db")

    def add(self, corpus: str, *, workers: int) -> int:
        source = source_of(corpus)
        options = {"folder": self.folder, "limits": Limits(), "workers": workers, "progress": lambda *_: None}
        report = add(self.database, self.thumbnails, source, **options)
        assert not len(report.rejected), report
        return len(report.added) + len(report.duplicates) + len(report.unchanged)

    def close(self) -> None:
        self.database.close()
        self.thumbnails.close()
        shutil.rmtree(self.folder)


def imported(corpus: str, workers: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Import into a fresh project, and again."""
    project = Project()
    first = measured(lambda: project.add(corpus, workers=workers))
    again = measured(lambda: project.add(corpus, workers=workers))
    project.close()
    return first, again


def one_round(corpus: str, paths: list[str], reference: Any) -> dict[str, tuple[float, float]]:
    """Each case once."""
    cases: dict[str, tuple[float, float]] = {}
    if reference is not None:
        with tempfile.TemporaryDirectory() as folder:
            cases["naive loop"] = measured(
                lambda: reference.naive_loop(paths, f"{folder}/n.db", f"{folder}/t")
            )
        with tempfile.TemporaryDirectory() as folder:
            cases["reference, 2 threads"] = measured(lambda: reference.fast_threads(paths, f"{folder}/f.db"))
    cases["import, 1 worker"] = imported(corpus, 1)[0]
    cases["import, 2 workers"], cases["import again, unchanged"] = imported(corpus, 2)
    return cases


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--reference", type=Path, default=_REFERENCE)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    corpus = str(options.corpus.resolve())
    paths = sorted(str(path) for path in Path(corpus).rglob("*") if path.suffix.lower() in PICTURE_SUFFIXES)
    try:
        reference = load_reference(options.reference)
    except (ImportError, FileNotFoundError) as error:
        print(f"no reference ({error}): ratios are left out")
        reference = None
    rounds = [one_round(corpus, paths, reference) for _ in range(options.rounds)]
    print(f"{len(paths)} images, {options.rounds} rounds, load {os.getloadavg()[0]:.1f}")
    print(f"{'case':26} {'wall s':>8} {'CPU s':>8} {'img/s':>8} {'x naive wall':>13} {'x naive CPU':>12}")
    middle = {
        case: tuple(statistics.median(each[case][kind] for each in rounds) for kind in (0, 1))
        for case in rounds[0]
    }
    for case, (wall, cpu) in middle.items():
        line = f"{case:26} {wall:8.3f} {cpu:8.3f} {len(paths) / wall:8.0f}"
        if reference is not None:
            line += f" {middle['naive loop'][0] / wall:13.1f} {middle['naive loop'][1] / cpu:12.1f}"
        print(line)
    first, again = middle["import, 2 workers"][0], middle["import again, unchanged"][0]
    print(f"importing again is {first / again:,.0f} times faster than the first time (2 workers)")
    print(f"largest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
