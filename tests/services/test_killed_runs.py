"""Kernels that die in the middle of a run, or ask at the same time as another; and what they leave behind."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import openai_wire as wire
import pytest
from api_server import Sent
from asked_project import ANSWER, MODEL, project_of, service
from sqlalchemy import select

import lorairo as lr
from lorairo.jobs import mark_interrupted
from lorairo.store.schema import request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNT, CONCURRENCY = 60, 4

CHILD = """
import sys
import lorairo as lr
with lr.open_project(sys.argv[1]) as project:
    print("begun", flush=True)
    job = project.view().annotate([sys.argv[2]])
    try:
        job.wait()
    except lr.Error as error:
        print(repr(error), error)
    print(repr(job), job.errors.to_string(), project.failures.to_string(), flush=True)
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[lr.Project]:
    with project_of(tmp_path, COUNT) as made:
        yield made


def child_of(project: lr.Project, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, str(project.database.folder), MODEL],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **more},
    )


def states(project: lr.Project) -> dict[str, int]:
    with project.database.read() as c:
        found = [row[0] for row in c.execute(select(request.c.state))]
    return {state: found.count(state) for state in set(found)}


def captioned(project: lr.Project) -> int:
    return len(project.view().captions("default").dropna())


def test_a_killed_run_repeats_nothing_but_what_was_under_way(project: lr.Project):
    full, gate = threading.Event(), threading.Event()

    def say(_digest: bytes, _turn: int) -> Sent | str:
        if len(asked.asked) > 20 and not gate.is_set():
            if len(asked.asked) >= 20 + CONCURRENCY:
                full.set()
            gate.wait()
            return Sent(drop=True)  # nobody is there to hear it
        return ANSWER

    with service(say, concurrency=CONCURRENCY) as asked:
        child = child_of(project)
        assert full.wait(60)
        child.kill()
        child.communicate()
        gate.set()
        asked.say = lambda _digest, _turn: ANSWER
        answered = set(asked.answered)
        (job_id,) = mark_interrupted(project.database)
        assert states(project)["sent"] <= CONCURRENCY

        job = project.resume(job_id, background=False)
        unknown = set(job.errors["image_id"])
        assert set(job.errors["kind"]) == {"unknown"}
        assert set(project.failures["kind"]) == {"unknown"}
        assert 1 <= len(unknown) <= CONCURRENCY
        assert captioned(project) == COUNT - len(unknown)
        assert all(asked.asked[digest] == 1 for digest in answered)

        job = project.view().annotate([MODEL], unknown="send", background=False)
        assert captioned(project) == COUNT
    assert all(asked.answered[digest] == 1 for digest in asked.answered)
    assert sum(turns > 1 for turns in asked.asked.values()) <= CONCURRENCY


def test_two_kernels_never_send_the_same_picture(project: lr.Project):
    with service(rate_limit_requests_per_minute=2400) as asked:
        child = child_of(project)
        assert child.stdout.readline() == "begun\n"
        job = project.view().annotate([MODEL]).wait()
        said, _ = child.communicate(timeout=60)
    assert "done" in said, said
    assert job.state == "done"
    assert set(asked.asked.values()) == {1}
    assert (len(asked.asked), captioned(project)) == (COUNT, COUNT)


KEY = "sk-test-3f9aTq7LmWzK21xv"


@pytest.mark.parametrize("ends", ["as usual", "with a bad key"])
def test_a_key_is_in_no_file_that_a_run_leaves(tmp_path: Path, ends: str):
    """The service repeats the key wherever it can."""

    def say(digest: bytes, _turn: int) -> Sent | str:
        if ends == "with a bad key":
            return wire.bad_key(KEY)
        told = wire.error(400, KEY, f"bad request with key {KEY}", headers={"x-request-id": KEY})
        return told if digest[0] % 2 else f'{{"caption": "a sign that says {KEY}"}}'

    settings = {"api_key_env": "MINE_TEST_KEY", "concurrency": 1}
    with project_of(tmp_path, 12) as project, service(say, **settings) as asked:
        logs = (
            {"OPENAI_LOG": "debug"} if ends == "with a bad key" else {}
        )  # it prints the name of the exchange
        child = child_of(project, MINE_TEST_KEY=KEY, LORAIRO_LOG_LEVEL="DEBUG", **logs)
        said, _ = child.communicate(timeout=60)
    assert "begun" in said
    assert {one.headers["authorization"] for one in asked.server.received} == {f"Bearer {KEY}"}
    files = [file for file in tmp_path.rglob("*") if file.is_file() and file.suffix != ".png"]
    assert any(file.name == "database.db" for file in files)
    assert [file for file in files if KEY.encode() in file.read_bytes()] == []
    assert KEY not in said
