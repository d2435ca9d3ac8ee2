"""Getting the files of a model within a job: how far it is, and an end to it when the job is stopped."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import TYPE_CHECKING

from lorairo.errors import JobError
from lorairo.inference.weights import Weights, fetch, place_of
from lorairo.jobs import Step

if TYPE_CHECKING:
    from collections.abc import Generator

    from lorairo.inference.specs import ModelSpec

_OFTEN = 0.25  # seconds between two looks at a download: also how long stopping it takes


def fetched(spec: ModelSpec) -> Generator[Step, None, Weights]:
    """Return the files of a model; where they are fetched, each step tells how far that is.

    Closing the generator ends the download. Files that were whole stay.

    Raises
    ------
    ModelError
        When they cannot be had.
    """
    if place_of(spec).folder is not None:
        return fetch(spec)
    stopped, said = threading.Event(), [f"fetching {spec.name}"]

    def hear(words: str) -> None:
        if stopped.is_set():
            raise JobError(f"{spec.name} is not fetched: the job was stopped")
        said[0] = words

    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(copy_context().run, fetch, spec, hear)
        try:
            while not under_way.done():
                yield Step(done=0, notice=said[0])
                wait([under_way], timeout=_OFTEN)
        finally:
            stopped.set()
    yield Step(done=0, notice="")
    return under_way.result()
