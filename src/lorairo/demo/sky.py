"""Skies: the colours of an hour, its sun or moon, clouds on a ceiling that runs to the horizon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lorairo.demo.light import blurred, colour, grid, laid_out, mixed, smooth, some_tile

if TYPE_CHECKING:
    from lorairo.demo.light import Hour, Plane, Random


def sky(random: Random, shape: tuple[int, int], horizon: float, hour: Hour, sun: float) -> Plane:
    """Paint sky over the whole picture.

    Parameters
    ----------
    horizon
        Its row, over the height.
    sun
        Its column, over the width.
    """
    rows, columns = grid(shape)
    height, width = shape
    up = np.clip((horizon - rows) / max(horizon, 0.2), 0, 1)
    base = mixed(colour(*hour.horizon), colour(*hour.zenith), np.broadcast_to(up**0.65, shape))
    at = horizon - hour.elevation * 1.15
    away = np.hypot(rows - at, columns - sun * width / height)
    glow = (np.exp(-away * 2.6) * 0.28 + np.exp(-away * 11) * 0.55)[..., None] * colour(*hour.sun)
    disc = smooth(0.020, 0.012, away)[..., None] * colour(*hour.sun) * 5
    picture = base * 0.8 if hour.name == "overcast" else base * 0.8 + glow + disc
    if hour.name == "moonlight":
        picture = (
            picture
            + _stars(random, shape)[..., None] * smooth(0.02, 0.3, np.broadcast_to(up, shape))[..., None]
        )
    return _clouds(random, picture, hour, horizon, glow)


def _stars(random: Random, shape: tuple[int, int]) -> Plane:
    field = np.zeros(shape, dtype=np.float32)
    count = int(random.integers(250, 900))
    down, across = random.integers(0, shape[0], count), random.integers(0, shape[1], count)
    field[down, across] = random.gamma(0.8, 0.5, count)
    return field + blurred(field, 1.2) * 3


def _clouds(random: Random, picture: Plane, hour: Hour, horizon: float, glow: Plane) -> Plane:
    """Lay clouds on a ceiling that runs to the horizon."""
    height, width = picture.shape[:2]
    visible = int(horizon * height)
    rows, _ = grid((height, width))
    if visible < 20:  # noqa: PLR2004 - next to no sky
        return picture
    amount = float(random.uniform(-0.7, 1.0))
    ceiling = some_tile(random, float(random.choice([1.45, 1.6, 1.8])))
    across = float(random.uniform(1.0, 2.2))
    far = float(random.uniform(3.5, 7))
    seen = laid_out(ceiling, (visible, width), 0.5, far, across)[::-1]
    toward_sun = laid_out(np.roll(ceiling, (7, 3), axis=(0, 1)), (visible, width), 0.5, far, across)[::-1]
    cover = smooth(amount, amount + 1.1, seen) * np.clip((horizon - rows[:visible]) * 6, 0, 1)
    bright = np.clip(0.78 + 0.42 * (seen - toward_sun) - 0.16 * (seen - amount), 0.22, 1.25)[..., None]
    lit = colour(*hour.ambient) * 1.1 + (colour(*hour.sun) * 0.62 + glow[:visible] * 0.5) * bright
    result = picture.copy()
    result[:visible] = mixed(picture[:visible], lit, cover * 0.92)
    return result
