"""The row of a job in the database: what lets a job be seen, and resumed, after its kernel is gone."""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from lorairo.store import jobs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lorairo.store import Database

_PAUSE = 1.0  # seconds between two writes of the row; the evidence itself is committed per batch
_SILENT = 900.0  # seconds without a sign of life after which a job of another machine counts as gone


def _this_process() -> dict[str, Any]:
    return {"host": socket.gethostname(), "pid": os.getpid(), "started": psutil.Process().create_time()}


def _gone(process: dict[str, Any], updated_at: float) -> bool:
    """Whether the process that ran a job is no more; on another machine only its silence can tell."""
    if process.get("host") != socket.gethostname():
        return time.time() - updated_at > _SILENT
    try:
        started = psutil.Process(int(process["pid"])).create_time()
    except (psutil.NoSuchProcess, KeyError):
        return True
    except psutil.AccessDenied:  # it exists and belongs to somebody else
        return False
    return bool(abs(started - float(process["started"])) > 1.0)  # the number was given to another process


def alive(row: Mapping[str, Any]) -> bool:
    """Whether a job may be under way, in this process or another one, going by its row."""
    process = dict(row["parameters"]).get("process", {})
    return row["state"] in jobs.UNFINISHED and not _gone(process, float(row["updated_at"]))


def here(row: Mapping[str, Any]) -> bool:
    """Whether it was this process that started or resumed a job last, going by its row."""
    return bool(dict(row["parameters"]).get("process", {}) == _this_process())


class Row:
    """Writes one job row.

    Parameters
    ----------
    database
        Where.
    new
        Values of a new row: kind, label, parameters, images, total, author.
    row
        The id of an earlier job that goes on, instead.
    """

    def __init__(self, database: Database, new: dict[str, Any], row: int | None) -> None:
        self.database = database
        self._id = row
        self._new = new
        self._written = float("-inf")

    @property
    def id(self) -> int:
        """The id; 0 before the first start."""
        return self._id or 0

    def asks_as(self, other: Row) -> bool:
        """Whether both ask for the same, in the same database."""
        mine, theirs = self._new, other._new
        return (
            self.database is other.database
            and all(mine[name] == theirs[name] for name in ("kind", "parameters"))
            and np.array_equal(mine["images"], theirs["images"])
        )

    def begin(self) -> None:
        """Record the intent, before any work."""
        parameters = {**self._new["parameters"], "process": _this_process()}
        with self.database.write() as connection:
            if self._id is None:
                self._id = jobs.create(connection, **{**self._new, "parameters": parameters})
            else:
                jobs.update(connection, self._id, state="running", parameters=parameters)
        self._written = time.monotonic()

    def update(self, done: int, failed: int) -> None:
        """Record how far it is, now and then."""
        if time.monotonic() - self._written < _PAUSE:
            return
        with self.database.write() as connection:
            jobs.update(connection, self.id, done=done, failed=failed)
        self._written = time.monotonic()

    def end(self, state: str, done: int, failed: int) -> None:
        """Record how it ended."""
        with self.database.write() as connection:
            jobs.update(connection, self.id, state=state, done=done, failed=failed)


def mark_interrupted(database: Database) -> list[int]:
    """Find jobs that a killed kernel left as running, and call them interrupted.

    Returns
    -------
    list of int
        Ids of the rows changed.
    """
    with database.read() as connection:
        running = [row for row in jobs.list_jobs(connection) if row["state"] in jobs.UNFINISHED]
    left = [int(row["id"]) for row in running if not alive(row)]
    if left:
        with database.write() as connection:
            for job_id in left:
                jobs.update(connection, job_id, state="interrupted")
    return left
