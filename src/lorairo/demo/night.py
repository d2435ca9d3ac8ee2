"""Lights in the dark: a town across the water, lamps out of focus, rain on a window, northern lights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lorairo.demo.light import HOURS, blurred, colour, grid, mixed, noise, smooth, some_tile, stretched
from lorairo.demo.sky import sky

if TYPE_CHECKING:
    from lorairo.demo.light import Plane, Random

LAMPS = (
    (1.0, 0.62, 0.26),
    (1.0, 0.80, 0.50),
    (1.0, 0.36, 0.18),
    (0.55, 0.75, 1.0),
    (0.95, 0.9, 0.8),
    (0.3, 0.9, 0.7),
)
_HOUR = {hour.name: hour for hour in HOURS}


def town(random: Random, shape: tuple[int, int], hour_name: str = "dusk") -> Plane:
    """See a town across still water after sunset: towers with lit windows, and all again upside down."""
    height, width = shape
    quay = float(random.uniform(0.52, 0.68))
    hour = _HOUR[hour_name]
    air = sky(random, shape, quay, hour, float(random.uniform(0.2, 0.8)))
    if hour_name == "dusk":
        air = air * 0.7
    rows, _ = grid(shape)
    air = air + np.exp(-np.abs(rows - quay) * 9)[..., None] * colour(0.40, 0.20, 0.08) * 0.35
    for depth in (3, 2, 1):
        air = _row_of_towers(random, air, quay, depth, hour.horizon)
    start = int(quay * height)
    picture = air
    drops = height - start
    ripple = stretched(some_tile(random, 0.9)[: max(8, drops // 2), :96], (drops, width))
    below = np.arange(drops)
    growth = (below / height)[:, None]
    mirrored = np.clip(start - 1 - below[:, None] * 0.92 - ripple * growth * height * 0.10, 0, start - 1)
    image = picture[mirrored.astype(np.int64), np.arange(width)[None, :]]
    image = _smeared_down(image, max(3, drops // 14))
    picture = picture.copy()
    dim = np.clip(0.72 - growth * 0.5 + 0.10 * ripple, 0.1, 1)[..., None]
    picture[start:] = image * dim * colour(0.86, 0.95, 1.05) + colour(0.004, 0.008, 0.014)
    picture[start - 2 : start + 2] *= 0.35
    return picture * 1.25


def _row_of_towers(
    random: Random, air: Plane, quay: float, depth: int, horizon: tuple[float, float, float]
) -> Plane:
    height, width = air.shape[:2]
    picture = air.copy()
    base = int(quay * height)
    left = -int(random.integers(0, 30))
    body = mixed(
        colour(0.012, 0.014, 0.022), colour(*horizon) * 0.5, np.full(1, 0.16 * (depth - 1), np.float32)
    )
    while left < width:
        across = int(height * random.uniform(0.045, 0.13) / depth**0.35)
        middle = np.exp(-((((left + across / 2) / width) - 0.55) ** 2) * 5)
        tall = int(height * (random.gamma(3.2, 0.045) * (0.55 + middle) + 0.03 * depth))
        top = max(4, base - tall)
        first, last = max(0, left), min(width, left + across)
        if last - first > 4:  # noqa: PLR2004 - narrower is no tower
            picture[top:base, first:last] = body
            _windows(random, picture[top:base, first:last], depth)
        left += across + int(random.integers(-3, 4 + 3 * depth))
    return blurred(picture, 0.9) if depth == 3 else picture  # noqa: PLR2004 - the farthest row


def _windows(random: Random, wall: Plane, depth: int) -> None:
    """Light some of the windows of a wall, in place."""
    step = max(3, int(7 / depth**0.5))
    floors, axes = wall.shape[0] // step, wall.shape[1] // step
    if floors < 1 or axes < 1:
        return
    lit = random.random((floors, axes)) < random.uniform(0.12, 0.55)
    tone = colour(*LAMPS[int(random.choice(len(LAMPS), p=[0.3, 0.34, 0.06, 0.1, 0.16, 0.04]))])
    bright = (lit * random.gamma(2.0, 0.38, (floors, axes)) / depth**0.5).astype(np.float32)
    pane = np.zeros((step, step), dtype=np.float32)
    pane[1 : step - 1, 1 : step - (1 if step > 3 else 0)] = 1.0  # noqa: PLR2004 - too small for a frame
    light = np.kron(bright, pane)
    wall[: floors * step, : axes * step] += light[..., None] * tone


def _smeared_down(picture: Plane, length: int) -> Plane:
    """Blur along the columns only, as water does to lights."""
    total = np.cumsum(
        np.pad(picture, ((length, length), (0, 0), (0, 0)), mode="edge"), axis=0, dtype=np.float64
    )
    mean = (total[2 * length :] - total[: -2 * length]) / (2 * length)
    return mean.astype(np.float32)


def lights_out_of_focus(random: Random, shape: tuple[int, int], *, rain: bool = False) -> Plane:
    """See a street at night through an open lens: every lamp a disc; with rain, through a wet pane."""
    height, width = shape
    rows, _ = grid(shape)
    tones = [colour(*LAMPS[k]) for k in random.choice(len(LAMPS), 3, replace=False)]
    wash = colour(0.012, 0.016, 0.035) + tones[0] * 0.03
    picture = (
        np.broadcast_to(wash, (height, width, 3)) * (0.5 + 1.1 * np.exp(-np.abs(rows - 0.55) * 3))[..., None]
    )
    picture = picture + np.clip(noise(random, shape, 2.0)[..., None] * 0.02, 0, None) * tones[1]
    picture = np.ascontiguousarray(picture, dtype=np.float32)
    size = float(random.uniform(0.022, 0.05)) * height
    for _ in range(int(random.integers(70, 130))):
        radius = size * float(random.gamma(5, 0.2)) + 3
        at = (random.normal(0.55, 0.17) * height, random.random() * width)
        tone = tones[int(random.choice(3, p=[0.55, 0.3, 0.15]))]
        _disc(picture, at, radius, tone * float(random.gamma(1.3, 0.20)))
    return _wet_pane(random, picture) if rain else picture


def _disc(picture: Plane, at: tuple[float, float], radius: float, tone: Plane) -> None:
    """Add the image of a point of light that is out of focus: flat, a little brighter at the rim."""
    height, width = picture.shape[:2]
    reach = int(radius) + 2
    top, bottom = max(0, int(at[0]) - reach), min(height, int(at[0]) + reach)
    left, right = max(0, int(at[1]) - reach), min(width, int(at[1]) + reach)
    if top >= bottom or left >= right:
        return
    rows = np.arange(top, bottom, dtype=np.float32)[:, None] - at[0]
    columns = np.arange(left, right, dtype=np.float32)[None, :] - at[1]
    away = np.hypot(rows, columns) / radius
    flat = smooth(1.0, 0.94, away) * (0.72 + 0.34 * away**4)
    picture[top:bottom, left:right] += flat[..., None].astype(np.float32) * tone


def _wet_pane(random: Random, picture: Plane) -> Plane:
    """Cover the view with drops, each a small lens that shows it upside down."""
    height, width = picture.shape[:2]
    result: Plane = blurred(picture, 3.0) * 0.85
    mist = smooth(-1, 2, noise(random, (height, width), 1.2))[..., None]
    result = result + mist * picture.mean(axis=(0, 1)) * 0.35
    for _ in range(int(random.integers(260, 420))):
        radius = float(random.gamma(1.6, 0.0048) + 0.003) * height
        row, column = random.random() * height, random.random() * width
        reach = int(radius * 1.3) + 2
        top, bottom = max(0, int(row) - reach), min(height, int(row) + reach)
        left, right = max(0, int(column) - reach), min(width, int(column) + reach)
        if bottom - top < 3 or right - left < 3:  # noqa: PLR2004 - at the rim of the picture
            continue
        rows = (np.arange(top, bottom, dtype=np.float32)[:, None] - row) / radius
        columns = (np.arange(left, right, dtype=np.float32)[None, :] - column) / radius
        squeezed = rows * (0.86 if row < height / 2 else 0.92)
        away = np.hypot(squeezed, columns)
        inside = smooth(1.0, 0.86, away)[..., None]
        bent = 5.5 + 3 * away**2
        source_row = np.clip(row - rows * radius * bent, 0, height - 1).astype(np.int64)
        source_column = np.clip(column - columns * radius * bent, 0, width - 1).astype(np.int64)
        seen = picture[source_row, source_column]
        rim = (0.55 + 0.75 * smooth(0.2, -0.8, rows) * (1 - away**3))[..., None]
        spark = smooth(0.24, 0.05, np.hypot(rows + 0.42, columns + 0.30))[..., None] * 0.5 * picture.mean()
        patch = result[top:bottom, left:right]
        result[top:bottom, left:right] = mixed(patch, seen * rim + spark, inside[..., 0])
    return result


def northern_lights(random: Random, shape: tuple[int, int], land: Plane) -> Plane:
    """Hang curtains of green light over a landscape by moonlight."""
    height, width = shape
    rows, _ = grid(shape)
    light = np.zeros((height, width, 3), dtype=np.float32)
    for _ in range(int(random.integers(2, 4))):
        wave = noise(random, (4, width), 1.9, (0.05, 1.6))[0]
        foot = float(random.uniform(0.26, 0.44)) + 0.07 * wave
        rays = np.clip(noise(random, (4, width), 0.8, (0.05, 0.9))[0] * 0.35 + 0.75, 0.1, 2.0)
        above = foot[None, :] - rows
        fall = np.where(above > 0, np.exp(-above / (0.10 + 0.10 * rays)), np.exp(above / 0.012))
        strength = (fall * rays * np.clip(0.7 + 0.5 * np.roll(wave, width // 3), 0.05, 1.6)).astype(
            np.float32
        )
        low, high = colour(0.10, 0.95, 0.42), colour(0.55, 0.18, 0.75)
        light += (
            mixed(low, high, smooth(0.05, 0.30, above))
            * strength[..., None]
            * float(random.uniform(0.25, 0.5))
        )
    below = smooth(0.50, 0.40, np.broadcast_to(rows, shape))[..., None]
    return land + light * below + colour(0.008, 0.05, 0.025) * (1 - below) * 0.5
