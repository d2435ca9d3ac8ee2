"""Light and texture: noise as in nature, colours of the hours of the day, and what a camera does to both.

Pictures are float32[height, width, 3] arrays of linear light, red first; 1.0 is white paper in the sun.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.floating[Any]]
Random = np.random.Generator

TILE = 512
"""Side of a noise tile; tiles repeat without a seam."""

_BILINEAR = Image.Resampling.BILINEAR


@dataclass(frozen=True)
class Hour:
    """Colours of a time of day, linear RGB, and how high the sun stands (0 horizon, 1 zenith)."""

    name: str
    zenith: tuple[float, float, float]
    horizon: tuple[float, float, float]
    sun: tuple[float, float, float]
    ambient: tuple[float, float, float]
    elevation: float


HOURS = (
    Hour("dawn", (0.09, 0.20, 0.40), (0.80, 0.44, 0.26), (1.4, 0.70, 0.40), (0.17, 0.20, 0.28), 0.08),
    Hour("morning", (0.07, 0.22, 0.58), (0.46, 0.62, 0.78), (1.25, 1.04, 0.80), (0.17, 0.22, 0.31), 0.34),
    Hour("noon", (0.04, 0.17, 0.55), (0.36, 0.56, 0.80), (1.2, 1.13, 1.0), (0.18, 0.24, 0.34), 0.66),
    Hour("golden", (0.13, 0.24, 0.42), (0.82, 0.50, 0.20), (1.6, 0.92, 0.42), (0.19, 0.18, 0.22), 0.14),
    Hour("sunset", (0.07, 0.10, 0.28), (0.90, 0.30, 0.10), (1.5, 0.50, 0.20), (0.14, 0.13, 0.20), 0.05),
    Hour("dusk", (0.03, 0.07, 0.20), (0.36, 0.25, 0.26), (0.40, 0.24, 0.22), (0.07, 0.10, 0.17), 0.03),
    Hour("overcast", (0.26, 0.30, 0.35), (0.46, 0.49, 0.51), (0.34, 0.34, 0.34), (0.30, 0.32, 0.34), 0.5),
    Hour(
        "moonlight",
        (0.008, 0.016, 0.045),
        (0.035, 0.055, 0.11),
        (0.19, 0.24, 0.35),
        (0.018, 0.027, 0.053),
        0.4,
    ),
)


@cache
def tile(kind: int, roughness: float) -> Plane:
    """Return a noise tile, mean 0 and deviation 1, with a power spectrum falling as in nature.

    Parameters
    ----------
    kind
        Which of many.
    roughness
        1 is gravel, 2 is clouds, 3 is rolling hills.
    """
    random = np.random.default_rng([kind, int(roughness * 100)])
    down, across = np.fft.fftfreq(TILE)[:, None], np.fft.rfftfreq(TILE)[None, :]
    frequency = np.hypot(down, across)
    frequency[0, 0] = 1.0
    spectrum = np.fft.rfft2(random.standard_normal((TILE, TILE))) * frequency**-roughness
    spectrum[0, 0] = 0.0
    noise = np.fft.irfft2(spectrum, s=(TILE, TILE))
    unit: Plane = (noise / noise.std()).astype(np.float32)
    return unit


def some_tile(random: Random, roughness: float) -> Plane:
    """Return a noise tile, turned and shifted by chance."""
    noise = tile(int(random.integers(6)), roughness)
    noise = np.roll(noise, random.integers(0, TILE, 2), axis=(0, 1))
    if random.random() < 0.5:  # noqa: PLR2004 - a coin
        noise = noise[::-1]
    return noise.T if random.random() < 0.5 else noise  # noqa: PLR2004


def noise(
    random: Random, shape: tuple[int, int], roughness: float, scale: tuple[float, float] = (1.0, 1.0)
) -> Plane:
    """Return noise over a picture; `scale` stretches it down and across (2 = features twice as large)."""
    height, width = shape
    source = some_tile(random, roughness)
    need = (min(TILE, max(2, int(height / scale[0]))), min(TILE, max(2, int(width / scale[1]))))
    return stretched(source[: need[0], : need[1]], shape)


def stretched(plane: Plane, shape: tuple[int, int]) -> Plane:
    """Resize a plane, smoothly."""
    if plane.shape == shape:
        return plane
    image = Image.fromarray(np.ascontiguousarray(plane, dtype=np.float32))
    return np.asarray(image.resize((shape[1], shape[0]), Image.Resampling.BICUBIC), dtype=np.float32)


def laid_out(plane: Plane, shape: tuple[int, int], nearest: float, farthest: float, across: float) -> Plane:
    """See a tile as a floor (or, upside down, a ceiling) that runs to the horizon.

    Parameters
    ----------
    plane
        A tile; it is repeated as often as needed.
    shape
        Rows from the horizon (top) to the viewer (bottom).
    nearest, farthest
        Distance of the last and of the first row, in tiles.
    across
        Tiles seen side by side at distance 1.
    """
    height, width = shape
    distance = 1 / np.linspace(1 / farthest, 1 / nearest, height, dtype=np.float32)
    rows = (distance * TILE)[:, None]
    columns = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, :] * distance[:, None] * (across * TILE)
    return sampled(plane, np.broadcast_to(rows, shape), columns + TILE / 2)


def sampled(plane: Plane, rows: Plane, columns: Plane) -> Plane:
    """Look up a tile at fractional places, linearly; places outside wrap round."""
    top, left = np.floor(rows), np.floor(columns)
    down, right = (rows - top).astype(np.float32), (columns - left).astype(np.float32)
    row, column = top.astype(np.int32) & (TILE - 1), left.astype(np.int32) & (TILE - 1)
    below, beside = (row + 1) & (TILE - 1), (column + 1) & (TILE - 1)
    flat = np.ascontiguousarray(plane).ravel()
    upper = flat[row * TILE + column] * (1 - right) + flat[row * TILE + beside] * right
    lower = flat[below * TILE + column] * (1 - right) + flat[below * TILE + beside] * right
    result: Plane = upper * (1 - down) + lower * down
    return result


def smooth(low: float, high: float, value: Plane) -> Plane:
    """Run from 0 at `low` to 1 at `high` without a corner."""
    t = np.clip((value - low) / (high - low), 0, 1)
    result: Plane = t * t * (3 - 2 * t)
    return result


def mixed(first: Plane, second: Plane, share: Plane) -> Plane:
    """Blend two pictures (or colours) by a plane of shares of the second."""
    weight = share[..., None] if share.ndim == 2 else share  # noqa: PLR2004 - a plane, not a picture
    result: Plane = first + (second - first) * weight
    return result


def colour(*values: float) -> Plane:
    """Make a colour that mixes with pictures."""
    return np.array(values, dtype=np.float32)


def grid(shape: tuple[int, int]) -> tuple[Plane, Plane]:
    """Return row and column of each pixel, over the height: the column of the middle is half the aspect."""
    height, width = shape
    rows = (np.arange(height, dtype=np.float32) / height)[:, None]
    columns = (np.arange(width, dtype=np.float32) / height)[None, :]
    return rows, columns


def window(
    shape: tuple[int, int], at: tuple[float, float], reach: tuple[float, float]
) -> tuple[tuple[slice, slice], Plane, Plane]:
    """Cut out the part of a picture round a place, so that drawing a small thing costs little.

    Parameters
    ----------
    at, reach
        Row and column of its middle, and how far it goes up and aside, over the height.

    Returns
    -------
    part, rows, columns
        Where it is, and `grid` of it.
    """
    height, width = shape
    top, bottom = (int(np.clip((at[0] + sign * reach[0]) * height, 0, height)) for sign in (-1, 1))
    left, right = (int(np.clip((at[1] + sign * reach[1]) * height, 0, width)) for sign in (-1, 1))
    rows, columns = grid(shape)
    return (slice(top, bottom), slice(left, right)), rows[top:bottom], columns[:, left:right]


def blurred(picture: Plane, radius: float) -> Plane:
    """Blur a picture: shrunk with a triangle filter and enlarged again, so that a large radius costs less."""
    height, width = picture.shape[:2]
    small = (max(2, round(width / (1.6 * radius))), max(2, round(height / (1.6 * radius))))
    if small[0] >= width:
        return picture
    planes = [picture[..., k] for k in range(picture.shape[2])] if picture.ndim == 3 else [picture]  # noqa: PLR2004
    soft = [
        stretched(
            np.asarray(Image.fromarray(plane.astype(np.float32)).resize(small, _BILINEAR)), (height, width)
        )
        for plane in planes
    ]
    return np.stack(soft, axis=-1) if picture.ndim == 3 else soft[0]  # noqa: PLR2004


def developed(
    random: Random, picture: Plane, *, exposure: float = 1.0, warmth: float = 0.0, grain: float = 0.012
) -> Image.Image:
    """Turn light into a photograph: exposure, white balance, film curve, glow of the lights, corners, grain.

    Parameters
    ----------
    exposure
        Factor on the light.
    warmth
        -1 cold .. 1 warm.
    grain
        Deviation of the grain, of white.
    """
    light = picture * (colour(1 + 0.12 * warmth, 1.0, 1 - 0.12 * warmth) * exposure)
    glow = blurred(np.maximum(light - 0.85, 0), max(light.shape[:2]) / 40)
    light = light + glow * 0.35
    height, width = light.shape[:2]
    rows = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    light *= (1 - 0.16 * (rows**2 + columns**2) ** 1.2)[..., None]
    # A filmic curve (after Hable's shape, by Narkowicz' fit): shadows keep depth, lights roll off.
    curve = light * (2.51 * light + 0.03) / (light * (2.43 * light + 0.59) + 0.14)
    coded = np.clip(curve, 0, 1) ** (1 / 2.2)
    coded = coded + 0.16 * (coded * coded * (3 - 2 * coded) - coded)  # a little more contrast in the middle
    speckle = some_tile(random, 0.35)
    repeated = np.tile(speckle, (height // TILE + 1, width // TILE + 1))[:height, :width]
    coded += (repeated * grain)[..., None]
    return Image.fromarray((np.clip(coded, 0, 1) * 255 + 0.5).astype(np.uint8))
