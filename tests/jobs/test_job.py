from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lorairo.errors import ArgumentError, JobError, ModelError
from lorairo.jobs import Failure, Job, Step, end_all, live, mark_interrupted
from lorairo.jobs.rows import _gone
from lorairo.store import Database, jobs

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "project") as opened:
        yield opened


def rows(database: Database) -> list[dict]:
    with database.read() as connection:
        return jobs.list_jobs(connection)


class Work:
    """Ten images in batches of two; each batch waits for a permit, and what is done stays done."""

    def __init__(self, *, permits: int = 1000) -> None:
        self.permits = threading.Semaphore(permits)
        self.committed: list[int] = []
        self.error: BaseException | None = None
        self.closed = 0
        self.begun = threading.Event()

    def __call__(self) -> Generator[Step]:
        try:
            yield Step(done=len(self.committed), skipped=len(self.committed))
            for first in range(len(self.committed), 10, 2):
                self.begun.set()
                self.permits.acquire()
                if first >= 4 and self.error is not None:
                    raise self.error
                self.committed += [first, first + 1]
                failures = (Failure(7, "local", "m", "rejected", "truncated file"),) if first == 6 else ()
                yield Step(done=2, failures=failures)
        finally:
            self.closed += 1


def job_of(database: Database, work: Work) -> Job:
    return Job(
        database,
        work,
        kind="test",
        label="counting",
        parameters={"by": 2},
        images=np.arange(10),
        author="ada",
    )


def test_runs_here_and_leaves_a_row(database: Database):
    job, seen = job_of(database, Work()), []
    job.changed.connect(seen.append)
    job.start(background=False)
    assert job.state == "done"
    assert (job.progress.done, job.progress.total, job.progress.failed) == (10, 10, 1)
    assert seen[-1] == job.progress
    assert job.errors.to_dict("records")[0]["message"] == "truncated file"
    (row,) = rows(database)
    assert (row["state"], row["done"], row["total"], row["failed"], row["label"]) == (
        "done",
        10,
        10,
        1,
        "counting",
    )
    assert row["parameters"]["by"] == 2
    assert "10 of 10, 1 failed" in repr(job)


def test_runs_apart_cancels_between_batches_and_resumes(database: Database):
    work = Work(permits=0)
    job = job_of(database, work).start()
    assert live(database) == [job]
    with pytest.raises(JobError, match="running already"):
        job.start()
    assert job.wait(timeout=0).state == "running"
    assert work.begun.wait(10)
    job.cancel()
    assert job.state == "stopping"
    assert job.progress.label == "Stopping after this batch"
    work.permits.release()
    job.wait(10)
    assert (job.state, work.committed, work.closed) == ("stopped", [0, 1], 1)
    assert job.progress.label == "Stopped at 2. Resume"
    assert rows(database)[0]["state"] == "stopped"
    assert live(database) == []
    work.permits.release(10)
    job.resume().wait(10)
    assert (job.state, work.committed) == ("done", list(range(10)))
    assert len(rows(database)) == 1


def test_can_be_awaited(database: Database):
    async def main() -> Job:
        return await job_of(database, Work()).start()

    assert asyncio.run(main()).state == "done"


def test_an_interrupt_here_keeps_what_is_committed(database: Database):
    work = Work()
    work.error = KeyboardInterrupt()
    job = job_of(database, work)
    with pytest.raises(KeyboardInterrupt):
        job.start(background=False)
    assert (job.state, work.committed) == ("interrupted", [0, 1, 2, 3])
    assert rows(database)[0]["state"] == "interrupted"
    work.error = None
    assert job.resume(background=False).state == "done"
    assert work.committed == list(range(10))


def test_an_interrupted_wait_stops_nothing(database: Database, monkeypatch: pytest.MonkeyPatch):
    work = Work(permits=0)
    job = job_of(database, work).start()

    def interrupt(_timeout: float) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(job._ended, "wait", interrupt)
        with pytest.raises(KeyboardInterrupt):
            job.wait()
    assert job.state == "running"
    work.permits.release(10)
    assert job.wait(10).state == "done"


