"""Submissions without a run that waits for them: fetched as far as they are, or cancelled at the service."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lorairo.services.asking import Service
from lorairo.services.bookkeeping import Books
from lorairo.services.calls import ENDED, CallError
from lorairo.services.desk import Desk
from lorairo.services.prices import price_of
from lorairo.services.run import costs
from lorairo.services.wishes import Wishes
from lorairo.store import submissions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lorairo.services.endpoint import Endpoint
    from lorairo.store import Database

    Endpoints = Callable[[str, str], Endpoint]


@dataclass
class Fetched:
    """What was fetched.

    Attributes
    ----------
    ended, under_way
        Submissions.
    answered, failed
        Images.
    troubles
        What kept services from being asked.
    """

    ended: int = 0
    under_way: int = 0
    answered: int = 0
    failed: int = 0
    troubles: tuple[str, ...] = ()


def fetch(database: Database, endpoint: Endpoints) -> Fetched:
    """Fetch what came of submissions that have ended; hand nothing over, wait for nothing.

    Parameters
    ----------
    endpoint
        Gives how a service is asked, by provider and model.
    """
    told = Fetched()
    for number in _models(database, None):
        with _desk(database, number, endpoint) as desk:
            mine = desk.open()
            _followed(database, number, {handed.id for handed in mine}, told)
            for handed in mine:
                try:
                    submission, written = desk.look(handed)
                except CallError as error:
                    told.under_way += 1
                    told.troubles = (*told.troubles, str(error))
                    continue
                over = submission is None or submission.state in ENDED
                told.ended, told.under_way = told.ended + over, told.under_way + (not over)
                told.answered += len(written.rows)
                told.failed += len(written.failures)
    return told


def _followed(database: Database, number: int, mine: set[int], told: Fetched) -> None:
    """Tell of submissions of a model that a run waits for: it fetches them itself."""
    with database.read() as c:
        others = [one for one in submissions.under_way(c, model_id=number) if one.id not in mine]
    told.under_way += len(others)
    for job_id in sorted({one.job_id for one in others}):
        told.troubles = (*told.troubles, f"job {job_id} waits for some of them itself")


def cancel(database: Database, job_id: int, endpoint: Endpoints) -> int:
    """Ask services to stop what a job has handed over; return how many submissions that concerns.

    Raises
    ------
    CallError
        When a service cannot be asked; those before it are cancelled.
    """
    count = 0
    for number in _models(database, job_id):
        with database.read() as c:
            mine = submissions.under_way(c, model_id=number, job_id=job_id)
        with _desk(database, number, endpoint) as desk:
            count += sum(desk.cancel(handed) is not None for handed in mine)
    return count


def _models(database: Database, job_id: int | None) -> list[int]:
    with database.read() as c:
        return sorted({one.model_id for one in submissions.under_way(c, job_id=job_id)})


@contextlib.contextmanager
def _desk(database: Database, number: int, endpoint: Endpoints) -> Iterator[Desk]:
    with database.read() as c:
        provider, model, parameters = submissions.model_of(c, number)
    books = Books(database, provider, model, Service.model_validate(parameters["service"]), 0)
    books.begin(np.empty(0, np.int64), Wishes())
    cost = costs(price_of(provider, model), batch=True)
    with Desk(database, books, endpoint(provider, model), model=model, job_id=0, cost=cost) as desk:
        yield desk
