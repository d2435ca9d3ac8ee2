"""Colours as they are meant: profiles and odd colour spaces to sRGB, transparency onto a background."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Final

from PIL import Image, ImageCms

_SRGB_RED: Final = (
    0.4361,
    0.2225,
    0.0139,
)  # XYZ of the red primary, adapted to D50, as in every sRGB profile
_SPACES: Final = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}
WHITE: Final = (255, 255, 255)


def plain(image: Image.Image) -> Image.Image:
    """Convert to ``RGB`` or ``RGBA`` without minding profiles."""
    if image.mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        return _converted(image, ImageCms.buildTransform(lab, _srgb(), "LAB", "RGB"))
    return image if image.mode in ("RGB", "RGBA") else image.convert("RGB")


def to_srgb(image: Image.Image, icc: bytes | None) -> tuple[Image.Image, str | None]:
    """Convert to ``RGB`` or ``RGBA`` in sRGB, by the profile where there is one.

    Parameters
    ----------
    image
        Mode ``L``, ``RGB``, ``RGBA``, ``CMYK`` or ``LAB``.
    icc
        The embedded profile.

    Returns
    -------
    image, warning
        The picture, and why the profile was not used if it was not.
    """
    if icc is None or image.mode == "LAB":
        return plain(image), None
    colours = image.convert("RGB") if image.mode == "RGBA" else image
    transform, warning = _plan(icc, colours.mode)
    if transform is None:
        return plain(image), warning
    converted = _converted(colours, transform)
    if image.mode == "RGBA":
        converted.putalpha(image.getchannel("A"))
    return converted, None


def _plan(icc: bytes, mode: str) -> tuple[ImageCms.ImageCmsTransform | None, str | None]:
    """Choose the transform to sRGB; none where none is needed or none can be made, and then why."""
    profile = _profile(icc)
    if profile is None:
        return None, "colour profile damaged: ignored"
    _name, space, is_srgb = profile
    if space != _SPACES[mode]:
        return None, f"colour profile is for {space or 'another space'}, the pixels are {mode}: ignored"
    if is_srgb:
        return None, None
    transform = _transform(icc, mode)
    return transform, None if transform else "colour profile damaged: ignored"


def profile_name(icc: bytes | None) -> str | None:
    """Name of a profile, None without one or when it cannot be read."""
    profile = _profile(icc) if icc else None
    return profile[0] if profile else None


def flatten(image: Image.Image, background: tuple[int, int, int] = WHITE) -> Image.Image:
    """Lay a picture over one colour.

    Parameters
    ----------
    image
        Any mode; transparent where it has alpha.
    background
        Red, green, blue, 0..255.

    Returns
    -------
    Image
        Mode ``RGB``.
    """
    if image.mode == "RGB":
        return image
    if image.mode != "RGBA":
        image = image.convert("RGBA") if image.has_transparency_data else image.convert("RGB")
    if image.mode == "RGB":
        return image
    flat = Image.new("RGB", image.size, background)
    flat.paste(image, mask=image.getchannel("A"))
    return flat


def _converted(image: Image.Image, transform: ImageCms.ImageCmsTransform) -> Image.Image:
    made = ImageCms.applyTransform(image, transform)
    assert made is not None  # None only when told to work in place
    return made


@lru_cache(maxsize=1)
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


@lru_cache(maxsize=16)
def _profile(icc: bytes) -> tuple[str, str, bool] | None:
    """Name, colour space and whether it is sRGB; None when it cannot be read."""
    try:
        core = ImageCms.ImageCmsProfile(io.BytesIO(icc)).profile
        name = " ".join((core.profile_description or "").split())[:255]
        space, red = core.xcolor_space.strip(), core.red_colorant
    except (OSError, ImageCms.PyCMSError, ValueError):
        return None
    near = red is not None and all(abs(a - b) < 0.002 for a, b in zip(red[0], _SRGB_RED, strict=True))  # noqa: PLR2004
    # The name alone would take profiles on trust that say sRGB and are not, the primaries alone other curves.
    return name or "unnamed", space, near and "srgb" in name.lower()


@lru_cache(maxsize=16)
def _transform(icc: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    try:
        return ImageCms.buildTransform(ImageCms.ImageCmsProfile(io.BytesIO(icc)), _srgb(), mode, "RGB")
    except (OSError, ImageCms.PyCMSError):
        return None
