"""Captions from templates, for the images of a view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lorairo.captions.pieces import Facts, Rating, Tags
from lorairo.errors import ArgumentError, NotFoundError
from lorairo.frames import captions_of
from lorairo.tags import RATINGS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lorairo.captions.template import Template
    from lorairo.query import Index
    from lorairo.view import View


def composed(view: View, template: Template, trigger: str | None) -> dict[int, str]:
    """Return what a template says about each image of a view; empty where it says nothing.

    Raises
    ------
    ArgumentError
        When the template asks for a score that the project has not.
    """
    found = facts_of(view, [template], trigger or "")
    return {image_id: template.render(facts) for image_id, facts in found.items()}


def facts_of(view: View, templates: Sequence[Template], trigger: str = "") -> dict[int, Facts]:
    """Return what templates ask of each image of a view.

    Raises
    ------
    ArgumentError
        When one asks for a score that the project has not.
    """
    index, snapshot = view.held()
    pieces = [piece for template in templates for piece in template.pieces]
    variants = {variant for template in templates for variant in template.variants}
    texts = {variant: captions_of(view, snapshot.ids, variant).to_dict() for variant in variants}
    names = {name for template in templates for name in template.scores}
    scores = {name: _score(index, snapshot.positions, name) for name in names}
    tagged = any(isinstance(piece, Tags) for piece in pieces)
    rated = any(isinstance(piece, Rating) for piece in pieces)
    rows = enumerate(zip(snapshot.ids.tolist(), snapshot.positions.tolist(), strict=True))
    return {
        image_id: Facts(
            trigger=trigger,
            captions={variant: said[image_id] for variant, said in texts.items() if image_id in said},
            tags=_tags(index, place) if tagged else (),
            rating=_rating(index, place) if rated else None,
            scores={name: float(values[row]) for name, values in scores.items() if np.isfinite(values[row])},
        )
        for row, (image_id, place) in rows
    }


def _score(index: Index, positions: np.ndarray, name: str) -> np.ndarray:
    try:
        values: np.ndarray = np.asarray(index.column(name)[positions], dtype=np.float64)
    except (KeyError, NotFoundError, ValueError) as error:
        known = ", ".join(sorted(index.score_names)) or "none yet"
        raise ArgumentError(f"the template asks for a score {name!r}; there are: {known}") from error
    return values


def _tags(index: Index, place: int) -> list[tuple[str, int]]:
    tag_ids, categories = index.tags_of(place)[0], index.known_categories
    return [(index.tag_name(tag), int(categories[tag])) for tag in tag_ids.tolist()]


def _rating(index: Index, place: int) -> str | None:
    number = int(index.ratings[place])
    return RATINGS[number] if number >= 0 else None
