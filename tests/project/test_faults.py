"""Kernels that are killed, interrupted, or two at a time: what was finished stays, once; nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import lorairo as lr
from lorairo.importers import adding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

IMAGES = 24
PATIENCE = 120  # seconds after which a test that hangs fails; nothing here waits that long

ADD = """
import sys
import lorairo as lr
from lorairo.importers import adding
adding._BATCH = 4
project = lr.open_project(sys.argv[1])

def told(done, total, rejected):
    print(done, flush=True)
    if done >= 8:
        sys.stdin.readline()    # the parent kills us here, between two batches that are under way

project.add(sys.argv[2], progress=told, workers=2)
"""

KILL_INSIDE = """
import os, signal, sys
import lorairo as lr
from lorairo.importers import adding, writing
adding._BATCH = 4
project = lr.open_project(sys.argv[1])
said = writing.Writer._say
batches = []

def killed(self, connection, texts):
    batches.append(texts)
    said(self, connection, texts)
    if len(batches) == 3:       # images and paths of the third batch are written, and not committed
        print("killed", flush=True)
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

writing.Writer._say = killed
project.add(sys.argv[2], workers=1)
"""

EDIT = """
import sys
import lorairo as lr
project = lr.open_project(sys.argv[1])
view = project.view()
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    view.add_tags(f"{sys.argv[2]}_{number}")
    view.stars(number % 5 + 1)
    print(number, flush=True)
project.close()
"""

KERNEL = """
import sys, threading, time
import lorairo as lr
project = lr.open_project(sys.argv[1])
view = project.view()
news = threading.Event()
view.changed.connect(lambda change: news.set())

def edit(name, times):
    for number in range(int(times)):
        view.add_tags(f"{name}_{number}")
        view.stars(number % 5 + 1)
    return time.time()

def see(tag):           # the index only follows what is told: nothing here asks again and again
    while not len(project.view(tag)):
        if not news.wait(60):
            return "nothing was told"
        news.clear()
    return time.time()

print("ready", flush=True)
for line in sys.stdin:
    verb, *arguments = line.split()
    print({"edit": edit, "see": see}[verb](*arguments), flush=True)
