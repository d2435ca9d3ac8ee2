"""Batches from a terminal: what lies with services, its answers, results from files."""

from __future__ import annotations

import json
from pathlib import Path

import openai_wire
import pytest
from api_server import serving
from openai_batch_wire import Batches
from typer.testing import CliRunner, Result

import lorairo as lr
from lorairo import cli
from lorairo.services import batches

MODEL = "openai/gpt-5-mini"
KEY = "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LORAIRO_CONFIG", str(tmp_path / "user" / "config.toml"))
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr(batches, "SHORTEST", 0.001)


def run(*words: object) -> Result:
    return CliRunner().invoke(cli.app, ["batches", *map(str, words)])


def test_submissions_are_listed_and_fetched(tmp_path: Path, photos: Path) -> None:
    folder = tmp_path / "dog"
    service = Batches(lambda _: openai_wire.chat('{"caption": "a dog"}'), polls=10**9)
    with serving(service) as server:
        lr.config.set("providers.openai.base_url", f"{server.url}/v1")
        with lr.open_project(folder) as project:
            project.add(photos)
            count = len(project)
        assert run("list", folder).stdout == "No submissions\n"
        with lr.open_project(folder) as project:
            job = project.view().annotate([MODEL], batch=True)
            assert service.polled.wait(20)
            job.cancel().wait(20)
        assert run("fetch", folder).stdout == "0 submissions ended · 0 answered · 1 under way\n"
        next(iter(service.batches.values()))["left"] = 0
        assert run("fetch", folder).stdout == f"1 submission ended · {count} answered\n"
        listed = run("list", folder).stdout
    assert f"Ended: {count} of {count} answered" in listed
    assert listed.splitlines()[0].split()[:5] == ["id", "job_id", "provider", "model", "state"]


def test_results_are_read_from_a_file(tmp_path: Path, photos: Path) -> None:
    folder, file = tmp_path / "dog", tmp_path / "out.jsonl"
    with lr.open_project(folder) as project:
        project.add(photos)
        name = project[1].sha256
    body = {"status_code": 200, "body": openai_wire.chat("A dog on a lawn.").body}
    lines = [{"custom_id": custom_id, "response": body} for custom_id in (name, "nobody")]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    ended = run("import", folder, file, "--model", MODEL)
    assert (ended.exit_code, ended.stdout) == (0, "1 answered · 1 line passed over\n")
    assert "out.jsonl:2: there is no image nobody" in ended.stderr
