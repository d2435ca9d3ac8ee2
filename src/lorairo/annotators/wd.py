"""Taggers of the WD family and all that share their contract: ``model.onnx`` beside ``selected_tags.csv``."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.errors import ModelError
from lorairo.images import Limits, open_upright
from lorairo.inference.labels import Labels, read_labels
from lorairo.inference.memory import in_batches
from lorairo.inference.preprocess import to_square, to_tensor
from lorairo.inference.registry import find
from lorairo.inference.session import open_session
from lorairo.inference.specs import ModelSpec
from lorairo.inference.weights import Weights, fetch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL import Image

_BATCH_CPU, _BATCH_GPU = 4, 16
_AXES = 4


class WDTagger:
    """A tagger that answers with a probability for each of its tags.

    Parameters
    ----------
    model
        A row, or what `lorairo.inference.registry.find` understands: an id or a model folder.
    providers
        Execution providers of onnxruntime, best first; by default a GPU where there is one.
    limits
        Largest picture that is decoded.
    weights
        The files, where they have been fetched already.

    Attributes
    ----------
    labels
        Meaning of the columns of the answer.
    revision
        Of the weights: a commit, or ``sha256:`` and a digest.
    side
        Side of the input in pixels, read from the model.
    batch
        Pictures per run that suit the device; `fixed_batch` is set where the model accepts no other number.
    notice
        What the user should know about where it runs; None when all is as asked.

    Raises
    ------
    ModelError
        When the files cannot be had or loaded, or the tag list does not fit the network.
    """

    def __init__(
        self,
        model: ModelSpec | str | Path,
        *,
        providers: Sequence[str] | None = None,
        limits: Limits | None = None,
        weights: Weights | None = None,
    ) -> None:
        self.spec = model if isinstance(model, ModelSpec) else find(model)
        weights = weights or fetch(self.spec)
        self.revision: str = weights.revision
        self.labels: Labels = read_labels(weights.labels, self.spec.categories)
        self._session: Any
        self.notice: str | None
        self._session, self.notice = open_session(weights.model, providers)
        self._limits = limits
        self._turn = threading.Lock()  # one run at a time: two would share the memory and gain nothing
        self._rules = self.spec.preprocess
        self._read_contract()

    def _read_contract(self) -> None:
        """Read what the network itself says about its input and output."""
        name = self.spec.name
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        shape = list(inputs[0].shape)
        if len(inputs) != 1 or len(shape) != _AXES or inputs[0].type != "tensor(float)":
            raise ModelError(f"{name} takes {_said(inputs)}: a tagger takes one float picture of four axes")
        self._input = inputs[0].name
        channels, height = (1, 2) if self._rules.layout == "NCHW" else (3, 1)
        if shape[channels] not in (3, None) and not isinstance(shape[channels], str):
            other = "NCHW" if self._rules.layout == "NHWC" else "NHWC"
            raise ModelError(
                f'{name} takes {shape}, which is not {self._rules.layout}: set layout = "{other}" in its row'
            )
        self.side: int = shape[height] if isinstance(shape[height], int) else self._rules.size
        self.fixed_batch: int | None = shape[0] if isinstance(shape[0], int) and shape[0] > 0 else None
        self.on_gpu = self._session.get_providers()[0] != "CPUExecutionProvider"
        self.batch: int = self.fixed_batch or (_BATCH_GPU if self.on_gpu else _BATCH_CPU)
        if self.spec.output.index >= len(outputs):
            raise ModelError(
                f"{name} has {len(outputs)} outputs: output.index = {self.spec.output.index} means none"
            )
        self._output = outputs[self.spec.output.index].name
        self._check_labels(outputs[self.spec.output.index].shape[-1])

    def _check_labels(self, width: Any) -> None:
        if isinstance(width, int) and width != len(self.labels):
            raise ModelError(
                f"{self.spec.name} answers with {width:,} numbers, but {self.spec.files.labels} names "
                f"{len(self.labels):,} tags: the two files are not of one model"
            )

    def prepare(self, image: Image.Image | bytes) -> NDArray[np.uint8]:
        """Decode a picture and bring it to the model's size; safe in any thread.

        Raises
        ------
        Rejected
            When the bytes are no picture, or one too large.
        """
        picture = open_upright(image, self._limits) if isinstance(image, bytes) else image
        return to_square(picture, self._rules, self.side)

    def infer(self, squares: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Run the network over prepared pictures; safe in any thread.

        A batch that does not fit in memory is halved, for good.

        Returns
        -------
        numpy.ndarray
            float32[pictures, labels], probabilities.

        Raises
        ------
        ModelError
            When not even one picture fits.
        """
        answers = in_batches(self, self.spec.name, squares, self._run)
        return np.concatenate(answers) if answers else np.zeros((0, len(self.labels)), np.float32)

    def _run(self, squares: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        tensor = to_tensor(squares, self._rules, out=self.fixed_batch)
        with self._turn:
            (answer,) = self._session.run([self._output], {self._input: tensor})
        answer = answer[: len(squares)]
        self._check_labels(answer.shape[-1])
        if self.spec.output.activation == "sigmoid":
            answer = 1 / (1 + np.exp(-answer.astype(np.float32)))
        scores: NDArray[np.float32] = answer.astype(np.float32, copy=False)
        return scores

    def predict(self, images: Sequence[Image.Image | bytes]) -> NDArray[np.float32]:
        """Tag pictures.

        Parameters
        ----------
        images
            PIL images (upright, sRGB, alpha allowed) or the bytes of files.

        Returns
        -------
        numpy.ndarray
            float32[pictures, labels], probabilities 0..1 in the order of ``labels.names``.
        """
        return self.infer([self.prepare(image) for image in images])


def _said(inputs: Sequence[Any]) -> str:
    return "; ".join(f"{entry.name} {entry.type} {list(entry.shape)}" for entry in inputs)
