"""Far scenes: mountains, dunes, hills, lakes, fields, seas, shores from above."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lorairo.demo.light import TILE, colour, grid, laid_out, mixed, noise, sampled, smooth, some_tile
from lorairo.demo.sky import sky

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lorairo.demo.light import Hour, Plane, Random


@dataclass(frozen=True)
class Ground:
    """What a landscape is made of.

    Attributes
    ----------
    low, high, steep
        Colours of valleys, of heights and of steep slopes.
    snow
        Height above which it is white; above 3 there is none.
    relief
        Height of the mountains.
    ridged
        Share of sharp ridges in their form.
    roughness
        Of the noise the form is made of.
    water
        Height of the water, in deviations of the land; below -3 there is none.
    near
        Share of the relief that stands close to the viewer.
    ripples
        Strength of the ripples wind makes in sand.
    """

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    steep: tuple[float, float, float]
    snow: float
    relief: float
    ridged: float
    roughness: float
    water: float
    near: float
    ripples: float


ALPS = Ground((0.06, 0.10, 0.03), (0.14, 0.13, 0.10), (0.16, 0.15, 0.14), 0.55, 1.0, 0.6, 2.25, -1.1, 0.2, 0)
LAKE = Ground((0.05, 0.09, 0.03), (0.10, 0.12, 0.06), (0.14, 0.13, 0.11), 1.0, 0.8, 0.5, 2.25, 0.3, 0.2, 0)
DUNES = Ground((0.50, 0.29, 0.13), (0.66, 0.41, 0.19), (0.44, 0.24, 0.10), 9, 0.5, 0.9, 2.9, -9, 0.9, 1)
HILLS = Ground((0.09, 0.17, 0.03), (0.22, 0.24, 0.05), (0.13, 0.15, 0.05), 9, 0.6, 0.0, 2.5, -9, 0.8, 0)
COAST = Ground((0.08, 0.13, 0.04), (0.17, 0.18, 0.08), (0.24, 0.21, 0.17), 9, 0.5, 0.4, 2.1, 0.3, 0.25, 0)
ARCTIC = Ground((0.42, 0.48, 0.56), (0.60, 0.64, 0.69), (0.16, 0.17, 0.20), -0.7, 0.9, 0.6, 2.3, -0.7, 0.2, 0)
CANYON = Ground((0.30, 0.13, 0.05), (0.45, 0.21, 0.09), (0.34, 0.11, 0.05), 9, 0.8, 0.7, 2.2, -1.4, 0.3, 0)


def landscape(random: Random, shape: tuple[int, int], ground: Ground, hour: Hour) -> Plane:
    """See a country from a hill: a height field cast column by column, near to far, with haze and water.

    Each distance gives one profile; a pixel belongs to the nearest distance whose profile reaches it.
    """
    height, width = shape
    horizon = float(random.uniform(0.36, 0.52))
    sun = float(random.uniform(0.12, 0.88))
    air = sky(random, shape, horizon, hour, sun)
    survey = _survey(random, width, ground)
    land, distance = survey.land, survey.distance
    stand = float(random.uniform(0.5, 0.8)) + max(0.0, float(land[:30].max()) * 0.9)
    water = ground.water * ground.relief * 0.35
    surface = np.maximum(land, water)
    profile = (horizon + (stand - surface) * 0.62 / distance[:, None]) * height
    index = _first_to_reach(profile, height)
    paint = _painted(survey, ground, hour, sun, water)
    clear = 11 if hour.name in ("dawn", "overcast", "dusk") else 19
    haze = np.clip(1 - np.exp(-distance / clear), 0, 0.9)
    far = mixed(colour(*hour.horizon), colour(*hour.zenith), np.full(1, 0.35, np.float32)) * 0.75
    paint = mixed(paint, np.broadcast_to(far, paint.shape), np.broadcast_to(haze[:, None], land.shape))
    reached = index < len(distance)
    place = np.minimum(index, len(distance) - 1)
    columns = np.arange(width)[None, :]
    picture = np.where(reached[..., None], paint[place, columns], air)
    wet = reached & (land < water)[place, columns]
    if wet.any():
        picture = _water(random, picture, wet, horizon, hour)
    return picture


@dataclass(frozen=True)
class _Survey:
    """Land by distance (rows) and direction (columns): its height, slopes ahead and aside, detail."""

    distance: Plane
    land: Plane
    ahead: Plane
    aside: Plane
    grit: Plane


def _survey(random: Random, width: int, ground: Ground) -> _Survey:
    """Measure the land along a fan of rays from where the viewer stands."""
    rolling, ridge = some_tile(random, ground.roughness), some_tile(random, ground.roughness)
    ridged = 1.2 - 2.2 * np.abs(ridge) ** 0.8
    form = rolling * (1 - ground.ridged) + (ridged + 0.35 * rolling) * ground.ridged
    form = (form - form.mean()) / form.std()
    detail = some_tile(random, 1.1)
    distance = np.geomspace(0.55, 34, 420).astype(np.float32)
    across = np.linspace(-0.62, 0.62, width, dtype=np.float32)[None, :] * distance[:, None]
    spread = TILE / 22
    rows, columns = np.broadcast_to(distance[:, None] * spread, across.shape), across * spread + TILE / 2
    rise = np.clip((distance / 5.5) ** 1.25, ground.near, 3.6)[
        :, None
    ]  # low ground near by, mountains beyond
    coarse, fine = sampled(detail, rows * 4, columns * 4), sampled(detail, rows * 37, columns * 37)
    close = np.clip(1.5 - distance / 5, 0.12, 1)[:, None]
    grit = 0.6 * coarse + close * fine
    land = sampled(form, rows, columns) * ground.relief * rise
    if not ground.ripples:
        land = land + (coarse * 0.05 * np.sqrt(rise) + fine * 0.004) * ground.relief
    # Slopes from a short way ahead and aside, in the form itself: differences between rays alias far out.
    steeper = ground.relief * np.sqrt(rise) * 3.0
    ahead = (sampled(form, rows + 1, columns) - sampled(form, rows - 1, columns)) * steeper
    aside = (sampled(form, rows, columns + 1) - sampled(form, rows, columns - 1)) * steeper
    if ground.ripples:
        waves = np.sin((rows + 0.4 * columns) * 3.2 + coarse * 1.6 + sampled(form, rows * 2, columns * 2) * 5)
        aside = aside + waves * ground.ripples * 0.22 * close
        grit = 0.12 * grit + 0.05 * waves * close
    else:
        aside, ahead = aside + 0.22 * coarse + 0.35 * close * fine, ahead + 0.22 * np.roll(coarse, 3, axis=1)
    return _Survey(distance, land, ahead, aside, grit)


def _first_to_reach(profile: Plane, height: int) -> NDArray[np.int64]:
    """For each pixel the number of the nearest profile that reaches up to it; their count where none does."""
    highest = np.minimum.accumulate(profile, axis=0)
    steps, width = profile.shape
    bins = np.clip(np.ceil(highest), 0, height).astype(np.int64)  # rows below this one are covered
    counted = np.bincount((bins * width + np.arange(width)).ravel(), minlength=(height + 1) * width)
    # A pixel in row y is reached by profiles whose bin is at most y: the nearest is where counting ends.
    covering = np.cumsum(counted.reshape(height + 1, width), axis=0)[:height]
    first: NDArray[np.int64] = steps - covering
    return first


def _painted(survey: _Survey, ground: Ground, hour: Hour, sun: float, water: float) -> Plane:
    """Colour the land by height and slope, and light it."""
    land, ahead, aside = survey.land, survey.ahead, survey.aside
    steepness = np.hypot(ahead, aside)
    level = land / ground.relief
    base = mixed(colour(*ground.low), colour(*ground.high), smooth(-0.6, 1.4, level + 0.3 * survey.grit))
    base = mixed(base, np.broadcast_to(colour(*ground.steep), base.shape), smooth(0.5, 1.2, steepness))
    base = base * np.clip(1 + 0.24 * survey.grit, 0.3, 1.8)[..., None]
    white = smooth(ground.snow - 0.3, ground.snow + 0.3, level - 0.5 * steepness + 0.2 * survey.grit + 0.3)
    base = mixed(base, np.broadcast_to(colour(0.80, 0.85, 0.93), base.shape), white)
    toward = (sun - 0.5) * 1.6 + (0.5 if sun > 0.5 else -0.5)  # noqa: PLR2004 - the middle
    length = np.sqrt(1 + ahead**2 + aside**2)
    lit = np.clip((0.22 + hour.elevation - aside * toward + ahead * 0.35) / length, 0, 1.25)
    shore = smooth(water, water + 0.06, land)[..., None] * 0.4 + 0.6
    result: Plane = base * (lit[..., None] * colour(*hour.sun) + colour(*hour.ambient)) * shore
    return result


def _water(random: Random, picture: Plane, wet: NDArray[np.bool_], horizon: float, hour: Hour) -> Plane:
    """Mirror what is above in the water, broken by ripples that grow towards the viewer."""
    height, width = wet.shape
    shoreline = np.where(wet.any(axis=0), wet.argmax(axis=0), height)
    first = int(np.median(shoreline[shoreline < height]))
    rows = np.arange(height)[:, None]
    near = np.clip((rows - horizon * height) / height, 0, 1)
    depth = max(8, height - int(horizon * height))
    ripple = np.zeros(wet.shape, dtype=np.float32)
    ripple[height - depth :] = laid_out(some_tile(random, 1.3), (depth, width), 0.12, 3.0, 1.2)
    shift = ripple * near * height * 0.045
    mirrored = np.clip(2 * first - rows + shift, 0, height - 1).astype(np.int64)
    across = np.clip(np.arange(width)[None, :] + ripple * near * 14, 0, width - 1).astype(np.int64)
    image = picture[mirrored, across]
    deep = colour(0.02, 0.06, 0.07) + colour(*hour.ambient) * 0.25
    clear = np.clip(0.82 - near * 0.75 + 0.05 * ripple, 0.2, 0.9).astype(np.float32)
    surface = mixed(np.broadcast_to(deep, image.shape), image * 0.92, np.broadcast_to(clear, wet.shape))
    return np.where(wet[..., None], surface, picture)


def sea(random: Random, shape: tuple[int, int], hour: Hour) -> Plane:
    """Look over open water, with the path of the sun on it, and perhaps wet sand in front."""
    height, width = shape
    horizon = float(random.uniform(0.34, 0.58))
    sun = float(random.uniform(0.25, 0.75))
    picture = sky(random, shape, horizon, hour, sun)
    start = int(horizon * height)
    depth = height - start
    swell = laid_out(some_tile(random, 1.6), (depth, width), 0.06, 2.4, 0.55)
    chop = laid_out(some_tile(random, 0.9), (depth, width), 0.10, 4.0, 1.2)
    tilt = swell * 0.6 + chop * 0.5
    rows = np.linspace(0, 1, depth, dtype=np.float32)[:, None]
    mirrored = np.clip(
        start - 1 - (rows * 0.7 + np.abs(tilt) * 0.10 * (0.3 + rows)) * start, 0, max(0, start - 1)
    )
    reflection = picture[mirrored.astype(np.int64), np.arange(width)[None, :]]
    body = mixed(colour(0.03, 0.10, 0.14), colour(0.06, 0.22, 0.24), smooth(-1, 2, tilt)) * (
        0.35 + hour.sun[1] * 0.55
    )
    grazing = np.clip(0.85 - rows * 0.62 - 0.16 * tilt, 0.1, 0.95)
    water = mixed(body, reflection, grazing)
    columns = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    path = np.exp(-(((columns - sun) / (0.05 + 0.16 * rows)) ** 2)) * smooth(0.5, 1.7, tilt + 0.5)
    water = water + path[..., None] * colour(*hour.sun) * 1.3 * (1 - hour.elevation)
    foam = smooth(1.7, 2.4, swell + 0.5 * chop) * smooth(0.08, 0.5, np.broadcast_to(rows, swell.shape))
    water = mixed(
        water, np.broadcast_to(colour(*hour.ambient) + colour(*hour.sun) * 0.5, water.shape), foam * 0.8
    )
    haze = np.exp(-rows * 9) * 0.55
    water = mixed(
        water, np.broadcast_to(colour(*hour.horizon) * 0.85, water.shape), np.broadcast_to(haze, swell.shape)
    )
    picture = picture.copy()
    picture[start:] = water
    return picture


def shore_from_above(random: Random, shape: tuple[int, int], hour: Hour) -> Plane:
    """Look straight down on a beach: deep water, shallows, lines of foam, wet and dry sand."""
    rows, columns = grid(shape)
    angle = float(random.uniform(-0.6, 0.6))
    wander = noise(random, shape, 2.0, (2.4, 2.4)) * 0.035 + noise(random, shape, 1.5, (1.2, 1.2)) * 0.010
    line = float(random.uniform(0.42, 0.66))
    away = rows + (columns - 0.7) * angle - line + wander  # below 0 is the sea
    fine = noise(random, shape, 0.7)
    deep = mixed(colour(0.004, 0.10, 0.19), colour(0.03, 0.42, 0.44), smooth(-0.55, -0.04, away))
    caustics = np.abs(noise(random, shape, 1.4, (0.5, 0.5)))
    deep = (
        deep
        * (1 + 0.20 * noise(random, shape, 1.6, (1.2, 1.2)) * smooth(-0.1, -0.4, away) - 0.12 * caustics)[
            ..., None
        ]
    )
    sand = mixed(colour(0.40, 0.29, 0.19), colour(0.78, 0.65, 0.47), smooth(0.03, 0.13, away))
    sand = sand * (1 + 0.05 * fine + 0.03 * noise(random, shape, 1.6))[..., None]
    picture = mixed(deep, sand, smooth(-0.045, 0.01, away))
    lace = noise(random, shape, 1.2, (0.6, 0.6))
    foam = np.zeros(shape, dtype=np.float32)
    for number in range(int(random.integers(2, 5))):
        at = -0.012 - number * float(random.uniform(0.07, 0.13))
        width = 0.014 + number * 0.006
        crest = away - at + noise(random, shape, 1.9, (1.5, 1.5)) * 0.014
        foam = np.maximum(
            foam,
            smooth(width, 0, np.abs(crest)) * smooth(-0.7, 0.9 + 0.3 * number, lace + 0.6 - 0.2 * number),
        )
        trail = smooth(0.09, 0.0, -crest) * smooth(0, -0.006, crest) * smooth(0.2, 1.4, lace)
        foam = np.maximum(foam, trail * 0.7)
    picture = mixed(picture, np.broadcast_to(colour(0.95, 0.97, 0.97), picture.shape), foam)
    return picture * (colour(*hour.ambient) + colour(*hour.sun) * 0.62)


def field(random: Random, shape: tuple[int, int], hour: Hour, crop: str) -> Plane:
    """Look along the rows of a field: lavender, wheat, tulips or meadow, under a large sky."""
    height, width = shape
    horizon = float(random.uniform(0.34, 0.5))
    sun = float(random.uniform(0.15, 0.85))
    picture = sky(random, shape, horizon, hour, sun).copy()
    picture = _tree_line(random, picture, horizon, hour)
    start = int(horizon * height)
    depth = height - start
    rows = np.linspace(0, 1, depth, dtype=np.float32)[:, None]
    distance = 1 / np.linspace(1 / 9, 1 / 0.30, depth, dtype=np.float32)[:, None]
    columns = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, :] * (width / height)
    vanish = float(random.uniform(-0.35, 0.35))
    along = (columns - vanish * (1 - rows)) * distance * float(random.uniform(3.2, 5.0))
    tuft = laid_out(some_tile(random, 0.8), (depth, width), 0.10, 3.0, 2.2)
    patches = laid_out(some_tile(random, 1.8), (depth, width), 0.10, 3.0, 0.7)
    wave = np.cos((along + 0.05 * tuft) * 2 * np.pi)
    palettes = {
        "lavender": ((0.30, 0.16, 0.52), (0.44, 0.28, 0.68), (0.16, 0.20, 0.09), 0.25),
        "wheat": ((0.46, 0.28, 0.06), (0.66, 0.44, 0.12), (0.24, 0.14, 0.04), 0.75),
        "tulips": ((0.72, 0.05, 0.10), (0.85, 0.20, 0.16), (0.08, 0.20, 0.05), 0.2),
        "canola": ((0.78, 0.62, 0.03), (0.90, 0.76, 0.08), (0.14, 0.24, 0.05), 0.55),
        "meadow": ((0.14, 0.28, 0.05), (0.28, 0.40, 0.10), (0.09, 0.18, 0.04), 1.2),
    }
    first, second, soil, closed = palettes[crop]
    plants = mixed(colour(*first), colour(*second), smooth(-1.2, 1.2, tuft + 0.5 * patches))
    share = smooth(-0.25 - closed, 0.55 - closed, wave + 0.22 * tuft)
    # Far away the rows run into one another.
    share = share + (0.82 - share) * np.clip((distance - 2.5) / 4, 0, 1)
    land = mixed(np.broadcast_to(colour(*soil), plants.shape), plants, share)
    land = (
        land
        * (1 + 0.26 * np.clip(tuft, -1.6, 2.2) * np.clip(1.2 - distance / 7, 0.2, 1) + 0.10 * patches)[
            ..., None
        ]
    )
    if crop == "meadow":
        land = _blossoms(random, land, distance)
    side = 1 + 0.28 * (wave * share - 0.4)
    light = colour(*hour.sun) * (0.36 + 0.6 * hour.elevation + 0.12 * side[..., None]) + colour(*hour.ambient)
    land = land * light * side[..., None]
    haze = np.clip(1 - np.exp(-distance / 13), 0, 0.8)
    land = mixed(
        land, np.broadcast_to(colour(*hour.horizon) * 0.8, land.shape), np.broadcast_to(haze, tuft.shape)
    )
    picture[start:] = land
    return picture


def _tree_line(random: Random, picture: Plane, horizon: float, hour: Hour) -> Plane:
    """Put a far wood, and hills behind it, on the horizon."""
    height, width = picture.shape[:2]
    rows = np.arange(height, dtype=np.float32)[:, None] / height
    for far in (1.0, 0.45):
        roughness = 2.0 if far == 1.0 else 1.25
        crest = noise(random, (4, width), roughness, (0.05, 1.4 if far == 1.0 else 0.9))[0] * 0.018
        top = horizon - (0.055 * far + 0.012) + crest[None, :]
        there = smooth(0.002, -0.002, top - rows) * (rows < horizon + 0.01)
        tone = colour(0.07, 0.10, 0.06) * (colour(*hour.ambient) * 1.6 + colour(*hour.sun) * 0.25)
        tone = mixed(tone, colour(*hour.horizon) * 0.62, np.full(1, 0.30 + 0.45 * far, np.float32))
        picture = mixed(picture, np.broadcast_to(tone, picture.shape), there.astype(np.float32))
    return picture


def _blossoms(random: Random, land: Plane, distance: Plane) -> Plane:
    """Strew flowers over a meadow, larger when near."""
    depth, width = land.shape[:2]
    tones = [(0.85, 0.04, 0.03), (0.92, 0.75, 0.08), (0.92, 0.90, 0.92), (0.35, 0.22, 0.75)]
    chosen = [tones[k] for k in random.choice(len(tones), 2, replace=False)]
    for tone in chosen:
        spots = laid_out(some_tile(random, 0.55), (depth, width), 0.16, 3.2, 2.6)
        gather = laid_out(some_tile(random, 1.8), (depth, width), 0.10, 3.0, 0.8)
        there = smooth(1.15, 1.7, spots + 0.45 * gather) * np.clip(1.25 - distance / 9, 0.25, 1)
        land = mixed(land, np.broadcast_to(colour(*tone), land.shape), there)
    return land
