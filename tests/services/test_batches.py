"""What a user relies on when a run hands many questions over at once: the whole way, services of our own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anthropic_batch_wire
import anthropic_wire
import google_batch_wire
import google_wire
import openai_batch_wire
import openai_wire
import pytest
from api_server import ApiServer, Received, Sent, serving
from asked_project import pictures

import lorairo as lr
from lorairo.errors import ArgumentError, ModelError, NotFoundError
from lorairo.inference.registry import find
from lorairo.prompting import facts_source
from lorairo.services import batches, desk, handing
from lorairo.services.endpoint import BATCHING, endpoint_of
from lorairo.services.wishes import Wishes
from lorairo.store import requests, submissions

MODEL = "openai/gpt-5-mini"
ANSWER = '{"caption": "a field of colour"}'
KEYS = {
    "OPENAI_API_KEY": "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789",
    "ANTHROPIC_API_KEY": "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123",
    "GOOGLE_API_KEY": "AIzaSyA-abcdefghijklmnopqrstuvwxyz01234",
}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again without a rest."""
    monkeypatch.setattr(batches, "SHORTEST", 0.001)
    monkeypatch.setattr(batches, "LONGEST", 0.001)
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)


@pytest.fixture
def parts_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take two questions in one submission."""
    monkeypatch.setattr(BATCHING["openai"].load(), "most_requests", 2)


@contextmanager
def asked(
    tmp_path: Path, service: Callable[[Received], Sent], count: int = 4, provider: str = "openai"
) -> Iterator[lr.Project]:
    with serving(service) as server:
        address(server, provider)
        with lr.open_project(tmp_path / "project") as project:
            project.add(pictures(tmp_path / "pictures", count))
            yield project


def address(server: ApiServer, provider: str = "openai") -> None:
    lr.config.set(
        f"providers.{provider}.base_url", f"{server.url}/v1" if provider == "openai" else server.url
    )


def answering(**told: Any) -> openai_batch_wire.Batches:
    return openai_batch_wire.Batches(lambda _: openai_wire.chat(ANSWER), **told)


def captioned(project: lr.Project) -> dict[int, str]:
    said = project.view().annotations
    return dict(zip(said["image_id"], said["caption"], strict=True))


def in_turn(*answers: Sent) -> Callable[[Any], Sent]:
    """Answer the questions of a batch in this order."""
    left = list(answers)
    return lambda _: left.pop(0)


# ------------------------------------------------------------------------------------------ three services


SERVICES: list[tuple[str, Any]] = [
    (MODEL, answering),
    (
        "anthropic/claude-haiku-4-5",
        lambda: anthropic_batch_wire.Batches(lambda _: anthropic_wire.answer(ANSWER)),
    ),
    ("google/gemini-2.5-flash", lambda: google_batch_wire.Batches(lambda _: google_wire.answer(ANSWER))),
]


@pytest.mark.parametrize(("model", "made"), SERVICES, ids=["openai", "anthropic", "google"])
def test_every_image_gets_its_answer_and_nothing_stays_at_the_service(
    tmp_path: Path, model: str, made: Callable[[], Any]
) -> None:
    service = made()
    with asked(tmp_path, service, provider=model.partition("/")[0]) as project:
        job = project.view().annotate([model], batch=True, background=False)
        assert (job.state, job.progress.done, job.progress.failed) == ("done", 4, 0)
        assert captioned(project) == dict.fromkeys(project.view().ids, "a field of colour")
        (row,) = project.batches.to_dict("records")
        assert (row["state"], row["images"], row["answered"], row["waiting"]) == ("closed", 4, 4, 0)
        assert row["message"] == "Ended: 4 of 4 answered"
        assert getattr(service, "files", {}) == {}
        assert len(service.deleted) > 0


def test_answers_find_their_image_whatever_their_order(tmp_path: Path) -> None:
    def say(question: openai_wire.Asked) -> Sent:
        return openai_wire.chat(json.dumps({"caption": hashed(question.picture)}))

    with asked(tmp_path, openai_batch_wire.Batches(say)) as project:
        project.view().annotate([MODEL], batch=True, background=False)
        with project.database.read() as c:
            sent = {
                row.image_id: bytes(row.picture_sha256).hex()
                for row in c.execute(requests.request.select())  # what was written down before it was sent
            }
        assert captioned(project) == sent
        assert len(set(sent.values())) == 4


def hashed(data: bytes) -> str:
    import hashlib  # noqa: PLC0415 - beside its only use

    return hashlib.sha256(data).hexdigest()


def test_what_is_sent_names_no_file_and_fits_every_service(tmp_path: Path) -> None:
    service = answering()
    with asked(tmp_path, service) as project:
        project.view().annotate([MODEL], batch=True, background=False)
        names = [line["custom_id"] for line in service.lines[0]]
        assert len(set(names)) == 4
        assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in (*names, handing.LONGEST_ID))
        assert all(".png" not in json.dumps(line) for line in service.lines[0])


def test_questions_are_split_by_number(tmp_path: Path, parts_of_two: None) -> None:
    service = answering()
    with asked(tmp_path, service, count=5) as project:
        project.view().annotate([MODEL], batch=True, background=False)
        assert [len(lines) for lines in service.lines] == [2, 2, 1]
        assert len(captioned(project)) == 5


def test_questions_are_split_by_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = answering()
    monkeypatch.setattr(BATCHING["openai"].load(), "most_bytes", 4_000)  # a line has about 1,500
    with asked(tmp_path, service) as project:
        project.view().annotate([MODEL], batch=True, background=False)
        sizes = [sum(len(json.dumps(line)) + 1 for line in lines) for lines in service.lines]
        assert len(sizes) > 1
        assert all(size <= 4_000 or len(lines) == 1 for size, lines in zip(sizes, service.lines, strict=True))
        assert len(captioned(project)) == 4


def test_half_the_price_is_counted(tmp_path: Path) -> None:
    with asked(tmp_path, answering()) as project:
        project.view().annotate([MODEL], batch=True, background=False)
        half = project.view().annotations["cost"].sum()
    single = openai_wire.answering(lambda _: ANSWER)
    with serving(single) as server, lr.open_project(tmp_path / "other") as other:
        address(server)
        other.add(tmp_path / "pictures")
        other.view().annotate([MODEL], background=False)
        assert half == pytest.approx(other.view().annotations["cost"].sum() / 2)


def test_what_has_an_answer_is_not_handed_over(tmp_path: Path) -> None:
    service = answering()
    with asked(tmp_path, service) as project:
        project.view().head(3).annotate([MODEL], batch=True, background=False)
        job = project.view().annotate([MODEL], batch=True, background=False)
        assert [len(lines) for lines in service.lines] == [3, 1]
        assert (job.state, job.progress.done) == ("done", 4)
        project.view().annotate([MODEL], batch=True, background=False)
        assert len(service.lines) == 2


def test_several_models_wait_at_the_same_time(tmp_path: Path) -> None:
    first, second = answering(), google_batch_wire.Batches(lambda _: google_wire.answer(ANSWER))
    for_ever(first)
    for_ever(second)
    with asked(tmp_path, first) as project, serving(second) as server:
        address(server, "google")
        job = project.view().annotate([MODEL, "google/gemini-2.5-flash"], batch=True)
        assert first.polled.wait(20)
        assert second.polled.wait(20)
        at_last(second)
        at_last(first)
        job.wait(30)
        assert (job.state, job.progress.done, job.progress.failed) == ("done", 8, 0)
        assert sorted(project.view().annotations["provider"]) == ["google"] * 4 + ["openai"] * 4


def test_a_model_that_reached_the_budget_leaves_the_others_to_be_waited_for(tmp_path: Path) -> None:
    service = answering()
    with asked(tmp_path, service) as project:
        first = project.view().annotate([MODEL], batch=True, background=False)
        spent = project.view().annotations["cost"].sum()
        assert first.state == "done"
        dear = project.view().annotate(
            [MODEL, "openai/gpt-6-luna"], batch=True, budget=spent / 100, background=False
        )
        assert dear.state == "stopped"
        assert "Stopped at $0" in dear.progress.label
        assert len(service.lines) == 1


# ------------------------------------------------------------------------------------------------- endings


def test_each_line_ends_by_itself(tmp_path: Path) -> None:
    say = in_turn(
        openai_wire.refused(),
        openai_wire.broken(),
        openai_wire.chat('{"caption": "cut'),
        openai_wire.chat(ANSWER),
    )
    with asked(tmp_path, openai_batch_wire.Batches(say)) as project:
        job = project.view().annotate([MODEL], batch=True, background=False)
        assert sorted(job.errors["kind"]) == ["refusal", "server", "unparseable"]
        assert (job.state, job.progress.done, len(captioned(project))) == ("done", 4, 1)
        assert len(project.view("refused:openai")) == 1
        failures = project.failures
        assert list(failures.loc[failures["policy_violation"], "kind"]) == ["refusal"]
        (row,) = project.batches.to_dict("records")
        assert (row["answered"], row["failed"]) == (1, 3)


def test_a_refused_picture_is_not_handed_over_again_unless_told(tmp_path: Path) -> None:
    service = openai_batch_wire.Batches(lambda _: openai_wire.refused())
    with asked(tmp_path, service, count=1) as project:
        project.view().annotate([MODEL], batch=True, background=False)
        job = project.view().annotate([MODEL], batch=True, background=False)
        assert list(job.errors["kind"]) == ["refusal"]
        assert len(service.lines) == 1
        project.view().annotate([MODEL], batch=True, refused="send", background=False)
        assert len(service.lines) == 2


@pytest.mark.parametrize("ends", ["expired", "cancelled"])
def test_of_a_batch_that_ends_early_the_finished_part_is_kept_and_the_rest_asked_again(
    tmp_path: Path, ends: Any
) -> None:
    service = answering(ends=ends)
    with asked(tmp_path, service) as project:
        job = project.view().annotate([MODEL], batch=True, background=False)
        assert list(job.errors["kind"]) == [ends, ends]
        assert len(captioned(project)) == 2
        assert project.batches["message"][0] == f"{ends.capitalize()}: 2 of 4 answered"
        service.ends = "completed"
        job.resume(background=False)
        assert [len(lines) for lines in service.lines] == [4, 2]
        assert len(captioned(project)) == 4


def test_of_a_batch_that_gemini_let_expire_without_a_word_each_question_says_so(tmp_path: Path) -> None:
    service = google_batch_wire.Batches(lambda _: google_wire.answer(ANSWER), ends="EXPIRED")
    with asked(tmp_path, service, provider="google") as project:
        job = project.view().annotate(["google/gemini-2.5-flash"], batch=True, background=False)
        assert list(job.errors["kind"]) == ["expired", "expired"]
        assert len(captioned(project)) == 2


def test_a_batch_that_is_not_taken_says_why_of_each_image(tmp_path: Path) -> None:
    faults = [{"code": "invalid_json_line", "message": "This line is not JSON", "line": 1}]
    service = answering(ends="failed", errors=faults)
    with asked(tmp_path, service) as project:
        job = project.view().annotate([MODEL], batch=True, background=False)
        assert (job.state, len(service.lines)) == ("done", 1)
        assert set(job.errors["kind"]) == {"bad_request"}
        assert "line 1: This line is not JSON" in job.errors["message"][0]
        assert service.files == {}


def test_what_is_too_much_at_once_waits_and_is_handed_over_in_smaller_parts(tmp_path: Path) -> None:
    class Narrow(openai_batch_wire.Batches):
        """Lets no more than one question wait."""

        def _create(self, body: dict[str, Any]) -> Sent:
            sent = super()._create(body)
            (*_, made) = self.batches.values()
            made["ends"] = "failed" if len(made["lines"]) > 1 else "completed"
            return sent

    faults = [{"code": "token_limit_exceeded", "message": "Enqueued token limit reached", "line": None}]
    service = Narrow(lambda _: openai_wire.chat(ANSWER), errors=faults)
    with asked(tmp_path, service) as project:
        job = project.view().annotate([MODEL], batch=True, background=False)
        assert (job.state, job.progress.failed, len(captioned(project))) == ("done", 0, 4)
        taken = [len(made["lines"]) for made in service.batches.values() if made["ends"] == "completed"]
        assert taken == [1, 1, 1, 1]


def test_a_service_that_asks_to_wait_is_waited_for(tmp_path: Path) -> None:
    service = answering()
    turns = iter([openai_wire.rate_limited("0"), openai_wire.rate_limited()])

    def busy_at_first(received: Received) -> Sent:
        posted = received.method == "POST" and received.path.endswith("/batches")
        return next(turns, None) or service(received) if posted else service(received)

    with asked(tmp_path, busy_at_first) as project:
        job = project.view().annotate([MODEL], batch=True, background=False)
        assert (job.state, len(captioned(project))) == ("done", 4)
        assert service.files == {}
        assert sorted(project.batches["state"]) == ["closed", "closed", "closed"]


@pytest.mark.parametrize("sent", [openai_wire.no_quota(), openai_wire.bad_key()], ids=["no quota", "bad key"])
def test_a_service_that_takes_nothing_stops_the_run_with_its_words(tmp_path: Path, sent: Sent) -> None:
    with asked(tmp_path, lambda _: sent) as project:
        with pytest.raises(ModelError, match=r"project\.resume\(1\) goes on"):
            project.view().annotate([MODEL], batch=True, background=False)
        assert len(project.view()) == 4
        service = answering()
        with serving(service) as server:
            address(server)
            project.resume(1, background=False)
        assert len(captioned(project)) == 4


@pytest.mark.parametrize(
    "trouble", [openai_wire.html(), openai_wire.broken(503), openai_wire.dropped(), openai_wire.malformed()]
)
def test_a_look_that_comes_to_nothing_is_tried_again(tmp_path: Path, trouble: Sent) -> None:
    service = answering()
    turns = iter([trouble, trouble])

    def shaky(received: Received) -> Sent:
        looked = received.method == "GET" and "/batches/" in received.path
        return next(turns, None) or service(received) if looked else service(received)

    with asked(tmp_path, shaky) as project:
        job = project.view().annotate([MODEL], batch=True, background=False)
        assert (job.state, job.progress.failed, len(captioned(project))) == ("done", 0, 4)
        assert len(service.lines) == 1


def test_a_page_in_place_of_results_loses_no_answer(tmp_path: Path) -> None:
    service = answering()
    turns = iter([openai_wire.html()])

    def behind_a_proxy(received: Received) -> Sent:
        fetched = received.path.endswith("/content")
        return next(turns, None) or service(received) if fetched else service(received)

    with asked(tmp_path, behind_a_proxy) as project:
        job = project.view().annotate([MODEL], batch=True, background=False)
        assert (job.state, len(captioned(project))) == ("done", 4)


LOST: list[tuple[str, Any, str]] = [
    (MODEL, answering, "/v1/batches"),
    (*SERVICES[1], "/v1/messages/batches"),
    (*SERVICES[2], ":batchGenerateContent"),
]


@pytest.mark.parametrize(("model", "made", "place"), LOST, ids=["openai", "anthropic", "google"])
def test_a_batch_that_was_made_while_the_line_went_dead_is_found_again(
    tmp_path: Path, model: str, made: Callable[[], Any], place: str
) -> None:
    service = made()

    def dead_once(received: Received) -> Sent:
        sent = service(received)
        return Sent(drop=True) if received.method == "POST" and received.path.endswith(place) else sent

    with asked(tmp_path, dead_once, provider=model.partition("/")[0]) as project:
        job = project.view().annotate([model], batch=True)
        if model.startswith("anthropic"):  # it tells whose a batch is once it has ended
            assert service.made.wait(20)
            next(iter(service.batches.values()))["left"] = -1
        job.wait(30)
        assert (job.state, job.progress.failed, len(captioned(project))) == ("done", 0, 4)
        assert len(service.lines) == 1


@pytest.fixture
def days_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Believe services at once."""
    monkeypatch.setattr(desk, "_PATIENCE", -1.0)


