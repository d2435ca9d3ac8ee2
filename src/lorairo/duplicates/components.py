"""Groups as sets that merge: which things belong together, told pair by pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Components:
    """A partition of ``0..count-1`` that only ever gets coarser.

    Labels are kept flat: each element points at the lowest of its set, so that whole arrays are looked up at
    once. Merging arrays of pairs is hooking and pointer jumping (Shiloach and Vishkin 1982).

    Parameters
    ----------
    count
        Elements; each begins as a set of its own.
    """

    def __init__(self, count: int) -> None:
        self._label = np.arange(count, dtype=np.int32)

    def of(self, elements: NDArray[np.integer]) -> NDArray[np.int32]:
        """Return the label of each element: the lowest of its set."""
        labels: NDArray[np.int32] = self._label[elements]
        while True:
            further = self._label[labels]
            if np.array_equal(further, labels):
                self._label[elements] = labels
                return labels
            labels = further

    def merge(self, a: NDArray[np.integer], b: NDArray[np.integer]) -> None:
        """Put each ``a[k]`` into one set with ``b[k]``."""
        while len(a):
            left, right = self.of(a), self.of(b)
            apart = left != right
            a, b = a[apart], b[apart]
            low = np.minimum(left, right)[apart]
            high = np.maximum(left, right)[apart]
            np.minimum.at(self._label, high, low)

    def labels(self) -> NDArray[np.int32]:
        """Return the label of every element."""
        return self.of(np.arange(len(self._label)))
