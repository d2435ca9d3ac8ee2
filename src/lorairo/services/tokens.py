"""How many tokens a question is about: its picture at the size that is sent, its words, its answer's shape.

Services count for themselves and tell after each answer; `lorairo.services.quote` takes what they told here
over these formulas as soon as there is enough of it.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.captions.estimate import estimate
from lorairo.services.calls import Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from lorairo.services.asking import Service

    Sides = NDArray[np.float64]
    Formula = Callable[[Sides, Sides, Service], NDArray[np.float64]]

FRAME = 30
"""Tokens around a question that it does not show: roles, marks of the turn."""

MARGIN = 1.5
"""Words may be so many times the tokens they seem to be: no two services cut them alike."""

_LOW = 512  # px: what OpenAI looks at where detail is low
_PATCH, _PATCHES = 32, 1536
_TILE, _BASE, _EACH, _FIT, _SHORT = 512, 85, 170, 2048, 768
_SQUARE = 28
_CROP, _SMALL, _LARGEST, _LEAST = 258, 384, 768, 256
_FIXED = 1120


def sent(
    widths: NDArray[np.int64], heights: NDArray[np.int64], long_edge: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the sides of pictures as they are sent: their longer one at most `long_edge`."""
    scale = np.minimum(1.0, long_edge / np.maximum(widths, heights))
    return (
        np.maximum(1, np.rint(widths * scale)).astype(np.int64),
        np.maximum(1, np.rint(heights * scale)).astype(np.int64),
    )


def of_pictures(widths: NDArray[np.int64], heights: NDArray[np.int64], service: Service) -> NDArray[np.int64]:
    """Return the tokens of pictures.

    Parameters
    ----------
    widths, heights
        As they are here, pixels; they are shrunk as a run shrinks them.
    service
        Its `vision` says how a picture is counted, `vision_factor` what a token of it counts on the bill.
    """
    wide, high = (side.astype(np.float64) for side in sent(widths, heights, service.long_edge))
    return np.ceil(_FORMULAS[service.vision](wide, high, service) * service.vision_factor).astype(np.int64)


def most(service: Service, width: int, height: int, words: int) -> Usage:
    """Return what one question takes at most.

    Parameters
    ----------
    width, height
        Of the picture, pixels.
    words
        Tokens of all that is no picture, as `of_text` and `of_schema` count them.
    """
    closely = service.model_copy(update={"detail": None})  # not every model heeds it
    picture = int(of_pictures(np.array([width]), np.array([height]), closely)[0])
    read = picture + math.ceil(MARGIN * (words + FRAME))
    return Usage(input=read, output=service.max_tokens, kept=read)


def of_text(text: str) -> int:
    """Return about how many tokens words are; services with other vocabularies differ by a third or so."""
    return estimate(text, "gemma")


def of_schema(schema: Mapping[str, Any] | None) -> int:
    """Return about how many tokens the shape of an answer is: it is sent with every question."""
    return 0 if schema is None else of_text(json.dumps(schema))


def _tiles(wide: Sides, high: Sides, service: Service) -> NDArray[np.float64]:
    """Count as OpenAI's gpt-4o and gpt-4.1: 85 tokens, and 170 for each square of 512 px.

    The picture is shrunk into 2048 by 2048, then until its shorter side has 768 px. With low detail only the
    85 are counted. From "Images and vision" in OpenAI's guides, "Calculating costs"; gpt-5 counts 70 and 140,
    which is a factor of 0.8236.
    """
    if service.detail == "low":
        return np.full(wide.shape, float(_BASE))
    wide, high = _within(wide, high, _FIT)
    scale = np.minimum(1.0, _SHORT / np.minimum(wide, high))
    return _BASE + _EACH * _grid(wide * scale, high * scale, _TILE)


def _patches(wide: Sides, high: Sides, service: Service) -> NDArray[np.float64]:
    """Count as OpenAI's newer models: patches of 32 px, at most `vision_most` of them.

    A picture with more is shrunk until a whole number of patches fits. From "Images and vision" in OpenAI's
    guides, with the factors 1.62 of mini and 2.46 of nano models; 1.2 of the GPT-6 models, and their 2,500
    patches, were measured by others on pictures of ten sizes.
    """
    if service.detail == "low":
        wide, high = _within(wide, high, _LOW)
    most = service.vision_most or _PATCHES
    count = _grid(wide, high, _PATCH)
    shrink = np.sqrt(_PATCH**2 * most / (wide * high))
    across, down = wide * shrink / _PATCH, high * shrink / _PATCH
    shrink = shrink * np.minimum(np.floor(across) / across, np.floor(down) / down)
    fitted = np.minimum(most, _grid(wide * shrink, high * shrink, _PATCH))
    return np.where(count > most, fitted, count)


def _squares(wide: Sides, high: Sides, service: Service) -> NDArray[np.float64]:
    """Count as Anthropic: squares of 28 px, at most `vision_most` of them.

    From "Vision" in Anthropic's documentation: ceil(width / 28) times ceil(height / 28), after the picture
    was shrunk to the 1,568 tokens of older models; newer ones take larger pictures, of which about 4,000
    tokens were measured. Qwen-VL, which servers at home often run, counts squares of the same size.
    """
    return np.minimum(service.vision_most or np.inf, _grid(wide, high, _SQUARE))


def _crops(wide: Sides, high: Sides, _service: Service) -> NDArray[np.float64]:
    """Count as Gemini 2: 258 tokens for each crop, and for a picture of at most 384 px one of them.

    A crop's side is two thirds of the picture's shorter side, from 256 to 768 px. From "Image understanding"
    in Google's documentation of the Gemini API.
    """
    side = np.clip(np.floor(np.minimum(wide, high) / 1.5), _LEAST, _LARGEST)
    small = np.maximum(wide, high) <= _SMALL
    return _CROP * np.where(small, 1.0, _grid(wide, high, side))


def _fixed(wide: Sides, _high: Sides, service: Service) -> NDArray[np.float64]:
    """Count as Gemini 3: about 1,120 tokens whatever the size.

    From "Media resolution" in Google's documentation of the Gemini API, at the resolution that is used where
    none is named.
    """
    return np.full(wide.shape, float(service.vision_most or _FIXED))


_FORMULAS: dict[str, Formula] = {
    "tiles": _tiles,
    "patches": _patches,
    "squares28": _squares,
    "tiles768": _crops,
    "fixed": _fixed,
    "unknown": _squares,
}


def _grid(wide: Sides, high: Sides, side: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """Count the squares that cover a picture; what rounding adds to a side makes no square more."""
    return np.asarray(np.ceil(wide / side - 1e-9) * np.ceil(high / side - 1e-9), dtype=np.float64)


def _within(wide: Sides, high: Sides, side: int) -> tuple[Sides, Sides]:
    scale = np.minimum(1.0, side / np.maximum(wide, high))
    return wide * scale, high * scale