project.close()
"""


@pytest.fixture
def many(tmp_path: Path, draw: Callable[..., object]) -> Path:
    """A folder of small pictures, each with tags beside it."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(IMAGES):
        draw(number, (96, 64)).save(folder / f"{number:02}.jpg")
        (folder / f"{number:02}.txt").write_text("dog, outdoors", encoding="utf-8")
    return folder


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start Python in a process of its own, with pipes both ways."""
    started: list[subprocess.Popen[str]] = []

    def run(script: str, *arguments: object) -> subprocess.Popen[str]:
        source = str(Path(lr.__file__).parents[1])
        child = subprocess.Popen(
            [sys.executable, "-c", script, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": source},
        )
        started.append(child)
        return child

    yield run
    for child in started:
        child.kill()
        child.communicate()


def line(child: subprocess.Popen[str]) -> str:
    """Wait for the next line of a child; empty when it has ended."""
    assert child.stdout is not None
    return child.stdout.readline().strip()


def say(child: subprocess.Popen[str], text: str = "") -> None:
    """Let a child go on."""
    assert child.stdin is not None
    child.stdin.write(f"{text}\n")
    child.stdin.flush()


def assert_whole(project: lr.Project) -> None:
    """Every image is there with all that belongs to it, and the file is sound."""
    assert project.database.check() == []
    for record in project.view(everything=True):
        assert len(record.paths) == 1
        assert record.tags == ["dog", "outdoors"]
        assert record.scores["sharpness"] >= 0
        assert project.thumbnails.get_many([bytes.fromhex(record.sha256)])


def finish(folder: Path, many: Path) -> tuple[int, Counter[str]]:
    """Open what a killed kernel left, check it, and add again; return what was there, and what was read."""
    read: Counter[str] = Counter()
    with lr.open_project(folder) as project:
        before = len(project)
        assert_whole(project)
        report = project.add(many)
        read.update(added=len(report.added), unchanged=len(report.unchanged))
        assert report.rejected.empty
        assert project.view(everything=True).ids.tolist() == list(range(1, IMAGES + 1))
        assert [record.name for record in project.view()] == sorted(path.name for path in many.glob("*.jpg"))
        assert_whole(project)
    return before, read


def test_killed_between_batches_of_an_import(
    tmp_path: Path, many: Path, start: Callable[..., subprocess.Popen[str]]
):
    child = start(ADD, tmp_path / "p", many)
    done = 0
    while done < 8:
        done = int(line(child))
    child.kill()
    child.wait(PATIENCE)
    before, read = finish(tmp_path / "p", many)
    assert before >= done
    assert read == {"added": IMAGES - before, "unchanged": before}


def test_killed_in_the_middle_of_a_batch(
    tmp_path: Path, many: Path, start: Callable[..., subprocess.Popen[str]]
):
    child = start(KILL_INSIDE, tmp_path / "p", many)
    assert line(child) == "killed"
    assert child.wait(PATIENCE) != 0
    before, read = finish(tmp_path / "p", many)
    assert before == 8, "two batches of four; of the third there is nothing"
    assert read == {"added": IMAGES - 8, "unchanged": 8}


def test_killed_in_the_middle_of_edits(
    tmp_path: Path, many: Path, start: Callable[..., subprocess.Popen[str]]
):
    folder = tmp_path / "p"
    with lr.open_project(folder) as project:
        project.add(many)
    child = start(EDIT, folder, "child", 10_000)
    assert line(child) == "ready"
    say(child)
    done = -1
    while done < 5:
        done = int(line(child))
    child.kill()
    child.wait(PATIENCE)
    with lr.open_project(folder) as project:
        assert project.database.check() == []
        history = project.history
        assert len(history) >= 2 * (done + 1)
        tagged = [label for label in history["label"] if label.startswith("Tagged")]
        for number in range(len(tagged)):
            assert len(project.view(f"child_{number}")) == IMAGES, (
                "an operation is there whole, or not at all"
            )
        assert len(project.view(f"child_{len(tagged)}")) == 0
        for _ in range(len(history)):
            project.undo()
        assert project.undo().message == "Nothing to undo"
        assert project.view()["tags"].unique().tolist() == ["dog, outdoors"]
        assert project.view()["stars"].unique().tolist() == [0]


def test_two_kernels_edit_one_project_at_the_same_time(
    tmp_path: Path, many: Path, start: Callable[..., subprocess.Popen[str]]
):
    folder, times = tmp_path / "p", 40
    with lr.open_project(folder) as project:
        project.add(many)
    kernels = {name: start(KERNEL, folder) for name in ("one", "other")}
    assert [line(child) for child in kernels.values()] == ["ready", "ready"]
    for name, child in kernels.items():
        say(child, f"edit {name} {times}")
    assert all(float(line(child)) for child in kernels.values()), "no change of either was refused"
    say(kernels["one"], f"see other_{times - 1}")
    say(kernels["other"], f"see one_{times - 1}")
    assert all(float(line(child)) for child in kernels.values()), "each is told what the other did"
    lags = []
    for number in range(6):
        reader, writer = (kernels[name] for name in (("one", "other") if number % 2 else ("other", "one")))
        say(reader, f"see ping{number}_0")
        say(writer, f"edit ping{number} 1")
        made = float(line(writer))
        lags.append(float(line(reader)) - made)
    assert max(lags) < 20, f"half a second, unless the machine is very busy: {lags}"
    for child in kernels.values():
        child.communicate(timeout=PATIENCE)
        assert child.returncode == 0
    with lr.open_project(folder) as project:
        assert project.database.check() == []
        labels = Counter(label.rsplit(" ", 1)[-1] for label in project.history["label"])
        for name in (f"{who}_{number}" for who in kernels for number in range(times)):
            assert labels[name] == 1
            assert len(project.view(name)) == IMAGES, "no update is lost"


def test_two_processes_add_the_same_folder(
    tmp_path: Path, many: Path, start: Callable[..., subprocess.Popen[str]]
):
    folder = tmp_path / "p"
    with lr.open_project(folder) as project:
        child = start(ADD, folder, many)
        while int(line(child)) < 8:  # it waits for us now, with the rest still to write
            pass
        report = project.add(many)
        assert len(report.added) + len(report.unchanged) + len(report.duplicates) == IMAGES
        child.communicate("\n" * IMAGES, timeout=PATIENCE)
        assert child.returncode == 0
        assert len(lr.open_project(folder).view(everything=True)) == IMAGES
        assert_whole(project)


def test_an_interrupt_keeps_the_batches_before_it(
    tmp_path: Path, many: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(adding, "_BATCH", 4)

    def interrupt(done: int, _total: int, _rejected: int) -> None:
        if done == 8:
            raise KeyboardInterrupt

    with lr.open_project(tmp_path / "p") as project:
        with pytest.raises(KeyboardInterrupt):
            project.add(many, progress=interrupt)
        assert len(project.view()) == 8
        assert_whole(project)
        report = project.add(many)
        assert (len(report.added), len(report.unchanged)) == (IMAGES - 8, 8)
        assert project.view().ids.tolist() == list(range(1, IMAGES + 1))


def test_an_interrupt_while_the_index_follows_costs_no_image(
    tmp_path: Path, many: Path, monkeypatch: pytest.MonkeyPatch
):
    """The commit is done, its news is not: what was written must be seen all the same."""
    monkeypatch.setattr(adding, "_BATCH", 4)
    with lr.open_project(tmp_path / "p") as project:
        assert len(project.view()) == 0
        kind = type(project.index)
        whole = kind.updated
        batches: list[int] = []

        def interrupted(index: object, *arguments: object) -> object:
            batches.append(1)
            if len(batches) == 2:
                raise KeyboardInterrupt
            return whole(index, *arguments)

        monkeypatch.setattr(kind, "updated", interrupted)
        with pytest.raises(KeyboardInterrupt):
            project.add(many)
        assert len(project.view()) == 8
        project.add(many)
        assert project.view().ids.tolist() == list(range(1, IMAGES + 1))
        project.view().head(3).add_tags("seen")
        assert len(project.view("seen")) == 3
