"""Scores on one scale: places within a view, and one number from several."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from lorairo.config import nearest
from lorairo.errors import ArgumentError
from lorairo.images.quality import QUALITY_BETTER
from lorairo.inference.registry import specs
from lorairo.results import Done
from lorairo.store import evidence, log
from lorairo.store.state import stored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lorairo.view import View

_TOP = 100.0
_LONGEST = 64  # characters of a score's name


class Ranking:
    """Mixed into `View`: scores as places among others."""

    def percentiles(self, *names: str) -> pd.DataFrame:
        """Return the place of each image among those of the view, by each of some scores.

        Scales differ, so numbers of two scorers are never compared or averaged; places are.

        Parameters
        ----------
        names
            Scores, or ``width``, ``height``, ``aspect``, ``bytes``, ``stars``. By default every score that
            has a better end.

        Returns
        -------
        pandas.DataFrame
            Above 0 to 100, by image_id, one column per score: 100 is the best of the view, where lower
            numbers are better too; of equals each has the mean of their places. NaN where there is no score.

        Raises
        ------
        ArgumentError
            When there is no such score, or neither of its ends is better.
        """
        view = cast("View", self)
        wanted = list(names) or [name for name in _better() if name in view.project.index.score_names]
        found = {name: _TOP * _places(view, name) for name in wanted}
        return pd.DataFrame(found, index=pd.Index(view.ids.copy(), name="image_id"))

    def overall(self, weights: Mapping[str, float] | None = None, *, name: str = "overall") -> Done:
        """Score the images of the view by several scores at once: the weighted mean of their places in it.

        Parameters
        ----------
        weights
            By score, such as ``{"aesthetic_mlp": 2, "sharpness": 1, "noise": 1}``; a negative weight wants
            the other end. By default 1 for every score that has a better end.
        name
            What the score is called, in searches and as a column: ``overall:>0.8`` is the best fifth or so.

        Returns
        -------
        Done
            How many images have it. An image without one of the scores is placed by the others.

        Raises
        ------
        ArgumentError
            When a weight is no number, there is no such score, or neither of its ends is better.
        """
        view = cast("View", self)
        view.project.writable()
        if not isinstance(name, str) or not name.isidentifier() or len(name) > _LONGEST:
            raise ArgumentError(f"a score has a name of letters, digits and underscores, not {name!r}")
        given = _weights(view, weights)
        places = pd.DataFrame({score: _places(view, score, given[score] < 0) for score in given})
        sizes = np.abs(np.array(list(given.values())))
        known = places.notna().to_numpy() * sizes
        with np.errstate(invalid="ignore"):
            values = (places.fillna(0).to_numpy() * sizes).sum(axis=1) / known.sum(axis=1)
        version = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:16]
        ids = np.asarray(view.ids)
        with log.evidence_write(view.project.database) as connection:
            here = np.isin(ids, stored(connection, np.sort(ids)).ids)  # some may have been deleted meanwhile
            number = evidence.scorer_id(connection, name, version, [name])
            evidence.record_scores(connection, number, ids[here], values[here, None].astype(np.float32))
        count = int(here.sum())
        return Done(f"{count:,} {'image has' if count == 1 else 'images have'} the score {name}", count, None)


def _weights(view: View, given: Mapping[str, float] | None) -> dict[str, float]:
    if given is None:
        found = {name: 1.0 for name in _better() if name in view.project.index.score_names}
        if not found:
            raise ArgumentError("no score has a better end yet: give weights, or run view.score(...) first")
        return found
    for score, weight in given.items():
        number = isinstance(weight, int | float) and not isinstance(weight, bool)
        if not number or not np.isfinite(weight) or weight == 0:
            raise ArgumentError(f"the weight of {score} is a number other than 0, not {weight!r}")
    if not given:
        raise ArgumentError("give the weight of at least one score")
    return {str(score): float(weight) for score, weight in given.items()}


def _better() -> dict[str, bool]:
    """Whether higher is better, by score; those where neither end is are left out."""
    found = {name: better for name, better in QUALITY_BETTER.items() if better is not None}
    for spec in specs().values():
        if spec.range is not None and spec.range.higher_better is not None:
            found.update(dict.fromkeys(spec.scores, spec.range.higher_better))
    return found


def _places(view: View, name: str, other_end: bool = False) -> pd.Series:
    """Return places in the view, above 0 to 1; 1 is the best."""
    values = _column(view, name)
    higher = _better().get(name, name not in QUALITY_BETTER)
    return values.rank(pct=True, ascending=higher != other_end)


def _column(view: View, name: str) -> pd.Series:
    scores = view.project.index.score_names
    measures = ("width", "height", "aspect", "bytes", "stars")
    if name not in scores and name not in measures:
        raise ArgumentError(f"there is no score {name!r}: {nearest(name, [*sorted(scores), *measures])}")
    if QUALITY_BETTER.get(name, True) is None:
        raise ArgumentError(f"neither end of {name} is better: it says nothing of a place")
    values: Any = view[name]
    return cast("pd.Series", values.astype(np.float64))
