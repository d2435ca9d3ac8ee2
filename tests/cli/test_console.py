"""The installed command, in a process of its own: output, exit codes, interrupts."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import lorairo as lr

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 120  # seconds after which a command that hangs fails the test
SCRIPT = shutil.which("lorairo", path=str(Path(sys.executable).parent))
COMMAND = [SCRIPT] if SCRIPT else [sys.executable, "-c", "from lorairo.cli import app; app()"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """This tree, and nobody's settings."""
    source = str(Path(lr.__file__).parents[1])
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LORAIRO_")}
    return {**clean, "PYTHONPATH": source, "LORAIRO_CONFIG": str(tmp_path / "none.toml"), "COLUMNS": "100"}


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    def lorairo(*words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *map(str, words)],
            capture_output=True,
            text=True,
            env=environment,
            cwd=tmp_path,
            timeout=PATIENCE,
            check=False,
        )

    return lorairo


def test_pictures_to_a_training_set_without_a_notebook(
    run: Callable[..., subprocess.CompletedProcess[str]], photos: Path, tmp_path: Path
):
    (photos / "bad\x1b[31m\u202e.jpg").write_bytes(b"no picture")
    added = run("add", "dog", photos)
    assert (added.returncode, added.stdout) == (0, "12 added · 1 rejected\n")
    assert "Not added: 1" in added.stderr
    assert "bad\\x1b[31m\\u202e.jpg" in added.stderr
    assert "\x1b" not in added.stdout + added.stderr
    options = ("--resolution", "256", "--missing", "omit")
    tried = run("export", "dog", "kohya", "out", *options, "--dry-run")
    assert (tried.returncode, tried.stderr) == (0, "")
    assert not (tmp_path / "out").exists()
    done = run("export", "dog", "kohya", "out", *options)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == f"Wrote 12 images to {tmp_path / 'out'}"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "project", "nowhere"), "nowhere does not exist"),
        (("add", "file/project", "."), "Not a directory"),
        (("export", "none", "kohya", "out"), "none is no project"),
        (("annotate", "none", "model"), "none is no project"),
        (("strip", "none.ipynb"), "none.ipynb: No such file"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_1(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path, words: tuple[str, ...], said: str
):
    (tmp_path / "file").write_text("a file")
    done = run(*words)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["demo", "add", "annotate", "export", "doctor", "strip"])
def test_help_shows_examples(run: Callable[..., subprocess.CompletedProcess[str]], command: str):
    done = run(command, "--help")
    assert done.returncode == 0
    assert f"\n    lorairo {command}" in done.stdout
    assert run(command, "--no-such-option", *["x"] * (command == "strip")).returncode in {1, 2}


def test_doctor_for_people_and_for_scripts(
    run: Callable[..., subprocess.CompletedProcess[str]], photos: Path, environment: dict[str, str]
):
    environment["HF_TOKEN"] = "hf_nobodymayseethis"
    run("add", "dog", photos)
    plain, asked = run("doctor", "dog"), run("doctor", "dog", "--json")
    told = json.loads(asked.stdout)
    parts = {part["part"]: part for part in told["parts"]}
    assert plain.returncode == asked.returncode == (1 if told["problems"] else 0)
    assert {"lorairo", "Python", "pandas", "host", "memory", "disk", "database", "graphics card"} <= set(
        parts
    )
    assert parts["key: huggingface"]["found"] == "from HF_TOKEN"
    assert parts["database"]["found"].startswith(("write-ahead log", "rollback journal"))
    assert "nobodymayseethis" not in plain.stdout + asked.stdout
    assert "key: huggingface" in plain.stdout
    missing = run("doctor", "nowhere")
    assert missing.returncode == 1
    assert "makes one" in missing.stdout


def images(database: Path) -> int:
    """Count what is committed, without waiting for anybody."""
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("SELECT count(*) FROM image").fetchone()[0])
    return 0


@pytest.mark.skipif(sys.platform == "win32", reason="a console has other interrupts there")
def test_ctrl_c_leaves_a_sound_project_and_the_same_command_goes_on(
    run: Callable[..., subprocess.CompletedProcess[str]],
    environment: dict[str, str],
    tmp_path: Path,
    draw: Callable[..., object],
):
    photos = tmp_path / "many"
    photos.mkdir()
    for number in range(400):
        draw(number, (48, 36)).save(photos / f"{number:03}.jpg")
    child = subprocess.Popen(
        [*COMMAND, "add", "dog", str(photos), "--workers", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**environment, "LORAIRO_BATCH_SIZE": "2"},
        cwd=tmp_path,
    )
    try:
        while not (tmp_path / "dog/database.db").is_file() or images(tmp_path / "dog/database.db") < 4:
            assert child.poll() is None
        child.send_signal(signal.SIGINT)
        _out, errors = child.communicate(timeout=PATIENCE)
    finally:
        child.kill()
    assert child.returncode == 130
    assert errors == "Stopped. What was finished is kept; the same command goes on from there\n"
    with lr.open_project(tmp_path / "dog") as project:
        before = len(project)
        assert project.database.check() == []
    assert 4 <= before < 400
    done = run("add", "dog", photos)
    assert done.stdout == f"{400 - before} added · {before} unchanged\n"
