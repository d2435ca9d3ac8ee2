"""Fixtures every room shares: pictures made on the spot, and the material beside the clone, if any."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import settings
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

# machines that run tests are busy: how long an example takes says nothing
settings.register_profile("lorairo", deadline=None)
settings.load_profile("lorairo")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real photographs and hostile files beside the clone."""
    if not SHARED.is_dir():
        if os.environ.get("LORAIRO_REQUIRE_SHARED") == "1":
            pytest.fail(f"{SHARED} is missing, and LORAIRO_REQUIRE_SHARED=1 asks for it")
        pytest.skip("../shared does not lie beside this clone")
    return SHARED


def picture(seed: int, size: tuple[int, int] = (320, 240), mode: str = "RGB") -> Image.Image:
    """Draw a photo-like picture: smooth colour fields with detail, the same for the same seed."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 255, (6, 8, 3), dtype=np.uint8)).resize(
        size, Image.Resampling.BICUBIC
    )
    fine = random.normal(0, 12, (size[1], size[0], 1))
    pixels = np.clip(np.asarray(coarse, dtype=np.float32) + fine, 0, 255).astype(np.uint8)
    return Image.fromarray(pixels).convert(mode)


def encoded(image: Image.Image, format: str = "JPEG", **options: object) -> bytes:  # noqa: A002 - Pillow's own word
    """Encode a picture."""
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def draw() -> Callable[..., Image.Image]:
    """Draw a picture from a seed."""
    return picture


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of twelve pictures, some with captions beside them."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for index in range(12):
        size = [(320, 240), (240, 320), (256, 256)][index % 3]
        (folder / f"{index:02}.jpg").write_bytes(encoded(picture(index, size), quality=88))
        if index % 4 == 0:
            (folder / f"{index:02}.txt").write_text("dog, outdoors", encoding="utf-8")
    return folder
