"""A run that waits for a service can be stopped, closed and cancelled, and gone on with."""

from __future__ import annotations

import threading
from pathlib import Path

import openai_wire
import pytest
from api_server import Received, Sent
from batched import ANSWER, MODEL, answering, asked, at_last, captioned, for_ever, waiting_for

import lorairo as lr
from lorairo.errors import NotFoundError

pytestmark = pytest.mark.usefixtures("at_once")


def test_stopping_waits_no_longer_and_says_what_goes_on(tmp_path: Path) -> None:
    service = answering()
    with asked(tmp_path, service) as project:
        job = waiting_for(project, service)
        assert job.state == "stopped"
        assert job.progress.label == (
            f"1 submission goes on at openai: project.resume({job.id}) fetches the answers"
        )
        assert project.jobs["state"][0] == "waiting"
        assert project.batches["waiting"][0] == 4
        assert "1 submission under way" in repr(project)
        at_last(service)
        job.resume(background=False)
        assert (job.state, len(service.lines), len(captioned(project))) == ("done", 1, 4)
        assert project.jobs["state"][0] == "done"
        assert "under way" not in repr(project)


def test_a_waiting_run_says_how_many_submissions_were_answered(tmp_path: Path, parts_of_two: None) -> None:
    service = answering()
    notices: list[str] = []
    with asked(tmp_path, service) as project:
        project.view().annotate(
            [MODEL], batch=True, background=False, progress=lambda now: notices.append(now.label)
        )
        for_ever(service)
        other = project.view().annotate([MODEL], batch=True, parameters={"max_tokens": 99})
        waiting = threading.Event()
        other.changed.connect(lambda now: "0 of 2 submissions answered" in now.label and waiting.set())
        assert waiting.wait(20)
        assert "Waiting for openai: 0 of 2 submissions answered" in other.progress.label
        other.cancel().wait(20)


def test_no_image_of_a_submission_is_asked_about_by_another_run(tmp_path: Path) -> None:
    service = answering()
    single: list[Received] = []

    def both(received: Received) -> Sent:
        if received.path.endswith("/chat/completions"):
            single.append(received)
            return openai_wire.chat(ANSWER)
        return service(received)

    with asked(tmp_path, both) as project:
        waiting_for(project, service)
        job = project.view().annotate([MODEL], background=False)
        assert set(job.errors["kind"]) == {"claimed"}
        assert single == []


def test_two_runs_at_the_same_time_hand_each_image_over_once(tmp_path: Path, parts_of_two: None) -> None:
    service = answering()
    for_ever(service)
    with asked(tmp_path, service, count=12) as project:
        jobs = [
            project.view().annotate([MODEL], batch=True),
            project.view().head(9).annotate([MODEL], batch=True),
        ]
        assert service.polled.wait(20)
        for job in jobs:
            job.cancel().wait(20)
        at_last(service)
        jobs[0].resume(background=False)
        assert len(captioned(project)) == 12
        names = [line["custom_id"] for lines in service.lines for line in lines]
        assert len(names) == len(set(names)) == 12


def test_the_same_call_again_waits_for_what_lies_there_already(tmp_path: Path) -> None:
    service = answering()
    with asked(tmp_path, service) as project:
        waiting_for(project, service)
        at_last(service)
        job = project.view().annotate([MODEL], batch=True, background=False)
        assert (job.state, job.progress.done, job.progress.failed) == ("done", 4, 0)
        assert len(service.lines) == 1
        assert len(captioned(project)) == 4


def test_answers_can_be_fetched_without_waiting_or_handing_over(tmp_path: Path, parts_of_two: None) -> None:
    service = answering()
    with asked(tmp_path, service) as project:
        waiting_for(project, service)
        assert repr(project.fetch_batches()) == "0 submissions ended · 0 answered · 2 under way"
        next(iter(service.batches.values()))["left"] = 0
        assert repr(project.fetch_batches()) == "1 submission ended · 2 answered · 1 under way"
        assert len(captioned(project)) == 2
        assert len(service.lines) == 2


def test_what_a_run_waits_for_is_left_to_it(tmp_path: Path) -> None:
    service = answering()
    for_ever(service)
    with asked(tmp_path, service) as project:
        job = project.view().annotate([MODEL], batch=True)
        assert service.polled.wait(20)
        assert repr(project.fetch_batches()) == (
            f"0 submissions ended · 0 answered · 1 under way · job {job.id} waits for some of them itself"
        )
        job.cancel().wait(20)


def test_cancelling_at_the_service_keeps_what_was_answered_and_hands_nothing_more_over(
    tmp_path: Path,
) -> None:
    service = answering()
    with asked(tmp_path, service) as project:
        job = waiting_for(project, service)
        done = project.cancel_batch(job.id)
        assert repr(done) == (
            f"1 submission of job {job.id} told to stop · project.fetch_batches() fetches what was answered"
        )
        assert repr(project.fetch_batches()) == "1 submission ended · 2 answered · 2 failed"
        assert len(service.lines) == 1
        with pytest.raises(NotFoundError, match="no submission under way"):
            project.cancel_batch(job.id)


def test_a_run_that_waits_ends_when_it_is_cancelled_at_the_service(tmp_path: Path) -> None:
    service = answering()
    for_ever(service)
    with asked(tmp_path, service) as project:
        job = project.view().annotate([MODEL], batch=True)
        assert service.polled.wait(20)
        project.cancel_batch(job.id)
        job.wait(20)
        assert (job.state, job.progress.done) == ("done", 4)
        assert set(job.errors["kind"]) == {"cancelled"}
        assert len(service.lines) == 1
        assert len(captioned(project)) == 2


def test_closing_the_project_leaves_the_submissions_alone(tmp_path: Path) -> None:
    service = answering()
    for_ever(service)
    with asked(tmp_path, service) as project:
        project.view().annotate([MODEL], batch=True)
        assert service.polled.wait(20)
        project.close()
        at_last(service)
        with lr.open_project(tmp_path / "project") as again:
            assert again.jobs["state"][0] == "waiting"
            again.resume(1, background=False)
            assert (len(captioned(again)), len(service.lines)) == (4, 1)
