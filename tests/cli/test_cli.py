from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest
from detector_model import write_spot
from typer.testing import CliRunner

import lorairo as lr
from lorairo import __version__, cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typer.testing import Result

    Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``lorairo`` with words."""
    monkeypatch.setenv("LORAIRO_CONFIG", str(tmp_path / "no-config.toml"))

    def lorairo(*words: object, stdin: str | None = None) -> Result:
        return CliRunner().invoke(cli.app, [str(word) for word in words], input=stdin)

    return lorairo


@pytest.fixture
def project(run: Run, photos: Path, tmp_path: Path) -> Path:
    """A project with the twelve pictures of the fixture; three have tags."""
    folder = tmp_path / "my-dog"
    result = run("add", folder, photos)
    assert result.exit_code == 0, result.output
    assert "12 added" in result.output
    return folder


def test_version(run: Run):
    assert run("--version").stdout == f"lorairo {__version__}\n"


def test_add_names_what_it_could_not_read(run: Run, photos: Path, tmp_path: Path):
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    result = run("add", tmp_path / "project", photos)
    assert result.exit_code == 0
    assert "12 added" in result.output
    assert "Not added: 1" in result.output
    assert "broken.jpg" in result.output
    assert "12 unchanged" in run("add", tmp_path / "project", photos).output


def test_add_without_pictures_says_what_is_wrong_and_no_more(run: Run, tmp_path: Path):
    result = run("add", tmp_path / "project", tmp_path / "nowhere")
    assert result.exit_code == 1
    assert "nowhere" in result.output
    assert "Traceback" not in result.output


def test_export_with_options_of_the_exporter(run: Run, project: Path, tmp_path: Path):
    out = tmp_path / "out"
    words = ("--query", "dog", "--resolution", "256", "--min-bucket-reso=128", "--trigger", "zxc dog")
    tried = run("export", project, "kohya", out, *words, "--dry-run")
    assert tried.exit_code == 0, tried.output
    assert "3 images in" in tried.output
    assert not out.exists()
    result = run("export", project, "kohya", out, *words, "--bucket-no-upscale")
    assert result.exit_code == 0, result.output
    assert f"Wrote 3 images to {out}" in result.output
    captions = {path.read_text(encoding="utf-8") for path in out.glob("10_zxc dog/*.txt")}
    assert captions == {"zxc dog, dog, outdoors"}
    assert (
        json.loads((out / "manifest.json").read_text(encoding="utf-8"))["settings"]["bucket_no_upscale"]
        is True
    )


def test_export_is_stopped_by_errors_of_the_lint(run: Run, project: Path, tmp_path: Path):
    result = run("export", project, "kohya", tmp_path / "out", "--resolution", "256")
    assert result.exit_code == 1
    assert "9 images need tags" in result.output
    assert not (tmp_path / "out").exists()
    assert run("export", project, "kohya", tmp_path / "out", "--dry-run").exit_code == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("kohya", "out", "--resolutio", "256"), "did you mean 'resolution'"),
        (("koya", "out"), "did you mean 'kohya'"),
        (("kohya", "out", "--query", "dog AND (", "--resolution", "256"), ""),
        (("kohya", "out", "--flag", "x", "loose"), "'loose' stands alone"),
    ],
)
def test_mistakes_get_a_sentence_and_no_traceback(run: Run, project: Path, words: tuple[str, ...], said: str):
    result = run("export", project, *words)
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output
    assert result.output.strip()


@pytest.mark.parametrize("command", [("export", "{}", "kohya", "out"), ("annotate", "{}", "model")])
def test_a_slip_in_the_name_of_a_project_makes_none(run: Run, tmp_path: Path, command: tuple[str, ...]):
    result = run(*(word.format(tmp_path / "slip") for word in command))
    assert result.exit_code == 1
    assert "is no project" in result.output
    assert not (tmp_path / "slip").exists()


def test_annotate_with_a_model_nobody_knows(run: Run, project: Path):
    result = run("annotate", project, "no-such-model")
    assert result.exit_code == 1
    assert "no-such-model" in result.output
    assert "Traceback" not in result.output


def test_doctor_shows_names_of_keys_and_never_a_key(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-nobody-may-see-this")
    monkeypatch.setenv("COLUMNS", "200")
    result = run("doctor")
    assert "OPENAI_API_KEY" in result.output
    assert "nobody-may-see" not in result.output
    assert "Python" in result.output


def test_scorers_run_by_a_verb_of_their_own(run: Run, project: Path, tmp_path: Path):
    spot = write_spot(tmp_path / "spot")
    result = run("annotate", project, spot)
    assert result.exit_code == 1
    assert "score" in result.output
    result = run("score", project, spot, "--query", "dog")
    assert result.exit_code == 0, result.output
    assert "3 of 3 scored, " in result.output
    result = run("annotate", project, spot, "--threshold", 0.5)
    assert "none is among the models" in result.output


def notebook(**metadata: Any) -> str:
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "Gallery()"}
    cells = [
        {
            "cell_type": "code",
            "execution_count": 3,
            "metadata": {},
            "source": "gallery",
            "outputs": [
                {"output_type": "display_data", "metadata": {}, "data": {**view, "text/html": "<p>ä</p>"}},
                {"output_type": "display_data", "metadata": {}, "data": view},
                {"output_type": "stream", "name": "stdout", "text": "kept"},
            ],
        },
        {"cell_type": "markdown", "metadata": {}, "source": "text"},
    ]
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def test_strip_takes_widgets_out_and_leaves_the_rest(run: Run, tmp_path: Path):
    file = tmp_path / "a.ipynb"
    file.write_text(notebook(widgets={"state": {}}, kernelspec={"name": "python3"}), encoding="utf-8")
    assert "stripped" in run("strip", file).output
    stripped = json.loads(file.read_text(encoding="utf-8"))
    assert stripped["metadata"] == {"kernelspec": {"name": "python3"}}
    outputs = stripped["cells"][0]["outputs"]
    assert outputs[0]["data"] == {"text/plain": "Gallery()", "text/html": "<p>ä</p>"}
    assert [output["output_type"] for output in outputs] == ["display_data", "stream"]
    before = file.read_bytes()
    assert "nothing to strip" in run("strip", file).output
    assert file.read_bytes() == before
    run("strip", file, "--outputs")
    assert json.loads(file.read_text(encoding="utf-8"))["cells"][0]["outputs"] == []
    assert [path.name for path in tmp_path.glob("*.partial")] == []


def test_strip_as_a_filter(run: Run):
    result = run("strip", "-", stdin=notebook(widgets={}))
    assert "widget" not in result.stdout
    assert json.loads(result.stdout)["nbformat"] == 4


@pytest.mark.parametrize("text", ["no json", "[]", '{"worksheets": []}'])
def test_strip_leaves_what_is_no_notebook(run: Run, tmp_path: Path, text: str):
    file = tmp_path / "a.ipynb"
    file.write_text(text, encoding="utf-8")
    result = run("strip", file)
    assert result.exit_code == 1
    assert "a.ipynb" in result.output
    assert file.read_text(encoding="utf-8") == text


def test_the_demo_opens_the_jupyterlab_of_this_python(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    started = []

    class Process:
        def __init__(self, command: list[str]) -> None:
            started.append(command)

        def wait(self) -> int:
            if len(started) == 1:
                started.append([])
                raise KeyboardInterrupt  # the user ends it; JupyterLab asks, then goes
            return 0

    monkeypatch.setattr(cli.subprocess, "Popen", Process)
    result = run("demo", tmp_path / "demo", "--count", 1, "--no-browser", "--port", 9999)
    assert result.exit_code == 0, result.output
    notebook_file = tmp_path / "demo" / "quickstart.ipynb"
    assert notebook_file.is_file()
    assert started[0][:4] == [sys.executable, "-m", "jupyterlab", str(notebook_file)]
    assert {"--port=9999", "--no-browser"} <= set(started[0])
    assert ("--allow-root" in started[0]) is (getattr(os, "geteuid", lambda: -1)() == 0)


def test_the_demo_can_be_annotated_and_exported(run: Run, tmp_path: Path):
    demo = tmp_path / "demo"
    result = run("demo", demo, "--count", 6, "--prepare-only")
    assert result.exit_code == 0, result.output
    run("add", tmp_path / "project", demo / "photos")
    result = run("annotate", tmp_path / "project", demo / "tagger")
    assert result.exit_code == 0, result.output
    assert "6 of 6 annotated, " in result.output
    again = run("annotate", tmp_path / "project", demo / "tagger", "--threshold", 0.9, "--character", 0.95)
    assert again.exit_code == 0, again.output
    assert "6 of 6 annotated" in again.output
    with lr.open_project(tmp_path / "project") as project:
        said = project.view().tag_frame.query("state == 'effective'")
    assert 0.9 <= said["score"].min() < 1
    result = run(
        "export", tmp_path / "project", "kohya", tmp_path / "out", "--resolution", 256, "--missing", "omit"
    )
    assert result.exit_code == 0, result.output
    assert len(list((tmp_path / "out").glob("*/*.png"))) == 6
