"""What a user relies on when a run hands many questions over at once: three services, the whole way."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import google_batch_wire
import google_wire
import openai_batch_wire
import openai_wire
import pytest
from api_server import Sent, serving
from batched import ANSWER, KEYS, MODEL, SERVICES, address, answering, asked, at_last, captioned, for_ever

import lorairo as lr
from lorairo.errors import ArgumentError, ModelError
from lorairo.services import handing
from lorairo.services.endpoint import BATCHING
from lorairo.store import requests

pytestmark = pytest.mark.usefixtures("at_once")


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
