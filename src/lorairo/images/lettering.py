"""A hint of text: lines of strokes side by side, with calm ground above and below."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIDE = 640  # long side, pixels, at which strokes are looked for
_STEP = 24  # levels by which a stroke stands out from its ground
_WIDEST = 10  # pixels of a stroke
_HEIGHTS = (10, 14, 20, 28, 40)  # of a line of text, pixels
_LONG = 5  # heights: the shortest line that counts
_QUARTERS = 4  # of a line, each of which must have strokes
_CALM = 1.5  # times what strokes above or below a line take away
_GROUND = 3  # the ground looked at is a third as high as the line


def lettering(image: Image.Image) -> float:
    """Say how much the most text-like place of a picture looks like a line of text.

    A stroke is a step in luma that another one in the other direction follows within a few pixels. A line of
    text is a flat box full of strokes along all of its length, and with few above and below: grass, fur and
    lattices go on there.

    Parameters
    ----------
    image
        Mode ``RGB`` or ``L``, upright.

    Returns
    -------
    float
        0..1: density of strokes in the line, less that of the ground. Of photographs without text nearly all
        lie below 0.2, captions and watermarks mostly at 0.25 and above. Faint or ornate text may be missed.
    """
    small = image.convert("L")
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    luma = np.asarray(small, np.float32)
    sums = np.pad(_strokes(luma).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    return max(0.0, *(_best(sums, height) for height in _HEIGHTS))


def _strokes(luma: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mark where a step is followed by one in the other direction."""
    steps = np.diff(luma, axis=1, prepend=luma[:, :1])
    up, down = steps > _STEP, steps < -_STEP
    found: NDArray[np.float64] = ((up & _soon(down)) | (down & _soon(up))).astype(np.float64)
    return found


def _soon(steps: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark where one comes within the width of a stroke to the right."""
    found = np.zeros_like(steps)
    for width in range(1, min(_WIDEST, steps.shape[1] - 1) + 1):
        found[:, :-width] |= steps[:, width:]
    return found


def _best(sums: NDArray[np.float64], height: int) -> float:
    """Return the most text-like box of a height; `sums` are those of all strokes above and to the left."""
    tall, wide = sums.shape[0] - 1, sums.shape[1] - 1
    length = height * _LONG
    if 2 * height > tall or length > wide:
        return 0.0
    top = np.arange(0, tall - height, max(2, height // 4))[:, None]
    left = np.arange(0, wide - length, height)[None]
    if not top.size or not left.size:
        return 0.0

    def density(
        high: NDArray[np.int64], low: NDArray[np.int64], begin: int = 0, end: int = length
    ) -> NDArray[np.float64]:
        a, b = left + begin, left + end
        inside = sums[low, b] - sums[high, b] - sums[low, a] + sums[high, a]
        found: NDArray[np.float64] = inside / np.maximum((low - high) * (end - begin), 1)
        return found

    bottom, ground = top + height, max(3, height // _GROUND)
    quarters = [length * part // _QUARTERS for part in range(_QUARTERS + 1)]
    weakest = np.min([density(top, bottom, *ends) for ends in pairwise(quarters)], axis=0)
    around = np.maximum(
        density(np.maximum(top - ground, 0), top), density(bottom, np.minimum(bottom + ground, tall))
    )
    return float((np.minimum(density(top, bottom), 2 * weakest) - _CALM * around).max())
