"""JPEG: read the header without trusting it, decode strictly and no larger than needed."""

from __future__ import annotations

import io
import re
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import simplejpeg
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from lorairo.images import exif as exif_block
from lorairo.images import pieces
from lorairo.images.limits import Rejected

if TYPE_CHECKING:
    import numpy as np

_END_OF_IMAGE: Final = b"\xff\xd9"
_START_OF_SCAN: Final = 0xDA
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE: Final = frozenset((0xC2, 0xC6, 0xCA, 0xCE))
_BARE: Final = frozenset((0x01, *range(0xD0, 0xD9)))  # markers without a length
_APP0, _APP1, _APP2, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
_NUMBER_OF_IMAGES: Final = 0xB001  # CIPA DC-007, multi-picture format
_CMYK_CHANNELS: Final = 4
_BITS: Final = 8
_FILL: Final = re.compile(b"\xff+(?=\xff)")  # any number of these bytes may stand before a marker


@dataclass(slots=True)
class JpegHead:
    """What stands before the first scan of a JPEG."""

    width: int = 0
    height: int = 0
    channels: int = 0
    bits: int = 0
    progressive: bool = False
    exif: bytes = b""
    xmp: bytes = b""
    icc: bytes | None = None
    pictures: int = 1
    index_damaged: bool = False
    metadata: list[tuple[int, int]] = field(default_factory=list)  # places of segments that hold no pixels

    @property
    def plain(self) -> bool:
        """Whether this is grey or colour in 8 bits, which the fast decoder reads."""
        return self.bits == _BITS and self.channels in (1, 3)


def read_head(data: bytes) -> JpegHead:
    """Walk the segments up to the first scan.

    Raises
    ------
    Rejected
        When there is no frame header before the data ends, or more stands before it than anybody needs.
    """
    head, profile = JpegHead(), dict[int, bytes]()
    place, count = 2, 0
    while (place := data.find(b"\xff", place)) >= 0 and place + 4 <= len(data):
        if fill := _FILL.match(data, place):
            place = fill.end()
            continue
        count += 1
        pieces.check_segments(count)
        marker = data[place + 1]
        if marker in _BARE or not marker:
            place += 2
            continue
        if marker == _START_OF_SCAN:
            break
        stop = place + 2 + struct.unpack_from(">H", data, place + 2)[0]
        body = data[place + 4 : stop]
        if marker in _FRAMES and len(body) >= 6 and not head.channels:  # noqa: PLR2004 - size of a frame header
            head.bits, head.height, head.width, head.channels = struct.unpack_from(">BHHB", body)
            head.progressive = marker in _PROGRESSIVE
        elif _APP0 < marker <= _APP15 and marker != _APP14:
            head.metadata.append((place, stop))
            _read_metadata(head, profile, marker, body)
        place = max(stop, place + 2)
    if not head.channels:
        raise Rejected("truncated file: it ends before the picture begins")
    if profile:
        head.icc = b"".join(profile[number] for number in sorted(profile))
    return head


def _read_metadata(head: JpegHead, profile: dict[int, bytes], marker: int, body: bytes) -> None:
    if marker == _APP1 and body.startswith(b"Exif\0") and not head.exif:
        head.exif = body
    elif marker == _APP1 and body.startswith(b"http://ns.adobe.com/xap/1.0/\0"):
        head.xmp = body[29:]
    elif marker == _APP2 and body.startswith(b"ICC_PROFILE\0") and len(body) > 14:  # noqa: PLR2004 - name, number, count
        profile.setdefault(body[12], body[14:])
    elif marker == _APP2 and body.startswith(b"MPF\0"):
        index = exif_block.parse(body[4:])
        number = index.tags.get(_NUMBER_OF_IMAGES)
        head.index_damaged = index.damaged or not isinstance(number, int) or number < 1
        head.pictures = number if isinstance(number, int) and not head.index_damaged else 1


def decode(data: bytes, head: JpegHead, short_side: int | None) -> tuple[Image.Image, str | None]:
    """Decode strictly, at the smallest scale whose short side is at least `short_side` pixels.

    Parameters
    ----------
    data, head
        The file and its header.
    short_side
        Pixels wanted at least; None decodes at full size with the accurate transforms.

    Returns
    -------
    image, warning
        The picture in mode ``L``, ``RGB`` or ``CMYK``, not turned, and what was odd about it.

    Raises
    ------
    Rejected
        When pixels are missing.
    """
    if head.plain:
        try:
            return _image(_strict(data, head, short_side)), None
        except ValueError:
            pass  # the decoder objects to anything odd: the lenient one below says whether pixels are missing
    try:
        image = _lenient(data, head, short_side)
    except Exception as error:  # whatever a decoder raises on damaged input, it means the same
        if head.plain and not head.progressive:
            # With the mark put back a strict pass proves that only it was missing. Progressive files can lose
            # whole scans without a decoder noticing, so there it proves nothing.
            try:
                return _image(
                    _strict(data + _END_OF_IMAGE, head, short_side)
                ), "the end mark is missing: the file was cut"
            except ValueError:
                pass
        cut = "truncated" in str(error).lower()
        raise Rejected("truncated file" if cut else f"damaged JPEG: {error}") from error
    odd = (
        "slightly damaged: every pixel could be read, but the file is not well-formed" if head.plain else None
    )
    return image, odd


def _strict(
    data: bytes, head: JpegHead, short_side: int | None
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    factor = _factor(head, short_side)
    quick = factor > 1  # the coarser transforms do not show in what is shrunk further
    pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]] = simplejpeg.decode_jpeg(
        data,
        "GRAY" if head.channels == 1 else "RGB",
        fastdct=quick,
        fastupsample=quick,
        min_height=-(-head.height // factor),
        min_width=-(-head.width // factor),
        min_factor=1,
        strict=True,
    )
    return pixels


def _image(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Image.Image:
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def _lenient(data: bytes, head: JpegHead, short_side: int | None) -> Image.Image:
    """Pillow's decoder: it forgives junk between segments, knows CMYK, and still refuses missing pixels."""
    kept, place = [], 0
    for start, stop in head.metadata:  # without metadata, over which Pillow would print warnings
        kept.append(data[place:start])
        place = stop
    kept.append(data[place:])
    bare = b"".join(kept)
    # A segment that lies about its length can take the next marker along: then Pillow gets the file as it is.
    image = JpegImageFile(io.BytesIO(bare if bare.startswith(b"\xff\xd8\xff") else data))
    factor = _factor(head, short_side)
    if factor > 1:
        image.draft(image.mode, (head.width // factor, head.height // factor))
    image.load()
    return image


def _factor(head: JpegHead, short_side: int | None) -> int:
    """Largest of the scales 1/8, 1/4, 1/2, 1 that keeps the short side."""
    if short_side is None:
        return 1
    short = min(head.width, head.height)
    return next(factor for factor in (8, 4, 2, 1) if factor == 1 or short >= short_side * factor)
