"""Flowers seen through an open lens: one of them sharp, the others and the leaves far out of focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lorairo.demo.light import blurred, colour, grid, mixed, noise, sampled, smooth, some_tile, window

if TYPE_CHECKING:
    from lorairo.demo.light import Plane, Random

PETALS = {
    "pink": ((0.85, 0.24, 0.42), (0.95, 0.62, 0.72)),
    "red": ((0.55, 0.01, 0.02), (0.85, 0.06, 0.05)),
    "yellow": ((0.85, 0.50, 0.02), (0.98, 0.80, 0.08)),
    "white": ((0.72, 0.72, 0.68), (0.95, 0.95, 0.93)),
    "purple": ((0.22, 0.07, 0.48), (0.50, 0.30, 0.80)),
    "blue": ((0.05, 0.12, 0.55), (0.25, 0.40, 0.90)),
    "orange": ((0.85, 0.22, 0.01), (0.98, 0.50, 0.06)),
}


def flowers(random: Random, shape: tuple[int, int], tint: str) -> Plane:
    """Come close to a few flowers, one of them sharp, before leaves far out of focus."""
    height, width = shape
    picture = _leaves_out_of_focus(random, shape, tint)
    aspect = width / height
    main = (float(random.uniform(0.40, 0.56)), float(random.uniform(0.36, 0.64)) * aspect)
    others = [
        (float(random.uniform(0.1, 0.9)), float(random.uniform(0.05, 0.95)) * aspect)
        for _ in range(random.integers(2, 5))
    ]
    petals = int(random.choice([5, 8, 12, 16, 21]))
    narrow = float(random.uniform(0.3, 0.75))
    for at in others:
        if np.hypot(at[0] - main[0], at[1] - main[1]) > 0.3:  # noqa: PLR2004 - not over the sharp one
            far = float(random.uniform(0.12, 0.20))
            soft = float(random.uniform(0.009, 0.017))
            _flower(random, picture, at, radius=far, tint=tint, petals=petals, narrow=narrow, soft=soft)
    stem = blurred(_stem(shape, main, float(random.uniform(-0.12, 0.12))), 2.5)
    picture = mixed(picture, np.broadcast_to(colour(0.06, 0.16, 0.03), picture.shape), stem)
    large = float(random.uniform(0.30, 0.40))
    _flower(random, picture, main, radius=large, tint=tint, petals=petals, narrow=narrow)
    return picture


def _leaves_out_of_focus(random: Random, shape: tuple[int, int], tint: str) -> Plane:
    """Blobs of green and of the colour of other flowers, as an open lens draws them."""
    height, width = shape
    dark = random.random() < 0.35  # noqa: PLR2004 - some before deep shade
    greens = (
        (colour(0.006, 0.02, 0.008), colour(0.05, 0.12, 0.03))
        if dark
        else (colour(0.05, 0.14, 0.03), colour(0.36, 0.48, 0.16))
    )
    ground = mixed(greens[0], greens[1], smooth(-1.4, 1.8, noise(random, shape, 2.2, (2.2, 2.2))))
    ground = ground * np.linspace(1.3, 0.65, height, dtype=np.float32)[:, None, None]
    second = smooth(1.0, 2.2, noise(random, shape, 2.0, (1.8, 1.8)))
    ground = mixed(
        ground,
        np.broadcast_to(colour(*PETALS[tint][1]) * (0.25 if dark else 0.7), ground.shape),
        second * 0.6,
    )
    rows, columns = grid(shape)
    for _ in range(int(random.integers(6, 22))):
        at = random.random() * 0.8, random.random() * width / height
        radius = float(random.uniform(0.02, 0.065))
        disc = smooth(1.0, 0.85, np.hypot(rows - at[0], columns - at[1]) / radius)
        ground = ground + disc[..., None] * colour(0.5, 0.55, 0.25) * float(random.uniform(0.03, 0.16))
    return np.ascontiguousarray(ground, dtype=np.float32)


def _stem(shape: tuple[int, int], top: tuple[float, float], lean: float) -> Plane:
    rows, columns = grid(shape)
    centre = top[1] + lean * (rows - top[0]) + 0.03 * np.sin((rows - top[0]) * 4)
    return (smooth(0.012, 0.007, np.abs(columns - centre)) * (rows > top[0])).astype(np.float32)


def _flower(
    random: Random,
    picture: Plane,
    at: tuple[float, float],
    *,
    radius: float,
    tint: str,
    petals: int,
    narrow: float,
    soft: float = 0.0,
) -> None:
    """Draw one open flower into a picture: rings of petals from the back to the front, then the heart.

    Parameters
    ----------
    at, radius
        Where and how large, over the height of the picture.
    petals, narrow
        How many in a ring, and their form: 0 broad, 1 narrow.
    soft
        Radius of the blur, over the height.
    """
    reach = radius * 1.06 + 3 * soft
    part, rows, columns = window((picture.shape[0], picture.shape[1]), at, (reach, reach))
    if not rows.size or not columns.size:
        return
    tilt = float(random.uniform(0.72, 1.0))
    down, aside = (rows - at[0]) / (radius * tilt), (columns - at[1]) / radius
    away = np.hypot(down, aside)
    angle = np.arctan2(down, aside)
    light = np.zeros((*away.shape, 3), dtype=np.float32)
    cover = np.zeros(away.shape, dtype=np.float32)
    deep, pale = (colour(*values) for values in PETALS[tint])
    veins = some_tile(random, 1.0)
    rings = 3 if petals < 10 else 2  # noqa: PLR2004 - many petals need no third ring
    for ring in range(rings):
        size = 1.0 - ring * 0.22
        turned = angle + ring * np.pi / petals + float(random.uniform(0, 0.4))
        sector = turned * petals / (2 * np.pi)
        number = np.floor(sector)
        within = np.abs(sector - number - 0.5) * 2  # 0 on the middle line of a petal, 1 between two
        vary = np.sin(number * 12.9898 + ring * 7.7) * 0.5
        outline = size * (1 - 0.10 * vary) * (1 - within ** (1.4 + 2 * narrow)) ** (0.30 + 0.35 * narrow)
        there = smooth(0.0, 0.018, outline - away)
        inward = np.clip(away / np.maximum(outline, 1e-3), 0, 1)
        streak = sampled(veins, away * 26, within * 30 + number * 37)
        tone = mixed(deep, pale, np.clip(0.12 + 0.85 * inward + 0.07 * streak, 0, 1))
        hollow = 0.62 + 0.38 * np.cos(within * 1.5) + 0.10 * vary
        side = 0.86 + 0.20 * np.cos(turned - 2.2 + 0.6 * (within - 0.5))
        shade = hollow * side * (0.45 + 0.55 * smooth(0.10, 0.75, inward)) * (1 + 0.05 * streak)
        dropped = smooth(0.0, 0.10, away - outline) if ring else 1.0
        # What lies behind is darker where this ring casts its shadow.
        light = light * (1 - 0.35 * (1 - dropped) * (1 - there))[..., None] if ring else light
        light = mixed(light, tone * (shade * 0.95)[..., None], there)
        cover = np.maximum(cover, there)
    heart = smooth(0.24, 0.19, away)
    seeds = np.clip(sampled(some_tile(random, 0.5), down * 160, aside * 160) * 0.35 + 0.75, 0.1, 1.6)
    centre = mixed(
        colour(0.22, 0.11, 0.02), colour(0.80, 0.52, 0.05), smooth(0.02, 0.20, away + 0.05 * seeds)
    )
    light = mixed(light, centre * (seeds * (1.15 - away * 1.5))[..., None], heart)
    cover = np.maximum(cover, heart)
    if soft:
        # Blurred with what it hides: light that is not there must not darken the rim.
        light, cover = (
            blurred(light * cover[..., None], soft * picture.shape[0]),
            blurred(cover, soft * picture.shape[0]),
        )
        picture[part] = picture[part] * (1 - cover)[..., None] + light
    else:
        picture[part] = mixed(picture[part], light, cover)


def open_flower(random: Random, picture: Plane, tint: str) -> None:
    """Draw one flower that fills a square picture."""
    petals = int(random.choice([5, 8, 12, 16, 21]))
    narrow = float(random.uniform(0.3, 0.75))
    _flower(random, picture, (0.5, 0.5), radius=0.46, tint=tint, petals=petals, narrow=narrow)