@pytest.mark.parametrize("background", [True, False])
def test_a_failure_says_what_is_kept(database: Database, background: bool):
    work = Work()
    work.error = RuntimeError("the cable is loose")
    job = job_of(database, work)
    with pytest.raises(JobError, match=r"cable is loose.*resume") as caught:
        job.start(background=background).wait(10)
    assert caught.value.__cause__ is work.error
    assert job.state == rows(database)[0]["state"] == "failed"
    work.error = ModelError("no such model")
    with pytest.raises(ModelError, match="no such model"):
        job.resume(background=background).wait(10)


def test_nothing_to_resume(database: Database):
    work = Work()
    work.committed = list(range(10))
    job = job_of(database, work).start(background=False)
    with pytest.raises(JobError, match="nothing to resume"):
        job.resume()


def test_a_listener_that_fails_stops_nothing(database: Database):
    job = job_of(database, Work())

    def fail(_progress: object) -> None:
        raise ArgumentError("no")

    job.changed.connect(fail)
    assert job.start(background=False).state == "done"


def test_works_without_threads(database: Database, monkeypatch: pytest.MonkeyPatch):
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert job_of(database, Work()).start().state == "done"


def test_end_all_waits_for_the_batch_under_way(database: Database):
    work = Work(permits=0)
    job = job_of(database, work).start()
    assert work.begun.wait(10)
    end_all([job], timeout=0)
    assert job.state == "stopping"
    work.permits.release()
    end_all([job], timeout=10)
    assert job.state == "stopped"


CHILD = """
import os, sys, numpy as np
from lorairo.jobs import Job, Step
from lorairo.store import Database

def work():
    yield Step(done=3)
    print("ready", flush=True)
    sys.stdin.read()

database = Database.open(sys.argv[1])
job = Job(database, work, kind="test", label="child", parameters={}, images=np.arange(9), author="ada")
job.start(background=False)
"""


@pytest.mark.parametrize(
    ("process", "age", "gone"),
    [
        ({"host": "elsewhere", "pid": 1, "started": 0.0}, 10, False),
        ({"host": "elsewhere", "pid": 1, "started": 0.0}, 4000, True),
        ({"host": socket.gethostname(), "pid": os.getpid(), "started": 0.0}, 10, True),  # its number, reused
        ({}, 4000, True),
    ],
)
def test_a_process_is_known_by_more_than_its_number(process: dict, age: float, gone: bool):
    assert _gone(process, time.time() - age) is gone


def test_a_killed_kernel_leaves_an_interrupted_job(tmp_path: Path):
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path / "project")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert child.stdout.readline() == "ready\n"
    with Database.open(tmp_path / "project") as database:
        assert mark_interrupted(database) == []  # its process lives
        child.kill()
        child.communicate()
        (row,) = rows(database)
        assert row["state"] == "running"
        assert mark_interrupted(database) == [row["id"]]
        assert rows(database)[0]["state"] == "interrupted"
        done = Work()
        done.committed = [0, 1, 2, 3]
        job = Job(
            database,
            done,
            kind="test",
            label="child",
            parameters={},
            images=np.arange(9),
            author="ada",
            row=row["id"],
        )
        assert (job.state, job.id) == ("interrupted", row["id"])
        job.resume(background=False)
        assert rows(database)[0]["state"] == "done"


def test_stopping_ends_a_rest_and_says_what_goes_on_elsewhere(tmp_path: Path):
    resting = threading.Event()

    def work() -> Generator[Step]:
        yield Step(done=1)
        resting.set()
        yield Step(done=0, rest=3600, parting="Two submissions go on at openai")
        yield Step(done=8)

    with Database.open(tmp_path / "project") as database:
        job = Job(
            database, work, kind="test", label="test", parameters={}, images=np.arange(9), author="ada"
        ).start()
        assert resting.wait(10)
        job.cancel().wait(10)
        assert (job.state, job.progress.done) == ("stopped", 1)
        assert job.progress.label == "Two submissions go on at openai"


def test_a_rest_that_is_over_lets_the_work_go_on(tmp_path: Path):
    def work() -> Generator[Step]:
        yield Step(done=4, rest=0.001, parting="never said")
        yield Step(done=5)

    with Database.open(tmp_path / "project") as database:
        job = Job(
            database, work, kind="test", label="test", parameters={}, images=np.arange(9), author="ada"
        ).start(background=False)
        assert (job.state, job.progress.done, job.progress.label) == ("done", 9, "test")
