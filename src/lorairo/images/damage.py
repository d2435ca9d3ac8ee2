"""What a picture suffered, measured at full size: noise, blocks of compression, bars, lost colour, text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lorairo.images.colour import flatten
from lorairo.images.lettering import lettering

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

    Luma = NDArray[np.float32]

DAMAGE_NAMES: Final = ("noise", "blocking", "borders", "greyness", "transparency", "text")
"""Names of the figures, in the order `measure_damage` returns them."""

DAMAGE_VERSION: Final = "1"
"""Changes whenever a figure would come out otherwise for the same picture."""

_PATCH = 16  # pixels along the side of a patch that noise is measured in
_CALMEST = 20  # percent of patches that are taken for plain ground
_NOISE_HALF = 10.0  # levels of 255: noise of this standard deviation is 0.5
_GRID = 8  # JPEG and MPEG code blocks of 8 x 8 pixels
_LEAST = 24  # pixels below which there is no grid to see
_CALM = 0.5  # added to the mean step, so that a flat picture divides nothing by nothing
_BAR_MEAN, _BAR_MOST = (
    3.0,
    12.0,
)  # levels in which a line of a bar may differ from its colour: mean, nearly all
_NEARLY_ALL = 98
_GREY = 6  # levels that Cb and Cr of a grey pixel may be off
_OPAQUE = 255


def measure_damage(image: Image.Image) -> tuple[float, ...]:
    """Measure a picture.

    Parameters
    ----------
    image
        ``RGB`` or ``RGBA``, upright, at full size: made smaller, noise and blocks are gone.

    Returns
    -------
    tuple of float
        In the order of `DAMAGE_NAMES`, 0..1, higher = more of it:

        - noise: ``s / (s + 10)`` with s the standard deviation, in levels of 255, that the mask of Immerkær
          (1996, "Fast noise variance estimation") finds in the calmest fifth of all patches of 16 x 16, so
          that texture does not count.
        - blocking: by how much steps between pixels are larger on the grid of 8 x 8 than elsewhere, over the
          mean step. JPEG at quality 90 leaves about 0.2, below 0.5 is hardly seen; it vanishes where a
          picture was resized after it was compressed.
        - borders: share of the picture that is bars of one colour along its sides.
        - greyness: share of pixels without colour.
        - transparency: share of pixels that are not opaque.
        - text: a hint of text or a watermark, see `lorairo.images.lettering.lettering`.
    """
    flat = flatten(image)
    rgb = np.asarray(flat)
    luma = np.asarray(flat.convert("L"), np.float32)
    chroma = np.asarray(flat.convert("YCbCr"))[..., 1:].astype(np.int16) - 128
    clear = 0.0
    if image.mode == "RGBA":
        clear = float((np.asarray(image.getchannel("A")) < _OPAQUE).mean())
    grey = float((np.abs(chroma).max(axis=-1) <= _GREY).mean())
    return _noise(luma), _blocking(luma), _borders(rgb), grey, clear, lettering(flat)


def _noise(luma: Luma) -> float:
    if min(luma.shape) < _PATCH + 2:
        return float("nan")
    sides = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:]
    corners = luma[:-2, :-2] + luma[:-2, 2:] + luma[2:, :-2] + luma[2:, 2:]
    found = np.abs(corners - 2 * sides + 4 * luma[1:-1, 1:-1])
    rows, columns = (length // _PATCH for length in found.shape)
    cut = found[: rows * _PATCH, : columns * _PATCH]
    patches = cut.reshape(rows, _PATCH, columns, _PATCH).mean(axis=(1, 3))
    deviation = float(np.percentile(patches, _CALMEST)) * (np.pi / 2) ** 0.5 / 6
    return float(deviation / (deviation + _NOISE_HALF))


def _blocking(luma: Luma) -> float:
    found = [_steps(side) for side in (luma, luma.T) if side.shape[1] >= _LEAST]
    return float(np.clip(np.mean(found), 0, 1)) if found else float("nan")


def _steps(luma: Luma) -> float:
    """By how much steps across the lines of the grid are larger than their neighbours, over the mean step."""
    steps = np.abs(np.diff(luma, axis=1))
    over = (steps[:, 1:-1] - (steps[:, :-2] + steps[:, 2:]) / 2).mean(axis=0)
    at = [float(over[place::_GRID].mean()) for place in range(_GRID)]
    # The step before column 8 is that at place 6: one for the difference, one for its left neighbour.
    return float((at[_GRID - 2] - np.median(at)) / (steps.mean() + _CALM))


def _borders(rgb: NDArray[np.uint8]) -> float:
    height, width = rgb.shape[:2]
    across = rgb.swapaxes(0, 1)
    top, bottom, left, right = (_bar(lines) for lines in (rgb, rgb[::-1], across, across[::-1]))
    if top == height or left == width:
        return 1.0  # nothing but one colour
    inside = max(0, height - top - bottom) * max(0, width - left - right)
    return float(1 - inside / (height * width))


def _bar(lines: NDArray[np.uint8]) -> int:
    """Count lines from the first on that have the colour of the first."""
    colour = np.median(lines[0].reshape(-1, 3), axis=0)
    for number, line in enumerate(lines):
        off = np.abs(line.astype(np.float32) - colour)
        if off.mean() > _BAR_MEAN or np.percentile(off.max(axis=-1), _NEARLY_ALL) > _BAR_MOST:
            return number
    return len(lines)
