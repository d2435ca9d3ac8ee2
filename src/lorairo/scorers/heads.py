"""Aesthetic heads: a few linear layers over the embeddings of CLIP."""

from __future__ import annotations

import threading
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from lorairo.errors import ModelError
from lorairo.inference.activations import sigmoid
from lorairo.inference.tensors import read_tensors
from lorairo.inference.torch_runtime import runtime
from lorairo.inference.vision import ON_CPU, ON_GPU
from lorairo.inference.weights import both

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from lorairo.inference.loading import Loader
    from lorairo.inference.specs import Head, ModelSpec
    from lorairo.inference.weights import Weights
    from lorairo.scorers.embedder import Embedder

    Floats = NDArray[np.float32]


class _Layer(NamedTuple):
    weight: Floats
    bias: Floats


class HeadScorer:
    """A small network that judges the embeddings of another one.

    Embeddings that are stored are judged as they are; of other pictures they are made in the same pass, and
    given out with the scores. They are judged as they are stored, in half precision, so that a picture has
    one score whichever way it came about.

    Parameters
    ----------
    spec
        Its row, with a head.
    weights
        Its file.
    over
        Loads the embedder, once a picture is looked at.

    Attributes
    ----------
    names
        Of the scores.
    revision
        Of both networks.
    batch
        Pictures per run of the embedder.

    Raises
    ------
    ModelError
        When the file holds other tensors than those of the head.
    """

    def __init__(self, spec: ModelSpec, *, weights: Weights, over: Loader) -> None:
        if spec.head is None:
            raise ModelError(
                f"{spec.name}: its row does not say which embeddings it judges: add a head to it"
            )
        self.names = list(spec.scores)
        self.revision = both(weights.revision, over.revision)
        self._name, self._head, self._over = spec.name, spec.head, over
        self._layers = _layers(spec.name, weights.model, spec.head)
        self._turn = threading.Lock()
        self.batch = runtime(half=False).batch(gpu=ON_GPU, cpu=ON_CPU)
        self._loaded: Embedder | None = None

    @property
    def _embedder(self) -> Embedder:
        with self._turn:
            if self._loaded is None:
                self._loaded = cast("Embedder", self._over.load())
            return self._loaded

    @property
    def notice(self) -> str | None:
        """What the user should know about where the embedder runs.

        It is loaded for that: where it cannot be, the run ends before it looks at a picture.
        """
        return self._embedder.notice

    def prepare(self, image: bytes) -> Any:
        """Decode a picture into what the embedder takes; safe in any thread."""
        return self._embedder.prepare(image)

    def infer(self, pictures: Sequence[Any]) -> Floats:
        """Return float32[pictures, dimensions + scores]: each embedding, and after it what it scores."""
        embedder = self._embedder
        embedder.batch = min(embedder.batch, self.batch)
        places = embedder.infer(pictures)
        return np.hstack([places, self.judge(places.astype(np.float16))])

    def judge(self, places: NDArray[np.floating]) -> Floats:
        """Score embeddings of length 1.

        Returns
        -------
        numpy.ndarray
            float32[embeddings, scores].

        Raises
        ------
        ModelError
            When they have another number of dimensions than the head was trained on.
        """
        width = self._layers[0].weight.shape[1]
        if places.shape[1] != width:
            raise ModelError(
                f"{self._name} judges embeddings of {width:,} numbers, and those of {self._head.over} have "
                f"{places.shape[1]:,}: name its own embedder in head.over of its row"
            )
        values = places.astype(np.float32)
        for layer in self._layers[:-1]:
            values = values @ layer.weight.T + layer.bias
            if self._head.between == "relu":
                values = np.maximum(values, 0)
        values = values @ self._layers[-1].weight.T + self._layers[-1].bias
        return sigmoid(values) if self._head.last == "sigmoid" else values


def _layers(name: str, file: Path, head: Head) -> list[_Layer]:
    """Read the layers of a head; a tensor too few or too many is an error, never left out in silence."""
    held = read_tensors(name, file)
    keys = [(f"{layer}.weight".lstrip("."), f"{layer}.bias".lstrip(".")) for layer in head.layers]
    wanted = {key for pair in keys for key in pair}
    if wanted != set(held):
        told = [f"lacks {', '.join(sorted(wanted - set(held)))}"] if wanted - set(held) else []
        told += [f"has also {', '.join(sorted(set(held) - wanted))}"] if set(held) - wanted else []
        raise ModelError(
            f"{name}: {file} is no head of this form: it {' and '.join(told)}. Correct head.layers in its row"
        )
    layers = [_Layer(held[weight].float().numpy(), held[bias].float().numpy()) for weight, bias in keys]
    for one, following in pairwise(layers):
        if following.weight.shape[1] != one.weight.shape[0]:
            raise ModelError(
                f"{name}: its layers do not fit each other: one gives {one.weight.shape[0]:,} numbers and "
                f"the next takes {following.weight.shape[1]:,}. Correct the order of head.layers in its row"
            )
    return layers
