"""Faces in a picture: how many, and how much of it the largest one takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lorairo.errors import ModelError
from lorairo.inference.memory import in_batches
from lorairo.inference.network import Network

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PIL import Image

    from lorairo.images import Limits
    from lorairo.inference.specs import ModelSpec
    from lorairo.inference.weights import Weights

_FACE = 0.7  # score from which a box is a face
_OVERLAP = 0.3  # two boxes that share more of their union than this are one face
_SCORES, _BOXES = "scores", "boxes"


class FaceCounter:
    """A face detector with the outputs ``scores`` and ``boxes``, such as Ultra-Light-Fast.

    ``scores`` is [pictures, boxes, 2] with the probability of a face in the second column, ``boxes``
    [pictures, boxes, 4] the corners x1 y1 x2 y2 from 0 to 1 before boxes of one face are merged.

    Parameters
    ----------
    spec
        Its row.
    weights
        Its files.
    limits
        Largest picture that is decoded.

    Attributes
    ----------
    names
        ``faces``, their number, and ``face_share``, the largest one's part of the picture's area.
    revision, batch, fixed_batch, notice
        As of every model.

    Raises
    ------
    ModelError
        When the file cannot be loaded, or is no detector of this form.
    """

    names = ("faces", "face_share")

    def __init__(self, spec: ModelSpec, *, weights: Weights, limits: Limits | None = None) -> None:
        self._name = spec.name
        self.revision = weights.revision
        self._network = Network(spec, weights.model, limits=limits)
        self.fixed_batch = self._network.fixed_batch
        self.batch: int = self._network.batch
        self.notice = self._network.notice
        if missing := [name for name in (_SCORES, _BOXES) if name not in self._network.outputs]:
            raise ModelError(
                f"{self._name} has no output {' and no output '.join(missing)}: its outputs are "
                f"{', '.join(self._network.outputs)}"
            )
        if spec.preprocess.fit != "resize":
            raise ModelError(
                f'{self._name}: shares of the picture are known only with fit = "resize": set it in its row'
            )

    def prepare(self, image: Image.Image | bytes) -> NDArray[np.uint8]:
        """Decode a picture and bring it to the network's size; safe in any thread.

        Raises
        ------
        Rejected
            When the bytes are no picture, or one too large.
        """
        return self._network.prepare(image)

    def infer(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Return float32[pictures, 2]: the number of faces, and the share of the largest; 0 without one."""
        answers = in_batches(self, self._name, pictures, self._run)
        return np.concatenate(answers) if answers else np.zeros((0, len(self.names)), np.float32)

    def _run(self, pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        scores, boxes = self._network.run(pictures, [_SCORES, _BOXES])
        return np.array(
            [self._told(each[:, 1], place) for each, place in zip(scores, boxes, strict=True)], np.float32
        )

    def _told(self, scores: NDArray[np.float32], boxes: NDArray[np.float32]) -> tuple[float, float]:
        found = np.flatnonzero(scores > _FACE)
        if (boxes[found, :2] > boxes[found, 2:]).any():
            raise ModelError(
                f"{self._name} gives boxes that are no corners from top left to bottom right: take an export "
                "that decodes its boxes"
            )
        places = np.clip(boxes[found], 0, 1)  # a face that is cut by the edge counts as far as it is seen
        faces = places[merged(places, scores[found])]
        return float(len(faces)), float(_areas(faces).max(initial=0))


def merged(boxes: NDArray[np.float32], scores: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return one box for each face: of boxes that overlap, the one with the highest score.

    Parameters
    ----------
    boxes
        [boxes, 4], corners x1 y1 x2 y2.
    scores
        [boxes].

    Returns
    -------
    numpy.ndarray
        Positions of the boxes that stay, best first.
    """
    left = np.argsort(-scores, kind="stable")
    areas = _areas(boxes)
    kept: list[int] = []
    while len(left):
        best, left = left[0], left[1:]
        kept.append(int(best))
        corners = np.hstack(
            [np.maximum(boxes[best, :2], boxes[left, :2]), np.minimum(boxes[best, 2:], boxes[left, 2:])]
        )
        shared = _areas(corners)
        left = left[shared <= _OVERLAP * (areas[best] + areas[left] - shared)]
    return np.array(kept, np.int64)


def _areas(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    sides = np.clip(boxes[:, 2:] - boxes[:, :2], 0, None)
    areas: NDArray[np.float32] = sides[:, 0] * sides[:, 1]
    return areas
