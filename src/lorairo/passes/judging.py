"""What answers say about a model: precision with its interval, and where its threshold had better lie.

Pure functions on scores and answers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lorairo.errors import ArgumentError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_Z = 1.959963984540054  # 95 % of a normal distribution lie within


def wilson(right: int, asked: int) -> tuple[float, float]:
    """Return the 95 % interval of a share by Wilson's score; of nothing it is 0 to 1."""
    if not asked:
        return 0.0, 1.0
    share, square = right / asked, _Z * _Z / asked
    middle = share + square / 2
    reach = _Z * math.sqrt(share * (1 - share) / asked + square / (4 * asked))
    low, high = (middle - reach) / (1 + square), (middle + reach) / (1 + square)
    return (0.0 if right == 0 else max(0.0, low)), (1.0 if right == asked else min(1.0, high))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A threshold that suits the answers.

    Attributes
    ----------
    threshold
        Scores from here on count.
    precision, recall, f1
        On the answers it rests on.
    answers
        How many these are.
    wanted
        The precision that was asked for; None where F1 was made as large as it can be.
    """

    threshold: float
    precision: float
    recall: float
    f1: float
    answers: int
    wanted: float | None = None


def suggest(
    scores: NDArray[np.float32], yes: NDArray[np.bool_], *, precision: float | None = None
) -> Suggestion | None:
    """Return the threshold that makes F1 largest, or the lowest that meets a precision.

    Parameters
    ----------
    scores
        What the model gave each image answered.
    yes
        The answers.
    precision
        Wanted share of right ones among those over the threshold.

    Returns
    -------
    Suggestion or None
        None where the model named no image that has the tag, or where no threshold meets the precision.
    """
    if precision is not None and not 0 < precision <= 1:
        raise ArgumentError(f"a precision lies between 0 and 1, not {precision!r}")
    total = int(yes.sum())
    if not total:
        return None
    order = np.argsort(-scores, kind="stable")
    ranked, hits = scores[order], np.cumsum(yes[order])
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))  # a score is in or out as a whole
    last = last[ranked[last] > 0]  # what a model did not name is over no threshold
    if not len(last):
        return None
    right, shown = hits[last], last + 1
    share, found = right / shown, right / total
    f1 = 2 * right / (shown + total)
    if precision is None:
        best = int(np.argmax(f1))
    else:
        meeting = np.flatnonzero(share >= precision)
        best = int(meeting[-1]) if len(meeting) else -1
    if best < 0 or not right[best]:
        return None
    at = int(last[best])
    below = float(ranked[at + 1]) if at + 1 < len(ranked) else 0.0
    cut = _between(below, float(ranked[at]))
    return Suggestion(
        cut, float(share[best]), float(found[best]), float(f1[best]), len(scores), wanted=precision
    )


def _between(below: float, score: float) -> float:
    """Return a short number over one score and not over another: what is written down is what counts."""
    middle = (below + score) / 2
    for digits in (2, 3, 4):
        short = round(middle, digits)
        if below < float(np.float32(short)) <= score:  # as the fold compares
            return short
    return score


def break_even(scores: NDArray[np.float32], yes: NDArray[np.bool_]) -> float | None:
    """Return the threshold over which as many images lie as have the tag: precision and recall are equal.

    None where no image has the tag, or the model named none.
    """
    ranked = np.sort(scores)[::-1]
    named = int(np.count_nonzero(ranked > 0))
    wanted = min(int(yes.sum()), named)
    if not wanted:
        return None
    below = float(ranked[wanted]) if wanted < len(ranked) else 0.0
    at = float(ranked[wanted - 1])
    return _between(below, at) if below < at else at
