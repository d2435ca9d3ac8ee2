"""What a run came to at services: what was answered and refused, whose outcome nobody knows, what it cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import case, func, select

from lorairo.store import requests
from lorairo.store.jobs import UNFINISHED, failures
from lorairo.store.schema import job as job_table
from lorairo.store.schema import model, request

if TYPE_CHECKING:
    from sqlalchemy import Connection

_REFUSED = ("refusal", "policy_block", "prohibited")


@dataclass(frozen=True)
class Account:
    """What a run came to.

    Attributes
    ----------
    answered
        Questions with an answer.
    refused
        Provider and number of the questions it refused, most first.
    unknown
        Questions whose outcome nobody knows; of a run that has ended, those that never ended too.
    failed
        Images that came to nothing for other reasons, and that nobody answered since.
    cost
        USD; None where the price of none of them is known.
    """

    answered: int
    refused: tuple[tuple[str, int], ...]
    unknown: int
    failed: int
    cost: float | None


def account(c: Connection, job_id: int) -> Account | None:
    """Return what a run came to; None where it asked no service."""
    lost = (request.c.state == requests.SENT) & request.c.submission_id.is_(None)
    ended = job_table.c.state.not_in(UNFINISHED)
    what = case(
        (request.c.state == requests.ANSWERED, "answered"),
        ((request.c.state == requests.UNKNOWN) | (lost & ended), "unknown"),
        (request.c.ending.in_(_REFUSED), "refused"),
        else_="other",
    )
    query = (
        select(model.c.provider, what, func.count(), func.sum(request.c.cost))
        .join(model, model.c.id == request.c.model_id)
        .join(job_table, job_table.c.id == request.c.job_id)
        .where(request.c.job_id == job_id)
        .group_by(model.c.provider, what)
    )
    rows = [tuple(row) for row in c.execute(query)]
    if not rows:
        return None
    refused = [(str(provider), int(count)) for provider, kind, count, _ in rows if kind == "refused"]
    costs = [float(cost) for *_, cost in rows if cost is not None]
    counted = {kind: sum(count for _, of, count, _ in rows if of == kind) for kind in ("answered", "unknown")}
    total, _ = failures(c, job_id, 0)
    return Account(
        counted["answered"],
        tuple(sorted(refused, key=lambda one: (-one[1], one[0]))),
        counted["unknown"],
        max(0, total - sum(count for _, count in refused)),
        sum(costs) if costs else None,
    )
