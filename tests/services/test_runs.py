"""Runs of services: nothing is asked twice, nothing that was answered is lost, and a stop is a stop."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import numpy as np
import openai_wire as wire
import pytest
from api_server import Sent
from asked_project import ANSWER, MODEL, project_of, service
from sqlalchemy import select, update

import lorairo as lr
from lorairo.errors import ArgumentError, ModelError
from lorairo.services import bookkeeping, conducting
from lorairo.services.answer import Answer
from lorairo.store import log, requests
from lorairo.store.schema import annotation, request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNT = 12


@pytest.fixture
def project(tmp_path: Path) -> Iterator[lr.Project]:
    with project_of(tmp_path, COUNT) as made:
        yield made


def rows(project: lr.Project, *columns: str) -> list[tuple]:
    with project.database.read() as c:
        return [tuple(row) for row in c.execute(select(*(request.c[name] for name in columns)))]


def captioned(project: lr.Project) -> int:
    return len(project.view().captions("default").dropna())


def test_what_was_answered_is_not_asked_again(project: lr.Project):
    with service() as asked:
        first = project.view()[:8].annotate([MODEL], background=False)
        second = project.view().annotate([MODEL], background=False)
    assert (first.progress.done, second.progress.done) == (8, COUNT)
    assert list(asked.answered.values()) == [1] * COUNT
    assert captioned(project) == COUNT


def test_an_answer_is_evidence_with_what_it_took(project: lr.Project):
    with service():
        project.view().annotate([MODEL], background=False)
    frame = project.view().annotations
    assert set(frame["tokens_in"]) == {900}
    assert set(rows(project, "state", "ending", "raw", "answered_by")) == {
        ("answered", "ok", None, "gpt-test-2026-01-01")
    }


def test_a_run_works_inside_a_running_loop_and_can_be_awaited(project: lr.Project):
    async def cell() -> tuple[str, str]:
        here = project.view()[:6].annotate([MODEL], background=False)
        away = await project.view().annotate([MODEL])
        return here.state, away.state

    with service() as asked:
        assert asyncio.run(cell()) == ("done", "done")
    assert len(asked.answered) == COUNT


def test_a_double_click_starts_one_run(project: lr.Project):
    gate = threading.Event()

    def say(_digest: bytes, _turn: int) -> Sent | str:
        gate.wait()
        return ANSWER

    with service(say) as asked:
        first = project.view().annotate([MODEL])
        assert project.view().annotate([MODEL]) is first
        other = project.view()[:COUNT].annotate(
            [MODEL], refused="send"
        )  # not the same call: claims keep them apart
        gate.set()
        first.wait()
        other.wait()
    assert list(asked.asked.values()) == [1] * COUNT
    assert captioned(project) == COUNT


def test_a_refusal_is_remembered_and_sent_again_only_when_told(project: lr.Project):
    willing = threading.Event()

    def say(digest: bytes, _turn: int) -> Sent | str:
        return wire.refused("I can't.") if digest == unwanted[0] and not willing.is_set() else ANSWER

    unwanted: list[bytes] = [b""]
    with service(say) as asked:
        project.view()[:1].annotate([MODEL], background=False)
        unwanted[0] = next(iter(asked.asked))
        project.view()[:1].annotate([MODEL], parameters={"max_tokens": 500}, background=False)
        assert [tuple(row) for row in project.failures[["kind", "policy_violation"]].to_numpy()] == [
            ("refusal", True)
        ]
        again = project.view()[:1].annotate([MODEL], parameters={"max_tokens": 501}, background=False)
        assert 'refused="send"' in again.errors["message"].iloc[0]
        assert asked.asked[unwanted[0]] == 2
        willing.set()
        project.view()[:1].annotate([MODEL], parameters={"max_tokens": 502}, refused="send", background=False)
        project.view()[:1].annotate([MODEL], parameters={"max_tokens": 503}, background=False)
    assert asked.asked[unwanted[0]] == 4  # answered since: a refusal of the past keeps nothing back


def test_pictures_with_a_withheld_rating_stay_here(project: lr.Project):
    project.view()[:5].add_tags("rating:explicit")
    with service() as asked:
        job = project.view().annotate([MODEL], withhold="explicit", background=False)
    assert len(asked.asked) == COUNT - 5
    assert list(job.errors["kind"]) == ["withheld"] * 5


def test_a_picture_that_cannot_be_read_is_named_and_the_rest_goes_on(project: lr.Project, tmp_path: Path):
    (tmp_path / "pictures" / "0003.png").unlink()
    with service() as asked:
        job = project.view().annotate([MODEL], background=False)
    assert list(job.errors["kind"]) == ["unreadable"]
    assert len(asked.answered) == COUNT - 1


def test_an_image_that_is_deleted_meanwhile_is_no_error(project: lr.Project):
    asked_first, gate = threading.Event(), threading.Event()

    def say(_digest: bytes, _turn: int) -> Sent | str:
        asked_first.set()
        gate.wait()
        return ANSWER

    with service(say, concurrency=2):
        job = project.view().annotate([MODEL])
        asked_first.wait(20)
        project.view().delete(confirm=True)
        gate.set()
        job.wait()
    assert (job.state, len(job.errors)) == ("done", 0)
    assert rows(project, "id") == []


def test_a_bad_key_stops_the_run_at_once(project: lr.Project):
    with (
        service(lambda _digest, turn: wire.bad_key() if turn else ANSWER, concurrency=1) as asked,
        pytest.raises(ModelError, match=r"mine does not take the key .* project\.resume\(1\) goes on"),
    ):
        project.view().annotate([MODEL], background=False)
    assert sum(asked.asked.values()) == 1


def test_no_credit_stops_the_run_and_keeps_what_was_answered(project: lr.Project):
    def say(_digest: bytes, _turn: int) -> Sent | str:
        return ANSWER if len(asked.asked) <= 5 else wire.no_quota()

    with service(say, concurrency=1) as asked:
        with pytest.raises(ModelError, match="used up"):
            project.view().annotate([MODEL], background=False)
        assert (sum(asked.asked.values()), captioned(project)) == (6, 5)
        asked.say = lambda _digest, _turn: ANSWER
        assert project.resume(1, background=False).state == "done"
    assert captioned(project) == COUNT
    assert max(asked.answered.values()) == 1


def test_a_service_that_answers_nothing_is_not_asked_about_all(tmp_path: Path):
    with (
        project_of(tmp_path, 40) as project,
        service(lambda _digest, _turn: wire.error(400, "odd", "no such thing"), concurrency=2) as asked,
        pytest.raises(ModelError, match=r"answers none of the questions, the last one so: .*no such thing"),
    ):
        project.view().annotate([MODEL], background=False)
    assert sum(asked.asked.values()) < 20


def test_stopping_sends_nothing_more_and_keeps_what_is_under_way(project: lr.Project):
    under_way, gate = threading.Event(), threading.Event()

    def say(_digest: bytes, _turn: int) -> Sent | str:
        if len(asked.asked) == 2:
            under_way.set()
        gate.wait()
        return ANSWER

    with service(say, concurrency=2) as asked:
        job = project.view().annotate([MODEL])
        assert under_way.wait(20)
        job.cancel()
        gate.set()
        job.wait()
        assert (job.state, job.progress.done, captioned(project)) == ("stopped", 2, 2)
        assert sum(asked.asked.values()) == 2
        assert job.resume(background=False).state == "done"
    assert max(asked.asked.values()) == 1
    assert {row[0] for row in rows(project, "state")} <= {"answered", "dropped"}


def test_an_interrupt_keeps_what_was_answered(project: lr.Project, monkeypatch: pytest.MonkeyPatch):
    commits = 0
    commit = conducting.Conductor._commit

    def interrupted(self: conducting.Conductor) -> object:
        nonlocal commits
        commits += 1
        if commits == 1:
            raise KeyboardInterrupt
        return commit(self)

    monkeypatch.setattr(conducting, "_COMMIT", 0.0)
    monkeypatch.setattr(conducting.Conductor, "_commit", interrupted)
    with service() as asked:
        with pytest.raises(KeyboardInterrupt):
            project.view().annotate([MODEL], background=False)
        kept = captioned(project)
        assert kept == len(asked.answered) > 0
        project.view().annotate([MODEL], background=False)
    assert captioned(project) == COUNT
    assert max(asked.answered.values()) == 1


def test_a_wait_that_a_service_asks_for_holds_for_all(project: lr.Project):
    with service(
        lambda _digest, turn: ANSWER if turn > 1 else wire.rate_limited("1"), concurrency=1
    ) as asked:
        project.view()[:3].annotate([MODEL], background=False)
    times = asked.times
    assert len(times) == 6
    assert times[1] - times[0] >= 1


def test_asked_to_wait_for_long_it_stops_and_says_so(project: lr.Project):
    with service(lambda _digest, _turn: wire.rate_limited("7200"), concurrency=1) as asked:
        job = project.view().annotate([MODEL], background=False)
    assert (job.state, job.progress.label) == ("stopped", "mine asks to wait 2.0 hours. 0 of 12 captioned.")
    assert sum(asked.asked.values()) == 1


def test_an_answer_that_cannot_be_read_is_asked_for_once_more(project: lr.Project):
    with service(lambda _digest, turn: ANSWER if turn > 1 else "{") as asked:
        job = project.view().annotate([MODEL], background=False)
    assert len(job.errors) == 0
    assert set(asked.asked.values()) == {2}
    assert set(rows(project, "attempts")) == {(2,)}


def test_an_answer_that_stays_unreadable_is_kept_and_read_again_for_nothing(
    project: lr.Project, monkeypatch: pytest.MonkeyPatch
):
    with service(lambda _digest, _turn: '{"caption": 7}') as asked:
        job = project.view()[:4].annotate([MODEL], background=False)
        assert list(job.errors["kind"]) == ["schema_invalid"] * 4
        assert set(rows(project, "state", "raw")) == {("failed", '{"caption": 7}')}
        before = sum(asked.asked.values())
        _lenient(monkeypatch)
        again = project.view()[:4].annotate([MODEL], background=False)
    assert (again.state, len(again.errors), sum(asked.asked.values())) == ("done", 0, before)
    assert list(project.view()[:4].captions("default")) == ["seven"] * 4


def _lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bookkeeping, "parse", lambda _raw, _prompt: Answer({"default": "seven"}))


def test_what_was_paid_for_and_not_read_is_read_before_anything_is_sent(project: lr.Project):
    """As after a kernel that died between the answer and its evidence."""
    with service() as asked:
        project.view().annotate([MODEL], background=False)
        _forget_evidence(project)
        assert captioned(project) == 0
        job = project.view().annotate([MODEL], background=False)
    assert (captioned(project), max(asked.asked.values()), job.progress.done) == (COUNT, 1, COUNT)


def _forget_evidence(project: lr.Project) -> None:
    with log.evidence_write(project.database) as c:
        c.execute(annotation.delete())
        c.execute(update(request).values(raw=ANSWER))
        log.refresh(c, project.view().ids)


def test_those_under_way_at_a_death_are_shown_and_left_to_the_person(project: lr.Project):
    with service() as asked:
        project.view().annotate([MODEL], background=False)
        _forget_evidence(project)
        with project.database.write() as c:
            some = np.sort(project.view().ids)[:3].tolist()
            c.execute(
                update(request).where(request.c.image_id.in_(some)).values(state=requests.SENT, raw=None)
            )
        job = project.view().annotate([MODEL], background=False)
        assert sorted(job.errors["image_id"]) == some
        assert set(project.failures["kind"]) == {"unknown"}
        assert (captioned(project), max(asked.asked.values())) == (COUNT - 3, 1)
        project.view().annotate([MODEL], unknown="send", background=False)
    assert (captioned(project), sorted(asked.asked.values())[-4:]) == (COUNT, [1, 2, 2, 2])


PRICE = """
[prices."mine/gpt-test"]
input = 1.0
output = 10.0
as_of = 2026-11-01
"""


def test_a_budget_is_never_passed_and_can_be_raised(project: lr.Project, user_file: Path):
    user_file.parent.mkdir(exist_ok=True)
    (user_file.parent / "prices.toml").write_text(PRICE)
    each = (900 * 1.0 + 60 * 10.0) / 1e6  # what the service says each takes
    longest = 1024 * 10.0 / 1e6  # what an answer may take
    budget = longest + 6 * each
    with service(concurrency=3) as asked:
        job = project.view().annotate([MODEL], budget=budget, background=False)
        count = len(asked.answered)
        assert job.state == "stopped"
        assert count * each <= budget < (count + 2) * each + longest  # as far as it goes for sure
        assert job.progress.label == f"Stopped at ${count * each:.4f}. {count} of {COUNT} captioned."
        more = project.resume(job.id, budget=1.0, background=False)
    assert (more.state, captioned(project)) == ("done", COUNT)
    assert max(asked.asked.values()) == 1


def test_what_was_put_aside_for_a_question_that_never_left_is_not_spent(project: lr.Project, user_file: Path):
    user_file.parent.mkdir(exist_ok=True)
    (user_file.parent / "prices.toml").write_text(PRICE)
    gate = threading.Event()

    def say(_digest: bytes, _turn: int) -> Sent | str:
        gate.wait()
        return ANSWER

    with service(say, concurrency=4, rate_limit_requests_per_minute=6) as asked:
        job = project.view().annotate([MODEL], budget=1.0)
        while len(asked.server.received) < 1 or len(rows(project, "id")) < 2:
            gate.wait(0.02)
        job.cancel()
        gate.set()
        job.wait()
        assert len(asked.answered) == 1
    with project.database.read() as c:
        assert requests.spent(c, job.id) == pytest.approx((900 * 1.0 + 60 * 10.0) / 1e6)


def test_a_budget_needs_a_price(project: lr.Project):
    with (
        service(),
        pytest.raises(ArgumentError, match=r"nobody has said what mine/gpt-test costs.*prices\.toml"),
    ):
        project.view().annotate([MODEL], budget=1.0)


def test_forgotten_images_are_forgotten_here_too(project: lr.Project):
    with service():
        project.view().annotate([MODEL], background=False)
    project.view()[:5].delete(confirm=True)
    assert len(rows(project, "id")) == COUNT - 5


def test_answers_travel_with_a_recipe_and_are_not_asked_for_there(project: lr.Project, tmp_path: Path):
    with service() as asked, lr.open_project(tmp_path / "there") as there:
        project.view().annotate([MODEL], background=False)
        project.view().add_tags("seen")
        there.add(tmp_path / "pictures")
        assert lr.replay(project.recipe().save(tmp_path / "recipe.py"), there).equal
        assert captioned(there) == COUNT
        assert there.view().annotate([MODEL], background=False).state == "done"
    assert set(asked.asked.values()) == {1}


def test_answers_that_say_nothing_for_long_end_the_run(tmp_path: Path):
    with (
        project_of(tmp_path, 40) as project,
        service(lambda _digest, _turn: "{", concurrency=2) as asked,
        pytest.raises(ModelError, match="answers none of the questions"),
    ):
        project.view().annotate([MODEL], background=False)
    assert sum(asked.asked.values()) < 40  # twice each


def test_resuming_a_run_that_goes_on_is_that_run(project: lr.Project):
    gate = threading.Event()

    def say(_digest: bytes, _turn: int) -> Sent | str:
        gate.wait()
        return ANSWER

    with service(say):
        job = project.view().annotate([MODEL])
        assert project.resume(job.id) is job
        gate.set()
        job.wait()
