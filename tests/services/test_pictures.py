"""Pictures as they leave this machine."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from lorairo.images import Limits, Rejected
from lorairo.services import pictures
from lorairo.services.pictures import Prepared, prepare

if TYPE_CHECKING:
    from collections.abc import Callable


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(picture: pictures.Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.data))


def test_a_picture_is_shrunk_to_its_long_edge_and_never_enlarged(draw: Callable[..., Image.Image]):
    large = prepare(encoded(draw(1, (800, 300))), 400)
    small = prepare(encoded(draw(1, (80, 30))), 400)
    assert [(one.width, one.height) for one in (large, small)] == [(400, 150), (80, 30)]
    assert [opened(one).size for one in (large, small)] == [(400, 150), (80, 30)]


def test_what_is_sent_is_what_it_says(draw: Callable[..., Image.Image]):
    picture = prepare(encoded(draw(1), "WEBP"), 400)
    assert picture.media_type == "image/jpeg"
    assert opened(picture).format == "JPEG"
    assert picture.digest == hashlib.sha256(picture.data).digest()


def test_a_turned_picture_is_sent_upright_without_what_its_file_says(draw: Callable[..., Image.Image]):
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "where I live"
    picture = prepare(encoded(draw(1, (120, 80)), "JPEG", exif=exif), 400)
    assert (picture.width, picture.height) == (80, 120)
    assert b"where I live" not in picture.data
    assert not opened(picture).getexif()


@pytest.mark.parametrize(("mode", "form"), [("P", "GIF"), ("L", "GIF"), ("RGB", "JPEG"), ("CMYK", "JPEG")])
def test_no_comment_of_a_file_is_sent_along(mode: str, form: str):
    data = encoded(Image.new(mode, (40, 30)), form, comment=b"where I live")
    assert b"where I live" in data
    assert b"where I live" not in prepare(data, 400).data


def test_what_shows_through_is_white():
    clear = Image.new("RGBA", (40, 40), (200, 0, 0, 0))
    assert min(opened(prepare(encoded(clear), 400)).getpixel((20, 20))) >= 250


def test_other_colour_spaces_become_plain_ones():
    sent = opened(prepare(encoded(Image.new("CMYK", (40, 40), (0, 0, 0, 128)), "JPEG"), 400))
    red, green, blue = sent.getpixel((20, 20))
    assert sent.mode == "RGB"
    assert abs(red - green) < 12
    assert abs(green - blue) < 12


def test_limits_hold(draw: Callable[..., Image.Image]):
    with pytest.raises(Rejected, match="megapixels"):
        prepare(encoded(draw(1, (300, 300))), 400, Limits(max_pixels=10_000))


def test_several_services_share_one_encoding(
    monkeypatch: pytest.MonkeyPatch, draw: Callable[..., Image.Image]
):
    made: list[int] = []
    monkeypatch.setattr(
        pictures, "prepare", lambda data, edge, limits=None: made.append(edge) or prepare(data, edge, limits)
    )
    data, other = encoded(draw(1)), encoded(draw(2))
    held = Prepared()
    assert held.of(data, 100) is held.of(data, 100)
    held.of(data, 50)
    held.of(other, 100)
    assert made == [100, 50, 100]
    tight = Prepared(most=1)
    tight.of(data, 100)
    tight.of(data, 100)
    assert made[3:] == [100, 100]
