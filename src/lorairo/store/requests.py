"""What was asked of services, one row for each question: written before it is sent.

A row is ``sent`` from the moment it is written. It becomes ``answered`` once the answer is here, and keeps it
until it is parsed; ``failed`` once it is clear that there will be none; ``unknown`` where whoever sent it is
no more; ``dropped`` where the same was asked again, or never was.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sqlalchemy import bindparam, case, func, insert, null, select, update

from lorairo.masking import masked_values
from lorairo.store import commits, evidence, state
from lorairo.store.schema import annotation, failure, model, request
from lorairo.store.schema import job as job_table
from lorairo.store.statements import bulk, chunks, fetch_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from numpy.typing import NDArray
    from sqlalchemy import Connection

SENT, ANSWERED, FAILED, UNKNOWN, DROPPED = "sent", "answered", "failed", "unknown", "dropped"
PROHIBITED = "prohibited"
"""The kind of failures after which a picture is never sent to the same provider again."""


class Open(NamedTuple):
    """A question nobody has ended yet."""

    id: int
    image_id: int
    job_id: int
    submission_id: int | None


class Kept(NamedTuple):
    """An answer that is here: `fresh` where it was not parsed yet, else it could not be."""

    id: int
    image_id: int
    raw: str
    fresh: bool
    seconds: float | None
    tokens_in: int | None
    tokens_out: int | None
    cost: float | None


@dataclass(frozen=True, slots=True)
class Intent:
    """A question that is about to be sent.

    Attributes
    ----------
    cost
        USD it takes at most; None where nobody knows.
    """

    image_id: int
    prompt_sha256: bytes
    picture_sha256: bytes
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How a question ended."""

    id: int
    state: str
    ending: str
    attempts: int
    raw: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None
    remote_id: str = ""
    answered_by: str = ""


def under_way(c: Connection, model_id: int, ids: NDArray[np.int64] | None = None) -> list[Open]:
    """Return what was sent and has not ended, of some images."""
    query = select(request.c.image_id, request.c.id, request.c.job_id, request.c.submission_id).where(
        request.c.model_id == model_id, request.c.state == SENT
    )
    return [Open(row[1], row[0], row[2], row[3]) for row in fetch_of(c, query, request.c.image_id, ids)]