def test_a_batch_of_another_key_is_waited_for_until_the_key_is_right(tmp_path: Path) -> None:
    service = answering()
    right = threading.Event()

    def by_key(received: Received) -> Sent:
        if received.method == "GET" and "/batches/" in received.path and not right.is_set():
            return openai_wire.error(404, None, "No batch found")
        return service(received)

    with asked(tmp_path, by_key) as project:
        job = project.view().annotate([MODEL], batch=True)
        told = threading.Event()
        job.changed.connect(lambda now: "was it handed over with another key?" in now.label and told.set())
        assert told.wait(20)
        right.set()
        job.wait(20)
        assert (job.state, job.progress.failed, len(captioned(project))) == ("done", 0, 4)


def test_a_batch_that_the_service_has_forgotten_is_unknown_not_asked_again(
    tmp_path: Path, days_later: None
) -> None:
    service = answering()

    def forgetful(received: Received) -> Sent:
        if received.method == "GET" and "/batches/" in received.path:
            return openai_wire.error(404, None, "No batch found")
        return service(received)

    with asked(tmp_path, forgetful) as project:
        job = project.view().annotate([MODEL], batch=True, background=False)
        assert set(job.errors["kind"]) == {"unknown"}
        assert project.batches["state"][0] == "lost"
        job = project.view().annotate([MODEL], batch=True, background=False)
        assert len(service.lines) == 1
        assert set(job.errors["kind"]) == {"unknown"}


