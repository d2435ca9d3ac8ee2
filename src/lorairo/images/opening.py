"""Open a picture nobody vouches for: one decode, upright, 8 bits per channel, no larger than asked for."""

from __future__ import annotations

import io
import threading
from contextlib import nullcontext
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from lorairo.images import apart, jpeg, pieces
from lorairo.images import exif as exif_block
from lorairo.images.limits import Limits, Rejected, TooLarge
from lorairo.images.reduction import reduced
from lorairo.images.signature import recognise

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from PIL.ImageFile import ImageFile

# Opened by class and not through Image.open: no other decoder ever sees the bytes, and Pillow's process-wide
# bomb limit, which belongs to the user, neither bars what `limits` allows nor prints a warning.
_READERS: Final = {
    "PNG": ("PIL.PngImagePlugin", "PngImageFile"),
    "WEBP": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "AVIF": ("PIL.AvifImagePlugin", "AvifImageFile"),
    "GIF": ("PIL.GifImagePlugin", "GifImageFile"),
    "BMP": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "TIFF": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "ICO": ("PIL.IcoImagePlugin", "IcoImageFile"),
    "PSD": ("PIL.PsdImagePlugin", "PsdImageFile"),
    "QOI": ("PIL.QoiImagePlugin", "QoiImageFile"),
    "PPM": ("PIL.PpmImagePlugin", "PpmImageFile"),
}

# Libraries with many decoders inside and a history of crashes, and decoders written in Python, which damage
# or malice can keep busy for minutes. The others are looked at by `pieces` before.
_APART: Final = frozenset(("TIFF", "AVIF", "GIF", "BMP", "ICO", "PSD", "QOI", "PPM"))

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LARGE_PIXELS: Final = 40_000_000
_large = threading.Lock()  # one large picture at a time: two of 200 megapixels would need 1.6 GB
_SEVERAL: Final = 2


@dataclass(slots=True)
class Decoded:
    """A decoded picture and what its file says about it.

    `image` is upright, possibly reduced, in mode ``L``, ``RGB``, ``RGBA``, ``CMYK`` or ``LAB``, colours as
    stored; `width` and `height` are those of the upright picture at full size.
    """

    image: Image.Image
    width: int
    height: int
    format: str
    mode: str
    frames: int = 1
    alpha: bool = False
    orientation: int = 1
    icc: bytes | None = None
    exif: exif_block.Exif = field(default_factory=exif_block.Exif)
    texts: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def decode(data: bytes, limits: Limits, *, short_side: int | None = None) -> Decoded:
    """Decode the first picture of a file.

    Parameters
    ----------
    data
        The whole file.
    limits
        What is opened at all; the size in pixels is checked before anything is decoded.
    short_side
        Decode no larger than needed for this many pixels on the short side; None means full size.

    Raises
    ------
    Rejected
        When it is no picture, too large or damaged; the reason says which.
    """
    limits.check_bytes(len(data))
    format_name = recognise(data)
    if format_name == "JPEG":
        decoded = _decode_jpeg(data, limits, short_side)
    elif format_name in _APART:
        decoded = _decode_apart(data, format_name, limits, short_side)
    else:
        decoded = _decode_other(data, format_name, limits, short_side)
    if decoded.orientation != 1:
        decoded.image = decoded.image.transpose(_TURNS[decoded.orientation])
        if decoded.orientation > 4:  # noqa: PLR2004 - 5 to 8 exchange the sides
            decoded.width, decoded.height = decoded.height, decoded.width
    if decoded.exif.damaged:
        decoded.warnings.append("EXIF block damaged: what could be read was kept")
    return decoded


def _gate(width: int, height: int) -> AbstractContextManager[Any]:
    return _large if width * height > _LARGE_PIXELS else nullcontext()


def _decode_jpeg(data: bytes, limits: Limits, short_side: int | None) -> Decoded:
    head = jpeg.read_head(data)
    limits.check_pixels(head.width, head.height)
    pieces.check_scans(data, head.width * head.height)
    with _gate(head.width, head.height):
        image, odd = jpeg.decode(data, head, short_side)
    exif = exif_block.parse(head.exif)
    decoded = Decoded(
        image,
        head.width,
        head.height,
        format="MPO" if head.pictures > 1 else "JPEG",
        mode=image.mode,
        frames=head.pictures,
        orientation=exif.orientation
        if exif_block.ORIENTATION in exif.tags
        else exif_block.xmp_orientation(head.xmp),
        icc=head.icc,
        exif=exif,
    )
    if odd:
        decoded.warnings.append(odd)
    if head.index_damaged:
        decoded.warnings.append("the index of further pictures is damaged: the first picture is used")
    elif head.pictures > 1:
        decoded.warnings.append(f"{head.pictures} pictures in one file: the first is used")
    if image.mode == "CMYK":
        decoded.warnings.append("CMYK: colours are converted to sRGB")
    return decoded


def _decode_apart(data: bytes, format_name: str, limits: Limits, short_side: int | None) -> Decoded:
    """Decode in another process; large pictures one at a time, as here."""
    small = Limits(limits.max_bytes, min(limits.max_pixels, _LARGE_PIXELS))
    try:
        return apart.run(_decode_to_send, data, format_name, small, short_side)
    except TooLarge:
        if small == limits:
            raise
    with _large:
        return apart.run(_decode_to_send, data, format_name, limits, short_side)


