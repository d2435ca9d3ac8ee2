"""Counting the bits in which hashes differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_HALF = 16
_IN_HALF: NDArray[np.uint8] = np.array([number.bit_count() for number in range(1 << _HALF)], np.uint8)


def _by_table(words: NDArray[np.uint64]) -> NDArray[np.uint8]:
    halves = words[..., None].view(np.uint16)
    counts: NDArray[np.uint8] = _IN_HALF[halves].sum(axis=-1, dtype=np.uint8)
    return counts


# numpy 2 counts by itself; rented hosts still come with numpy 1.
count_ones: Callable[[NDArray[np.uint64]], NDArray[np.uint8]] = getattr(np, "bitwise_count", _by_table)
"""Number of ones in each word: uint64[...] to uint8[...]."""


def distance(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Return in how many bits words differ, 0..64."""
    return count_ones(a ^ b)
