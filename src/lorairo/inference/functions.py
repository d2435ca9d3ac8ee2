"""A plain Python function as an annotator or a scorer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.errors import ArgumentError, ModelError
from lorairo.images import Limits, open_upright
from lorairo.inference.loading import Said
from lorairo.inference.specs import Kind, ModelSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image

PROVIDER = "function"
Function = Callable[["Image.Image"], Any]


def spec_of(name: str, kind: Kind) -> ModelSpec:
    """Return the row of a function.

    Raises
    ------
    ArgumentError
        When the name is empty.
    """
    if not isinstance(name, str) or not name.strip():
        raise ArgumentError(f"a function is given under the name of what it gives, not under {name!r}")
    return ModelSpec(name=name, provider=PROVIDER, backend="function", kind=kind, scores=[name])


class _Calling:
    """Calls a function on pictures, one after the other."""

    batch = 16
    notice: str | None = None

    def __init__(self, name: str, function: Function, version: str, limits: Limits) -> None:
        if not callable(function):
            raise ArgumentError(f"{name} is to be a function of a picture, not {type(function).__name__}")
        self.revision = version
        self._name = name
        self._function = function
        self._limits = limits
        self._turn = threading.Lock()  # nobody promised that it may be called twice at once

    def prepare(self, image: bytes) -> Image.Image:
        """Open a picture, upright and sRGB."""
        return open_upright(image, self._limits)

    def _call(self, picture: Image.Image) -> Any:
        with self._turn:
            return self._function(picture)


class FunctionScorer(_Calling):
    """A function that returns a number."""

    @property
    def names(self) -> list[str]:
        """What the number is called."""
        return [self._name]

    def infer(self, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
        """Return float32[pictures, 1]."""
        return np.array([[float(self._call(picture))] for picture in pictures], np.float32)


class FunctionAnnotator(_Calling):
    """A function that returns a caption, a list of tags, or a mapping of tags to scores."""

    def infer(self, pictures: Sequence[Image.Image]) -> list[Said]:
        """Return what it says of each picture."""
        return [self._said(self._call(picture)) for picture in pictures]

    def _said(self, answer: Any) -> Said:
        if isinstance(answer, Said):
            return answer
        if isinstance(answer, str):
            return Said(caption=answer)
        if isinstance(answer, Mapping) and all(isinstance(score, Real) for score in answer.values()):
            return Said(tags={str(tag): float(score) for tag, score in answer.items()})
        if isinstance(answer, Sequence | set | frozenset) and all(isinstance(tag, str) for tag in answer):
            return Said(tags=dict.fromkeys(answer, 1.0))
        raise ModelError(
            f"{self._name} returned {type(answer).__name__}: return a caption, a list of tags, "
            "or a mapping of tags to scores from 0 to 1"
        )
