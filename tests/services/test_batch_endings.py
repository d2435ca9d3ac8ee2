"""Whatever becomes of a batch at a service, each image ends as it did, and no answer is lost."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import google_batch_wire
import google_wire
import openai_batch_wire
import openai_wire
import pytest
from api_server import Received, Sent, serving
from batched import (
    ANSWER,
    MODEL,
    SERVICES,
    address,
    answering,
    asked,
    captioned,
    for_ever,
    in_turn,
    waiting_for,
)

from lorairo.errors import ModelError
from lorairo.inference.registry import find
from lorairo.prompting import facts_source
from lorairo.services import batches, desk
from lorairo.services.endpoint import endpoint_of
from lorairo.services.wishes import Wishes

pytestmark = pytest.mark.usefixtures("at_once")


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
