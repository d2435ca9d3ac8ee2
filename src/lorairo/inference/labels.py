"""The list of tags a tagger answers with, and the cut between those that hold and those that do not."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lorairo.errors import ModelError
from lorairo.tags import RATINGS, canonical, category_number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

RATING = 9
_COLUMNS = ("name", "category")


@dataclass(frozen=True)
class Labels:
    """Meaning of the columns of a tagger's output.

    Attributes
    ----------
    names
        Canonical tag names, in the order of the output.
    categories
        uint8: 0 general, 1 artist, 3 copyright, 4 character, 5 meta, 9 rating.
    """

    names: tuple[str, ...]
    categories: NDArray[np.uint8]

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
        """Return the likeliest rating of each picture and its score; None for a model without ratings."""
        columns = np.flatnonzero(self.categories == RATING)
        if not len(columns):
            return [None] * len(scores)
        best = columns[scores[:, columns].argmax(axis=1)]
        return [(self.names[column], float(row[column])) for row, column in zip(scores, best, strict=True)]

    def ranked(self, scores: NDArray[np.float32], floor: float) -> list[tuple[str, float]]:
        """Return the tags of one picture from `floor` up, best first, ties by name; ratings left out."""
        kept = np.flatnonzero((scores >= floor) & (self.categories != RATING))
        return sorted(
            ((self.names[k], float(scores[k])) for k in kept), key=lambda entry: (-entry[1], entry[0])
        )


def read_labels(file: Path, categories: Mapping[str, str]) -> Labels:
    """Read ``selected_tags.csv``: one row for each column of the output, in that order.

    Parameters
    ----------
    file
        CSV with a header and at least the columns ``name`` and ``category``.
    categories
        Names of the numbers that stand in the category column.

    Raises
    ------
    ModelError
        When columns are missing, a number has no meaning, or a name is empty.
    """
    try:
        with file.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ModelError(f"{file} is no table of tags: {error}") from error
    missing = [name for name in _COLUMNS if not rows or name not in rows[0]]
    if missing:
        raise ModelError(
            f"{file} has no column {' and no column '.join(missing)}: it should be the model's tag list"
        )
    names: list[str] = []
    numbers: list[int] = []
    for line, row in enumerate(rows, start=2):
        name, number = canonical(row["name"] or ""), (row["category"] or "").strip()
        if not name:
            raise ModelError(f"{file}, line {line}: the name is empty")
        if number not in categories:
            known = ", ".join(f"{key} {meaning}" for key, meaning in categories.items())
            raise ModelError(
                f"{file}, line {line}: category {number!r} of {name} has no meaning; known are {known}"
            )
        names.append(name)
        numbers.append(category_number(categories[number]))
    _check_ratings(names, numbers, file)
    return Labels(tuple(names), np.array(numbers, dtype=np.uint8))


def _check_ratings(names: list[str], numbers: list[int], file: Path) -> None:
    for name, number in zip(names, numbers, strict=True):
        if number == RATING and name not in RATINGS:
            raise ModelError(f"{file}: {name} is no rating; known are {', '.join(RATINGS)}")


def mcut(scores: NDArray[np.floating]) -> float:
    """Return the threshold in the middle of the largest gap between neighbouring scores.

    Largeron, Moulin, Géry: MCut, a thresholding strategy for multi-label classification (IDA 2012). Popular
    copies take the smallest gap by accident, as they search a descending array of negative differences for
    its maximum.

    Parameters
    ----------
    scores
        Scores of one picture within one category, any order. Character tags of the WD family are held
        to ``max(0.15, mcut(scores))``.

    Returns
    -------
    float
        Tags scoring above it hold. With fewer than two scores there is no gap: infinity, nothing holds.
    """
    if len(scores) < 2:  # noqa: PLR2004 - a gap needs two sides
        return float("inf")
    descending = np.sort(np.asarray(scores, dtype=np.float64))[::-1]
    widest = int(np.argmax(descending[:-1] - descending[1:]))
    return float((descending[widest] + descending[widest + 1]) / 2)
