"""Facts, previews and upright pictures, from pictures made here."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import imagehash
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from lorairo.images import QUALITY_NAMES, Limits, Rejected, encode_preview, flatten, open_upright, read_facts

if TYPE_CHECKING:
    from collections.abc import Callable

    Draw = Callable[..., Image.Image]


def save(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def distance(a: int, b: int) -> int:
    return ((a ^ b) & (1 << 64) - 1).bit_count()


def reference_hash(data: bytes) -> int:
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    return int(str(imagehash.phash(flatten(image))), 16)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("size", [(1600, 1200), (900, 1400), (300, 200), (40, 50)])
def test_facts_of_ordinary_pictures(draw: Draw, kind: str, size: tuple[int, int]):
    data = save(draw(sum(size), size), kind)
    facts = read_facts(data)
    assert (facts.width, facts.height, facts.format) == (*size, kind)
    assert facts.bytes == len(data)
    assert not facts.alpha
    assert facts.warnings == ()
    assert distance(facts.phash, reference_hash(data)) <= 2
    assert len(facts.quality) == len(QUALITY_NAMES)
    with Image.open(io.BytesIO(facts.thumbnail)) as thumbnail:
        assert thumbnail.format == "JPEG"
        assert max(thumbnail.size) == min(256, max(size))
        mean = np.asarray(thumbnail.convert("RGB")).mean(axis=(0, 1))
    found = [facts.mean_rgb >> shift & 255 for shift in (16, 8, 0)]
    assert np.abs(mean - found).max() < 3


def test_hash_of_pictures_on_plain_ground(draw: Draw):
    """Drawings leave most frequencies near the median, where a reduced decode would turn bits over."""
    for seed in range(6):
        canvas = Image.new("RGB", (1600, 1600), "white")
        canvas.paste(draw(seed, (90, 120)), (700 + 20 * seed, 750))
        data = save(canvas, "JPEG", quality=92)
        assert distance(read_facts(data).phash, reference_hash(data)) <= 2


@pytest.mark.parametrize("colour", ["black", "white", "red"])
def test_hash_of_flat_pictures_is_the_same_everywhere(colour: str):
    hashes = {
        read_facts(save(Image.new("RGB", size, colour), "PNG")).phash for size in [(64, 64), (900, 500)]
    }
    assert len(hashes) == 1


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_orientation_is_applied(draw: Draw, orientation: int, kind: str):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = save(draw(5, (640, 400)), kind, exif=exif)
    facts = read_facts(data)
    turned = orientation > 4
    assert (facts.width, facts.height) == ((400, 640) if turned else (640, 400))
    upright = open_upright(data)
    assert upright.size == (facts.width, facts.height)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    assert np.abs(np.asarray(upright, float) - np.asarray(expected, float)).mean() < 2
    assert distance(facts.phash, reference_hash(data)) <= 2


def test_transparency_is_laid_on_white_and_hidden_colours_do_not_bleed(draw: Draw):
    image = Image.new("RGBA", (800, 800), (255, 0, 0, 0))
    image.paste(draw(3, (400, 400)), (200, 200))
    data = save(image, "PNG")
    facts = read_facts(data)
    assert facts.alpha
    assert distance(facts.phash, reference_hash(data)) <= 2
    with Image.open(io.BytesIO(facts.thumbnail)) as thumbnail:
        assert min(thumbnail.convert("RGB").getpixel((5, 5))) > 250
    assert open_upright(data).mode == "RGBA"
    assert flatten(open_upright(data), (0, 255, 0)).getpixel((0, 0)) == (0, 255, 0)


def test_opaque_alpha_channel_is_no_transparency(draw: Draw):
    assert not read_facts(save(draw(1).convert("RGBA"), "PNG")).alpha


def test_palette_with_transparency(draw: Draw):
    image = draw(2).quantize(16)
    image.info["transparency"] = 3
    facts = read_facts(save(image, "PNG"))
    assert facts.mode == "P"
    assert facts.alpha


def test_sixteen_bits_are_scaled_not_clipped():
    ramp = np.tile(np.linspace(0, 65535, 300).astype(np.uint16), (200, 1))
    opened = np.asarray(open_upright(save(Image.fromarray(ramp), "PNG")))[..., 0]
    assert opened[0, 0] == 0
    assert opened[0, -1] == 255
    assert abs(int(opened[0, 150]) - 128) < 3


def test_cmyk_comes_out_in_true_colours():
    image = Image.new("RGB", (300, 200), (200, 40, 30)).convert("CMYK")
    facts = read_facts(save(image, "JPEG", quality=95))
    assert facts.mode == "CMYK"
    assert any("CMYK" in warning for warning in facts.warnings)
    red, green, blue = (facts.mean_rgb >> shift & 255 for shift in (16, 8, 0))
    assert red > 150
    assert green < 90
    assert blue < 90


def test_profiles_are_applied_and_srgb_is_left_alone(draw: Draw):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = draw(7)
    plain = open_upright(save(image, "PNG"))
    with_srgb = save(image, "PNG", icc_profile=srgb)
    assert read_facts(with_srgb).icc is not None
    assert np.array_equal(np.asarray(open_upright(with_srgb)), np.asarray(plain))
    for damaged in (b"rubbish" * 40, srgb[:16] + b"RG\x8eB" + srgb[20:]):
        broken = read_facts(save(image, "JPEG", icc_profile=damaged))
        assert broken.icc is None
        assert any("profile" in warning for warning in broken.warnings)


def test_only_the_first_frame_counts_and_it_is_said(draw: Draw):
    frames = [draw(seed, (80, 60)) for seed in range(3)]
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        data = save(frames[0], kind, save_all=True, append_images=frames[1:])
        facts = read_facts(data)
        assert facts.frames > 1, kind
        assert any("first is used" in warning for warning in facts.warnings)
        assert open_upright(data).size == (80, 60)


def test_limits_are_checked_before_anything_is_decoded(draw: Draw):
    data = save(draw(1, (400, 300)), "PNG")
    with pytest.raises(Rejected, match="limits="):
        read_facts(data, Limits(max_pixels=1000))
    with pytest.raises(Rejected, match="limits="):
        read_facts(data, Limits(max_bytes=100))
    with pytest.raises(Rejected, match="empty"):
        read_facts(b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_truncated_files_are_refused(draw: Draw, kind: str, share: float):
    data = save(draw(4, (200, 150)), kind)
    with pytest.raises(Rejected):
        read_facts(data[: int(len(data) * share)])


def test_progressive_jpeg_cut_between_scans_is_refused(draw: Draw):
    data = save(draw(4, (400, 300)), "JPEG", progressive=True)
    with pytest.raises(Rejected, match="truncated"):
        read_facts(data[: data.rindex(b"\xff\xda")])


def test_a_missing_end_mark_is_a_warning(draw: Draw):
    data = save(draw(4, (400, 300)), "JPEG")
    facts = read_facts(data[:-2])
    assert any("end mark" in warning for warning in facts.warnings)


@pytest.mark.parametrize(("size", "word"), [((20, 18), "small"), ((1600, 40), "shape")])
def test_sizes_nobody_trains_on_are_named(draw: Draw, size: tuple[int, int], word: str):
    assert any(word in warning for warning in read_facts(save(draw(1, size), "PNG")).warnings)


def test_wrong_endings_are_named(draw: Draw):
    data = save(draw(1), "WEBP")
    assert any("WEBP" in warning for warning in read_facts(data, name="a.jpg").warnings)
    assert read_facts(data, name="a.WebP").warnings == ()


def test_preview_has_the_size_asked_for(draw: Draw):
    jpeg, width, height = encode_preview(save(draw(1, (1200, 800)), "JPEG"), 300)
    assert (width, height) == (300, 200)
    with Image.open(io.BytesIO(jpeg)) as image:
        assert image.size == (300, 200)
    assert encode_preview(save(draw(1, (50, 40)), "PNG"), 300)[1:] == (50, 40)


def test_blur_lowers_sharpness_and_clipping_is_seen(draw: Draw):
    image = draw(9, (800, 600))
    value = dict(zip(QUALITY_NAMES, read_facts(save(image, "PNG")).quality, strict=True))
    blurred = image.resize((40, 30)).resize((800, 600), Image.Resampling.BICUBIC)
    soft = dict(zip(QUALITY_NAMES, read_facts(save(blurred, "PNG")).quality, strict=True))
    assert soft["sharpness"] < value["sharpness"]
    white = dict(
        zip(QUALITY_NAMES, read_facts(save(Image.new("RGB", (90, 90), "white"), "PNG")).quality, strict=True)
    )
    assert white["bright_clipping"] == 1
    assert white["sharpness"] == white["saturation"] == white["entropy"] == 0
    grey = dict(zip(QUALITY_NAMES, read_facts(save(image.convert("L"), "PNG")).quality, strict=True))
    assert grey["colourfulness"] == 0
    assert all(0 <= number <= 1.5 for number in value.values())
