"""What becomes of a picture on its way to a trainer: upright, 8-bit sRGB, opaque, or cut to its bucket."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PIL import Image

from lorairo.images import Limits, flatten
from lorairo.images.colour import to_srgb
from lorairo.images.exif import ORIENTATION
from lorairo.images.opening import Decoded, decode

if TYPE_CHECKING:
    from lorairo.images.buckets import Bucket

Format = Literal["png", "jpg", "webp"]

_PILLOW = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
_PNG_DEPTH = 24  # offset of the bit depth in a PNG file
_FULL_CHROMA = 90  # from this JPEG quality on, colour is kept at full resolution


@dataclass(frozen=True, slots=True)
class PictureSettings:
    """How pictures are written.

    Attributes
    ----------
    quality
        Of JPEG and WebP, 1 to 100.
    background
        Red, green and blue (0 to 255) that show where the picture is transparent.
    keep
        Copy files byte for byte where every trainer reads them right; metadata in them stays then.
    """

    quality: int = 95
    background: tuple[int, int, int] = (255, 255, 255)
    keep: bool = False


def kept_format(name: str) -> Format:
    """Return the format a file keeps: its own if trainers read it everywhere, else PNG.

    Parameters
    ----------
    name
        The format as Pillow calls it, such as ``JPEG``.
    """
    formats: dict[str, Format] = {"jpeg": "jpg", "jpg": "jpg", "mpo": "jpg", "png": "png", "webp": "webp"}
    return formats.get(name.lower(), "png")


def render(
    data: bytes,
    format: Format,  # noqa: A002 - Pillow's own word
    settings: PictureSettings,
    cut: Bucket | None = None,
    limits: Limits | None = None,
) -> bytes:
    """Encode a picture for a trainer.

    Parameters
    ----------
    data
        The source file.
    format
        What to write.
    settings
        Quality and background.
    cut
        Scale and crop to this bucket; None keeps the size.
    limits
        What is opened at all.

    Returns
    -------
    bytes
        A file without orientation tag, colour profile and metadata (unless it was kept byte for byte).

    Raises
    ------
    Rejected
        When the source cannot be decoded.
    """
    decoded = decode(data, limits or Limits())
    if settings.keep and cut is None and _plain(decoded, data, format):
        return data
    image = flatten(to_srgb(decoded.image, decoded.icc)[0], settings.background)
    if cut is not None:
        image = _cut(image, cut)
    buffer = io.BytesIO()
    if format == "png":
        # Run lengths only: photographs get 7 % larger than at level 6, in a quarter of the time.
        image.save(buffer, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
    elif format == "jpg":
        chroma = "4:4:4" if settings.quality >= _FULL_CHROMA else "4:2:0"
        image.save(buffer, "JPEG", quality=settings.quality, subsampling=chroma)
    else:
        image.save(buffer, "WEBP", quality=settings.quality)
    return buffer.getvalue()


def _cut(image: Image.Image, bucket: Bucket) -> Image.Image:
    if bucket.resized == image.size:
        return image.crop(bucket.crop) if bucket.bucket != image.size else image
    across, down = image.width / bucket.resized[0], image.height / bucket.resized[1]
    left, top, right, bottom = bucket.crop
    # The trainer shrinks by area and enlarges by Lanczos; of Pillow's filters Hamming is nearest to area.
    # Scaling only what the crop leaves gives the same pixels for less work.
    return image.resize(
        bucket.bucket,
        Image.Resampling.LANCZOS if bucket.upscaled else Image.Resampling.HAMMING,
        box=(left * across, top * down, right * across, bottom * down),
        reducing_gap=2.0,
    )


def _plain(decoded: Decoded, data: bytes, format: Format) -> bool:  # noqa: A002 - Pillow's own word
    """Whether every trainer reads this file as we would write it."""
    return (
        decoded.format == _PILLOW[format]
        and decoded.mode == "RGB"
        and decoded.frames == 1
        and decoded.orientation == decoded.exif.tags.get(ORIENTATION, 1) == 1
        and decoded.icc is None
        and not decoded.alpha
        and not decoded.warnings  # whatever is odd about it, another decoder may take otherwise
        and (format != "png" or data[_PNG_DEPTH] == 8)  # noqa: PLR2004 - bits per channel
    )
