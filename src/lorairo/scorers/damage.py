"""Figures of what pictures suffered, as a scorer like others: no network, no files, full size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lorairo.images import Limits, open_upright
from lorairo.images.damage import DAMAGE_NAMES, measure_damage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lorairo.inference.specs import ModelSpec
    from lorairo.inference.weights import Weights


class Damage:
    """Measures noise, blocks of compression, bars, lost colour and transparency.

    Parameters
    ----------
    spec
        Its row.
    weights
        No files; their revision is that of the figures.
    limits
        Largest picture that is decoded.
    """

    names = DAMAGE_NAMES
    batch = 16
    notice: str | None = None

    def __init__(self, spec: ModelSpec, *, weights: Weights, limits: Limits | None = None) -> None:
        self.spec = spec
        self.revision = weights.revision
        self._limits = limits

    def prepare(self, image: bytes) -> tuple[float, ...]:
        """Decode and measure one file: all of the work, so that it is done in several threads."""
        return measure_damage(open_upright(image, self._limits))

    def infer(self, pictures: Sequence[tuple[float, ...]]) -> NDArray[np.float32]:
        """Return float32[pictures, names]."""
        return np.array(pictures, np.float32).reshape(-1, len(self.names))
