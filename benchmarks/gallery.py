"""The gallery over 100,000 images in real JupyterLab, against a bare virtual grid over the same thumbnails.

    python benchmarks/gallery.py --images 100000

Rows and thumbnails are written straight into a project; the thumbnails are real JPEGs, drawn from a bank of
some hundred. Both contestants take turns in one browser and one server, so the ratios hold where the absolute
figures, from a software-rendered browser, do not.
"""

from __future__ import annotations

import argparse
import functools
import io
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "src"), str(HERE.parent / "tests" / "browser")]

from lab import Lab  # noqa: E402 - after the path
from lab_server import LabServer  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from system_chromium import FLAGS, find_chromium  # noqa: E402

from lorairo.store import Database, ThumbnailCache, catalog  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BATCH = 5_000
SLOW = 1_000  # pixels a second
LONG_FRAME = 34.0  # milliseconds: two frames missed at 60 Hz
GALLERY = {"scroller": ".lr-grid", "cell": "[role=gridcell]"}
BARE = {"scroller": ".bare-scroller", "cell": ".bare-cell"}


def picture_bank(count: int) -> list[bytes]:
    """Encode thumbnails of 256 px, about as heavy as those of photographs (10 KB)."""
    bank = []
    for seed in range(count):
        draw = np.random.default_rng(seed)
        size = [(256, 192), (192, 256), (256, 256), (256, 171)][seed % 4]
        coarse = Image.fromarray(draw.integers(0, 255, (8, 8, 3), dtype=np.uint8))
        smooth = np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), dtype=np.float32)
        noisy = np.clip(smooth + draw.normal(0, 5, (size[1], size[0], 1)), 0, 255).astype(np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(noisy).save(buffer, "JPEG", quality=80)
        bank.append(buffer.getvalue())
    return bank


def fill_project(folder: Path, images: int, bank: list[bytes]) -> None:
    """Write rows and thumbnails, in batches."""
    database = Database.open(folder)
    cache = ThumbnailCache(folder / "thumbnails.db")
    sizes = [Image.open(io.BytesIO(thumbnail)).size for thumbnail in bank]
    for start in range(0, images, BATCH):
        entries, thumbnails = [], []
        for i in range(start, min(images, start + BATCH)):
            sha = i.to_bytes(32, "big")
            width, height = sizes[i % len(bank)]
            # what follows the end of a JPEG is not read, yet no two are the same to a browser's caches
            thumbnail = bank[i % len(bank)] + sha[-4:]
            name = f"{i:07}.jpg"
            path = catalog.PathRow(
                path=f"/pictures/{name}", name=name, bytes=900_000, mtime_ns=i, kind="file"
            )
            row = catalog.ImageRow(
                sha256=sha,
                bytes=900_000,
                width=width * 8,
                height=height * 8,
                format="JPEG",
                mode="RGB",
                alpha=False,
                icc=None,
                exif={},
                prompt=None,
                phash=i,
                mean_rgb=(i * 2654435761) & 0xFFFFFF,
                quality=(0.5,) * 8,
                thumbnail=thumbnail,
            )
            entries.append((path, row, None))
            thumbnails.append((sha, thumbnail))
        with database.write() as connection:
            catalog.add_images(connection, entries)
        cache.put_many(thumbnails)
    cache.close()
    database.close()


CELLS = {
    "gallery": """
import lorairo as lr
project = lr.open_project(PROJECT)
lr.Gallery(project.view())
""",
    "bare": """
import sys
sys.path.insert(0, BENCHMARKS)
from bare_grid import BareGrid
BareGrid(PROJECT + "/thumbnails.db", QUERY, [i.to_bytes(32, "big") for i in range(IMAGES)], **LAYOUT)
""",
}


class Contestant:
    """One page with one widget, measured from outside."""

    def __init__(self, name: str, lab: Lab, names: dict[str, str], values: dict[str, Any]) -> None:
        self.name, self.lab, self.names = name, lab, names
        constants = "\n".join(f"{key} = {value!r}" for key, value in values.items())
        lab.open_cells(constants, CELLS[name])
        lab.run_cell(0)
        lab.page.evaluate((HERE / "gallery.js").read_text(encoding="utf-8"))
        start = time.perf_counter()
        lab.start_cell(1)
        lab.page.wait_for_function(
            """([scroller, cell]) => {
                const first = [...document.querySelectorAll(`${scroller} ${cell}`)].slice(0, 12);
                return first.length > 11 && first.every(node => node.querySelector('img')?.naturalWidth > 0);
            }""",
            arg=[names["scroller"], names["cell"]],
        )
        self.opened = time.perf_counter() - start
        self.jumps: list[float] = []

    def jump(self, share: float) -> None:
        """Jump to a place and keep the time to painted pictures."""
        took = self.lab.page.evaluate("([names, share]) => measure.jump(names, share)", [self.names, share])
        self.jumps.append(took)

    def glide(self, speed: float, seconds: float, *, look: bool = False) -> dict[str, Any]:
        """Scroll evenly: frame intervals or, as looking costs time of its own, what was to be seen."""
        script = "([names, speed, seconds, look]) => measure.glide(names, speed, seconds, look)"
        return dict(self.lab.page.evaluate(script, [self.names, speed, seconds, look]))

    def visit(self, images: int, total: int) -> None:
        """Look at this many pictures, screen after screen."""
        seen, screen = 0, self.lab.page.locator(f"{self.names['scroller']} {self.names['cell']}").count()
        while seen < images:
            self.jump((seen + screen / 2) / total)
            self.jumps.pop()
            seen += screen // 2  # what is mounted reaches beyond what is seen


def renderer_mb(lab: Lab) -> float:
    """Memory of the largest renderer process, after the page has collected its garbage."""
    session = lab.context.new_cdp_session(lab.page)
    session.send("HeapProfiler.collectGarbage")
    session.detach()
    sizes = [
        process.memory_info().rss / 1e6
        for process in psutil.Process().children(recursive=True)
        if "--type=renderer" in " ".join(process.cmdline())
    ]
    return max(sizes)


def row(name: str, unit: str, gallery: float, bare: float | None = None, note: str = "") -> None:
    """Print one line of the table."""
    other = "" if bare is None else f"{bare:9.1f}"
    ratio = "" if not bare else f"{gallery / bare:6.2f}"
    print(f"{name:<44}{unit:>5}{gallery:10.1f}{other:>10}{ratio:>8}  {note}")


def percentile(values: list[float], share: float) -> float:
    """Return a percentile, the nearest value."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def measure(browser: Browser, server: LabServer, project: Path, images: int, jumps: int) -> None:
    """Open both, take turns, print."""

    def page(name: str) -> Lab:
        folder = server.root / name
        folder.mkdir()
        return Lab(server, browser, folder, width=1440, height=1000)

    values: dict[str, Any] = {"PROJECT": str(project), "IMAGES": images, "BENCHMARKS": str(HERE)}
    gallery = Contestant("gallery", page("gallery"), GALLERY, values)
    values["QUERY"] = "SELECT sha256, data FROM thumbnail WHERE sha256 IN ({})"
    values["LAYOUT"] = gallery.lab.page.evaluate(
        """() => { const grid = document.querySelector('.lr-grid');
            const cell = grid.querySelector('[role=gridcell]').getBoundingClientRect();
            return {cell: Math.round(cell.width), gap: 8, columns: Number(grid.getAttribute('aria-colcount')),
                    height: grid.clientHeight}; }"""
    )
    bare = Contestant("bare", page("bare"), BARE, values)
    order = random.Random(0)
    for _ in range(jumps):
        share = order.random()
        for contestant in (gallery, bare) if order.random() < 0.5 else (bare, gallery):
            contestant.lab.page.bring_to_front()
            contestant.jump(share)
    print(f"\n{images:,} images, {jumps} jumps; layout {values['LAYOUT']}")
    print(f"{'':<49}{'gallery':>10}{'bare':>10}{'ratio':>8}")
    row("first pictures after running the cell", "ms", 1000 * gallery.opened, 1000 * bare.opened)
    medians = [statistics.median(c.jumps) for c in (gallery, bare)]
    row("jump to painted thumbnails, median", "ms", *medians, "promise: 1.5")
    row(
        "jump to painted thumbnails, 95th percentile",
        "ms",
        *(percentile(c.jumps, 0.95) for c in (gallery, bare)),
    )
    frames, slow = [], []
    for contestant in (gallery, bare):
        contestant.lab.page.bring_to_front()
        contestant.jump(0.31)
        frames.append(contestant.glide(SLOW, 4)["intervals"])
        slow.append(contestant.glide(SLOW, 4, look=True))
    row("slow scroll, longest frame", "ms", *(max(f) for f in frames), "promise: 34")
    row("slow scroll, frames over 34 ms", "", *(float(sum(i > LONG_FRAME for i in f)) for f in frames))
    row("slow scroll, cells without picture", "%", *(100 * g["blank"] / g["cells"] for g in slow))
    fast = gallery.glide(8_000, 3, look=True)
    row(
        "holes without placeholder, slow and fast",
        "",
        float(fast["holes"] + slow[0]["holes"]),
        note="promise: 0",
    )
    bare.lab.close()
    gallery.lab.close()
    print(*gallery.lab.take_complaints(), sep="\n")


def measure_memory(browser: Browser, server: LabServer, project: Path, images: int) -> None:
    """Look at 10,000 pictures in a browser that has done nothing else."""
    folder = server.root / "memory"
    folder.mkdir()
    lab = Lab(server, browser, folder, width=1440, height=1000)
    values = {"PROJECT": str(project), "IMAGES": images, "BENCHMARKS": str(HERE)}
    gallery = Contestant("gallery", lab, GALLERY, values)
    row("renderer with the gallery open", "MB", renderer_mb(lab))
    gallery.visit(10_000, images)
    row("renderer after 10,000 thumbnails", "MB", renderer_mb(lab), note="promise: 500")
    lab.close()


def main() -> None:
    """Make the project, then measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--jumps", type=int, default=40)
    parser.add_argument("--bank", type=int, default=400, help="different thumbnails")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lorairo-gallery-", ignore_cleanup_errors=True) as folder:
        project = Path(folder) / "project"
        start = time.perf_counter()
        fill_project(project, options.images, picture_bank(options.bank))
        size = (project / "thumbnails.db").stat().st_size / options.images / 1024
        print(f"made in {time.perf_counter() - start:.0f} s, {size:.1f} KB per thumbnail")
        server = LabServer(Path(folder) / "lab")
        try:
            with sync_playwright() as playwright:
                launch = functools.partial(
                    playwright.chromium.launch, executable_path=find_chromium(), headless=True, args=FLAGS
                )
                with launch() as browser:
                    measure(browser, server, project, options.images, options.jumps)
                with launch() as browser:
                    measure_memory(browser, server, project, options.images)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
