"""What a user relies on when results of batch APIs are read from files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anthropic_wire
import google_wire
import openai_wire
import pytest
from api_server import Sent, serving
from openai_batch_wire import Batches
from PIL import Image

import lorairo as lr
from lorairo.errors import ArgumentError, NotFoundError
from lorairo.services import batches

MODEL = "openai/gpt-5-mini"
ANSWER = '{"caption": "a field of colour"}'


@pytest.fixture(autouse=True)
def quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the user, no keys, no rest between two looks."""
    monkeypatch.setenv("LORAIRO_CONFIG", str(tmp_path / "user" / "config.toml"))
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(batches, "SHORTEST", 0.001)
    monkeypatch.setattr(batches, "LONGEST", 0.001)


@pytest.fixture
def project(tmp_path: Path, draw: Callable[..., Image.Image]) -> Iterator[lr.Project]:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(3):
        draw(number, (64 + 8 * number, 48)).save(folder / f"dog {number}.png")
    with lr.open_project(tmp_path / "project") as project:
        project.add(folder)
        yield project


def openai_line(name: str, sent: Sent | None = None) -> bytes:
    sent = openai_wire.chat(ANSWER) if sent is None else sent
    response = {"status_code": sent.status, "request_id": "req_1", "body": sent.body}
    return json.dumps({"id": "x", "custom_id": name, "response": response, "error": None}).encode()


def anthropic_line(name: str) -> bytes:
    result = {"type": "succeeded", "message": anthropic_wire.answer(ANSWER).body}
    return json.dumps({"custom_id": name, "result": result}).encode()


def google_line(name: str) -> bytes:
    return json.dumps({"key": name, "response": google_wire.answer(ANSWER).body}).encode()


def written(tmp_path: Path, *lines: bytes) -> Path:
    file = tmp_path / "results" / "out.jsonl"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"\n".join(lines) + b"\n\n")
    return file


def captions(project: lr.Project) -> dict[int, str]:
    said = project.view().annotations
    return dict(zip(said["image_id"], said["caption"], strict=True))


def sha(project: lr.Project, image_id: int) -> str:
    return project[image_id].sha256