def test_results_that_name_none_of_our_questions_are_not_taken_and_not_deleted(tmp_path: Path) -> None:
    service = answering()

    def somebody_elses(received: Received) -> Sent:
        sent = service(received)
        if received.path.endswith("/content"):
            return Sent(body=re.sub(rb'"r\d+-', b'"other-', sent.data), content_type=sent.content_type)
        return sent

    with asked(tmp_path, somebody_elses) as project:
        job = project.view().annotate([MODEL], batch=True, background=False)
        assert set(job.errors["kind"]) == {"unknown"}
        assert service.deleted == []
        assert not (tmp_path / "project" / "batches").exists()


def test_results_that_the_service_no_longer_keeps_are_unknown(tmp_path: Path, days_later: None) -> None:
    service = answering()

    def weeks_later(received: Received) -> Sent:
        gone = received.path.endswith("/content")
        return openai_wire.error(404, None, "No such File object") if gone else service(received)

    with asked(tmp_path, weeks_later) as project:
        job = project.view().annotate([MODEL], batch=True, background=False)
        assert (job.state, set(job.errors["kind"])) == ("done", {"unknown"})
        assert project.batches["state"][0] == "lost"


def test_between_two_looks_the_rests_grow_and_after_an_answer_they_are_short_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parts_of_two: None
) -> None:
    monkeypatch.setattr(batches, "SHORTEST", 30.0)
    monkeypatch.setattr(batches, "LONGEST", 300.0)
    service = answering()
    for_ever(service)
    with asked(tmp_path, service) as project:
        spec = find(MODEL)
        assert spec.service is not None
        run = batches.steps(
            project.database,
            project.originals.each,
            facts_source(project),
            project.view().ids,
            model=spec.name,
            service=spec.service,
            endpoint=endpoint_of("openai", "openai", project.location),
            wishes=Wishes(batch=True),
            job_id=1,
        )
        rests = (step.rest for step in run if step.rest)  # nobody rests here
        found = [next(rests) for _ in range(8)]
        next(iter(service.batches.values()))["left"] = 0
        found += [next(rests) for _ in range(2)]
        run.close()
    assert found[:4] == [30.0, 45.0, 67.5, 101.25]
    assert found[7] == 300.0
    assert found[8:] == [30.0, 45.0]


