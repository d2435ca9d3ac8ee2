"""Full disks, read-only folders, drives that vanish, files that change while they are read.

Each costs one clear error or some rejected files; the project stays sound, and the same call then goes on.
"""

from __future__ import annotations

import itertools
import os
import resource
import shutil
import subprocess
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import lorairo as lr
from lorairo.errors import ExportError, NotFoundError, ProjectError, ReadOnlyError, StoreError
from lorairo.importers import adding
from lorairo.importers.examining import Examined, Examiner
from lorairo.sources import items
from lorairo.store import log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lorairo.importers.offered import Item

IMAGES = 24


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adding, "_BATCH", 4)


@pytest.fixture
def pictures(tmp_path: Path, draw: Callable[..., object]) -> Path:
    """A folder of pictures, each larger than a page of a disk, with tags beside it."""
    folder = tmp_path / "drive" / "pictures"
    folder.mkdir(parents=True)
    for number in range(IMAGES):
        draw(number, (320, 240)).save(folder / f"{number:02}.jpg", quality=95)
        (folder / f"{number:02}.txt").write_text("dog, outdoors", encoding="utf-8")
    return folder


def mounted(*arguments: object) -> bool:
    """Mount something, where the one who tests may; root in most containers may not either."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    return subprocess.run(["mount", *map(str, arguments)], capture_output=True, check=False).returncode == 0


class Disk:
    """A disk that can be full: a small one where mounting is allowed, else a limit on what files may hold."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self._own = mounted("-t", "tmpfs", "-o", "size=16m", "tmpfs", folder)
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(self) -> None:
        if not self._own:
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, self._limits[1]))
            return
        with (self.folder / "filler").open("wb", buffering=0) as file:
            for size in (65536, 512):
                with pytest.raises(OSError, match="No space left"):
                    file.writelines(itertools.repeat(bytes(size)))

    def free(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)
        (self.folder / "filler").unlink(missing_ok=True)

    def close(self) -> None:
        self.free()
        if self._own:
            subprocess.run(["umount", "-l", str(self.folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path / "disk")
    yield made
    made.close()


def assert_whole(project: lr.Project) -> None:
    """The file is sound, the state is what the log says, and nothing half-written lies about."""
    assert project.database.check() == []
    before = project.view(everything=True).df
    log.refold(project.database)
    assert project.view(everything=True).df.equals(before)
    assert not [path for path in project.location.rglob("*") if path.name.endswith((".part", "-journal"))]


def assert_all_in(project: lr.Project, pictures: Path, **options: object) -> None:
    """The same call goes on: afterwards every picture is there, once, with its tags."""
    report = project.add(pictures, **options)
    assert report.rejected.empty
    assert len(project) == IMAGES
    assert len(project.view("dog outdoors")) == IMAGES
    assert_whole(project)


@pytest.mark.parametrize("copy", [False, True])
def test_a_full_disk_stops_an_import_and_says_so(disk: Disk, pictures: Path, copy: bool):
    def told(done: int, _total: int, _rejected: int) -> None:
        if done == 8:
            disk.fill()

    with lr.open_project(disk.folder / "p") as project:
        with pytest.raises(StoreError, match=r"(not saved|cannot take a copy).*(again|Check the drive)"):
            project.add(pictures, copy=copy, progress=told)
        assert 8 <= len(project) < IMAGES
        disk.free()
        assert_whole(project)
        assert_all_in(project, pictures, copy=copy)
    with lr.open_project(disk.folder / "p") as project:
        assert len(project.view("dog outdoors")) == IMAGES


def test_a_full_disk_refuses_an_edit_and_keeps_the_rest(disk: Disk, pictures: Path):
    with lr.open_project(disk.folder / "p") as project:
        project.add(pictures)
        disk.fill()
        captions = [f"{number} a long caption " * 4000 for number in range(IMAGES)]
        with pytest.raises(StoreError, match="not saved"):
            project.view().set_caption(pd.Series(captions, index=project.view().ids))
        assert project.view().captions("default").empty
        assert len(project.view("dog")) == IMAGES
        disk.free()
        assert_whole(project)
        project.view().add_tags("saved")
        assert len(project.view("saved")) == IMAGES


def test_a_full_disk_costs_no_picture_on_the_screen(disk: Disk, pictures: Path):
    with lr.open_project(disk.folder / "p") as project:
        project.add(pictures)
        project.thumbnails.remove([bytes.fromhex(record.sha256) for record in project.view()])
        disk.fill()
        assert len(project.thumbnails_of(project.view().ids.tolist())) == IMAGES


def test_a_full_disk_leaves_no_half_an_export(disk: Disk, pictures: Path, tmp_path: Path):
    with lr.open_project(tmp_path / "p") as project:
        project.add(pictures)
        disk.fill()
        with pytest.raises(ExportError, match=r"(cannot be written|failed): "):
            project.view().export("kohya", disk.folder / "out")
        assert [path.name for path in disk.folder.iterdir() if path.name != "filler"] == []
        assert project.exports.empty
        disk.free()
        assert project.view().export("kohya", disk.folder / "out").count == IMAGES


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], Path]]:
    """Make a folder read-only: mounted so, or by its mode, or, for a root without mounts, by what it says."""
    undo: list[Callable[[], object]] = []

    def lock(folder: Path) -> Path:
        if mounted("--bind", folder, folder):
            undo.append(lambda: subprocess.run(["umount", "-l", str(folder)], check=True))
            assert mounted("-o", "remount,ro,bind", folder)
            return folder
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        undo.append(lambda: [path.chmod(0o755) for path in (folder, *folder.rglob("*")) if path.is_dir()])
        if os.access(folder, os.W_OK):
            monkeypatch.setattr("os.access", lambda _path, mode: mode != os.W_OK)
        return folder

    yield lock
    for step in undo:
        step()


