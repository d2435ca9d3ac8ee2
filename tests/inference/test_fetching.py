"""Files that are fetched while a job waits for them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from lorairo.errors import ModelError
from lorairo.inference import fetching, weights
from lorairo.inference.fetching import fetched
from lorairo.inference.specs import ModelSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from hub_server import Hub

    from lorairo.jobs import Step


def through(steps: Generator[Step, None, weights.Weights]) -> tuple[list[str | None], weights.Weights]:
    """Follow a generator as a job does, and return what it told and gave."""
    told = []
    while True:
        try:
            told.append(next(steps).notice)
        except StopIteration as end:
            return told, end.value


@pytest.fixture
def spec(hub: Hub, echo: Callable[..., Path]) -> ModelSpec:
    echo(hub.folder / "us" / "echo")
    return ModelSpec(name="echo", repo="us/echo")


def test_a_job_tells_that_it_fetches_and_then_no_more(spec: ModelSpec):
    told, found = through(fetched(spec))
    assert told[0] == "fetching echo"
    assert told[-1] == ""
    assert found == weights.fetch(spec)
    assert through(fetched(spec)) == ([], found), "what is here is not announced"


def test_a_failed_download_fails_the_job(hub: Hub):
    with pytest.raises(ModelError, match="the hub has no us/nothing"):
        through(fetched(ModelSpec(name="nothing", repo="us/nothing")))


def test_a_stopped_job_stops_its_download(spec: ModelSpec, monkeypatch: pytest.MonkeyPatch):
    begun, outcome = threading.Event(), []

    def endless(_: ModelSpec, told: Callable[[str], object]) -> None:
        try:
            while True:
                told("fetching echo, 1 MB of 9 MB")
                begun.set()
        except Exception as error:
            outcome.append(error)
            raise

    monkeypatch.setattr(fetching, "fetch", endless)
    steps = fetched(spec)
    next(steps)
    assert begun.wait(10)
    assert next(steps).notice == "fetching echo, 1 MB of 9 MB"
    steps.close()
    assert [str(error) for error in outcome] == ["echo is not fetched: the job was stopped"]
