"""Questions handed to a service together: one row for each submission, from before it is handed over.

A row is ``sending`` until the service has named it, then what the service says: `SubmissionState`. It is
``recorded`` once all that came of it is here, ``closed`` once its files at the service are gone too, and
``lost`` where it was cut off and nobody knows whether it was handed over.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, bindparam, case, func, insert, select, update

from lorairo.masking import masked
from lorairo.store import changes, commits
from lorairo.store.requests import ANSWERED, FAILED, SENT
from lorairo.store.schema import image, model, request, submission
from lorairo.store.statements import bulk, chunks, fetch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

SENDING, RECORDED, CLOSED, LOST = "sending", "recorded", "closed", "lost"
OURS = ("mark", "count")
"""What stands beside the names of files, and is no name of one."""

OVER = (CLOSED, LOST)
"""States in which nothing is left to do."""

COLUMNS = (
    *("id", "job_id", "provider", "model", "state", "images", "answered", "failed", "waiting"),
    *("message", "remote_id", "at", "updated_at"),
)
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Handed:
    """A submission as its row says.

    Attributes
    ----------
    remote_id
        None: the service has not named it yet.
    """

    id: int
    job_id: int
    model_id: int
    state: str
    remote_id: str | None
    files: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    at: float = 0.0

    @property
    def mark(self) -> str:
        """What the service knows it by before it has named it."""
        return str(self.files.get("mark", ""))

    @property
    def count(self) -> int:
        """How many questions were handed over; some may be gone with their images."""
        return int(self.files.get("count", 0))


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a submission, as its row says.

    Attributes
    ----------
    sha256
        Of the image it is about.
    """

    id: int
    image_id: int
    sha256: bytes
    state: str
    model_id: int


def create(c: Connection, job_id: int, model_id: int, mark: str, asked: Sequence[int]) -> int:
    """Write down that questions are about to be handed over together; return the id of the submission."""
    number = int(c.execute(select(func.coalesce(func.max(submission.c.id), 0) + 1)).scalar_one())
    now = time.time()
    row = insert(submission).values(
        id=number,
        job_id=job_id,
        model_id=model_id,
        remote_id=None,
        state=SENDING,
        files={"mark": mark, "count": str(len(asked))},
        message="",
        at=now,
        updated_at=now,
    )
    joined = update(request).where(request.c.id == bindparam("of")).values(submission_id=bindparam("to"))
    with commits.aside(c):
        c.execute(row)
        bulk(c, joined, ["to", "of"], [(number, question) for question in asked])
    changes.tell(c, {"jobs"}, ())
    return number


def change(c: Connection, number: int, **values: Any) -> None:
    """Set columns of a submission: state, remote_id, files, message; its mark and count stay."""
    if "files" in values:
        before = c.execute(select(submission.c.files).where(submission.c.id == number)).scalar_one()
        values["files"] = {**values["files"], **{what: before[what] for what in OURS if what in before}}
    if "message" in values:
        values["message"] = masked(values["message"])[:_LONGEST]
    row = update(submission).where(submission.c.id == number).values(updated_at=time.time(), **values)
    with commits.aside(c):
        c.execute(row)
    changes.tell(c, {"jobs"}, ())


def under_way(c: Connection, *, model_id: int | None = None, job_id: int | None = None) -> list[Handed]:
    """Return submissions that are not over, oldest first.

    Parameters
    ----------
    model_id, job_id
        Only those of a model, or of a job.
    """
    query = select(submission).where(submission.c.state.not_in(OVER)).order_by(submission.c.id)
    if model_id is not None:
        query = query.where(submission.c.model_id == model_id)
    if job_id is not None:
        query = query.where(submission.c.job_id == job_id)
    rows = c.execute(query).mappings()
    return [Handed(**{name: row[name] for name in Handed.__dataclass_fields__}) for row in rows]


def questions(c: Connection, number: int) -> list[Question]:
    """Return the questions of a submission; those about images that were deleted meanwhile are gone."""
    return _questions(c, request.c.submission_id == number)


def known_questions(c: Connection, numbers: Iterable[int]) -> list[Question]:
    """Return questions by their ids, those that are there."""
    return [row for part in chunks(sorted(set(numbers))) for row in _questions(c, request.c.id.in_(part))]


def _questions(c: Connection, condition: Any) -> list[Question]:
    columns = (request.c.id, request.c.image_id, image.c.sha256, request.c.state, request.c.model_id)
    query = select(*columns).join(image, image.c.id == request.c.image_id).where(condition)
    return [
        Question(row[0], row[1], bytes(row[2]), row[3], row[4])
        for row in fetch(c, query.order_by(request.c.id))
    ]


def model_of(c: Connection, number: int) -> tuple[str, str, dict[str, Any]]:
    """Return provider, name and parameters of a model row."""
    query = select(model.c.provider, model.c.model, model.c.parameters).where(model.c.id == number)
    row = c.execute(query).one()
    return row.provider, row.model, json.loads(row.parameters)


def remote_ids(c: Connection) -> set[str]:
    """Return what services call the submissions they have named."""
    query = select(submission.c.remote_id).where(submission.c.remote_id.is_not(None))
    return {str(row[0]) for row in fetch(c, query)}


def waiting_jobs(c: Connection) -> set[int]:
    """Return the jobs that have submissions under way."""
    query = select(submission.c.job_id).where(submission.c.state.not_in((RECORDED, *OVER))).distinct()
    return {int(row[0]) for row in fetch(c, query)}


def listing(c: Connection) -> list[dict[str, Any]]:
    """Return every submission, newest first: `COLUMNS`."""

    def count(state: str) -> Any:
        return func.coalesce(func.sum(case((request.c.state == state, 1), else_=0)), 0).cast(Integer)

    query = (
        select(
            *(submission.c.id, submission.c.job_id, model.c.provider, model.c.model, submission.c.state),
            func.count(request.c.id).label("images"),
            *(count(state).label(name) for name, state in _COUNTED.items()),
            *(submission.c.message, submission.c.remote_id, submission.c.at, submission.c.updated_at),
        )
        .join(model, model.c.id == submission.c.model_id)
        .outerjoin(request, request.c.submission_id == submission.c.id)
        .group_by(submission.c.id, model.c.id)
        .order_by(submission.c.id.desc())
    )
    return [dict(row) for row in c.execute(query).mappings()]


_COUNTED = {"answered": ANSWERED, "failed": FAILED, "waiting": SENT}
