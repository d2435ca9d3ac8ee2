"""How tags stand with images: what models suggest, what was rejected, and on which images that is so."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.store import columns
from lorairo.tags import CATEGORIES, canonical

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lorairo.query import Index
    from lorairo.view import View

SUGGEST_FROM = 0.2  # below this a model's tag is noise more often than not
SUGGESTIONS = 12
JUDGED_IMAGES = 400  # evidence of more images than this is not read while somebody waits

Row = tuple[int, str, str, str | None, str | None, float | None, str | None]


def is_suggested(index: Index, row: Row) -> bool:
    """Tell whether a row is worth showing as a suggestion; a rating is no tag to accept."""
    _image, name, state, _source, _model, score, _revision = row
    enough = state == "suggested" and score is not None and score >= SUGGEST_FROM
    return enough and index.category_of(name) != CATEGORIES["rating"]


def judged(view: View) -> dict[str, Any]:
    """Return what is suggested for and rejected on several images, those on most images first.

    Returns
    -------
    dict
        ``suggested`` and ``rejected``; ``judged`` is False where there are too many images to look at.
    """
    if len(view) > JUDGED_IMAGES:
        return {"judged": False, "suggested": [], "rejected": []}
    index = view.project.index
    rows = _rows(view)
    scores: dict[str, list[float]] = {}
    for row in rows:
        if is_suggested(index, row):
            scores.setdefault(row[1], []).append(float(row[5] or 0))
    rejected = Counter(row[1] for row in rows if row[2] == "rejected")
    suggested = sorted(scores.items(), key=lambda item: (-len(item[1]), item[0]))[:SUGGESTIONS]
    return {
        "judged": True,
        "suggested": [
            {
                "name": name,
                "category": index.category_of(name),
                "count": len(found),
                "score": round(sum(found) / len(found), 3),
            }
            for name, found in suggested
        ],
        "rejected": [
            {"name": name, "category": index.category_of(name), "count": count}
            for name, count in sorted(rejected.items(), key=lambda item: (-item[1], item[0]))
        ],
    }


def images_where(view: View, names: Iterable[str], state: str) -> View:
    """Return the images of a view on which one of these tags stands so: ``suggested`` or ``rejected``."""
    index, wanted = view.project.index, {canonical(name) for name in names}
    rows = [row for row in _rows(view) if row[1] in wanted and row[2] == state]
    if state == "suggested":
        rows = [row for row in rows if is_suggested(index, row)]
    ids = np.unique(np.array([row[0] for row in rows], dtype=np.int64))
    narrowed: View = view.project.view(everything=True)[ids]
    return narrowed


def _rows(view: View) -> list[Row]:
    with view.project.database.read() as connection:
        return columns.load_tag_rows(connection, view.ids)
