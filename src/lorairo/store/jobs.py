"""Rows of background work: what was asked, how far it came."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import func, insert, select
from sqlalchemy import update as updated

from lorairo.errors import NotFoundError
from lorairo.masking import masked, masked_values
from lorairo.store import changes, commits, packing
from lorairo.store.schema import annotation, failure, model
from lorairo.store.schema import job as job_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

UNFINISHED = ("running", "stopping")
COLUMNS = [column.name for column in job_table.columns if column.name != "images"]


def create(
    c: Connection,
    *,
    kind: str,
    label: str,
    parameters: Mapping[str, Any],
    images: Iterable[int],
    author: str,
    total: int | None = None,
    state: str = "running",
) -> int:
    """Record a job before it starts; return its id."""
    ids = np.fromiter(images, dtype=np.int64)
    now = time.time()
    number = int(c.execute(select(func.coalesce(func.max(job_table.c.id), 0) + 1)).scalar_one())
    row = insert(job_table).values(
        id=number,
        uuid=str(uuid.uuid4()),
        kind=kind,
        label=masked(label),
        parameters=masked_values(dict(parameters)),
        images=packing.pack({"images": ids}),
        state=state,
        done=0,
        total=len(ids) if total is None else total,
        failed=0,
        author=author,
        created_at=now,
        updated_at=now,
    )
    with commits.aside(c):
        c.execute(row)
    changes.tell(c, {"jobs"}, ())
    return number


def update(c: Connection, number: int, **values: Any) -> None:
    """Set columns of a job: state, done, failed, total, label, parameters.

    Raises
    ------
    NotFoundError
        When there is no such job.
    """
    row = updated(job_table).where(job_table.c.id == number)
    with commits.aside(c):
        found = c.execute(row.values(updated_at=time.time(), **masked_values(values)))
    if not found.rowcount:
        raise NotFoundError(f"there is no job {number} in this project")
    changes.tell(c, {"jobs"}, ())


def job(c: Connection, number: int) -> dict[str, Any]:
    """Return a job with its image ids.

    Raises
    ------
    NotFoundError
        When there is no such job.
    """
    row = c.execute(select(job_table).where(job_table.c.id == number)).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"there is no job {number} in this project")
    return {**row, "images": packing.unpack(bytes(row["images"]))["images"]}


def failures(c: Connection, number: int, limit: int) -> tuple[int, list[dict[str, Any]]]:
    """Return what a job could not do and nobody answered since: how many, and the first of them.

    Raises
    ------
    NotFoundError
        When there is no such job.
    """
    columns = [column for column in job_table.columns if column.name != "images"]
    row = c.execute(select(*columns).where(job_table.c.id == number)).mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"there is no job {number} in this project")
    answered = (
        select(annotation.c.id)
        .join(model, model.c.id == annotation.c.model_id)
        .where(
            annotation.c.image_id == failure.c.image_id,
            annotation.c.at > failure.c.at,
            model.c.provider == failure.c.provider,
            model.c.model == failure.c.model,
        )
    )
    newest = (
        select(func.max(failure.c.id))
        .where(
            failure.c.at >= row["created_at"],
            failure.c.model.in_(row["parameters"].get("names", [])),
            ~answered.exists(),
        )
        .group_by(failure.c.image_id, failure.c.model)
    )
    if row["state"] not in UNFINISHED:
        newest = newest.where(failure.c.at <= row["updated_at"])
    numbers = [int(found) for found in c.execute(newest).scalars()]
    shown = select(failure).where(failure.c.id.in_(sorted(numbers)[:limit])).order_by(failure.c.id)
    return len(numbers), [dict(found) for found in c.execute(shown).mappings()]


def list_jobs(c: Connection) -> list[dict[str, Any]]:
    """Return every job, newest first, without its image ids."""
    columns = (job_table.c[name] for name in COLUMNS)
    return [dict(row) for row in c.execute(select(*columns).order_by(job_table.c.id.desc())).mappings()]


def interrupt(c: Connection, *, silent_for: float) -> list[int]:
    """Mark jobs as interrupted that say they run but were silent for some seconds; return their ids."""
    stale = select(job_table.c.id).where(
        job_table.c.state.in_(UNFINISHED), job_table.c.updated_at < time.time() - silent_for
    )
    numbers = [int(number) for number in c.execute(stale).scalars()]
    if numbers:
        with commits.aside(c):
            c.execute(updated(job_table).where(job_table.c.id.in_(numbers)).values(state="interrupted"))
        changes.tell(c, {"jobs"}, ())
    return numbers
