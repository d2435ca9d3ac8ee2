"""Pictures in tiles that overlap, so that their size does not decide about the memory they take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_KEPT_OUT = 0.25  # of an overlap at each of its ends: what a network makes at the edge of a tile is wrong
OVERLAP = 32  # pixels that neighbours share


def tiled(
    pixels: NDArray[np.uint8], run: Callable[[Floats], Floats], scale: int, tile: int, overlap: int = OVERLAP
) -> NDArray[np.uint8]:
    """Run a network over a picture, tile by tile, and blend the tiles where they overlap.

    Only one row of tiles is held as floating numbers.

    Parameters
    ----------
    pixels
        [height, width, channels].
    run
        Takes [height, width, channels] from 0 to 1 and returns the same `scale` times as large.
    tile, overlap
        Side of a tile, and what neighbours share at the least, pixels.

    Returns
    -------
    numpy.ndarray
        uint8[height * scale, width * scale, channels].
    """
    height, width = pixels.shape[:2]
    made: NDArray[np.uint8] | None = None
    before: Floats | None = None
    end = 0
    columns = spans(width, tile, overlap)
    for top, bottom in spans(height, tile, overlap):
        band = _band(pixels[top:bottom], run, scale, columns)
        if before is not None:
            shared = (end - top) * scale
            _blend(before[-shared:], band[:shared], axis=0)
        if made is None:
            made = np.empty((height * scale, width * scale, band.shape[2]), np.uint8)
        made[top * scale : bottom * scale] = (band * 255).round()
        before, end = band, bottom
    if made is None:
        raise ValueError("the picture has no pixels")
    return made


def _band(
    pixels: NDArray[np.uint8], run: Callable[[Floats], Floats], scale: int, columns: list[tuple[int, int]]
) -> Floats:
    """Run a network over one row of tiles."""
    band: Floats | None = None
    end = 0
    for left, right in columns:
        part = run(pixels[:, left:right].astype(np.float32) / np.float32(255))
        if band is None:
            band = np.empty((part.shape[0], columns[-1][1] * scale, part.shape[2]), np.float32)
        elif end > left:
            shared = (end - left) * scale
            _blend(band[:, left * scale : end * scale], part[:, :shared], axis=1)
        band[:, left * scale : right * scale] = part
        end = right
    if band is None:
        raise ValueError("the picture has no pixels")
    return band


def spans(length: int, tile: int, overlap: int) -> list[tuple[int, int]]:
    """Cover a length with tiles of one size that overlap; the fewest, and evenly."""
    if length <= tile:
        return [(0, length)]
    count = -(-(length - overlap) // (tile - overlap))
    starts = np.linspace(0, length - tile, count).round().astype(int).tolist()
    return [(start, start + tile) for start in starts]


def _blend(before: Floats, after: Floats, axis: int) -> None:
    """Let one part pass over into another, along an axis; written into the second."""
    count = before.shape[axis]
    place = (np.arange(count, dtype=np.float32) + 0.5) / count
    share = np.clip((place - _KEPT_OUT) / (1 - 2 * _KEPT_OUT), 0, 1)
    share = share[:, None, None] if axis == 0 else share[:, None]
    after[...] = before + (after - before) * share