def test_results_of_this_project_find_their_image_model_and_prompt(
    project: lr.Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run was lost at the service, and its results come from the provider's page."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789")
    service = Batches(lambda _: openai_wire.chat(ANSWER), polls=10**9)
    with serving(service) as server:
        lr.config.set("providers.openai.base_url", f"{server.url}/v1")
        job = project.view().annotate([MODEL], batch=True, parameters={"max_tokens": 99})
        assert service.polled.wait(20)
        job.cancel().wait(20)
    monkeypatch.delenv("OPENAI_API_KEY")
    names = [line["custom_id"] for line in service.lines[0]]
    file = written(
        tmp_path,
        openai_line(names[1]),
        openai_line(names[0], openai_wire.refused()),
        openai_line("r999-" + "0" * 16),
    )
    report = project.import_batch_results(file.parent)
    assert repr(report) == (
        "1 answered · 1 failed · 1 line passed over\n  out.jsonl:3: there is no image r999-0000000000000000"
    )
    assert captions(project) == {2: "a field of colour"}
    assert project.view().annotations["parameters"][0]["service"]["max_tokens"] == 99
    assert list(project.failures["kind"]) == ["refusal"]
    assert project.batches["waiting"][0] == 1


def test_results_that_are_known_change_nothing(project: lr.Project, tmp_path: Path) -> None:
    first = written(tmp_path, openai_line(sha(project, 1)))
    assert repr(project.import_batch_results(first, model=MODEL)) == "1 answered"
    other = written(tmp_path, openai_line(sha(project, 1), openai_wire.chat('{"caption": "another"}')))
    assert repr(project.import_batch_results(other, model=MODEL)) == "1 known already"
    assert captions(project) == {1: "a field of colour"}


@pytest.mark.parametrize(
    ("line", "model"),
    [
        (openai_line, "openai/gpt-5-mini-2026-01-01"),
        (anthropic_line, "anthropic/claude-haiku-4-5-20260101"),
        (google_line, "google/gemini-2.5-flash-001"),
    ],
    ids=["openai", "anthropic", "google"],
)
def test_each_provider_is_known_by_the_form_of_its_lines_and_needs_no_key(
    project: lr.Project, tmp_path: Path, line: Callable[[str], bytes], model: str
) -> None:
    report = project.import_batch_results(written(tmp_path, line(sha(project, 3))))
    assert report.answered.tolist() == [3]
    (row,) = project.view().annotations.to_dict("records")
    assert f"{row['provider']}/{row['model']}" == model
    assert row["caption"] == "a field of colour"


def test_images_are_known_by_content_look_and_name(project: lr.Project, tmp_path: Path) -> None:
    look = f"{project[2].phash & (2**64 - 1):016x}" if isinstance(project[2].phash, int) else project[2].phash
    file = written(
        tmp_path,
        openai_line(sha(project, 1)),
        openai_line(f"{look}-72"),
        openai_line("dog 2"),
        openai_line("cat.png"),
    )
    report = project.import_batch_results(file, model=MODEL)
    assert report.answered.tolist() == [1, 2, 3]
    assert report.unknown.to_dict("records") == [
        {"path": "out.jsonl:4", "reason": "there is no image cat.png"}
    ]


def test_custom_ids_of_any_kind_can_be_told(project: lr.Project, tmp_path: Path) -> None:
    file = written(tmp_path, *(openai_line(name) for name in ("a", "b", "c", "d", "e")))
    told = {"a": 1, "b": sha(project, 2), "c": "dog 2.png", "d": 77}
    report = project.import_batch_results(file, model=MODEL, images=told)
    assert report.answered.tolist() == [1, 2, 3]
    assert list(report.unknown["reason"]) == ["there is no image 77", "there is no image e"]


def test_a_name_that_several_images_have_is_not_guessed(
    project: lr.Project, tmp_path: Path, draw: Callable[..., Image.Image]
) -> None:
    (tmp_path / "more").mkdir()
    draw(9).save(tmp_path / "more" / "dog 1.png")
    project.add(tmp_path / "more")
    report = project.import_batch_results(written(tmp_path, openai_line("dog 1.png")), model=MODEL)
    assert list(report.unknown["reason"]) == ["dog 1.png may be any of 2 images"]


def test_another_project_with_the_same_images_takes_results_too(project: lr.Project, tmp_path: Path) -> None:
    report = project.import_batch_results(
        written(tmp_path, openai_line(f"r41-{sha(project, 2)[:16]}")), model=MODEL
    )
    assert report.answered.tolist() == [2]


def test_lines_that_are_no_results_are_named(project: lr.Project, tmp_path: Path) -> None:
    file = written(tmp_path, b"<html>", b'{"what": 1}', b"[1]", openai_line(sha(project, 1)))
    report = project.import_batch_results(file, model=MODEL)
    assert list(report.unknown["path"]) == ["out.jsonl:1", "out.jsonl:2", "out.jsonl:3"]
    assert report.answered.tolist() == [1]


def test_a_prompt_says_what_the_answers_hold(project: lr.Project, tmp_path: Path) -> None:
    answer = openai_wire.chat('{"tags": ["1girl", "smile"]}')
    lr.save_prompt("mine", text="Tags.", captions=(), tags=True)
    project.import_batch_results(
        written(tmp_path, openai_line(sha(project, 1), answer)), model=MODEL, parameters={"prompt": "mine"}
    )
    assert set(project.view().tag_frame["tag"]) == {"1girl", "smile"}


def test_what_cannot_be_is_said(project: lr.Project, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="name a file of results"):
        project.import_batch_results(tmp_path / "nowhere")
    with pytest.raises(ArgumentError, match="runs here"):
        project.import_batch_results(written(tmp_path, b"{}"), model="wd-vit-tagger-v3")
    assert repr(project.import_batch_results(written(tmp_path))) == "no results found"


def test_a_failure_without_a_model_asks_for_it(project: lr.Project, tmp_path: Path) -> None:
    line: Any = openai_line(sha(project, 1), openai_wire.broken())
    report = project.import_batch_results(written(tmp_path, line))
    assert "which model answered" in report.unknown["reason"][0]
    report = project.import_batch_results(written(tmp_path, line), model=MODEL)
    assert report.failed.tolist() == [1]