def test_an_image_that_was_deleted_meanwhile_hurts_nobody(tmp_path: Path) -> None:
    service = answering()
    with asked(tmp_path, service) as project:
        job = waiting_for(project, service)
        project.view().head(1).delete(confirm=True)
        service.polls = 0
        for made in service.batches.values():
            made["left"] = 0
        job.resume(background=False)
        assert len(captioned(project)) == 3


# ------------------------------------------------------------------------------------------------ stopping


def waiting_for(project: lr.Project, service: Any, **told: Any) -> Any:
    """Start a run, and stop it while it waits for the service."""
    for_ever(service)
    job = project.view().annotate([MODEL], batch=True, **told)
    assert service.polled.wait(20)
    return job.cancel().wait(20)


def for_ever(service: Any) -> None:
    service.polls = 10**9


def at_last(service: Any) -> None:
    service.polls = 0
    for made in service.batches.values():
        made["left"] = 0


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


# -------------------------------------------------------------------------------------------------- budget


def test_nothing_is_handed_over_beyond_the_budget(tmp_path: Path) -> None:
    service = answering()
    with asked(tmp_path, service, count=6) as project:
        most = project.view().quote([MODEL], batch=True).models[0].at_most
        assert most is not None
        job = project.view().annotate([MODEL], batch=True, budget=most / 2, background=False)
        sent = sum(len(lines) for lines in service.lines)
        assert 0 < sent <= 6
        assert project.view().annotations["cost"].sum() <= most / 2
        if sent < 6:
            assert job.state == "stopped"
            assert "Stopped at $" in job.progress.label
        job = project.resume(job.id, budget=10.0, background=False)
        assert sum(len(lines) for lines in service.lines) == 6
        assert len(captioned(project)) == 6


