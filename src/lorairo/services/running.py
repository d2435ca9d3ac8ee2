"""Which runs of services are under way in this process."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING

from lorairo.errors import JobError

if TYPE_CHECKING:
    from collections.abc import Iterator

_lock = threading.Lock()
_running: set[tuple[int, str, int]] = set()


def is_running(place: str, job_id: int) -> bool:
    """Whether a job on the database at a place asks a service now, here."""
    with _lock:
        return (os.getpid(), place, job_id) in _running  # a forked child runs nothing of its parent


@contextlib.contextmanager
def marked(place: str, job_id: int) -> Iterator[None]:
    """Mark a job as running.

    Raises
    ------
    JobError
        When it is running already.
    """
    one = (os.getpid(), place, job_id)
    with _lock:
        if one in _running:
            raise JobError(f"job {job_id} is running already: wait for it, or cancel it")
        _running.add(one)
    try:
        yield
    finally:
        with _lock:
            _running.discard(one)
