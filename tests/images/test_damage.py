from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from lorairo.images import open_upright
from lorairo.images.damage import DAMAGE_NAMES, measure_damage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def smooth(draw: Callable[..., Image.Image]) -> Image.Image:
    return draw(3, (640, 480)).filter(ImageFilter.GaussianBlur(3))


def figures(image: Image.Image) -> dict[str, float]:
    return dict(zip(DAMAGE_NAMES, measure_damage(image), strict=True))


def test_noise_follows_its_deviation(smooth: Image.Image):
    found = []
    for deviation in (0, 5, 10, 20):
        grain = np.random.default_rng(0).normal(0, deviation, (480, 640, 1))
        noisy = np.clip(np.asarray(smooth, np.float32) + grain, 0, 255).astype(np.uint8)
        found.append(figures(Image.fromarray(noisy))["noise"])
    assert found[0] < 0.1
    assert found == sorted(found)
    assert found[2] == pytest.approx(0.5, abs=0.05)  # 10 levels are a half
    assert found[3] == pytest.approx(0.667, abs=0.05)


def test_texture_is_no_noise_where_some_ground_is_calm(smooth: Image.Image):
    pixels = np.asarray(smooth).copy()
    pixels[:240] = np.random.default_rng(0).integers(0, 255, (240, 640, 3))
    assert figures(Image.fromarray(pixels))["noise"] < 0.1


def test_blocks_show_what_quality_a_jpeg_had(draw: Callable[..., Image.Image]):
    picture, found = draw(3, (640, 480)).filter(ImageFilter.GaussianBlur(1)), []
    for quality in (95, 50, 20, 5):
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=quality)
        found.append(figures(Image.open(buffer).convert("RGB"))["blocking"])
    assert found == sorted(found)
    assert found[0] < 0.2
    assert found[3] > 0.5


def test_blocks_are_gone_once_resized(smooth: Image.Image):
    buffer = io.BytesIO()
    smooth.save(buffer, "JPEG", quality=5)
    small = Image.open(buffer).convert("RGB").resize((500, 375), Image.Resampling.LANCZOS)
    assert figures(small)["blocking"] < 0.3


@pytest.mark.parametrize(("size", "share"), [((640, 600), 0.2), ((800, 480), 0.2), ((800, 600), 0.36)])
def test_bars_are_measured_on_any_side(smooth: Image.Image, size: tuple[int, int], share: float):
    framed = Image.new("RGB", size, (3, 2, 4))
    framed.paste(smooth, ((size[0] - 640) // 2, (size[1] - 480) // 2))
    assert figures(framed)["borders"] == pytest.approx(share, abs=0.01)
    assert figures(smooth)["borders"] == 0


def test_one_colour_is_nothing_but_border():
    assert figures(Image.new("RGB", (64, 48), (200, 10, 10)))["borders"] == 1


def test_greyness_and_transparency_are_shares(smooth: Image.Image):
    half = np.asarray(smooth).copy()
    half[:, :320] = half[:, :320].mean(axis=2, keepdims=True).astype(np.uint8)
    assert figures(Image.fromarray(half))["greyness"] == pytest.approx(0.5, abs=0.1)
    assert figures(smooth.convert("L").convert("RGB"))["greyness"] == 1
    clear = smooth.convert("RGBA")
    clear.putalpha(Image.new("L", clear.size, 255))
    clear.paste((0, 0, 0, 0), (0, 0, 640, 120))
    assert figures(clear)["transparency"] == 0.25
    assert figures(smooth)["transparency"] == 0


def test_a_line_of_text_stands_out(smooth: Image.Image):
    lettered = smooth.copy()
    ImageDraw.Draw(lettered).text((60, 400), "photo by somebody, 2026", (255, 255, 255), font_size=28)
    assert figures(lettered)["text"] > 0.2
    assert figures(smooth)["text"] < 0.1


def test_texture_and_lattices_are_no_text(smooth: Image.Image):
    pixels = np.asarray(smooth).copy()
    pixels[:, ::8] = 255  # bars from top to bottom
    assert figures(Image.fromarray(pixels))["text"] < 0.1
    noise = np.random.default_rng(0).integers(0, 255, (480, 640, 3), dtype=np.uint8)
    assert figures(Image.fromarray(noise))["text"] < 0.2


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (3, 200), (25, 17)])
def test_tiny_pictures_have_figures_or_none(size: tuple[int, int], draw: Callable[..., Image.Image]):
    for name, value in figures(draw(1, size)).items():
        assert np.isnan(value) or 0 <= value <= 1, name


def test_known_defects_of_real_photographs_stand_out(shared: Path):
    folder = shared / "data" / "photos" / "derived" / "quality"
    found = {file.stem: figures(open_upright(file)) for file in sorted(folder.iterdir())}

    def worst(name: str) -> str:
        return max(found, key=lambda stem: found[stem][name])

    assert worst("noise") == "noisy_sigma30"
    assert worst("blocking") == "jpeg_q8"
    assert worst("borders") == "pillarboxed"
    assert worst("text") == "text_watermark"