def test_a_budget_too_small_for_one_question_sends_none(tmp_path: Path) -> None:
    service = answering()
    with asked(tmp_path, service) as project:
        job = project.view().annotate([MODEL], batch=True, budget=1e-9, background=False)
        assert (job.state, service.lines) == ("stopped", [])
        assert "Stopped at $" in job.progress.label


def test_only_services_take_batches(tmp_path: Path) -> None:
    with asked(tmp_path, answering()) as project:
        with pytest.raises(ArgumentError, match="batch"):
            project.view().annotate({"f": lambda picture: "x"}, batch=True)
        lr.config.set("providers.mine.base_url", "http://127.0.0.1:1/v1")
        with pytest.raises(ModelError, match="takes no batches"):
            project.view().annotate(["mine/llava"], batch=True)


# ------------------------------------------------------------------------------------------------- kernels

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


# --------------------------------------------------------------------------------------------------- files


def test_results_are_kept_as_lines_without_keys_and_pictures(tmp_path: Path) -> None:
    def echoing(question: openai_wire.Asked) -> Sent:
        sent = openai_wire.chat(ANSWER)
        echo = {"key": KEYS["OPENAI_API_KEY"], "url": "A" * 9000}
        return Sent(sent.status, {**sent.body, "echo": echo}, sent.headers)

    with asked(tmp_path, openai_batch_wire.Batches(echoing)) as project:
        project.view().annotate([MODEL], batch=True, background=False)
        (file,) = (tmp_path / "project" / "batches").iterdir()
        text = file.read_text("utf-8")
        assert re.fullmatch(r"openai-00001-batch_\d+\.jsonl", file.name)
        assert len([json.loads(line) for line in text.splitlines()]) == 4
        assert KEYS["OPENAI_API_KEY"] not in text
        assert "A" * 100 not in text


def test_results_go_where_the_settings_say(tmp_path: Path) -> None:
    lr.config.set("directories.batch_results_dir", str(tmp_path / "results"))
    with asked(tmp_path, answering()) as project:
        project.view().annotate([MODEL], batch=True, background=False)
    assert len(list((tmp_path / "results").glob("*.jsonl"))) == 1
    assert not (tmp_path / "project" / "batches").exists()
