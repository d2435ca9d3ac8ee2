"""The log as people use it: undo months later in another kernel, what stood in its way, a bounded log."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import lorairo as lr
from lorairo.errors import ArgumentError, NotFoundError, ReadOnlyError
from lorairo.store import journal, log

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = 86_400

UNDO = """
import sys
import lorairo as lr
with lr.open_project(sys.argv[1]) as project:
    for step in sys.argv[2:]:
        print(project.undo(anyone=step == "anyone").message)
"""


@pytest.fixture
def ago(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Make changes as if they were made some days ago."""
    now = time.time()
    return lambda days: monkeypatch.setattr(journal.time, "time", lambda: now - days * DAY)


def in_another_kernel(folder: Path, author: str, *steps: str) -> list[str]:
    source = str(Path(lr.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": source, "LORAIRO_AUTHOR": author}
    done = subprocess.run(
        [sys.executable, "-c", UNDO, str(folder), *steps],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_undo_goes_on_months_later_in_another_kernel(
    tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch, ago: Callable[[float], None]
):
    folder = tmp_path / "p"
    monkeypatch.setenv("LORAIRO_AUTHOR", "ann")
    with lr.open_project(folder) as project:
        project.add(photos)
        ago(400)
        project.view().add_tags("years_ago")
        ago(120)
        project.view().stars(3)
    monkeypatch.setenv("LORAIRO_AUTHOR", "bob")
    with lr.open_project(folder) as project:
        project.view().add_tags("bobs")
    assert in_another_kernel(folder, "ann", "own", "own", "own", "anyone") == [
        "Undone: rated 12 images 3",
        "Undone: tagged 12 images years_ago",
        "Nothing to undo",
        "Undone: tagged 12 images bobs",
    ]
    with lr.open_project(folder) as project:
        assert len(project.view("years_ago OR bobs OR stars:3")) == 0


def test_an_undo_names_what_it_left_and_who_is_in_the_way(project: lr.Project):
    first = project.view().stars(2)
    log.set_stars(project.database, [3], 5, author="ann")
    done = project.undo(first.operation_id)
    assert done.message == "Undone: rated 12 images 2; 1 image changed since and kept"
    assert ".conflicts names them" in repr(done)
    (row,) = done.conflicts.itertuples(index=False)
    assert row == (3, project[3].name, "stars", 5, 0, first.operation_id + 1, "Rated 1 image 5", "ann")


def test_a_result_says_which_call_turns_it_round(project: lr.Project):
    assert repr(project.view().stars(2)).endswith(" · undo with project.undo()")
    assert repr(project.undo()).endswith(" · redo with project.redo()")
    assert repr(project.redo()).endswith(" · undo with project.undo()")
    assert repr(project.redo()) == "Nothing to redo"


def test_without_conflicts_the_table_is_empty(project: lr.Project):
    project.view().stars(2)
    done = project.undo()
    assert len(done.conflicts) == 0
    assert list(done.conflicts.columns)[:3] == ["image_id", "name", "what"]
    assert "conflicts" not in repr(done)


def test_conflicts_are_looked_up_when_they_are_asked_for(project: lr.Project):
    first = project.view().add_tags("hat")
    project.view().head(2).remove_tags("hat")
    done = project.undo(first.operation_id)
    project.compact(keep=0, days=0)
    assert done.conflicts["what"].tolist() == ["tag:hat", "tag:hat"]
    assert done.conflicts["operation"].isna().all(), "who it was is folded with the rest"


def test_the_log_is_bounded_and_the_project_stays_as_it_is(project: lr.Project, ago: Callable[[float], None]):
    ago(200)
    for number in range(5):
        project.view().add_tags(f"old_{number}")
    ago(1)
    project.view().add_tags("new")
    before = project.view().df
    assert repr(project.compact()) == "Nothing to compact", "a thousand operations stay in any case"
    done = project.compact(keep=1)
    assert done.operations == 5
    assert repr(done).startswith("Compacted 5 operations into one")
    assert done.backup.parent == project.location / "backups"
    assert project.view().df.equals(before)
    assert project.history["kind"].tolist() == ["tags.add", "compact"]
    assert project.undo().message == "Undone: tagged 12 images new"
    assert project.undo().message == "Nothing to undo"
    with pytest.raises(NotFoundError, match="folded"):
        project.undo(1)


def test_a_project_open_only_to_read_is_not_compacted(tmp_path: Path):
    lr.open_project(tmp_path / "p").close()
    with lr.open_project(tmp_path / "p", readonly=True) as project, pytest.raises(ReadOnlyError):
        project.compact()


def test_what_cannot_be_kept_is_refused(project: lr.Project):
    with pytest.raises(ArgumentError, match="days is a number from 0, not -1"):
        project.compact(days=-1)
