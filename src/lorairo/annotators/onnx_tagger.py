"""Taggers in ONNX Runtime; families differ in what their rows say of files, input, output and categories."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lorairo.errors import ModelError
from lorairo.inference.activations import sigmoid
from lorairo.inference.label_files import read_labels
from lorairo.inference.memory import in_batches
from lorairo.inference.network import Network
from lorairo.inference.registry import find
from lorairo.inference.specs import ModelSpec
from lorairo.inference.threshold_files import read_thresholds
from lorairo.inference.weights import Weights, fetch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL import Image

    from lorairo.images import Limits
    from lorairo.inference.labels import Labels

_ROUNDING = 1e-3  # what half precision makes of 0 and 1


class OnnxTagger:
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
    size
        Width and height of the input in pixels.
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
        if self.spec.kind != "tagger":
            raise ModelError(
                f'{self.spec.name}: backend = "onnx" runs taggers, and its row says {self.spec.kind}: '
                "name the backend that runs it"
            )
        if not self.spec.files.labels:
            raise ModelError(f"{self.spec.name}: its row names no list of tags: add files.labels to it")
        weights = weights or fetch(self.spec)
        self.revision: str = weights.revision
        self.labels: Labels = read_labels(weights.labels, self.spec.categories, weights.other("characters"))
        thresholds = weights.other("thresholds")
        if thresholds is not None:
            known = read_thresholds(thresholds, set(self.labels.names))
            self.labels = replace(self.labels, calibrated=known)
        self._network = Network(self.spec, weights.model, providers, limits)
        self.size = self._network.size
        self.fixed_batch = self._network.fixed_batch
        self.batch: int = self._network.batch
        self.notice = self._network.notice
        self._output = self._chosen()
        self._check_width(self._network.outputs[self._output][-1])

    def _chosen(self) -> str:
        """Return the name of the output that holds the tags."""
        said, names = self.spec.output, list(self._network.outputs)
        if said.name is not None:
            if said.name not in names:
                raise ModelError(
                    f"{self.spec.name} has no output {said.name!r}: set output.name in its row to one of "
                    f"{', '.join(names)}"
                )
            return said.name
        if said.index >= len(names):
            raise ModelError(
                f"{self.spec.name} has {len(names)} outputs: output.index = {said.index} means none"
            )
        return names[said.index]

    def _check_width(self, width: object) -> None:
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
        return self._network.prepare(image)

    def infer(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Run the network over prepared pictures; safe in any thread.

        A batch that does not fit in memory is halved, for good.

        Returns
        -------
        numpy.ndarray
            float32[pictures, labels], probabilities.

        Raises
        ------
        ModelError
            When not even one picture fits, or the answers are no probabilities.
        """
        answers = in_batches(self, self.spec.name, pictures, self._run)
        return np.concatenate(answers) if answers else np.zeros((0, len(self.labels)), np.float32)

    def _run(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        (answer,) = self._network.run(pictures, [self._output])
        self._check_width(answer.shape[-1])
        if self.spec.output.activation == "sigmoid":
            return sigmoid(answer)
        if (answer < -_ROUNDING).any() or (answer > 1 + _ROUNDING).any():
            raise ModelError(
                f"{self.spec.name} answers with {np.nanmin(answer):.3g} to {np.nanmax(answer):.3g}, which "
                'are no probabilities: set output.activation = "sigmoid" in its row, or another output'
            )
        return answer

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
