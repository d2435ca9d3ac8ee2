"""The motifs of the demo: what each shows, in tags and in a sentence, and how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lorairo.demo import flowers, land, near, night
from lorairo.demo.light import HOURS, Hour

if TYPE_CHECKING:
    from collections.abc import Callable

    from lorairo.demo.light import Plane, Random

_HOUR = {hour.name: hour for hour in HOURS}
_ANY_DAY = ("dawn", "morning", "noon", "golden", "sunset", "overcast")

HOUR_TAGS = {
    "dawn": ("sunrise",),
    "morning": ("day",),
    "noon": ("day",),
    "golden": ("golden_hour",),
    "sunset": ("sunset",),
    "dusk": ("dusk",),
    "overcast": ("overcast",),
    "moonlight": ("night",),
}
HOUR_WORDS = {
    "dawn": "at dawn",
    "morning": "on a clear morning",
    "noon": "at noon",
    "golden": "in the golden light of a late afternoon",
    "sunset": "at sunset",
    "dusk": "at dusk",
    "overcast": "under a grey sky",
    "moonlight": "by moonlight",
}


@dataclass(frozen=True)
class Scene:
    """A motif.

    Attributes
    ----------
    folder
        Where its pictures lie.
    tags
        True of every picture of it.
    sentence
        What it shows, with a place for the hour.
    hours
        Times of day it is drawn at.
    draw
        Makes light for a shape.
    weight
        How often it comes.
    """

    folder: str
    tags: tuple[str, ...]
    sentence: str
    hours: tuple[str, ...]
    draw: Callable[[Random, tuple[int, int], Hour], Plane]
    weight: float = 1.0

    def all_tags(self, hour: str) -> list[str]:
        """Return the tags of a picture at an hour."""
        return [*self.tags, *(HOUR_TAGS[hour] if len(self.hours) > 1 else ())]

    def words(self, hour: str) -> str:
        """Return the sentence of a picture at an hour."""
        return self.sentence.format(hour=HOUR_WORDS[hour])


def _landscape(ground: land.Ground) -> Callable[[Random, tuple[int, int], Hour], Plane]:
    return lambda random, shape, hour: land.landscape(random, shape, ground, hour)


def _field(crop: str) -> Callable[[Random, tuple[int, int], Hour], Plane]:
    return lambda random, shape, hour: land.field(random, shape, hour, crop)


def _flowers(tint: str) -> Callable[[Random, tuple[int, int], Hour], Plane]:
    return lambda random, shape, _hour: flowers.flowers(random, shape, tint)


def _wall(tint: str) -> Callable[[Random, tuple[int, int], Hour], Plane]:
    return lambda random, shape, _hour: near.painted_wall(random, shape, tint)


def _balloons(random: Random, shape: tuple[int, int], hour: Hour) -> Plane:
    ground = (land.CANYON, land.HILLS, land.DUNES)[int(random.integers(3))]
    return near.balloons(random, land.landscape(random, shape, ground, hour), hour)


def _northern_lights(random: Random, shape: tuple[int, int], hour: Hour) -> Plane:
    ground = (land.ARCTIC, land.ALPS)[int(random.integers(2))]
    return night.northern_lights(random, shape, land.landscape(random, shape, ground, hour))


_OUT = ("scenery", "outdoors", "no_humans")
_NEAR = ("no_humans",)

SCENES: dict[str, Scene] = {
    "alps": Scene(
        "mountains",
        (*_OUT, "mountain", "snow", "sky"),
        "Snow-covered mountains above green slopes, {hour}.",
        ("dawn", "morning", "noon", "golden", "overcast"),
        _landscape(land.ALPS),
    ),
    "lake": Scene(
        "mountains",
        (*_OUT, "mountain", "lake", "reflection"),
        "A mountain lake that mirrors the sky, {hour}.",
        (*_ANY_DAY, "moonlight"),
        _landscape(land.LAKE),
        1.3,
    ),
    "arctic": Scene(
        "mountains",
        (*_OUT, "mountain", "snow", "winter"),
        "A frozen country of snow and rock, {hour}.",
        ("dawn", "golden", "sunset", "dusk"),
        _landscape(land.ARCTIC),
        0.7,
    ),
    "dunes": Scene(
        "desert",
        (*_OUT, "desert", "sand"),
        "Wind-rippled dunes, {hour}.",
        ("dawn", "morning", "golden", "sunset"),
        _landscape(land.DUNES),
    ),
    "canyon": Scene(
        "desert",
        (*_OUT, "desert", "cliff", "mountain"),
        "Red rock and dry hills, {hour}.",
        ("dawn", "morning", "golden", "sunset"),
        _landscape(land.CANYON),
    ),
    "balloons": Scene(
        "desert",
        (*_OUT, "hot_air_balloon", "sky"),
        "Hot-air balloons drifting over open country, {hour}.",
        ("dawn", "morning", "golden"),
        _balloons,
        1.2,
    ),
    "hills": Scene(
        "fields",
        (*_OUT, "hill", "grass", "sky"),
        "Rolling green hills, {hour}.",
        ("morning", "noon", "golden", "overcast"),
        _landscape(land.HILLS),
        0.7,
    ),
    "lavender": Scene(
        "fields",
        (*_OUT, "field", "lavender", "purple_flower"),
        "Rows of lavender that run to the horizon, {hour}.",
        ("dawn", "morning", "golden", "sunset"),
        _field("lavender"),
    ),
    "wheat": Scene(
        "fields", (*_OUT, "field", "wheat"), "A field of ripe wheat, {hour}.", _ANY_DAY, _field("wheat"), 0.7
    ),
    "tulips": Scene(
        "fields",
        (*_OUT, "field", "tulip", "red_flower"),
        "Rows of red tulips, {hour}.",
        ("morning", "noon", "golden"),
        _field("tulips"),
    ),
    "canola": Scene(
        "fields",
        (*_OUT, "field", "yellow_flower"),
        "A field of canola in bloom, {hour}.",
        ("morning", "noon", "overcast"),
        _field("canola"),
        0.7,
    ),
    "meadow": Scene(
        "fields",
        (*_OUT, "field", "grass", "flower"),
        "A meadow full of flowers, {hour}.",
        ("morning", "noon", "golden"),
        _field("meadow"),
    ),
    "sea": Scene(
        "sea",
        (*_OUT, "ocean", "water", "horizon", "sky"),
        "The open sea, {hour}.",
        ("dawn", "noon", "golden", "sunset", "dusk", "overcast", "moonlight"),
        land.sea,
        1.6,
    ),
    "coast": Scene(
        "sea",
        (*_OUT, "water", "shore", "mountain"),
        "A quiet bay between dark hills, {hour}.",
        ("dawn", "golden", "sunset", "dusk"),
        _landscape(land.COAST),
        1.2,
    ),
    "beach": Scene(
        "sea",
        ("scenery", "beach", "ocean", "waves", "sand", "from_above"),
        "A beach from above: turquoise water, white foam, pale sand.",
        ("noon", "golden", "morning"),
        land.shore_from_above,
        1.6,
    ),
    "town": Scene(
        "city",
        (*_OUT, "city", "skyline", "building", "reflection", "city_lights"),
        "The lights of a town mirrored in still water, {hour}.",
        ("dusk", "moonlight"),
        lambda random, shape, hour: night.town(random, shape, hour.name),
        1.6,
    ),
    "lights": Scene(
        "city",
        ("bokeh", "blurry", "night", "city_lights", "no_humans"),
        "Street lights out of focus.",
        ("moonlight",),
        lambda random, shape, _hour: night.lights_out_of_focus(random, shape),
        1.2,
    ),
    "rain": Scene(
        "city",
        ("bokeh", "night", "rain", "water_drop", "window", "no_humans"),
        "City lights through a window wet with rain.",
        ("moonlight",),
        lambda random, shape, _hour: night.lights_out_of_focus(random, shape, rain=True),
        1.2,
    ),
    "aurora": Scene(
        "mountains",
        (*_OUT, "aurora", "night", "star_(sky)", "snow"),
        "Northern lights over a snowy plain.",
        ("moonlight",),
        _northern_lights,
    ),
    "wood": Scene(
        "wood",
        (*_OUT, "forest", "tree", "fog"),
        "Tall trunks in the mist, {hour}.",
        ("dawn", "morning", "golden", "overcast"),
        near.wood_in_mist,
        1.6,
    ),
    "still_life": Scene(
        "still_life",
        (*_NEAR, "still_life", "fruit", "table", "indoors"),
        "Fruit on a table, lit from a window on the left.",
        ("morning",),
        lambda random, shape, _hour: near.still_life(random, shape),
        2.4,
    ),
    **{
        f"flower_{tint}": Scene(
            "flowers",
            (*_NEAR, "flower", f"{tint}_flower", "close-up", "depth_of_field", "blurry_background"),
            f"A {tint} flower before a soft green background.",
            ("morning",),
            _flowers(tint),
            0.75,
        )
        for tint in flowers.PETALS
    },
    **{
        f"wall_{tint}": Scene(
            "walls",
            (*_NEAR, "wall", "shadow", f"{tint}_background", "window_shadow"),
            f"The shadow of a window on an old {tint} wall.",
            ("morning",),
            _wall(tint),
            0.25,
        )
        for tint in ("blue", "yellow", "red", "pink")
    },
}


def hour_of(scene: Scene, random: Random) -> Hour:
    """Choose an hour for a picture of a motif."""
    return _HOUR[str(random.choice(list(scene.hours)))]
