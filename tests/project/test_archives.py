"""A project goes into one file and comes out elsewhere; a hostile file brings nothing in."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

import lorairo as lr
from lorairo.errors import ProjectError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


KEY = "sk-test-0123456789abcdef"


@pytest.fixture
def workspace(tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[lr.Workspace]:
    """A workspace with the project `dog`: twelve pictures, one of them from memory, and some edits."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    made = lr.Workspace(tmp_path / "lora")
    project = made.create("dog")
    project.add(photos)
    project.add(Image.new("RGB", (40, 30), "red"))
    project.view().head(3).add_tags("kept")
    (project.location / "config.toml").write_text(f"# {KEY}\n", encoding="utf-8")
    yield made
    project.close()


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project, archived."""
    made = lr.Workspace(tmp_path_factory.mktemp("packed"))
    with made.create("dog") as project:
        project.add([Image.new("RGB", (40, 30), "red")])
    return made.archive("dog", made.folder / "dog.zip").path


@pytest.fixture
def elsewhere(tmp_path: Path) -> lr.Workspace:
    return lr.Workspace(tmp_path / "elsewhere")


def test_it_comes_out_as_it_went_in(workspace: lr.Workspace, elsewhere: lr.Workspace, tmp_path: Path):
    project = workspace.open("dog")
    done = workspace.archive("dog", tmp_path / "dog.zip")
    told = "Packed 13 images to {}; the pictures of 12 lie elsewhere: pictures=True packs them too"
    assert repr(done) == told.format(tmp_path / "dog.zip")
    with elsewhere.restore(tmp_path / "dog.zip") as again:
        assert again.location == elsewhere.folder / "dog"
        assert again.fingerprint() == project.fingerprint()
        assert len(again.view("kept")) == 3
        assert again.undo().count == 3
        assert again.view().image(13).getpixel((0, 0)) == (255, 0, 0)
        assert again.thumbnail(1) == project.thumbnail(1)
    assert len(project.view("kept")) == 3


def test_with_its_pictures_it_needs_no_source(
    workspace: lr.Workspace, elsewhere: lr.Workspace, tmp_path: Path, photos: Path
):
    done = workspace.archive("dog", tmp_path, pictures=True)
    assert (done.path, done.pictures) == (tmp_path / "dog.zip", 13)
    shutil.rmtree(photos)
    with elsewhere.restore(tmp_path / "dog.zip", "puppy") as again:
        assert all(
            hashlib.sha256(again.read(record.id)).hexdigest() == record.sha256 for record in again.view()
        )


def test_a_picture_that_is_gone_is_named(workspace: lr.Workspace, tmp_path: Path, photos: Path):
    (photos / "03.jpg").unlink()
    done = workspace.archive("dog", tmp_path / "dog.zip", pictures=True)
    assert done.missing == ("03.jpg",)
    assert repr(done).endswith("; 1 could not be read (see .missing)")


def test_no_key_no_log_no_thumbnail_is_in_it(workspace: lr.Workspace, tmp_path: Path):
    workspace.archive("dog", tmp_path / "dog.zip", pictures=True)
    with zipfile.ZipFile(tmp_path / "dog.zip") as archive:
        names = archive.namelist()
        assert not [name for name in names if KEY.encode() in archive.read(name)]
    assert {name.split("/")[0] for name in names} == {"lorairo.json", "database.db", "memory", "originals"}


def test_nothing_is_written_over(workspace: lr.Workspace, tmp_path: Path):
    workspace.archive("dog", tmp_path / "dog.zip")
    with pytest.raises(ProjectError, match="there already"):
        workspace.archive("dog", tmp_path / "dog.zip")
    with pytest.raises(ProjectError, match="there already"):
        workspace.restore(tmp_path / "dog.zip")
    with pytest.raises(ProjectError, match="does not exist"):
        workspace.restore(tmp_path / "cat.zip")


# ------------------------------------------------------------------------------------------ hostile files

RED = hashlib.sha256(b"red").hexdigest()


def add(name: str, data: bytes = b"red", **fields: Any) -> Callable[[zipfile.ZipFile], None]:
    def change(archive: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo(name)
        for field, value in fields.items():
            setattr(info, field, value)
        archive.writestr(info, data)

    return change


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (add("../escape.txt"), "no project has"),
        (add("/etc/absolute"), "no project has"),
        (add("originals/../../x"), "no project has"),
        (add("C:\\drive.jpg"), "no project has"),
        (add("config.toml", b"[keys]"), "no project has"),
        (add("memory/link.png", b"/etc/passwd", external_attr=0o120777 << 16), "no project has"),
        (add(f"originals/aa/{RED}.png", b"green"), "not what its name says"),
        (
            add(f"memory/{RED}.png", bytes(2**24), compress_type=zipfile.ZIP_DEFLATED),
            "packed as nothing of ours",
        ),
        (add("database.db", b"SQLite format 3\0"), "no name twice"),
    ],
)
def test_what_no_project_has_is_refused(
    packed: Path,
    elsewhere: lr.Workspace,
    tmp_path: Path,
    change: Callable[[zipfile.ZipFile], None],
    said: str,
):
    shutil.copy(packed, tmp_path / "dog.zip")
    with zipfile.ZipFile(tmp_path / "dog.zip", "a") as archive:
        change(archive)
    assert_refused(elsewhere, tmp_path / "dog.zip", said)


def assert_refused(elsewhere: lr.Workspace, path: Path, said: str) -> None:
    before = sorted(path.parent.glob("*"))
    with pytest.raises(lr.Error, match=said):
        elsewhere.restore(path, "dog")
    assert sorted(path.parent.glob("*")) == before
    assert list(elsewhere.folder.iterdir()) == []


def repacked(source: Path, target: Path, tamper: Callable[[Path], None]) -> Path:
    """Pack an archive again with a database that was tampered with."""
    folder = target.with_suffix("")
    with zipfile.ZipFile(source) as archive:
        archive.extractall(folder)
    tamper(folder / "database.db")
    with zipfile.ZipFile(target, "w") as archive:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            kind = zipfile.ZIP_DEFLATED if file.name == "database.db" else zipfile.ZIP_STORED
            archive.write(file, file.relative_to(folder).as_posix(), kind)
    return target


def lead_out(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE path SET path = '../../precious', kind = 'copy' WHERE id = 1")
        connection.commit()


def swell(file: Path) -> None:
    with file.open("ab") as handle:
        handle.truncate(2**27)


def damage(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[:100] + b"\xff" * (len(data) - 100))


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (lead_out, "leads out of its folder"),
        (swell, "packed as nothing of ours"),
        (damage, "database"),
        (lambda file: file.write_bytes(b"no database"), "not what its name says"),
    ],
)
def test_a_database_is_not_believed(
    packed: Path,
    elsewhere: lr.Workspace,
    tmp_path: Path,
    tamper: Callable[[Path], None],
    said: str,
):
    assert_refused(elsewhere, repacked(packed, tmp_path / "other.zip", tamper), said)


@pytest.mark.parametrize(
    "about",
    [None, [], {"format": "lorairo-project", "version": 1}, {"format": "x", "version": 1, "name": "dog"}],
)
def test_another_archive_is_named_so(elsewhere: lr.Workspace, tmp_path: Path, about: Any):
    with zipfile.ZipFile(tmp_path / "some.zip", "w") as archive:
        if about is not None:
            archive.writestr("lorairo.json", json.dumps(about))
    assert_refused(elsewhere, tmp_path / "some.zip", "no archive of a project")
    (tmp_path / "text.zip").write_bytes(b"text")
    assert_refused(elsewhere, tmp_path / "text.zip", "no archive of a project")


def test_a_name_in_it_stays_inside_the_workspace(packed: Path, elsewhere: lr.Workspace, tmp_path: Path):
    with zipfile.ZipFile(packed) as archive, zipfile.ZipFile(tmp_path / "x.zip", "w") as other:
        other.writestr("database.db", archive.read("database.db"), zipfile.ZIP_DEFLATED)
        about = json.loads(archive.read("lorairo.json"))
        other.writestr("lorairo.json", json.dumps({**about, "name": "../out"}))
    with pytest.raises(ProjectError, match="no name for a project"):
        elsewhere.restore(tmp_path / "x.zip")
    assert not (tmp_path / "out").exists()
