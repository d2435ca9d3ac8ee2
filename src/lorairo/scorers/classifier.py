"""Classifiers of whole pictures: the probability of each of a few labels, as scores or as a rating."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.errors import ModelError
from lorairo.inference.loading import Said
from lorairo.inference.vision import VisionNetwork
from lorairo.tags import RATINGS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from lorairo.images import Limits
    from lorairo.inference.specs import ModelSpec
    from lorairo.inference.vision import Prepared
    from lorairo.inference.weights import Weights


class _Classifier(VisionNetwork):
    """A network that answers with a probability for each label that its row names.

    Raises
    ------
    ModelError
        When the network has no such label, or the row names none.
    """

    loads = "AutoModelForImageClassification"

    def __init__(self, spec: ModelSpec, *, weights: Weights, limits: Limits | None = None) -> None:
        if not spec.classes:
            raise ModelError(f"{spec.name}: its row says nothing of its labels: add classes to it")
        super().__init__(spec, weights=weights, limits=limits)
        there = {label: place for place, label in self.network.config.id2label.items()}
        if missing := [label for label in spec.classes if label not in there]:
            raise ModelError(
                f"{spec.name} has no label {missing[0]!r}: name in classes of its row some of "
                f"{', '.join(map(str, there))}"
            )
        self._columns = [there[label] for label in spec.classes]
        self._several = self.network.config.problem_type == "multi_label_classification"

    def numbers(self, tensors: Mapping[str, Any]) -> Any:
        """Return the probability of each label of the network."""
        logits = self.network(**tensors).logits.float()
        return logits.sigmoid() if self._several else logits.softmax(-1)

    def chances(self, pictures: Sequence[Prepared]) -> NDArray[np.float32]:
        """Return float32[pictures, labels of the row], in its order."""
        return self.answers(pictures)[:, self._columns]


class ClassScorer(_Classifier):
    """A classifier whose probabilities are kept as scores.

    Attributes
    ----------
    names
        Of the scores.
    """

    def __init__(self, spec: ModelSpec, *, weights: Weights, limits: Limits | None = None) -> None:
        super().__init__(spec, weights=weights, limits=limits)
        self.names = list(spec.classes.values())

    def infer(self, pictures: Sequence[Prepared]) -> NDArray[np.float32]:
        """Return float32[pictures, names]."""
        return self.chances(pictures)


class Rater(_Classifier):
    """A classifier whose likeliest answer is a rating; labels that mean the same rating add up.

    Raises
    ------
    ModelError
        When a label is to mean what is no rating.
    """

    def __init__(self, spec: ModelSpec, *, weights: Weights, limits: Limits | None = None) -> None:
        means = list(spec.classes.values())
        if wrong := [mean for mean in means if mean not in RATINGS]:
            raise ModelError(f"{spec.name}: {wrong[0]!r} in its row is no rating: {', '.join(RATINGS)} are")
        super().__init__(spec, weights=weights, limits=limits)
        self._ratings = [rating for rating in RATINGS if rating in means]
        self._adds = np.array([[mean == rating for rating in self._ratings] for mean in means], np.float32)

    def infer(self, pictures: Sequence[Prepared]) -> list[Said]:
        """Return the rating of each picture, with its probability."""
        chances = self.chances(pictures) @ self._adds
        return [Said(rating=self._ratings[row.argmax()], confidence=float(row.max())) for row in chances]
