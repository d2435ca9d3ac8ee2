"""Kernels that die while a batch lies with a service: nothing is handed over twice, nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import openai_wire
import pytest
from api_server import Received, Sent, serving
from asked_project import pictures
from batched import MODEL, address, answering, asked, at_last, captioned, for_ever

import lorairo as lr
from lorairo.store import submissions

pytestmark = pytest.mark.usefixtures("at_once")


KERNEL = """
import sys
import lorairo as lr
from lorairo.services import batches
batches.SHORTEST = batches.LONGEST = 0.01
with lr.open_project(sys.argv[1]) as project:
    project.view().annotate(["openai/gpt-5-mini"], batch=True, background=False)
"""


def kernel(tmp_path: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, "-c", KERNEL, str(tmp_path / "project")],
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def kill(child: subprocess.Popen[str]) -> None:
    child.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    child.communicate()


def ready_made(tmp_path: Path, count: int = 4) -> None:
    with lr.open_project(tmp_path / "project") as project:
        project.add(pictures(tmp_path / "pictures", count))


def test_a_kernel_killed_while_it_waits_is_gone_on_with_in_a_new_one(tmp_path: Path) -> None:
    service = answering()
    for_ever(service)
    ready_made(tmp_path)
    with serving(service) as server:
        address(server)
        child = kernel(tmp_path)
        assert service.polled.wait(60)
        kill(child)
        with lr.open_project(tmp_path / "project") as project:
            assert project.jobs["state"][0] == "waiting"
            assert project.batches["state"][0] in {"submitted", "running"}
            at_last(service)
            job = project.resume(1, background=False)
            assert (job.state, job.progress.failed, len(captioned(project))) == ("done", 0, 4)
    assert len(service.lines) == 1


def test_a_kernel_killed_before_the_service_had_named_the_batch_finds_it_again(tmp_path: Path) -> None:
    gate = threading.Event()
    service = answering(hold=gate)
    ready_made(tmp_path)
    with serving(service) as server:
        address(server)
        child = kernel(tmp_path)
        assert service.made.wait(60)
        kill(child)
        gate.set()
        with lr.open_project(tmp_path / "project") as project:
            assert project.batches["state"][0] == "sending"
            assert project.batches["remote_id"][0] is None
            job = project.resume(1, background=False)
            assert (job.state, job.progress.failed, len(captioned(project))) == ("done", 0, 4)
    assert len(service.lines) == 1


def test_what_was_cut_off_and_is_not_known_there_is_unknown_and_asked_only_when_told(tmp_path: Path) -> None:
    service = answering()
    ready_made(tmp_path)
    uploaded, gate = threading.Event(), threading.Event()

    def stuck(received: Received) -> Sent:
        sent = service(received)
        if received.method == "POST" and received.path.endswith("/files") and not uploaded.is_set():
            uploaded.set()
            return Sent(body=sent.body, wait=gate)
        return sent

    with serving(stuck) as server:
        address(server)
        child = kernel(tmp_path)
        assert uploaded.wait(60)
        kill(child)
        gate.set()
        with lr.open_project(tmp_path / "project") as project:
            job = project.resume(1, background=False)
            assert set(job.errors["kind"]) == {"unknown"}
            assert service.lines == []
            assert service.files == {}  # the pictures that were uploaded are not left there
            job = project.resume(1, unknown="send", background=False)
            assert (job.state, len(captioned(project))) == ("done", 4)
    assert len(service.lines) == 1


def test_answers_that_were_recorded_before_a_kill_are_not_recorded_twice(tmp_path: Path) -> None:
    service = answering()

    def stays(received: Received) -> Sent:
        return openai_wire.broken() if received.method == "DELETE" else service(received)

    with asked(tmp_path, stays) as project:
        job = project.view().annotate([MODEL], batch=True)
        for _ in range(200):
            if len(project.batches) and project.batches["state"][0] == submissions.RECORDED:
                break
            job.wait(0.05)
        assert len(captioned(project)) == 4
        job.cancel().wait(20)
        assert service.files != {}
        with serving(service) as server:
            address(server)
            project.fetch_batches()
        assert (service.files, project.batches["state"][0]) == ({}, "closed")
