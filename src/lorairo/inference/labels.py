"""The list of tags a tagger answers with, and the cut between those that hold and those that do not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from lorairo.tags import rating_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

RATING = 9


@dataclass(frozen=True)
class Labels:
    """Meaning of the columns of a tagger's output.

    Attributes
    ----------
    names
        Canonical tag names, in the order of the output; those of ratings as the model words them.
    categories
        uint8: 0 general, 1 artist, 3 copyright, 4 character, 5 meta, 9 rating.
    calibrated
        From which score on single tags hold, by name, where the model brings that.
    """

    names: tuple[str, ...]
    categories: NDArray[np.uint8]
    calibrated: Mapping[str, float] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def stored(self) -> list[tuple[str, int]]:
        """Names and categories as evidence is kept under; ratings as ``rating:general``."""
        return [
            (f"rating:{name}" if category == RATING else name, int(category))
            for name, category in zip(self.names, self.categories, strict=True)
        ]

    def ratings(self, scores: NDArray[np.float32]) -> list[tuple[str, float] | None]:
        """Return the likeliest rating of each picture, as one of ours, and its score.

        None for a model without ratings, and where the likeliest is one that we have no word for. ``safe``
        of models that know three ratings counts as general.
        """
        columns = np.flatnonzero(self.categories == RATING)
        if not len(columns):
            return [None] * len(scores)
        ours = {column: _ours(self.names[column]) for column in columns.tolist()}
        best = columns[scores[:, columns].argmax(axis=1)].tolist()
        return [
            (said, float(row[column])) if (said := ours[column]) else None
            for row, column in zip(scores, best, strict=True)
        ]

    def ranked(self, scores: NDArray[np.float32], floor: float) -> list[tuple[str, float]]:
        """Return the tags of one picture from `floor` up, best first, ties by name; ratings left out."""
        kept = np.flatnonzero((scores >= floor) & (self.categories != RATING))
        return sorted(
            ((self.names[k], float(scores[k])) for k in kept), key=lambda entry: (-entry[1], entry[0])
        )


def _ours(word: str) -> str | None:
    return rating_name(word) if len(word) > 1 else None  # s is safe to one site and sensitive to another