def in_state(
    c: Connection, model_id: int, state: str, ids: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Return the images, sorted, that have a question in a state."""
    query = select(request.c.image_id).where(request.c.model_id == model_id, request.c.state == state)
    return _ids(fetch_of(c, query, request.c.image_id, ids))


def unparsed(c: Connection, model_id: int, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the images, sorted, whose answer is here and was not parsed yet."""
    query = select(request.c.image_id).where(
        request.c.model_id == model_id, request.c.state == ANSWERED, request.c.raw.is_not(None)
    )
    return _ids(fetch_of(c, query, request.c.image_id, ids))


def kept(c: Connection, model_id: int, ids: NDArray[np.int64], endings: Iterable[str]) -> list[Kept]:
    """Return answers that are not parsed yet, and those that could not be, for reasons that may be gone."""
    query = select(
        *(request.c.image_id, request.c.id, request.c.raw, request.c.state),
        # of one that was handed over with others, the day it lay there says nothing
        case((request.c.submission_id.is_(None), request.c.ended_at - request.c.sent_at)),
        *(request.c.tokens_in, request.c.tokens_out, request.c.cost),
    ).where(
        request.c.model_id == model_id,
        request.c.raw.is_not(None),
        (request.c.state == ANSWERED) | ((request.c.state == FAILED) & request.c.ending.in_(tuple(endings))),
    )
    rows = fetch_of(c, query.order_by(request.c.image_id, request.c.id), request.c.image_id, ids)
    return [Kept(row[1], row[0], row[2], row[3] == ANSWERED, *row[4:]) for row in rows]


def refused(c: Connection, provider: str, name: str, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the images, sorted, that a model refused and has not answered since, however it was asked."""
    query = (
        select(failure.c.image_id, func.max(failure.c.at))
        .where(failure.c.provider == provider, failure.c.model == name, failure.c.policy_violation.is_(True))
        .group_by(failure.c.image_id)
    )
    last = {int(row[0]): float(row[1]) for row in fetch_of(c, query, failure.c.image_id, ids)}
    answers = (
        select(annotation.c.image_id, func.max(annotation.c.at))
        .join(model, model.c.id == annotation.c.model_id)
        .where(model.c.provider == provider, model.c.model == name)
        .group_by(annotation.c.image_id)
    )
    since = dict(fetch_of(c, answers, annotation.c.image_id, np.array(sorted(last), np.int64)))
    kept_ones = [image_id for image_id, at in last.items() if since.get(image_id, float("-inf")) <= at]
    return np.array(sorted(kept_ones), dtype=np.int64)


def prohibited(c: Connection, provider: str, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the images, sorted, that a provider prohibits: no later answer lifts that, nor another model."""
    query = select(failure.c.image_id).where(failure.c.provider == provider, failure.c.kind == PROHIBITED)
    return _ids(fetch_of(c, query, failure.c.image_id, ids))


def jobs_of(c: Connection, numbers: Iterable[int]) -> dict[int, Mapping[str, Any]]:
    """Return id, state, parameters and time of the last sign of life of jobs."""
    columns = (job_table.c.id, job_table.c.state, job_table.c.parameters, job_table.c.updated_at)
    found: dict[int, Mapping[str, Any]] = {}
    for part in chunks(sorted(set(numbers))):
        rows = c.execute(select(*columns).where(job_table.c.id.in_(part))).mappings()
        found.update({int(row["id"]): dict(row) for row in rows})
    return found


def spent(c: Connection, job_id: int) -> float:
    """Return USD that the questions of a job took; of those without an end what they may take."""
    total = select(func.coalesce(func.sum(request.c.cost), 0.0)).where(request.c.job_id == job_id)
    return float(c.execute(total).scalar_one())


def _ids(rows: Sequence[tuple[Any, ...]]) -> NDArray[np.int64]:
    return np.unique(np.array([row[0] for row in rows], dtype=np.int64))


# ------------------------------------------------------------------------------------------------ writing


def intend(c: Connection, model_id: int, job_id: int, wanted: Sequence[Intent]) -> dict[int, int]:
    """Write down what is about to be sent, and return the new rows by image.

    An image that another run asks about, has asked about meanwhile, or that was deleted, gets none. What was
    asked about it before with an outcome nobody knows is settled by this.
    """
    ids = np.unique(np.array([one.image_id for one in wanted], dtype=np.int64))
    taken = {row.image_id for row in under_way(c, model_id, ids)}
    taken |= set(unparsed(c, model_id, ids).tolist()) | set(evidence.answered(c, model_id, ids).tolist())
    there = set(state.stored(c, ids).ids.tolist())
    free = [one for one in wanted if one.image_id in there and one.image_id not in taken]
    return _written(c, model_id, job_id, free)


def _written(c: Connection, model_id: int, job_id: int, free: Sequence[Intent]) -> dict[int, int]:
    first = int(c.execute(select(func.coalesce(func.max(request.c.id), 0))).scalar_one()) + 1
    now = time.time()
    names = ["id", "image_id", "model_id", "job_id", "state", "prompt_sha256", "picture_sha256"]
    names += ["attempts", "sent_at", "cost"]
    rows = [
        (
            *(first + place, one.image_id, model_id, job_id, SENT, one.prompt_sha256, one.picture_sha256),
            *(1, now, one.cost),
        )
        for place, one in enumerate(free)
    ]
    settled = (
        update(request)
        .where(
            request.c.model_id == bindparam("of_model"),
            request.c.image_id == bindparam("of"),
            request.c.state == bindparam("was"),
        )
        .values(state=bindparam("to"))
    )
    names_of = ["to", "of_model", "of", "was"]
    before = [(DROPPED, model_id, one.image_id, UNKNOWN) for one in free]
    with commits.aside(c):
        bulk(c, settled, names_of, before)
        bulk(c, insert(request), names, rows)
    return {row[1]: row[0] for row in rows}


def again(c: Connection, numbers: Sequence[int]) -> None:
    """Write down that questions are about to be sent once more."""
    change = update(request).where(request.c.id == bindparam("of"))
    with commits.aside(c):
        bulk(
            c,
            change.values(state=bindparam("to"), ended_at=null()),
            ["to", "of"],
            [(SENT, number) for number in numbers],
        )


def end(c: Connection, rows: Sequence[Ended]) -> None:
    """Write how questions ended."""
    names = ["state", "ending", "attempts", "raw", "tokens_in", "tokens_out", "cost", "remote_id"]
    names += ["answered_by", "ended_at"]
    change = update(request).where(request.c.id == bindparam("of"))
    change = change.values({name: bindparam(name) for name in names})
    now = time.time()
    values = [
        (
            *(row.state, row.ending, row.attempts, masked_values(row.raw), row.tokens_in, row.tokens_out),
            *(row.cost, masked_values(row.remote_id)[:255], masked_values(row.answered_by)[:255]),
            *(now, row.id),
        )
        for row in rows
    ]
    with commits.aside(c):
        bulk(c, change, [*names, "of"], values)


def settle(c: Connection, rows: Sequence[tuple[int, str, str]], *, clear: bool = False) -> None:
    """Set state and ending of some rows: id, state, ending; unknown is only what has no end yet.

    Parameters
    ----------
    clear
        Forget the answer too: the annotation has it.
    """
    change = update(request).where(request.c.id == bindparam("of"))
    change = change.values(state=bindparam("to"), ending=bindparam("so"))
    if clear:
        change = change.values(raw=null())
    left = [(state, ending, number, SENT) for number, state, ending in rows if state == UNKNOWN]
    ended = [(state, ending, number) for number, state, ending in rows if state != UNKNOWN]
    with commits.aside(c):
        bulk(c, change.where(request.c.state == bindparam("was")), ["to", "so", "of", "was"], left)
        bulk(c, change, ["to", "so", "of"], ended)


def drop(c: Connection, rows: Sequence[tuple[int, str, float | None]]) -> None:
    """Give up questions that have no end yet: id, ending, and USD that their attempts took.

    What was put aside for one that never left is spent by nobody.
    """
    change = update(request).where(request.c.id == bindparam("of"), request.c.state == bindparam("was"))
    change = change.values(state=bindparam("to"), ending=bindparam("so"), cost=bindparam("took"))
    values = [(DROPPED, ending, cost, number, SENT) for number, ending, cost in rows]
    with commits.aside(c):
        bulk(c, change, ["to", "so", "took", "of", "was"], values)
