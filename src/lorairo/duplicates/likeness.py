"""A second look at two pictures whose hashes are near: the same, cropped, mirrored, or only like it.

A hash knows 64 signs of low frequencies. It does not see a face that smiles in one picture and frowns in the
other, nor that a coat is red here and blue there. So both are compared as small grey pictures, after
brightness and contrast are made equal and, where that helps, a margin is cut from one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

Kind = Literal["same", "cropped", "grey", "mirrored", "recoloured", "detail", "alike", "different"]
"""How the second picture is to the first.

``same``: nothing but size, compression, brightness. ``cropped``: one lacks a margin. ``grey``: one lacks the
colours. ``mirrored``. ``recoloured``: other colours. ``detail``: alike but for a small place. ``alike``: near
only in the space of a model, such as another shot of a scene. ``different``: another picture.
"""
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
REPLACEABLE: Final = frozenset[Kind]({"same", "cropped", "grey"})
"""Kinds of which one picture can stand for both; the others are shown, and kept unless somebody decides."""

_CUT_FROM = 96  # pixels of the grey picture that margins are cut from
_SIDE = 32  # pixels of the small grey picture
_LOBES = 3  # of the Lanczos kernel
_BLOCKS = 8  # a difference is looked for in so many places along each side
_MARGINS = (0.03, 0.06, 0.1)  # shares of width and height that are cut away
_PLACES = (0.0, 0.5, 1.0)  # where what is left lies
_CUTS = tuple(
    dict.fromkeys(
        (x * across, y * down, 1 - across * (1 - x), 1 - down * (1 - y))
        for margin in _MARGINS
        for across, down in ((margin, margin), (margin, 0.0), (0.0, margin))
        for x in _PLACES
        for y in _PLACES
    )
)
# Measured on labelled pairs: true copies correlate with 0.993 or more, other shots of a scene with 0.69 or
# less, two textures without a subject with up to 0.95.
_ALIKE = 0.98
_SURE = 0.999  # above it no margin is missing
_HOPELESS = 0.3  # below it no margin helps
_FLAT = 3.0  # standard deviation of the luma, 0..255, below which there is nothing to compare but the colour
_FLAT_COLOUR = 6.0  # levels in which flat pictures may differ
# Copies differ everywhere by as little; a smile differs in few blocks, by many times the mean of all.
_LOCAL = 4.0
_LOCAL_LEAST = 0.025  # in standard deviations: below it is noise of the compression
_SPREAD = 0.03  # mean difference above which the whole picture changed, in brightness for one
_GREY = 2.5  # mean distance of Cb and Cr from grey, levels
_COLOUR = 8.0  # mean difference of Cb and Cr that is another colour


@dataclass(frozen=True)
class Look:
    """What is compared of one picture.

    Attributes
    ----------
    whole
        float32[1024]: luma of 32 x 32, mean 0, length 1; nothing but zeros where the picture is flat.
    luma
        Mode ``L``, 96 x 96, from which the parts are cut.
    chroma
        float32[8, 8, 2]: Cb and Cr, 0 = grey.
    mean
        float32[3]: RGB.
    """

    whole: NDArray[np.float32]
    luma: Image.Image
    chroma: NDArray[np.float32]
    mean: NDArray[np.float32]

    @property
    def flat(self) -> bool:
        """Whether there is nothing in it but a colour."""
        return not self.whole.any()

    @property
    def tint(self) -> NDArray[np.float32]:
        """float32[2]: Cb and Cr of the whole picture."""
        found: NDArray[np.float32] = self.chroma.mean(axis=(0, 1))
        return found

    @property
    def grey(self) -> bool:
        """Whether it has no colours."""
        return float(np.abs(self.chroma).mean()) < _GREY

    @classmethod
    def of(cls, image: Image.Image) -> Look:
        """Look at a picture.

        Parameters
        ----------
        image
            Mode ``RGB``, sRGB, upright; a thumbnail is enough.
        """
        luma = image.convert("L").resize((_CUT_FROM, _CUT_FROM), Image.Resampling.LANCZOS)
        colours = image.convert("YCbCr").resize((_BLOCKS, _BLOCKS), Image.Resampling.BOX)
        chroma = np.asarray(colours, np.float32)[..., 1:] - 128
        mean = np.asarray(image.resize((1, 1), Image.Resampling.BOX), np.float32).reshape(3)
        return cls(_small(luma, (0, 0, *luma.size)), luma, chroma, mean)

    @cached_property
    def parts(self) -> NDArray[np.float32]:
        """float32[cuts, 1024]: as `whole`, of what is left when margins are cut away."""
        luma = np.asarray(self.luma, np.float32)
        across = {sides: luma @ _weights(*sides).T for sides in {cut[::2] for cut in _CUTS}}
        down = np.stack([_weights(*cut[1::2]) for cut in _CUTS])
        small = down @ np.stack([across[cut[::2]] for cut in _CUTS])
        values = small.reshape(len(_CUTS), -1)
        spread = values.std(axis=1, keepdims=True)
        unit = (values - values.mean(axis=1, keepdims=True)) / np.maximum(spread * _SIDE, 1e-9)
        parts: NDArray[np.float32] = np.where(spread < _FLAT, np.float32(0), unit)
        return parts

    def mirrored(self) -> Look:
        """Return what the mirror image looks like."""
        luma = self.luma.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        return Look(_small(luma, (0, 0, *luma.size)), luma, self.chroma[:, ::-1], self.mean)


@cache
def _weights(start: float, end: float) -> NDArray[np.float32]:
    """float32[32, 96]: what a small pixel takes of each between two shares of a side, by Lanczos."""
    scale = (end - start) * _CUT_FROM / _SIDE
    middles = start * _CUT_FROM + (np.arange(_SIDE) + 0.5) * scale
    apart = (np.arange(_CUT_FROM) + 0.5 - middles[:, None]) / max(scale, 1.0)
    taken = np.where(np.abs(apart) < _LOBES, np.sinc(apart) * np.sinc(apart / _LOBES), 0)
    weights: NDArray[np.float32] = (taken / taken.sum(axis=1, keepdims=True)).astype(np.float32)
    return weights


def _small(luma: Image.Image, box: tuple[float, ...]) -> NDArray[np.float32]:
    """Return luma of 32 x 32 as float32[1024], mean 0 and length 1; zeros where the picture is flat."""
    left, top, right, bottom = box
    small = luma.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS, box=(left, top, right, bottom))
    values = np.asarray(small, np.float32).ravel()
    spread = float(values.std())
    if spread < _FLAT:
        return np.zeros_like(values)
    unit: NDArray[np.float32] = (values - values.mean()) / (spread * _SIDE)
    return unit


def compare(a: Look, b: Look) -> Kind:
    """Say how one picture is to another that is not mirrored.

    Returns
    -------
    str
        One of `KINDS` but ``mirrored``.
    """
    if a.flat or b.flat:
        return "same" if a.flat and b.flat and _near(a.mean, b.mean) else "different"
    whole = float(a.whole @ b.whole)
    if whole < _HOPELESS:
        return "different"
    if whole < _SURE:
        best = max(float((a.parts @ b.whole).max()), float((b.parts @ a.whole).max()))
        if max(whole, best) < _ALIKE:
            return "different"
        if best > whole:
            return _coloured(a.tint - b.tint, a, b) or "cropped"
    return "detail" if _local(a.whole - b.whole) else _coloured(a.chroma - b.chroma, a, b) or "same"


def compare_mirrored(a: Look, b: Look) -> Kind:
    """Say whether a picture is the mirror image of another: ``mirrored`` or ``different``.

    A picture that is its own mirror image is never another's.
    """
    if a.flat or b.flat:
        return "different"
    return "mirrored" if compare(a, b.mirrored()) in REPLACEABLE else "different"


def _near(a: NDArray[np.float32], b: NDArray[np.float32]) -> bool:
    return float(np.abs(a - b).max()) <= _FLAT_COLOUR


def _local(difference: NDArray[np.float32]) -> bool:
    """Whether what differs lies in few places, and differs there by far more than elsewhere."""
    levels = np.abs(difference * _SIDE).reshape(_SIDE, _SIDE)  # in standard deviations of the luma
    step = _SIDE // _BLOCKS
    blocks = levels.reshape(_BLOCKS, step, _BLOCKS, step).mean(axis=(1, 3))
    mean, most = float(blocks.mean()), float(blocks.max())
    return most >= _LOCAL_LEAST and most > _LOCAL * mean and mean < _SPREAD


def _coloured(difference: NDArray[np.float32], a: Look, b: Look) -> Kind | None:
    """Whether colours tell two pictures apart whose luma is the same, by how Cb and Cr differ."""
    if a.grey and b.grey:
        return None
    apart = float(np.abs(difference).mean())
    if a.grey != b.grey:
        return "grey"
    return "recoloured" if apart > _COLOUR else None
