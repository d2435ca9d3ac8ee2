"""Images that exist in numbers only, added by the store's own ways."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from lorairo.store import catalog

if TYPE_CHECKING:
    from lorairo.store.database import Database

AUTHOR = "tester"
SIZES = [
    (1024, 1024),
    (1920, 1080),
    (800, 600),
    (512, 768),
    (2000, 500),
    (640, 640),
    (100, 100),
    (3000, 2000),
]


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
