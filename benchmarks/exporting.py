"""Exporting, as a ratio against the bare loop: read, decode, scale, encode and write the same files.

The bare loop runs in as many threads at the same quality, once with Pillow and, where it is installed, with
OpenCV; it makes no captions, no hashes, no manifest, no checks. Promise: within 1.3 times OpenCV.

    python benchmarks/exporting.py --images 100 --workers 2
    python benchmarks/exporting.py --folder photos/
"""

from __future__ import annotations

import argparse
import hashlib
import io
import shutil
import statistics
import tempfile
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from lorairo.exporters import find
from lorairo.exporters.plan import ExportItem
from lorairo.images.buckets import assign_bucket

try:
    import cv2
except ImportError:
    cv2 = None

CASES = [
    ("png", None),
    ("jpg", None),
    ("png", "bucket"),
    ("jpg", "bucket"),
]
SIZES = [(2000, 1500), (1500, 2000), (2048, 1365), (1600, 1600)]
QUALITY = 95


def draw(folder, count):
    """Photo-like pictures of 2.5 to 3 megapixels: smooth fields, edges and noise."""
    random = np.random.default_rng(0)
    for number in range(count):
        width, height = SIZES[number % len(SIZES)]
        coarse = Image.fromarray(random.integers(0, 255, (12, 16, 3), dtype=np.uint8))
        field = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), dtype=np.float32)
        across, down = np.sin(np.arange(width) / 37), np.sin(np.arange(height) / 53)
        edges = 30 * np.sign(down[:, None, None] * across[None, :, None])
        noise = random.normal(0, 6, (height, width, 1)).astype(np.float32)
        pixels = np.clip(field + edges + noise, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:04}.jpg", quality=90)


def items_of(files):
    for number, file in enumerate(files):
        data = file.read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            size, kind = image.size, image.format
        yield ExportItem(
            id=number,
            sha256=hashlib.sha256(data).hexdigest(),
            name=file.name,
            width=size[0],
            height=size[1],
            read=file.read_bytes,
            tags=(("dog", 0), ("outdoors", 0)),
            format=kind or "",
        )


def with_pillow(file, out, kind, resize):
    image = Image.open(io.BytesIO(file.read_bytes())).convert("RGB")
    if resize:
        bucket = assign_bucket(image.size, 1024)
        image = image.resize(bucket.resized, Image.Resampling.HAMMING).crop(bucket.crop)
    buffer = io.BytesIO()
    if kind == "png":
        image.save(buffer, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
    else:
        image.save(buffer, "JPEG", quality=QUALITY, subsampling="4:4:4")
    (out / f"{file.stem}.{kind}").write_bytes(buffer.getvalue())


def with_opencv(file, out, kind, resize):
    image = cv2.imdecode(np.frombuffer(file.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    if resize:
        bucket = assign_bucket((image.shape[1], image.shape[0]), 1024)
        left, top, right, bottom = bucket.crop
        image = cv2.resize(image, bucket.resized, interpolation=cv2.INTER_AREA)[top:bottom, left:right]
    if kind == "png":
        options = [cv2.IMWRITE_PNG_COMPRESSION, 1]
    else:
        options = [
            cv2.IMWRITE_JPEG_QUALITY,
            QUALITY,
            cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
            cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
        ]
    (out / f"{file.stem}.{kind}").write_bytes(cv2.imencode(f".{kind}", image, options)[1].tobytes())


def bare(function, files, workers, kind, resize):
    def work(out):
        out.mkdir()
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(partial(function, out=out, kind=kind, resize=resize), files))

    return work


def ours(items, workers, kind, resize):
    options = {"image_format": kind, "quality": QUALITY, "resize": resize, "trigger": "zxc dog"}
    return lambda out: find("kohya").plan(items, out, workers=workers, **options).write()


def seconds(work, out):
    start = time.perf_counter()
    work(out)
    took = time.perf_counter() - start
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    shutil.rmtree(out)
    return took, size


def measure(files, items, workers, rounds, place):
    print(f"{len(files)} files, {workers} workers, median of {rounds} rounds, times in seconds")
    print(
        f"{'case':<12}{'lorairo':>10}{'Pillow':>10}{'OpenCV':>10}{'/ Pillow':>10}{'/ OpenCV':>10}{'bytes':>8}"
    )
    for kind, resize in CASES:
        works = {"lorairo": ours(items, workers, kind, resize)}
        works["Pillow"] = bare(with_pillow, files, workers, kind, resize)
        if cv2 is not None:
            works["OpenCV"] = bare(with_opencv, files, workers, kind, resize)
        runs = [{name: seconds(work, place / "out") for name, work in works.items()} for _ in range(rounds)]
        took = {name: statistics.median(run[name][0] for run in runs) for name in works}
        size = {name: runs[0][name][1] for name in works}
        last = "OpenCV" if cv2 is not None else "Pillow"
        cells = [f"{took.get(name, float('nan')):10.2f}" for name in ("lorairo", "Pillow", "OpenCV")]
        cells += [f"{took['lorairo'] / took.get(name, float('nan')):10.2f}" for name in ("Pillow", "OpenCV")]
        print(f"{kind} {resize or 'full':<8}{''.join(cells)}{size['lorairo'] / size[last]:8.2f}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=60)
    parser.add_argument("--folder", type=Path, help="use these files instead of drawing some")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    if cv2 is not None:
        cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        folder = given.folder or place / "pictures"
        if given.folder is None:
            folder.mkdir()
            draw(folder, given.images)
        found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg", ".png"})
        files = found[: given.images]
        measure(files, list(items_of(files)), given.workers, given.rounds, place)


if __name__ == "__main__":
    main()
