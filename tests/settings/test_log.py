from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from lorairo import config, log
from lorairo.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SPEAK = """
import sys
from pathlib import Path
from loguru import logger as theirs
from lorairo import log

folder = Path(sys.argv[1])
log.to_project(folder)
log.to_project(folder)
exec(compile('''
log.logger.info("read {} pictures with sk-abcdefgh12345678", 3)
try:
    raise ValueError("Authorization: Bearer abcdefgh12345678 and hidden-by-name")
except ValueError:
    log.logger.exception("it failed")
log.logger.bind(project="another").info("of another project")
''', "x", "exec"), {"log": log, "__name__": "lorairo.somewhere"})
theirs.info("said by the host")
log.leave_project(folder)
log.leave_project(folder)
"""


@pytest.fixture
def spoken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """What a fresh process wrote into a project's log, and to the screen."""
    monkeypatch.setenv("SOME_API_KEY", "hidden-by-name")
    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))
    done = subprocess.run(
        [sys.executable, "-c", SPEAK, str(tmp_path)], capture_output=True, text=True, check=True
    )
    return (tmp_path / "logs" / "lorairo.log").read_text(encoding="utf-8"), done.stdout + done.stderr


def test_cells_stay_quiet_and_the_host_keeps_its_voice(spoken: tuple[str, str]):
    _, screen = spoken
    assert "pictures" not in screen
    assert "it failed" not in screen
    assert "said by the host" in screen


def test_a_project_has_its_own_lines_once(spoken: tuple[str, str]):
    text, _ = spoken
    assert text.count("read 3 pictures") == 1
    assert "ValueError" in text
    assert "said by the host" not in text
    assert "of another project" not in text


def test_keys_are_masked_in_messages_and_tracebacks(spoken: tuple[str, str]):
    text, _ = spoken
    assert "abcdefgh12345678" not in text
    assert "hidden-by-name" not in text
    assert "***" in text


def test_a_project_in_which_nothing_happened_has_no_log(tmp_path: Path):
    log.to_project(tmp_path)
    log.leave_project(tmp_path)
    assert list(tmp_path.iterdir()) == []


ours = log.logger.patch(lambda record: record.update(name="lorairo.somewhere"))


@pytest.fixture
def open_project(project: Path) -> Iterator[Path]:
    """A folder that is logged into as long as the test lasts."""
    log.to_project(project)
    yield project
    log.leave_project(project)


def lines(file: Path) -> list[str]:
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    return [line.rpartition(": ")[2] for line in text.splitlines()]


def test_the_level_changes_at_once_in_open_projects(open_project: Path):
    file = open_project / "logs" / "lorairo.log"
    ours.debug("not yet")
    config.set("log.level", "debug")
    ours.debug("now")
    config.set("log.level", "ERROR", project=open_project)
    ours.warning("not any more")
    assert lines(file) == ["now"]


def test_the_file_moves_at_once(open_project: Path, tmp_path: Path):
    ours.info("before")
    config.set("log.file_path", tmp_path / "elsewhere.log")
    ours.info("after")
    assert lines(open_project / "logs" / "lorairo.log") == ["before"]
    assert lines(tmp_path / "elsewhere.log") == ["after"]


def test_two_projects_may_share_a_file(open_project: Path, tmp_path: Path):
    other = tmp_path / "other"
    other.mkdir()
    config.set("log.file_path", tmp_path / "both.log")
    log.to_project(other)
    for name in ("project", "other", "third"):
        ours.bind(project=name).info(name)
    log.leave_project(other)
    ours.info("of the one that is left")
    assert lines(tmp_path / "both.log") == ["project", "other", "of the one that is left"]


def test_a_file_that_cannot_be_is_refused_and_nothing_changes(open_project: Path, tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"log\.file_path from .*config\.toml: .* cannot be written"):
        config.set("log.file_path", tmp_path / "file" / "x.log")
    ours.info("still there")
    assert lines(open_project / "logs" / "lorairo.log") == ["still there"]


def test_files_are_turned_over_and_old_ones_go(open_project: Path):
    config.set("log.retention", "1 second")
    config.set("log.rotation", "1 KB")
    logs = open_project / "logs"
    ours.info("a" * 900)
    old = logs / "lorairo.2020-01-01_00-00-00_000000.log"
    old.write_text("old", encoding="utf-8")
    os.utime(old, (0, 0))
    ours.info("b" * 900)
    assert not old.exists()
    assert len(list(logs.glob("lorairo*.log"))) == 2
    assert lines(logs / "lorairo.log") == ["b" * 900]
