"""How the values of a column are spread: counts per bin of equal width."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lorairo.query.index import Index

    Array = NDArray[Any]

MEASURES = ("width", "height", "aspect", "bytes", "stars", "tags")
"""Columns of every project that are worth a histogram, besides scores and, where counted, ``tokens``."""


@dataclass(frozen=True, slots=True)
class Bins:
    """Bins of equal width over the values of some images.

    Attributes
    ----------
    low, high
        The smallest and the largest value; NaN where none is known.
    width
        Of one bin; the first begins at `low`. A whole number where the column is `integer`.
    count
        How many bins.
    integer
        The column holds whole numbers only.
    """

    low: float
    high: float
    width: float
    count: int
    integer: bool

    @classmethod
    def over(cls, values: Array, count: int, *, integer: bool) -> Bins:
        """Divide the range of some values, all of them known.

        Parameters
        ----------
        values
            May be empty.
        count
            How many bins at most; whole numbers get fewer where there are fewer numbers.
        integer
            Whether the column holds whole numbers only.
        """
        if not len(values):
            return cls(math.nan, math.nan, 1.0, 0, integer)
        low, high = float(values.min()), float(values.max())
        if integer:
            width = float(math.ceil((high - low + 1) / count))
            return cls(low, high, width, math.ceil((high - low + 1) / width), integer)
        if low == high:  # constant: one bin around the value would have no width
            return cls(low, high, 1.0, 1, integer)
        return cls(low, high, (high - low) / count, count, integer)

    def counts(self, values: Array) -> Array:
        """Count known values per bin; those outside, of images that came since, are left out."""
        inside = values[(values >= self.low) & (values <= self.high)]
        places = ((inside - self.low) / self.width).astype(np.int64)
        return np.bincount(np.minimum(places, self.count - 1), minlength=self.count)


def values_at(index: Index, column: str, positions: Array) -> tuple[Array, bool]:
    """Return the known values of some images, and whether the column holds whole numbers only.

    Parameters
    ----------
    index
        Of the project.
    column
        A column that holds numbers; one that no image has yet gives no values.
    positions
        In `index`.
    """
    if column not in (*MEASURES, "tokens") and column not in index.score_names:
        return np.empty(0), False
    whole = index.column(column)
    values = whole[positions]
    integer = whole.dtype.kind != "f" or column == "tokens"
    return values[np.isfinite(values)].astype(np.float64), integer
