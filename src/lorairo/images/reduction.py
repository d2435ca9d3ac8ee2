"""Bring any pixel format to 8 bits, and shrink while at it, in bands so that memory stays bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.ImageFile import ImageFile

_BAND_PIXELS: Final = 4_000_000
_BITS_PER_SAMPLE: Final = 258  # TIFF tag
_OPAQUE: Final = 255


def reduced(image: ImageFile, short_side: int | None) -> tuple[Image.Image, bool, list[str]]:
    """Convert a loaded picture, averaged over whole blocks of pixels down to about `short_side`.

    Parameters
    ----------
    image
        Loaded, any mode.
    short_side
        Pixels the short side keeps at least; None keeps the size.

    Returns
    -------
    image, alpha, warnings
        Mode ``L``, ``RGB``, ``RGBA``, ``CMYK`` or ``LAB``; whether any pixel is not opaque; what was odd.
    """
    convert, warnings = _converter(image)
    factor = 1 if short_side is None else max(1, min(image.size) // short_side)
    step = max(1, _BAND_PIXELS // image.width // factor) * factor
    parts: list[Image.Image] = []
    lowest = _OPAQUE
    for top in range(0, image.height, step):
        whole = step >= image.height
        band = convert(image if whole else image.crop((0, top, image.width, min(top + step, image.height))))
        if band.mode == "RGBA":
            lowest = min(lowest, _minimum(band))
        parts.append(_shrink(band, factor))
    if lowest == 0 and all(_all_clear(part) for part in parts):
        warnings.append("every pixel is transparent: only the background will be seen")
    return _joined(parts), lowest < _OPAQUE, warnings


def _minimum(band: Image.Image) -> int:
    low, _high = band.getchannel("A").getextrema()
    return int(low)  # type: ignore[arg-type]  # one channel gives one pair of numbers


def _all_clear(part: Image.Image) -> bool:
    return part.getchannel("A").getextrema() == (0, 0)


def _shrink(band: Image.Image, factor: int) -> Image.Image:
    if factor == 1:
        return band
    if band.mode == "RGBA":  # premultiplied, or hidden colours would bleed into the edges
        return band.convert("RGBa").reduce(factor).convert("RGBA")
    return band.reduce(factor)


def _joined(parts: list[Image.Image]) -> Image.Image:
    if len(parts) == 1:
        return parts[0]
    whole = Image.new(parts[0].mode, (parts[0].width, sum(part.height for part in parts)))
    top = 0
    for part in parts:
        whole.paste(part, (0, top))
        top += part.height
    return whole


def _converter(image: ImageFile) -> tuple[Callable[[Image.Image], Image.Image], list[str]]:
    """Choose how a band of this picture becomes 8 bits."""
    mode, clear = image.mode, image.info.get("transparency")
    if mode in ("CMYK", "LAB"):
        return lambda band: band, []
    if mode.startswith("I;16") or (
        mode == "I" and image.format in ("PNG", "PPM")
    ):  # older Pillow: 16 bits in mode I
        bits = _bits(image)
        return lambda band: _sixteen(band, bits, clear), []
    if mode in ("I", "F"):
        low, high = _extent(image)
        return lambda band: _stretch(band, low, high), [
            f"{mode} pixels: stretched from {low:g}..{high:g} to 8 bits"
        ]
    if mode in ("RGBA", "LA", "PA", "La", "RGBa") or clear is not None:
        return _with_alpha, []
    target = "L" if mode in ("1", "L") else "RGB"
    return lambda band: band if band.mode == target else band.convert(target), []


def _with_alpha(band: Image.Image) -> Image.Image:
    if band.mode == "RGBA":
        return band
    if band.mode == "La":  # Pillow has no direct way
        band = band.convert("LA")
    return band.convert("RGBA")


def _bits(image: Any) -> int:
    """Bits that carry the picture: TIFF may hold 10, 12 or 14 in words of 16."""
    stored = getattr(image, "tag_v2", {}).get(_BITS_PER_SAMPLE, 16)
    bits = stored[0] if isinstance(stored, tuple) and stored else stored
    return bits if isinstance(bits, int) and 8 < bits < 16 else 16  # noqa: PLR2004 - else a plain word


def _sixteen(band: Image.Image, bits: int, clear: Any) -> Image.Image:
    values = np.asarray(band)
    gray = Image.fromarray((values.astype(np.uint32) * 255 // (2**bits - 1)).clip(0, 255).astype(np.uint8))
    if not isinstance(clear, int):
        return gray
    alpha = Image.fromarray(np.where(values == clear, 0, _OPAQUE).astype(np.uint8))
    return Image.merge("RGBA", (gray, gray, gray, alpha))


def _extent(image: Image.Image) -> tuple[float, float]:
    values = np.asarray(image)
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def _stretch(band: Image.Image, low: float, high: float) -> Image.Image:
    values = np.nan_to_num(np.asarray(band, dtype=np.float64), nan=low, posinf=high, neginf=low)
    return Image.fromarray(((values - low) * (255 / ((high - low) or 1))).clip(0, 255).astype(np.uint8))
