"""The model picker: what can run, what is left, one run for many presses, errors by image, resuming."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lorairo as lr
from lorairo.demo.tagger import NAME, make_tagger
from lorairo.jobs import live

Open = Callable[..., Any]


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No models or caches of whoever runs the tests."""
    monkeypatch.setenv("LORAIRO_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("LORAIRO_MODEL_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def tagger(tmp_path: Path) -> str:
    """The demo's tagger, where the registry finds it."""
    make_tagger(tmp_path / "models" / "demo")
    return NAME


@pytest.fixture
def held(project: lr.Project, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Hold every picture back until the returned function is called; then they come in many small steps."""
    monkeypatch.setenv("LORAIRO_BATCH_SIZE", "2")
    monkeypatch.setattr("lorairo.inference.pipeline._COMMIT", 0.0)
    gate = threading.Event()
    each = project.originals.each

    def waiting(ids: Any) -> Any:
        gate.wait(60)
        return each(ids)

    monkeypatch.setattr(project.originals, "each", waiting)
    return gate.set


def ask(browser: Any, target: str = "shown") -> dict[str, Any]:
    ok, _ = browser.ask("models", target=target)
    return ok


def row(ok: dict[str, Any], name: str) -> dict[str, Any]:
    return next(row for row in ok["rows"] if row["id"] == name)


def wait(project: lr.Project) -> None:
    for job in live(project.database):
        job.wait(60)


def test_what_can_run_and_what_is_missing_where_it_cannot(browse: Open, tagger: str):
    ok = ask(browse(kind="ModelPicker"))
    ready = row(ok, tagger)
    assert (ready["available"], ready["runs"], ready["makes"]) == (True, "here", "tags, rating")
    assert (ready["todo"], ready["price"], ready["downloads"]) == (12, "free", False)
    missing = row(ok, "wd-vit-tagger-v3")
    assert not missing["available"]
    assert missing["why_not"] == "Not on this machine, and HF_HUB_OFFLINE is set"
    assert "HF_HUB_OFFLINE" in missing["remedy"]


def test_a_model_that_would_be_fetched_says_so(browse: Open, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("HF_HUB_OFFLINE")
    found = row(ask(browse(kind="ModelPicker")), "wd-vit-tagger-v3")
    assert (found["available"], found["downloads"], found["size"]) == (True, True, "379 MB")


def test_a_model_somewhere_else_is_said_to_be_away(browse: Open, tmp_path: Path):
    rows = '[[model]]\nname = "describer"\nkind = "vlm_api"\nprovider = "openai"\nbackend = "openai"\n'
    (tmp_path / "models.toml").write_text(rows, encoding="utf-8")
    found = row(ask(browse(kind="ModelPicker")), "openai/describer")
    assert (found["runs"], found["makes"], found["place"], found["own"]) == (
        "away",
        "caption",
        "OpenAI",
        False,
    )
    assert (found["available"], found["why_not"]) == (False, "Needs OPENAI_API_KEY")


def test_a_run_answers_and_nothing_is_left(browse: Open, project: lr.Project, tagger: str):
    browser = browse(kind="ModelPicker")
    ok, _ = browser.ask("models.run", models=[tagger], target="shown")
    assert ok["code"] == f'view.annotate(["{tagger}"])'
    assert (ok["job"]["label"], ok["job"]["total"]) == (tagger, 12)
    wait(project)
    told = [event["payload"] for event in browser.events if event.get("event") == "job"]
    while not told or told[-1]["state"] != "done":
        told.append(browser.event("job"))
    assert {one["id"] for one in told} == {ok["job"]["id"]}
    after = ask(browser)
    assert row(after, tagger)["todo"] == 0
    assert after["jobs"][0] | {"started": ""} == {
        "id": ok["job"]["id"],
        "label": tagger,
        "state": "done",
        "done": 12,
        "total": 12,
        "failed": 0,
        "started": "",
        "resumable": False,
        "budget": None,
        "account": None,
    }


def test_the_selection_and_the_search_are_targets(browse: Open, project: lr.Project, tagger: str):
    view = project.view()
    browser = browse(view, kind="ModelPicker")
    view.selected = [1, 2, 3]
    assert (ask(browser, "selected")["images"], ask(browser)["images"]) == (3, 12)
    ok, _ = browser.ask("models.run", models=[tagger], target="selected")
    assert ok["code"] == f'view.selected.annotate(["{tagger}"])'
    wait(project)
    assert row(ask(browser, "selected"), tagger)["todo"] == 0
    view.shown = "dog"
    shown = ask(browser)
    assert (shown["images"], row(shown, tagger)["todo"], shown["selected"]) == (3, 2, 3)
    ok, _ = browser.ask("models.run", models=[tagger], target="shown")
    assert ok["code"] == f'view.shown.annotate(["{tagger}"])'
    wait(project)
    assert row(ask(browser), tagger)["todo"] == 0


def test_a_second_press_gets_the_run_that_is_under_way(
    browse: Open, project: lr.Project, tagger: str, held: Callable[[], None]
):
    browser, other = browse(kind="ModelPicker"), browse(kind="ModelPicker")
    first, _ = browser.ask("models.run", models=[tagger], target="shown")
    second, _ = other.ask("models.run", models=[tagger], target="shown")
    assert first["job"]["id"] == second["job"]["id"]
    browser.ask("job.cancel", id=first["job"]["id"])
    held()
    wait(project)
    assert len(project.jobs) == 1
    assert project.jobs["state"].tolist() == ["stopped"]


def test_a_stopped_run_goes_on(browse: Open, project: lr.Project, tagger: str, held: Callable[[], None]):
    browser = browse(kind="ModelPicker")
    ok, _ = browser.ask("models.run", models=[tagger], target="shown")
    number = ok["job"]["id"]
    same, _ = browser.ask("job.resume", id=number)
    assert same["job"]["state"] == "running"
    browser.ask("job.cancel", id=number)
    held()
    wait(project)
    (past,) = ask(browser)["jobs"]
    assert (past["state"], past["resumable"]) == ("stopped", True)
    again, _ = browser.ask("job.resume", id=number)
    assert again["job"]["id"] == number
    wait(project)
    assert ask(browser)["jobs"][0]["state"] == "done"
    assert row(ask(browser), tagger)["todo"] == 0


def test_images_that_cannot_be_read_are_named_until_they_are_answered(
    browse: Open, project: lr.Project, tagger: str, photos: Path
):
    browser = browse(kind="ModelPicker")
    hidden = photos.parent / "hidden.jpg"
    (photos / "03.jpg").rename(hidden)
    ok, _ = browser.ask("models.run", models=[tagger], target="shown")
    wait(project)
    (past,) = ask(browser)["jobs"]
    assert (past["state"], past["done"], past["failed"], past["resumable"]) == ("done", 12, 1, True)
    said, _ = browser.ask("job.errors", id=ok["job"]["id"])
    assert said["total"] == 1
    assert (said["errors"][0]["image"], said["errors"][0]["name"]) == (4, "03.jpg")
    assert "03.jpg" in said["errors"][0]["message"]
    assert row(ask(browser), tagger)["todo"] == 1
    hidden.rename(photos / "03.jpg")
    browser.ask("job.resume", id=ok["job"]["id"])
    wait(project)
    assert browser.ask("job.errors", id=ok["job"]["id"])[0]["total"] == 0


def test_a_folder_that_was_run_is_offered_again(browse: Open, project: lr.Project, tmp_path: Path):
    folder = make_tagger(tmp_path / "elsewhere" / "mine")
    project.view().head(5).annotate(folder, background=False)
    ok = ask(browse(kind="ModelPicker"))
    assert (row(ok, str(folder))["name"], row(ok, str(folder))["todo"]) == (NAME, 7)


def test_another_network_under_the_same_name_has_everything_to_do(
    browse: Open, project: lr.Project, tagger: str, tmp_path: Path
):
    project.view().annotate(tagger, background=False)
    browser = browse(kind="ModelPicker")
    assert row(ask(browser), tagger)["todo"] == 0
    labels = tmp_path / "models" / "demo" / "selected_tags.csv"
    labels.write_bytes(labels.read_bytes() + b"\n")
    os.utime(labels, (1, 1))
    assert row(ask(browser), tagger)["todo"] == 12


def test_a_model_that_fails_as_a_whole_says_so(
    browse: Open, project: lr.Project, tagger: str, tmp_path: Path
):
    (tmp_path / "models" / "demo" / "model.onnx").write_bytes(b"no network")
    browser = browse(kind="ModelPicker")
    ok, _ = browser.ask("models.run", models=[tagger], target="shown")
    job = ok["job"]
    while job["state"] != "failed":
        job = browser.event("job")
    assert "failed at 0" in job["label"]
    assert ask(browser)["jobs"][0]["resumable"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"models": [], "target": "shown"}, "at least one"),
        ({"models": ["no-such"], "target": "shown"}, "there is no model 'no-such'"),
        ({"models": ["wd-vit-tagger-v3"], "target": "shown"}, "cannot run here"),
        ({"models": ["wd-vit-tagger-v3"], "target": "all"}, "'all'"),
        ({"models": ["wd-vit-tagger-v3"], "target": "selected"}, "no image"),
    ],
)
def test_what_cannot_run_says_why(browse: Open, asked: dict[str, Any], said: str):
    reply, _ = browse(kind="ModelPicker").reply("models.run", **asked)
    assert said in reply["error"]["message"]


def test_an_unknown_job_says_so(browse: Open):
    browser = browse(kind="ModelPicker")
    for kind in ("job.errors", "job.resume", "job.cancel"):
        reply, _ = browser.reply(kind, id=99)
        assert "99" in reply["error"]["message"]
