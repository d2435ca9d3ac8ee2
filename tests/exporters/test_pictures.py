from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from lorairo.exporters.pictures import PictureSettings, kept_format, render
from lorairo.images import Rejected
from lorairo.images.buckets import assign_bucket

if TYPE_CHECKING:
    from collections.abc import Callable

    Draw = Callable[..., Image.Image]


def encode(image: Image.Image, encoding: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, encoding, **options)
    return buffer.getvalue()


def decode(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def test_png_keeps_every_pixel(draw: Draw):
    image = draw(1)
    assert np.array_equal(
        np.asarray(decode(render(encode(image, "PNG"), "png", PictureSettings()))), np.asarray(image)
    )


@pytest.mark.parametrize(("quality", "sampling"), [(95, 0), (80, 2)])
def test_jpeg_keeps_colour_at_full_resolution_when_quality_is_high(draw: Draw, quality: int, sampling: int):
    from PIL.JpegImagePlugin import get_sampling  # noqa: PLC0415 - only here

    data = render(encode(draw(1), "PNG"), "jpg", PictureSettings(quality=quality))
    assert get_sampling(decode(data)) == sampling


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "I;16", "RGBA", "LA"])
def test_every_mode_becomes_rgb(draw: Draw, mode: str):
    image = Image.new("I;16", (40, 30), 30000) if mode == "I;16" else draw(1, (40, 30)).convert(mode)
    encoding = "TIFF" if mode == "CMYK" else "PNG"
    assert decode(render(encode(image, encoding), "png", PictureSettings())).mode == "RGB"


def test_nothing_is_left_of_the_metadata(draw: Draw):
    exif = Image.Exif()
    exif[0x010E] = "at home"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encode(draw(1), "JPEG", exif=exif, icc_profile=profile)
    for format_name in ("png", "jpg", "webp"):
        image = decode(render(data, format_name, PictureSettings()))
        assert not image.getexif()
        assert "icc_profile" not in image.info


def test_cutting_scales_then_crops(draw: Draw):
    image = draw(1, (3000, 2000))
    bucket = assign_bucket(image.size, 1024)
    cut = decode(render(encode(image, "JPEG", quality=95), "png", PictureSettings(), bucket))
    plain = image.resize(bucket.resized, Image.Resampling.HAMMING).crop(bucket.crop)
    assert cut.size == bucket.bucket
    off = np.abs(np.asarray(cut, dtype=int) - np.asarray(plain, dtype=int))
    assert off.mean() < 2


def test_what_needs_only_a_crop_is_not_scaled(draw: Draw):
    image = draw(1, (450, 450))
    bucket = assign_bucket(image.size, 1024, no_upscale=True)
    cut = decode(render(encode(image, "PNG"), "png", PictureSettings(), bucket))
    assert np.array_equal(np.asarray(cut), np.asarray(image.crop(bucket.crop)))


def test_kept_files_are_copied_only_where_every_trainer_reads_them(draw: Draw):
    keep = PictureSettings(keep=True)
    image = draw(1)
    turned, profile = Image.Exif(), ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    turned[0x0112] = 3
    plain = [("JPEG", "jpg", {}), ("PNG", "png", {}), ("WEBP", "webp", {})]
    for encoding, format_name, options in plain:
        data = encode(image, encoding, **options)
        assert render(data, format_name, keep) == data
    for data, format_name in [
        (encode(image, "JPEG", exif=turned), "jpg"),
        (encode(image, "JPEG", icc_profile=profile), "jpg"),
        (encode(image.convert("L"), "JPEG"), "jpg"),
        (encode(image.convert("RGBA"), "PNG"), "png"),
        (encode(image.convert("P"), "PNG"), "png"),
        (encode(image, "PNG", save_all=True, append_images=[draw(2)]), "png"),
    ]:
        assert render(data, format_name, keep) != data


def test_formats_that_are_kept():
    assert [kept_format(name) for name in ("JPEG", "MPO", "PNG", "WEBP", "GIF", "TIFF", "")] == [
        "jpg",
        "jpg",
        "png",
        "webp",
        "png",
        "png",
        "png",
    ]


def test_damage_is_rejected(draw: Draw):
    with pytest.raises(Rejected):
        render(encode(draw(1), "JPEG")[:500], "png", PictureSettings())
