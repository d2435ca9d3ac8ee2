"""What models have answered so far, taken together: how long an image took, who named tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from lorairo.store.schema import annotation
from lorairo.store.schema import model as model_table
from lorairo.store.statements import fetch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

_NAMES_TAGS = ("tagger", "annotator", "vlm_api")
_SAMPLE = 256  # answers that the time of an image is measured from


def seconds_each(c: Connection, models: Iterable[tuple[str, str]]) -> dict[tuple[str, str], float]:
    """Return the seconds an image took, by provider and model, of those that were measured.

    The answers of the newest revision count, or parameters, that has any.
    """
    asked = set(models)
    found: dict[tuple[str, str], float] = {}
    newest = select(model_table.c.provider, model_table.c.model, model_table.c.id)
    for provider, name, number in fetch(c, newest.order_by(model_table.c.id.desc())):
        key = (provider, name)
        if key in asked and key not in found and (took := _measured(c, number)) is not None:
            found[key] = took
    return found


def _measured(c: Connection, number: int) -> float | None:
    timed = (
        select(annotation.c.seconds)
        .where(annotation.c.model_id == number, annotation.c.seconds.is_not(None))
        .order_by(annotation.c.image_id.desc())
        .limit(_SAMPLE)
        .subquery()
    )
    took = c.execute(select(func.avg(timed.c.seconds))).scalar()
    return None if took is None else float(took)


def taggers(c: Connection) -> list[tuple[str, str]]:
    """Return provider and name of the models that have named tags, in order of their name."""
    named = select(annotation.c.id).where(
        annotation.c.model_id == model_table.c.id, annotation.c.tags.is_not(None)
    )
    keys = select(model_table.c.provider, model_table.c.model).distinct()
    # By kind first: to find that a captioner named none takes a look at all it said.
    query = keys.where(model_table.c.kind.in_(_NAMES_TAGS), named.exists()).order_by(model_table.c.model)
    return [(row[0], row[1]) for row in fetch(c, query)]
