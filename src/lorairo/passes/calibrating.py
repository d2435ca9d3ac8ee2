"""Thresholds of single tags, found from what people accepted and rejected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lorairo.errors import ArgumentError
from lorairo.passes.judging import break_even
from lorairo.store import verdicts
from lorairo.store.state import calibrated_by_default

if TYPE_CHECKING:
    from sqlalchemy import Connection

LEAST_ANSWERS = 10
"""Images people answered about, yes and no among them, before a tag's threshold is found from them."""


def calibrate(c: Connection, model_key: str) -> dict[str, float]:
    """Return thresholds by tag where precision and recall of a model are equal, over the images answered.

    An answer is a tag accepted or rejected by hand, on an image that the model answered about.

    Raises
    ------
    ArgumentError
        When no tag has enough answers and the model brings no thresholds of tags.
    """
    names, tags, scores, yes = verdicts.answers_about(c, model_key)
    found: dict[str, float] = {}
    order = np.argsort(tags, kind="stable")
    for part in np.split(order, np.flatnonzero(np.diff(tags[order])) + 1):
        said = yes[part]
        if len(part) < LEAST_ANSWERS or said.all() or not said.any():
            continue
        limit = break_even(scores[part], said)
        if limit is not None:
            found[names[int(tags[part[0]])]] = limit
    if not found and not calibrated_by_default(c, model_key):
        raise ArgumentError(
            f"no tag of {model_key} has {LEAST_ANSWERS} answers yet, yes and no among them, to calibrate it "
            'from: view.tag_pass("smile") asks about one tag; or give per_tag={"smile": 0.5}'
        )
    return dict(sorted(found.items()))
