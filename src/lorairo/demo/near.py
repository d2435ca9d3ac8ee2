"""Near scenes: fruit and vases by a window, a wood in mist, balloons, an old wall."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lorairo.demo.flowers import PETALS
from lorairo.demo.light import blurred, colour, grid, mixed, noise, sampled, smooth, some_tile, window

if TYPE_CHECKING:
    from lorairo.demo.light import Hour, Plane, Random

FRUIT = {
    "apple": ((0.55, 0.02, 0.02), (0.72, 0.42, 0.06), 0.9),
    "orange": ((0.90, 0.30, 0.02), (0.95, 0.42, 0.04), 1.0),
    "lemon": ((0.90, 0.70, 0.05), (0.95, 0.80, 0.15), 0.8),
    "plum": ((0.10, 0.03, 0.16), (0.26, 0.08, 0.22), 0.95),
    "lime": ((0.16, 0.34, 0.03), (0.36, 0.50, 0.08), 0.85),
}
WALLS = (
    (0.30, 0.33, 0.34),
    (0.42, 0.36, 0.28),
    (0.10, 0.13, 0.15),
    (0.24, 0.28, 0.20),
    (0.50, 0.46, 0.42),
    (0.16, 0.10, 0.09),
)
GLAZES = ((0.75, 0.73, 0.68), (0.08, 0.22, 0.34), (0.12, 0.28, 0.20), (0.45, 0.16, 0.08), (0.03, 0.03, 0.035))


def still_life(random: Random, shape: tuple[int, int]) -> Plane:
    """Put a vase and fruit on a table, lit from a window at the left."""
    height, width = shape
    rows, columns = grid(shape)
    aspect = width / height
    edge = float(random.uniform(0.60, 0.70))
    wall = colour(*WALLS[int(random.integers(len(WALLS)))])
    light = np.exp(-(((columns / aspect - 0.16) ** 2) * 2.6 + (rows - 0.30) ** 2 * 2.2))
    plaster = 1 + 0.035 * noise(random, shape, 1.3) + 0.06 * noise(random, shape, 2.0)
    picture: Plane = wall * (light * plaster * 1.25 + 0.08)[..., None]
    picture = mixed(
        picture,
        _table(random, shape, edge, light),
        smooth(edge - 0.002, edge + 0.002, np.broadcast_to(rows, shape)),
    )
    if random.random() < 0.8:  # noqa: PLR2004 - most tables have a vase
        place = float(random.uniform(0.36, 0.62)) * aspect
        _vase(random, picture, place, edge + float(random.uniform(0.06, 0.10)))
    kinds = random.choice(list(FRUIT), int(random.integers(1, 3)), replace=False)
    count = int(random.integers(2, 6))
    feet = np.sort(edge + random.uniform(0.10, 0.26, count))  # far ones first: near ones hide them
    places = random.permutation(np.linspace(0.14, 0.86, 7))[:count] + random.uniform(-0.04, 0.04, count)
    for number, (place, foot) in enumerate(zip(places, feet, strict=True)):
        radius = float(random.uniform(0.060, 0.075)) * (0.8 + 0.8 * (foot - edge))
        picture = _shadow(picture, (foot, place * aspect), (radius * 0.38, radius * 1.5))
        _fruit(random, picture, (foot, place * aspect), radius, str(kinds[number % len(kinds)]))
    return picture


def _table(random: Random, shape: tuple[int, int], edge: float, light: Plane) -> Plane:
    """Paint a wooden table, or a cloth."""
    rows, columns = grid(shape)
    if random.random() < 0.3:  # noqa: PLR2004 - a cloth now and then
        folds = noise(random, shape, 2.1, (1.2, 2.4))
        cloth: Plane = colour(0.62, 0.58, 0.52) * ((0.72 + 0.16 * folds) * (0.35 + 0.9 * light))[..., None]
        return cloth
    away = np.clip((rows - edge) / (1 - edge), 0.02, 1)
    grain = sampled(some_tile(random, 1.0), rows * 520 / (0.4 + away), columns * 26)
    rings = np.sin((rows * 90 / (0.4 + away)) + 3.5 * noise(random, shape, 1.9, (0.5, 2.5)))
    wood = mixed(
        colour(0.10, 0.045, 0.018), colour(0.30, 0.16, 0.07), smooth(-1.8, 1.8, grain + 0.45 * rings)
    )
    gloss = np.exp(-(((columns / columns.max() - 0.2) ** 2) * 8)) * (1 - away) * 0.20
    lit: Plane = wood * (0.30 + 1.15 * light)[..., None] + gloss[..., None] * colour(1.0, 0.95, 0.85)
    return lit


def _shadow(picture: Plane, at: tuple[float, float], reach: tuple[float, float]) -> Plane:
    """Cast a soft shadow to the right on the table, in place."""
    shape = (picture.shape[0], picture.shape[1])
    part, rows, columns = window(shape, (at[0], at[1] + reach[1] * 0.4), (reach[0] * 2.2, reach[1] * 2.2))
    across = (columns - at[1] - reach[1] * 0.45) / reach[1]
    down = (rows - at[0]) / reach[0]
    deep = np.exp(-((across**2 + down**2) ** 1.2) * 1.1) * 0.72
    tight = np.exp(-(((columns - at[1]) / (reach[1] * 0.55)) ** 2 + (down * 1.8) ** 2)) * 0.55
    picture[part] *= (1 - np.maximum(deep, tight))[..., None]
    return picture


def _fruit(random: Random, picture: Plane, at: tuple[float, float], radius: float, kind: str) -> None:
    """Draw a fruit that stands at a place, lit from the left, into a picture."""
    foot, across = at
    skin, cheek, flat = FRUIT[kind]
    middle = foot - radius * flat
    part, rows, columns = window(
        (picture.shape[0], picture.shape[1]), (middle, across), (radius * 1.3, radius * 1.3)
    )
    if not rows.size or not columns.size:
        return
    x = (columns - across) / (radius * (1.12 if kind == "lemon" else 1.0))
    y = (rows - middle) / (radius * flat)
    inside = x * x + y * y
    z = np.sqrt(np.clip(1 - inside, 0, 1))
    skin_noise = some_tile(random, 0.8)
    rough = sampled(skin_noise, y * 60 + 200, x * 60 + 200)
    bumps = 0.05 if kind in ("orange", "lemon", "lime") else 0.008
    lambert = np.clip(-0.62 * x - 0.55 * y + 0.56 * z + bumps * rough, 0, 1)
    bounce = np.clip(y, 0, 1) * 0.10 + 0.06
    blush = sampled(some_tile(random, 1.8), y * 40 + 100, x * 40 + 100)
    tone = mixed(colour(*skin), colour(*cheek), smooth(-0.4, 1.0, -y + 0.35 * blush))
    spark = np.clip(-0.50 * x - 0.48 * y + 0.72 * z, 0, 1) ** 38 * (
        0.65 if kind in ("apple", "plum") else 0.30
    )
    ball = tone * (lambert * 1.25 + bounce)[..., None] + spark[..., None] * colour(1.0, 0.97, 0.92)
    picture[part] = mixed(picture[part], ball, smooth(1.0, 0.97, inside))
    if kind == "apple":
        stalk = smooth(0.005, 0.003, np.abs(columns - across - 0.25 * (foot - radius * 1.7 - rows)))
        stalk = stalk * (rows > foot - radius * 2.05) * (rows < foot - radius * 1.62)
        picture[part] = mixed(picture[part], colour(0.05, 0.03, 0.01), stalk.astype(np.float32))


def _vase(random: Random, picture: Plane, across: float, foot: float) -> None:
    """Turn a vase on the wheel: a profile, lit as a round thing."""
    tall = float(random.uniform(0.30, 0.46))
    belly, neck = float(random.uniform(0.09, 0.15)), float(random.uniform(0.03, 0.06))
    at = float(random.uniform(0.3, 0.6))
    _shadow(picture, (foot, across), (0.045, belly * 1.9))
    part, rows, columns = window(
        (picture.shape[0], picture.shape[1]), (foot - tall / 2, across), (tall / 2 + 0.03, belly * 1.3)
    )
    up = np.clip((foot - rows) / tall, 0, 1)
    wide = neck + (belly - neck) * np.exp(-(((up - at) / 0.26) ** 2))
    wide = wide + 0.02 * smooth(0.93, 1.0, up) + 0.03 * smooth(0.08, 0.0, up)
    x = (columns - across) / wide
    z = np.sqrt(np.clip(1 - x * x, 0, 1))
    there = (
        smooth(1.0, 0.97, np.abs(x)) * (rows < foot + 0.012 * z) * (rows > foot - tall)
    )  # the foot is round
    glaze = colour(*GLAZES[int(random.integers(len(GLAZES)))])
    speck = 1 + 0.05 * sampled(some_tile(random, 0.9), rows * 300, columns * 300) + 0.05 * np.sin(up * 140)
    lambert = np.clip(-0.72 * x + 0.52 * z, 0, 1)
    spark = np.exp(-(((x + 0.55) / 0.10) ** 2)) * np.exp(-(((up - at) / 0.25) ** 2)) * 0.35
    body = glaze * ((lambert * 1.15 + 0.09) * speck)[..., None] + spark[..., None] * colour(1.0, 0.97, 0.92)
    picture[part] = mixed(picture[part], body, there.astype(np.float32))


def wood_in_mist(random: Random, shape: tuple[int, int], hour: Hour) -> Plane:
    """Stand among tall trunks in mist, with light coming through from behind."""
    height, width = shape
    rows, columns = grid(shape)
    aspect = width / height
    sun = float(random.uniform(0.25, 0.75)) * aspect
    away = np.hypot((rows - 0.28) * 0.8, columns - sun)
    veil = colour(*hour.horizon) * 0.42 + colour(*hour.ambient) * 0.5
    picture = (
        veil * (0.45 + 0.85 * np.exp(-away * 2.2))[..., None]
        + np.exp(-away * 7)[..., None] * colour(*hour.sun) * 0.6
    )
    picture = picture * (1 + 0.10 * noise(random, shape, 2.0))[..., None]
    floor = 0.74
    for depth in np.linspace(1, 0, 7).tolist():
        ground = floor + (1 - depth) * 0.20
        shade = mixed(colour(0.020, 0.018, 0.014), veil * 0.75, np.full(1, depth**0.8 * 0.93, np.float32))
        soil = mixed(colour(0.035, 0.045, 0.012), veil * 0.7, np.full(1, depth * 0.9, np.float32))
        bank = ground + 0.012 * noise(random, (4, width), 1.6, (0.05, 1.0))[0][None, :]
        mossy = soil * (1 + 0.35 * noise(random, shape, 0.9))[..., None]
        picture = mixed(picture, mossy, smooth(-0.004, 0.006, rows - bank))
        for _ in range(int(random.integers(4, 9))):
            picture = _trunk(random, picture, (ground, float(random.random()) * aspect), 1 - depth, shade)
        fog = np.exp(-(((rows - ground) / 0.10) ** 2)) * 0.16 * (0.3 + depth)
        picture = mixed(
            picture,
            np.broadcast_to(veil * 0.9, picture.shape),
            np.broadcast_to(fog, shape).astype(np.float32),
        )
    turn = np.arctan2(rows + 0.25, columns - sun)
    beams = np.clip(
        sampled(some_tile(random, 1.2), turn * 70, np.zeros_like(turn)) * 0.5 + 0.2, 0, 1
    ) * np.exp(-rows * 1.5)
    lit: Plane = picture + beams[..., None] * colour(*hour.sun) * 0.16
    return lit


def _trunk(random: Random, picture: Plane, at: tuple[float, float], close: float, shade: Plane) -> Plane:
    """Stand a trunk at a place; `close` is 0 far away and 1 near by."""
    foot, across = at
    height, width = picture.shape[:2]
    thick = (0.006 + 0.030 * close**1.5) * float(random.uniform(0.6, 1.4))
    lean = float(random.normal(0, 0.03))
    left = max(0, int((across - 2.2 * thick - abs(lean)) * height))
    right = min(width, int((across + 2.2 * thick + abs(lean)) * height) + 2)
    bottom = min(height, int((foot + 0.03) * height))
    if right - left < 2 or bottom < 2:  # noqa: PLR2004 - outside the picture
        return picture
    rows = (np.arange(bottom, dtype=np.float32) / height)[:, None]
    columns = (np.arange(left, right, dtype=np.float32) / height)[None, :]
    wobble = 0.006 * np.sin(rows * 9 + across * 40)
    wide = thick * (0.75 + 0.35 * rows + 0.8 * smooth(foot - 0.05, foot + 0.01, rows) ** 2)
    x = (columns - across - lean * (foot - rows) - wobble) / wide
    there = smooth(1.0, 0.86, np.abs(x)).astype(np.float32) * (rows < foot + 0.012 * (1 - x * x))
    bark = 1 + 0.45 * close * sampled(some_tile(random, 0.9), rows * 240, x * 18 + across * 90)
    round_ = 0.65 + 0.5 * np.clip(1 - np.abs(x - 0.25), 0, 1)
    body = shade * (bark * round_)[..., None]
    picture[:bottom, left:right] = mixed(picture[:bottom, left:right], body, there)
    return picture


def balloons(random: Random, landscape: Plane, hour: Hour) -> Plane:
    """Let hot-air balloons rise over a landscape."""
    aspect = landscape.shape[1] / landscape.shape[0]
    picture = np.ascontiguousarray(landscape)
    for size in np.sort(random.gamma(2.2, 0.022, int(random.integers(3, 8))) + 0.016):
        at = float(random.uniform(0.08, 0.40)), float(random.uniform(0.06, 0.94)) * aspect
        _balloon(random, picture, at, float(size), hour)
    return picture


def _balloon(random: Random, picture: Plane, at: tuple[float, float], size: float, hour: Hour) -> None:
    part, rows, columns = window((picture.shape[0], picture.shape[1]), at, (size * 1.8, size * 1.1))
    if not rows.size or not columns.size:
        return
    x, y = (columns - at[1]) / size, (rows - at[0]) / size
    pinch = np.where(y > 0, 1 - 0.36 * np.clip(y, 0, 1.25) ** 1.5, 1.0)
    inside = (x / pinch) ** 2 + np.clip(y / np.where(y > 0, 1.22, 1.0), -2, 2) ** 2
    z = np.sqrt(np.clip(1 - inside, 0, 1))
    gore = np.arctan2(x / pinch, np.maximum(z, 1e-3)) * 16 / np.pi
    tones = [colour(*PETALS[name][int(random.integers(2))]) for name in random.permutation(list(PETALS))[:3]]
    stripe = smooth(-0.3, 0.3, np.sin(gore * np.pi / float(random.integers(1, 3))))
    cloth = mixed(tones[0], tones[1], stripe)
    cloth = mixed(
        cloth,
        np.broadcast_to(tones[2], cloth.shape),
        np.broadcast_to(smooth(0.22, 0.18, np.abs(y - 0.12)), z.shape),
    )
    seam = 0.86 + 0.14 * np.abs(np.cos(gore * np.pi / 2))
    lit = np.clip(0.45 * z - 0.45 * x - 0.35 * y, 0, 1)
    body = cloth * ((lit * seam)[..., None] * colour(*hour.sun) * 0.9 + colour(*hour.ambient) * 1.1)
    haze = np.full(z.shape, np.clip(0.42 - size * 3.2, 0, 0.4), np.float32)
    body = mixed(body, np.broadcast_to(colour(*hour.horizon) * 0.8, body.shape), haze)
    picture[part] = mixed(picture[part], body, smooth(1.0, 0.97, inside))
    basket = smooth(0.12, 0.10, np.abs(x)) * smooth(0.10, 0.08, np.abs(y - 1.52))
    slack = np.abs(np.abs(x) - 0.12 - 0.22 * (1.45 - y))
    ropes = smooth(0.03, 0.0, slack) * (np.abs(y - 1.3) < 0.15) * 0.5  # noqa: PLR2004 - between cloth and basket
    dark = np.maximum(basket, ropes).astype(np.float32)
    picture[part] = mixed(picture[part], colour(0.05, 0.03, 0.02), dark)


def painted_wall(random: Random, shape: tuple[int, int], tint: str) -> Plane:
    """Look at an old painted wall with a window's shadow across it."""
    rows, columns = grid(shape)
    deep, pale = (colour(*values) for values in PETALS[tint])
    coat = mixed(deep * 0.8, pale, smooth(-2, 2.5, noise(random, shape, 1.7)))
    peeled = smooth(1.1, 1.35, noise(random, shape, 1.5) + 0.35 * noise(random, shape, 0.8))
    plaster = colour(0.55, 0.50, 0.44) * (1 + 0.12 * noise(random, shape, 0.8))[..., None]
    wall = mixed(coat * (1 + 0.06 * noise(random, shape, 0.6))[..., None], plaster, peeled)
    slant = columns * 0.8 + rows * float(random.uniform(0.4, 0.9))
    bars = np.minimum(np.abs(((slant * 2.4) % 1) - 0.5), np.abs(((rows * 1.9 - columns * 0.25) % 1) - 0.5))
    sun = smooth(0.03, 0.06, bars) * smooth(0.15, 0.35, slant) * smooth(1.5, 1.1, slant)
    return wall * (
        blurred(sun.astype(np.float32), 5)[..., None] * colour(1.15, 1.0, 0.78) + colour(0.16, 0.18, 0.24)
    )