def _decode_to_send(data: bytes, format_name: str, limits: Limits, short_side: int | None) -> Decoded:
    """Decode, and give plain pixels: a picture that still is its file would bring its decoder with it."""
    decoded = _decode_other(data, format_name, limits, short_side)
    decoded.image = decoded.image.copy()
    return decoded


def _decode_other(data: bytes, format_name: str, limits: Limits, short_side: int | None) -> Decoded:
    if format_name == "PNG":
        pieces.check_chunks(data)
    image = _open(data, format_name)
    limits.check_pixels(*image.size)
    with _gate(*image.size):
        frames = _frames(image, format_name)
        warnings = [] if frames == 1 else [_several(frames, format_name)]
        mode = image.mode
        try:
            image.load()
            pixels, alpha, odd = reduced(image, short_side)
        except Exception as error:
            raise _refusal(error) from error
    decoded = Decoded(
        pixels,
        *image.size,
        format=format_name,
        mode=mode,
        frames=frames,
        alpha=alpha,
        warnings=warnings + odd,
    )
    _read_info(decoded, image, data)
    return decoded


def _open(data: bytes, format_name: str) -> ImageFile:
    module, name = _READERS[format_name]
    try:
        reader = getattr(import_module(module), name)
    except ImportError as error:  # AVIF came with Pillow 11.3
        raise Rejected(f"{format_name} needs a newer Pillow: pip install -U pillow") from error
    try:
        image: ImageFile = reader(io.BytesIO(data))
    except Exception as error:
        raise _refusal(error) from error
    return image


def _refusal(error: Exception) -> Rejected:
    """Say plainly what a decoder's exception means; on damaged input they raise nearly anything."""
    text = str(error).strip().rstrip(".")
    said = text.lower()
    if isinstance(error, Image.DecompressionBombError):
        reason = "picture is far larger than any limit"
    elif isinstance(error, MemoryError):
        reason = "not enough memory to decode the picture"
    elif "truncated" in said or isinstance(error, EOFError):
        reason = "truncated file"
    elif "too large" in said:
        reason = "damaged file, or one made to fill the memory: its metadata inflates without limit"
    elif "unsupported" in said or "support not installed" in said:
        reason = f"unsupported kind of picture: {text}"
    else:
        reason = f"damaged file: {text or type(error).__name__}"
    return Rejected(reason)


def _frames(image: ImageFile, format_name: str) -> int:
    """Count the frames where the header says it; 2 stands for several where counting reads the whole file."""
    if format_name in ("PSD", "ICO"):  # layers and sizes of one picture, no frames
        return 1
    try:
        if not getattr(image, "is_animated", False):
            return 1
        return _SEVERAL if format_name in ("GIF", "TIFF") else int(getattr(image, "n_frames", _SEVERAL))
    except Exception:  # noqa: BLE001 - damage behind the first frame does not touch it
        return _SEVERAL


def _several(frames: int, format_name: str) -> str:
    noun = "pages" if format_name == "TIFF" else "frames"
    count = f"{frames} {noun}" if format_name not in ("GIF", "TIFF") else f"several {noun}"
    return f"{count}: the first is used"


def _read_info(decoded: Decoded, image: ImageFile, data: bytes) -> None:
    """Take orientation, colour profile, EXIF and texts from where the format keeps them."""
    info = image.info
    profile = info.get("icc_profile")
    decoded.icc = profile if isinstance(profile, bytes) and profile else None
    decoded.texts = {
        key: str(value) for key, value in info.items() if isinstance(key, str) and isinstance(value, str)
    }
    if decoded.format == "TIFF":
        decoded.exif = exif_block.parse(data)
        decoded.exif.damaged = False  # the directory of the picture itself, and the picture came in
        # Newer Pillow turns a TIFF while loading and then drops the tag: ask what is left to do.
        left = image.getexif().get(exif_block.ORIENTATION, 1)
        decoded.orientation = left if left in _TURNS else 1
    else:
        block = info.get("exif") or _raw_profile(decoded.texts.get("Raw profile type exif", ""))
        decoded.exif = exif_block.parse(block) if isinstance(block, bytes) else exif_block.Exif()
        packet = info.get("xmp") or info.get("XML:com.adobe.xmp") or b""
        packet = packet.encode() if isinstance(packet, str) else packet
        tagged = exif_block.ORIENTATION in decoded.exif.tags
        decoded.orientation = decoded.exif.orientation if tagged else exif_block.xmp_orientation(packet)
    if decoded.format == "PSD":
        decoded.warnings.append("PSD: the flattened picture is used")
    if decoded.format == "BMP" and info.get("compression") in (1, 2):
        decoded.warnings.append("run-length coded BMP, which decoders read differently: look at it")
    if decoded.image.mode in ("CMYK", "LAB"):
        decoded.warnings.append(f"{decoded.image.mode}: colours are converted to sRGB")


def _raw_profile(text: str) -> bytes:
    """Decode the hexadecimal EXIF that ImageMagick writes into PNG texts."""
    try:
        return bytes.fromhex("".join(text.split("\n")[3:]))
    except ValueError:
        return b""
