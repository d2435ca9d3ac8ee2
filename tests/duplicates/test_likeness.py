from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from lorairo.duplicates.likeness import Look, compare, compare_mirrored

if TYPE_CHECKING:
    from collections.abc import Callable

    Draw = Callable[..., Image.Image]


@pytest.fixture
def scene(draw: Draw) -> Image.Image:
    return draw(7, (256, 192))


def recompressed(image: Image.Image, quality: int = 40) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")


def kind(a: Image.Image, b: Image.Image) -> str:
    there, back = compare(Look.of(a), Look.of(b)), compare(Look.of(b), Look.of(a))
    assert there == back
    return there


def test_size_compression_and_brightness_make_no_other_picture(scene: Image.Image):
    assert kind(scene, scene.resize((128, 96))) == "same"
    assert kind(scene, recompressed(scene)) == "same"
    assert kind(scene, ImageEnhance.Brightness(scene).enhance(0.8)) == "same"
    assert kind(scene, ImageEnhance.Contrast(scene).enhance(0.8)) == "same"


@pytest.mark.parametrize("margins", [(12, 9, 12, 9), (0, 0, 16, 0), (0, 12, 0, 0), (24, 18, 0, 0)])
def test_a_margin_that_is_cut_off_is_seen(scene: Image.Image, margins: tuple[int, int, int, int]):
    assert kind(scene, ImageOps.crop(scene, margins)) == "cropped"


def test_a_picture_without_its_colours_is_a_grey_copy(scene: Image.Image):
    assert kind(scene, scene.convert("L").convert("RGB")) == "grey"


def test_other_colours_are_told_apart(scene: Image.Image):
    luma, cb, cr = scene.convert("YCbCr").split()
    other = Image.merge("YCbCr", (luma, ImageOps.invert(cb), ImageOps.invert(cr))).convert("RGB")
    assert kind(scene, other) in {"recoloured", "different"}
    calm = ImageEnhance.Color(scene).enhance(0.5)
    luma, cb, cr = calm.convert("YCbCr").split()
    assert kind(calm, Image.merge("YCbCr", (luma, cr, cb)).convert("RGB")) == "recoloured"


def test_a_small_place_that_differs_is_a_detail(scene: Image.Image):
    other = scene.copy()
    ImageDraw.Draw(other).ellipse((120, 80, 150, 105), fill=(240, 20, 20))
    assert kind(scene, other) == "detail"


def test_a_mirror_image_is_mirrored_and_nothing_else(scene: Image.Image, draw: Draw):
    turned = recompressed(ImageOps.mirror(scene), 80)
    assert kind(scene, turned) == "different"
    assert compare_mirrored(Look.of(scene), Look.of(turned)) == "mirrored"
    assert compare_mirrored(Look.of(turned), Look.of(scene)) == "mirrored"
    assert compare_mirrored(Look.of(scene), Look.of(draw(8, (256, 192)))) == "different"


def test_other_pictures_are_different(draw: Draw):
    pictures = [draw(seed, (256, 192)) for seed in range(12)]
    found = [kind(a, b) for place, a in enumerate(pictures) for b in pictures[place + 1 :]]
    assert set(found) == {"different"}


def test_flat_pictures_are_compared_by_their_colour():
    red, darker, blue = (Image.new("RGB", (64, 64), c) for c in ((200, 0, 0), (197, 2, 1), (0, 0, 200)))
    noisy = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8))
    assert kind(red, darker) == "same"
    assert kind(red, blue) == "different"
    assert kind(red, noisy) == "different"
    assert compare_mirrored(Look.of(red), Look.of(red)) == "different"
