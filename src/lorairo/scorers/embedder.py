"""Embedders: CLIP, SigLIP, DINOv2 and what else transformers knows as a network over pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.errors import ModelError
from lorairo.inference.vision import VisionNetwork

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from lorairo.images import Limits
    from lorairo.inference.specs import ModelSpec
    from lorairo.inference.vision import Prepared
    from lorairo.inference.weights import Weights


class Embedder(VisionNetwork):
    """Places pictures where alike ones lie near each other: vectors of length 1.

    Networks that read words too, such as CLIP, give the place that they share with words.
    """

    def __init__(self, spec: ModelSpec, *, weights: Weights, limits: Limits | None = None) -> None:
        super().__init__(spec, weights=weights, limits=limits)
        if hasattr(self.network, "text_model"):
            del self.network.text_model  # a third of CLIP, and nothing is read here

    def numbers(self, tensors: Mapping[str, Any]) -> Any:
        """Return where each picture lies, at any length."""
        seen = getattr(self.network, "get_image_features", self.network)(**tensors)
        place = getattr(seen, "pooler_output", seen)  # an output object in transformers 5, a tensor before
        if place is None:
            raise ModelError(f"{self.name} gives no place for a whole picture, so it is no embedder")
        return place

    def infer(self, pictures: Sequence[Prepared]) -> NDArray[np.float32]:
        """Return float32[pictures, dimensions], each of length 1."""
        places = self.answers(pictures)
        unit: NDArray[np.float32] = places / np.linalg.norm(places, axis=1, keepdims=True)
        return unit