def test_a_read_only_source_is_only_read(pictures: Path, tmp_path: Path, locked: Callable[[Path], Path]):
    locked(pictures.parent)
    with lr.open_project(tmp_path / "p") as project:
        assert_all_in(project, pictures, copy=True)
        project.view().add_tags("mine")
        assert project.view().export("kohya", tmp_path / "out").count == IMAGES


def test_a_read_only_project_shows_everything_and_refuses_changes(
    pictures: Path, tmp_path: Path, locked: Callable[[Path], Path]
):
    home = tmp_path / "home"
    with lr.open_project(home / "p") as project:
        project.add(pictures)
    before = sorted(path.name for path in (home / "p").iterdir())
    locked(home)
    with lr.open_project(home / "p") as project:
        assert project.readonly
        assert len(project.view("dog")) == IMAGES
        assert len(project.thumbnails_of(project.view().ids.tolist())) == IMAGES
        for change in (lambda: project.add(pictures), lambda: project.view().add_tags("x"), project.undo):
            with pytest.raises(ReadOnlyError, match="cannot be written: check who may write"):
                change()
        assert project.view().export("kohya", tmp_path / "out").count == IMAGES
    assert sorted(path.name for path in (home / "p").iterdir()) == before


def test_a_drive_that_vanishes_during_an_import_costs_what_was_not_read(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    drive, away = pictures.parent, tmp_path / "away"
    whole = Examiner.__call__

    def late(self: Examiner, item: Item) -> Examined:
        if item.name == "12.jpg":
            drive.rename(away)
        return whole(self, item)

    with lr.open_project(tmp_path / "p") as project:
        with monkeypatch.context() as patch:
            patch.setattr(Examiner, "__call__", late)
            report = project.add(pictures, workers=1)
        assert len(report.added) == 12
        assert len(report.added) + len(report.rejected) == IMAGES
        assert set(report.rejected["reason"]) == {"cannot be read: No such file or directory"}
        with pytest.raises(NotFoundError, match="does not exist"):
            project.add(pictures)
        assert_whole(project)
        away.rename(drive)
        assert_all_in(project, pictures)


def test_pictures_whose_drive_vanished_are_named_by_everything_that_needs_them(
    pictures: Path, tmp_path: Path
):
    with lr.open_project(tmp_path / "p") as project:
        project.add(pictures)
        project.thumbnails.remove([bytes.fromhex(record.sha256) for record in project.view()])
        pictures.parent.rename(tmp_path / "away")
        assert "None of their files can be read now" in project.view()._repr_html_()
        with pytest.raises(NotFoundError, match="no thumbnail"):
            project.thumbnail(1)
        with pytest.raises(ExportError, match=r"nothing was written.*project\.relink"):
            project.view().export("kohya", tmp_path / "out")
        assert not (tmp_path / "out").exists()
        (tmp_path / "away").rename(pictures.parent)
        assert len(project.thumbnails_of(project.view().ids.tolist())) == IMAGES


def test_a_drive_that_vanishes_during_an_export_leaves_out_what_was_not_read(pictures: Path, tmp_path: Path):
    with lr.open_project(tmp_path / "p") as project:
        project.add(pictures)
        plan = project.view().plan_export("kohya", tmp_path / "out", workers=1)

        def told(done: int, _total: int, _failed: int) -> None:
            if done == 1:
                pictures.parent.rename(tmp_path / "away")

        result = plan.write(told)
        assert 1 <= result.count < IMAGES
        assert len(result.failed) == IMAGES - result.count
        assert result.failed["reason"].str.contains("No such file").all()


def test_a_target_that_vanishes_during_an_export_is_one_error(pictures: Path, tmp_path: Path):
    target, away = tmp_path / "target", tmp_path / "away"
    target.mkdir()
    with lr.open_project(tmp_path / "p") as project:
        project.add(pictures)
        plan = project.view().plan_export("kohya", target / "out", workers=1)

        def told(done: int, _total: int, _failed: int) -> None:
            if done == 1:
                target.rename(away)

        with pytest.raises(ExportError, match=r"writing .*out failed: No such file or directory"):
            plan.write(told)
        assert not target.exists()
        shutil.rmtree(away)
        target.mkdir()
        assert project.view().export("kohya", target / "out").count == IMAGES


def test_nothing_is_written_into_a_project_that_is_gone(pictures: Path, tmp_path: Path):
    """SQLite would go on writing into files that no folder holds any more, and lose it all at the end."""
    home, away = tmp_path / "home", tmp_path / "away"

    def told(done: int, _total: int, _rejected: int) -> None:
        if done >= 8 and home.exists():
            home.rename(away)

    project = lr.open_project(home / "p")
    with pytest.raises(StoreError, match=r"is gone: this change was not saved.*project\.close\(\)"):
        project.add(pictures, progress=told)
    with pytest.raises(StoreError, match="is gone: this change was not saved"):
        project.view().add_tags("lost")
    assert len(project.view("lost")) == 0
    assert not home.exists(), "and nothing is made where it was"
    project.close()
    away.rename(home)
    with lr.open_project(home / "p") as project:
        assert 8 <= len(project) < IMAGES
        assert_all_in(project, pictures)


def test_another_project_in_the_place_of_the_open_one_is_not_taken_for_it(pictures: Path, tmp_path: Path):
    home = tmp_path / "p"
    project = lr.open_project(home)
    project.add(pictures)
    home.rename(tmp_path / "moved")
    shutil.copytree(tmp_path / "moved", home)
    with pytest.raises(StoreError, match="another file than the one that was opened"):
        project.view().add_tags("whose")
    project.close()
    with pytest.raises(ProjectError, match="closed"):
        project.view().add_tags("whose")


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + bytes(5000))


