"""What runs a model: the contract of our own taggers and of plug-ins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from lorairo.annotators.registry import plugins
from lorairo.annotators.wd import WDTagger
from lorairo.annotators.weights import fetch
from lorairo.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from lorairo.annotators.labels import Labels
    from lorairo.annotators.specs import ModelSpec


class Tagger(Protocol):
    """A loaded tagger. A plug-in's entry point is called with its `ModelSpec` and returns one.

    Attributes
    ----------
    labels
        Meaning of the columns of the answer.
    revision
        Changes whenever the answers may.
    batch
        Pictures per run that suit the device.
    notice
        What the user should know about where it runs, if anything.
    """

    labels: Labels
    revision: str
    batch: int
    notice: str | None

    def prepare(self, image: bytes, /) -> NDArray[np.uint8]:
        """Decode one file; called from several threads."""

    def infer(self, squares: Sequence[NDArray[np.uint8]], /) -> NDArray[np.float32]:
        """Return float32[pictures, labels], probabilities; called from two threads."""


class Loader:
    """Knows the revision of a model, and loads it when it is needed."""

    def __init__(self, spec: ModelSpec) -> None:
        self._spec = spec
        self._tagger: Tagger | None = None
        if spec.backend == "onnx":
            self._weights = fetch(spec)
            self.revision = self._weights.revision
        else:
            self._tagger = _plugin(spec)
            self.revision = self._tagger.revision

    def load(self) -> Tagger:
        """Return the tagger, ready to run."""
        if self._tagger is None:
            self._tagger = WDTagger(self._spec, weights=self._weights)
        return self._tagger


def _plugin(spec: ModelSpec) -> Tagger:
    point = plugins().get(spec.backend)
    if point is None:
        raise ModelError(
            f"{spec.name}: nothing here runs {spec.backend!r}: install the plug-in that brings it"
        )
    try:
        factory = cast("Callable[[ModelSpec], Tagger]", point.load())
    except (ImportError, AttributeError) as error:
        raise ModelError(f"{spec.name}: the plug-in {point.value} cannot be loaded: {error}") from error
    return factory(spec)
