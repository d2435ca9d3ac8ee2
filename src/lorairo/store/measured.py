"""What earlier questions to a service took: tokens, seconds, cost, and how many pictures it refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import func, select

from lorairo.store.schema import annotation, failure, image, request
from lorairo.store.schema import model as model_table
from lorairo.store.statements import fetch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

_SAMPLE = 256


@dataclass(frozen=True)
class Measured:
    """The newest questions that a service counted the tokens of, one place each; NaN where it told nothing.

    Attributes
    ----------
    widths, heights
        Of the picture as it is here.
    tokens_in, tokens_out, cost, seconds
        What the question took; no seconds for those handed over with many others.
    """

    widths: NDArray[np.int64]
    heights: NDArray[np.int64]
    tokens_in: NDArray[np.float64]
    tokens_out: NDArray[np.float64]
    cost: NDArray[np.float64]
    seconds: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.widths)


def same_asked(c: Connection, provider: str, name: str) -> list[int]:
    """Return the ids of a model, in every way it was asked, newest first."""
    query = select(model_table.c.id).where(model_table.c.provider == provider, model_table.c.model == name)
    return [int(row[0]) for row in fetch(c, query.order_by(model_table.c.id.desc()))]


def measured(c: Connection, model_ids: Sequence[int]) -> Measured:
    """Return what the newest questions of some models took; those without an answer took tokens too."""
    newest = (
        select(
            *(request.c.image_id, request.c.tokens_in, request.c.tokens_out, request.c.cost),
            *(request.c.submission_id, request.c.ended_at, request.c.sent_at),
        )
        .where(
            request.c.model_id.in_(model_ids),
            request.c.ended_at.is_not(None),
            request.c.tokens_in.is_not(None),
        )
        .order_by(request.c.id.desc())
        .limit(_SAMPLE)
        .subquery()
    )
    alone = newest.c.submission_id.is_(None)
    query = select(
        *(image.c.width, image.c.height, newest.c.tokens_in, newest.c.tokens_out, newest.c.cost),
        *(alone, newest.c.ended_at - newest.c.sent_at),
    ).join(newest, newest.c.image_id == image.c.id)
    rows = fetch(c, query) if model_ids else []
    table = np.array([[np.nan if value is None else float(value) for value in row] for row in rows])
    table = table.reshape(len(rows), 7)
    seconds = np.where(table[:, 5] > 0, table[:, 6], np.nan)
    sides = table[:, :2].astype(np.int64)
    return Measured(sides[:, 0], sides[:, 1], table[:, 2], table[:, 3], table[:, 4], seconds)


def refusal_rate(c: Connection, provider: str, name: str) -> tuple[float, int]:
    """Return the share of pictures that a model refused at some time, and of how many."""
    refused = select(func.count(failure.c.image_id.distinct())).where(
        failure.c.provider == provider, failure.c.model == name, failure.c.policy_violation.is_(True)
    )
    ids = same_asked(c, provider, name)
    answered = select(func.count(annotation.c.image_id.distinct())).where(annotation.c.model_id.in_(ids))
    no, yes = int(c.execute(refused).scalar_one()), int(c.execute(answered).scalar_one())
    return (no / (no + yes) if no + yes else 0.0), no + yes