def become_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (truncate, "it was changed while it was being read: add it again"),
        (grow, "it was changed while it was being read: add it again"),
        (os.remove, "No such file or directory"),
        (become_a_pipe, "it is no plain file any more"),
    ],
)
def test_a_file_that_changed_since_it_was_listed_is_named_and_read_next_time(
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path], None],
    reason: str,
):
    victim = pictures / "05.jpg"
    content = victim.read_bytes()
    whole = Examiner.__call__

    def late(self: Examiner, item: Item) -> Examined:
        if item.path == str(victim):
            change(victim)
        return whole(self, item)

    with lr.open_project(tmp_path / "p") as project:
        with monkeypatch.context() as patch:
            patch.setattr(Examiner, "__call__", late)
            report = project.add(pictures)
        assert report.rejected.to_dict("list") == {
            "path": [str(victim)],
            "reason": [f"cannot be read: {reason}"],
        }
        assert len(report.added) == IMAGES - 1
        victim.unlink(missing_ok=True)
        victim.write_bytes(content)
        assert_all_in(project, pictures)


def test_a_file_that_somebody_writes_to_while_it_is_read_is_not_half_of_each(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    victim = pictures / "05.jpg"
    look, number = os.fstat, victim.stat().st_ino

    def touched(handle: int) -> os.stat_result:
        facts = look(handle)
        if facts.st_ino == number:
            os.utime(victim, ns=(facts.st_mtime_ns + 1_000_000, facts.st_mtime_ns + 1_000_000))
        return facts

    with lr.open_project(tmp_path / "p") as project:
        with monkeypatch.context() as patch:
            patch.setattr(items.os, "fstat", touched)
            report = project.add(pictures)
        assert report.rejected["path"].tolist() == [str(victim)]
        assert_all_in(project, pictures)


def test_what_took_the_place_of_an_original_is_not_read(pictures: Path, tmp_path: Path):
    with lr.open_project(tmp_path / "p") as project:
        project.add(pictures)
        (pictures / "00.jpg").unlink()
        with (pictures / "00.jpg").open("wb") as file:
            file.truncate(6 << 30)  # six gigabytes of nothing
        (pictures / "01.jpg").unlink()
        os.mkfifo(pictures / "01.jpg")
        with pytest.raises(NotFoundError, match="content has changed since it was added"):
            project.read(1)
        with pytest.raises(NotFoundError, match="cannot be read"):
            project.read(2)
