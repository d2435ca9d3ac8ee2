"""Everything import wants to know about a file, from one read and one decode."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import simplejpeg
from PIL import Image

from lorairo.images import colour
from lorairo.images import exif as exif_block
from lorairo.images import prompt as prompts
from lorairo.images.fingerprint import perceptual_hash
from lorairo.images.limits import Limits
from lorairo.images.opening import Decoded, decode
from lorairo.images.quality import QUALITY_SIDE, measure
from lorairo.images.signature import suffix_warning

if TYPE_CHECKING:
    from pathlib import Path

THUMBNAIL_QUALITY: Final = 80
_SHORT_SIDE: Final = 256  # keeps the perceptual hash within 2 bits of that of the full picture
_FINE_SIDE: Final = 4096  # full size but for pictures that would not fit the memory
_HASH_TOLERANCE: Final = 2  # bits
_TINY: Final = 32
_STRIP: Final = 16
_HUGE: Final = 100_000_000


@dataclass(frozen=True, slots=True)
class Facts:
    """What one file is.

    Parameters
    ----------
    sha256
        Of the file's bytes: the image's identity.
    thumbnail
        JPEG, sRGB, transparency on white.
    bytes
        Size of the file.
    width, height
        Of the upright picture, in pixels.
    format, mode
        As Pillow names them; `mode` is that of the pixels in the file.
    alpha
        Whether any pixel is not opaque.
    icc
        Name of the colour profile; None without one.
    exif
        Facts worth showing, JSON-safe; see `lorairo.images.exif.facts`.
    prompt
        Positive prompt a generator left in the file.
    phash
        Perceptual hash, 64 bits as a signed number.
    mean_rgb
        Mean colour, 0xRRGGBB.
    quality
        Figures in the order of `QUALITY_NAMES`.
    frames
        Frames or pages; 2 stands for several in GIF and TIFF.
    orientation
        EXIF orientation that was applied, 1-8.
    warnings
        What is odd about the file, in plain words.
    """

    sha256: bytes
    thumbnail: bytes
    bytes: int
    width: int
    height: int
    format: str
    mode: str
    alpha: bool
    icc: str | None
    exif: dict[str, Any]
    prompt: str | None
    phash: int
    mean_rgb: int
    quality: tuple[float, ...]
    frames: int = 1
    orientation: int = 1
    warnings: tuple[str, ...] = ()


def read_facts(
    data: bytes,
    limits: Limits | None = None,
    *,
    name: str = "",
    thumbnail_size: int = 256,
    sha256: bytes | None = None,
) -> Facts:
    """Derive all facts from one decode.

    Parameters
    ----------
    data
        The whole file.
    limits
        What is opened at all.
    name
        File name, only to warn when its ending does not fit the content; none, no such warning.
    thumbnail_size
        Long side of the thumbnail, in pixels; smaller pictures are not enlarged.
    sha256
        Of `data`, where the caller has it already.

    Raises
    ------
    Rejected
        When it is no picture, too large or damaged.
    """
    decoded = decode(data, limits or Limits(), short_side=_SHORT_SIDE)
    flat = colour.flatten(colour.plain(decoded.image))
    picture, odd = colour.to_srgb(decoded.image, decoded.icc)
    shown = flat if picture is decoded.image and not decoded.alpha else colour.flatten(picture)
    small = _at_side(shown, QUALITY_SIDE, enlarge=True)
    tiny = (
        small
        if thumbnail_size == QUALITY_SIDE and max(shown.size) >= QUALITY_SIDE
        else _at_side(shown, thumbnail_size)
    )
    return Facts(
        sha256=sha256 or hashlib.sha256(data).digest(),
        thumbnail=_encode(tiny, THUMBNAIL_QUALITY),
        bytes=len(data),
        width=decoded.width,
        height=decoded.height,
        format=decoded.format,
        mode=decoded.mode,
        alpha=decoded.alpha,
        icc=colour.profile_name(decoded.icc),
        exif=exif_block.facts(decoded.exif),
        prompt=prompts.find(decoded.texts, decoded.exif),
        phash=_fingerprint(data, decoded, flat),
        mean_rgb=_mean_colour(small),
        quality=measure(small, small.convert("L")),
        frames=decoded.frames,
        orientation=decoded.orientation,
        warnings=tuple(_warnings(decoded, odd, name)),
    )


def _fingerprint(data: bytes, decoded: Decoded, flat: Image.Image) -> int:
    """Hash before colour management: the definition is that of the plain pixels, on white.

    Where scale would decide more bits than the promised two (drawings on plain ground, mostly), the pixels
    are looked at again at full size.
    """
    phash, unsure = perceptual_hash(flat.convert("L"))
    if unsure > _HASH_TOLERANCE and decoded.width * decoded.height > flat.width * flat.height:
        again = decode(data, Limits(len(data), decoded.width * decoded.height), short_side=_FINE_SIDE)
        phash, _unsure = perceptual_hash(colour.flatten(colour.plain(again.image)).convert("L"))
    return phash


def open_upright(data: bytes | Path, limits: Limits | None = None) -> Image.Image:
    """Open a picture at full size as it is meant to be seen.

    Parameters
    ----------
    data
        The file's bytes, or its path.
    limits
        What is opened at all.

    Returns
    -------
    Image
        ``RGB``, or ``RGBA`` where the file has alpha; upright, 8 bits, sRGB.

    Raises
    ------
    Rejected
        When it is no picture, too large or damaged.
    """
    decoded = decode(data if isinstance(data, bytes) else data.read_bytes(), limits or Limits())
    return colour.to_srgb(decoded.image, decoded.icc)[0]


def pixel_digest(data: bytes, limits: Limits | None = None) -> bytes:
    """Return the SHA-256 of what a file shows: size, mode and upright sRGB pixels.

    Files of other formats, qualities of lossless compression and metadata have the same one.

    Parameters
    ----------
    data
        The file's bytes.
    limits
        What is opened at all.

    Raises
    ------
    Rejected
        When it is no picture, too large or damaged.
    """
    image = open_upright(data, limits)
    return hashlib.sha256(f"{image.mode} {image.size}".encode() + image.tobytes()).digest()


def encode_preview(data: bytes, max_side: int, *, limits: Limits | None = None) -> tuple[bytes, int, int]:
    """Make a JPEG to look at.

    Parameters
    ----------
    data
        The file's bytes.
    max_side
        Long side of the result, in pixels; smaller pictures are not enlarged.

    Returns
    -------
    jpeg, width, height
        sRGB, upright, transparency on white.

    Raises
    ------
    Rejected
        When it is no picture, too large or damaged.
    """
    decoded = decode(data, limits or Limits(), short_side=max_side)
    image = _at_side(colour.flatten(colour.to_srgb(decoded.image, decoded.icc)[0]), max_side)
    return _encode(image, THUMBNAIL_QUALITY), image.width, image.height


def _warnings(decoded: Decoded, odd: str | None, name: str) -> list[str]:
    found = list(decoded.warnings)
    if odd:
        found.append(odd)
    short, long = sorted((decoded.width, decoded.height))
    if short < _TINY:
        found.append(f"very small: {decoded.width} x {decoded.height} pixels")
    if short * long >= _HUGE:
        found.append(f"very large: {short * long / 1e6:,.0f} megapixels")
    if long >= short * _STRIP:
        found.append(f"extreme shape: {decoded.width} x {decoded.height} pixels")
    if name:
        wrong = suffix_warning(name, "JPEG" if decoded.format == "MPO" else decoded.format)
        if wrong:
            found.append(wrong)
    return found


def _at_side(image: Image.Image, side: int, *, enlarge: bool = False) -> Image.Image:
    long = max(image.size)
    if long == side or (long < side and not enlarge):
        return image
    size = (max(1, round(image.width * side / long)), max(1, round(image.height * side / long)))
    return image.resize(size, Image.Resampling.HAMMING)  # as sharp as bicubic at half the cost


def _mean_colour(image: Image.Image) -> int:
    pixel = image.resize((1, 1), Image.Resampling.BOX).tobytes()
    return int.from_bytes(pixel, "big")


def _encode(image: Image.Image, quality: int) -> bytes:
    made: bytes = simplejpeg.encode_jpeg(
        np.ascontiguousarray(np.asarray(image)), quality, "RGB", "420", fastdct=True
    )
    return made
