"""Small files that would keep a reader busy for minutes are refused at once; large honest ones are not."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from lorairo.images import Rejected, apart, open_upright

if TYPE_CHECKING:
    from collections.abc import Callable

BUSY = "made to keep its reader busy"


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@pytest.mark.parametrize(
    ("piece", "count", "reason"),
    [
        (chunk(b"tEXt", b"k\0v"), 2_001, "2,000 pieces of metadata"),
        (chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(1_000_000))), 2_001, "2,000 pieces of metadata"),
        (chunk(b"IDAT"), 100_001, "100,000 pieces"),
    ],
)
def test_a_png_in_too_many_chunks(draw: Callable[..., Image.Image], piece: bytes, count: int, reason: str):
    plain = encoded(draw(1), "PNG")
    place = plain.index(b"IDAT") - 4
    with pytest.raises(Rejected, match=f"{BUSY}: over {reason}"):
        open_upright(plain[:place] + piece * count + plain[place:])
    assert open_upright(plain[:place] + chunk(b"tEXt", b"k\0v") * 100 + plain[place:]).size == (320, 240)


def test_a_jpeg_in_too_many_segments(draw: Callable[..., Image.Image]):
    plain = encoded(draw(1), "JPEG")
    with pytest.raises(Rejected, match=BUSY):
        open_upright(plain[:2] + b"\xff\xe5\0\2" * 2_001 + plain[2:])
    assert open_upright(plain[:2] + b"\xff\xe5\0\2" * 100 + plain[2:]).size == (320, 240)
    assert open_upright(plain[:2] + b"\xff" * 5_000_000 + plain[2:]).size == (320, 240)


def test_a_jpeg_that_draws_itself_over_and_over():
    plain = encoded(Image.new("RGB", (3000, 3000)), "JPEG", progressive=True)
    assert open_upright(plain).size == (3000, 3000)
    with pytest.raises(Rejected, match=rf"{BUSY}: \d+ scans of 9 megapixels"):
        open_upright(plain[:-2] + b"\xff\xda\0\0" * 400 + plain[-2:])


def test_a_decoder_written_in_python_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(apart, "PATIENCE", 0.5)
    size = 4000
    data = b"qoif" + struct.pack(">IIBB", size, size, 3, 0) + b"\x6a" * (size * size) + b"\0" * 7 + b"\1"
    with pytest.raises(Rejected, match="not decoded within 0 seconds: convert it to PNG or JPEG first"):
        open_upright(data)
