"""Files that move, and projects that are renamed or deleted around them: sources are never lost."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

import lorairo as lr
from lorairo.errors import ProjectError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_same_bytes_under_two_names_are_found_again(project: lr.Project, photos: Path, tmp_path: Path):
    shutil.copy(photos / "03.jpg", photos / "copy of 03.jpg")
    project.add(photos)
    place = tmp_path / "elsewhere"
    shutil.move(photos, place)
    done = project.relink(place)
    assert done.count == 12, "images, not paths"
    assert {str(place / "03.jpg"), str(place / "copy of 03.jpg")} == set(project[4].paths)
    assert len(project.view("is:missing")) == 0


def test_one_file_is_not_given_to_two_paths(project: lr.Project, photos: Path, tmp_path: Path):
    shutil.copy(photos / "03.jpg", photos / "copy of 03.jpg")
    project.add(photos)
    place = tmp_path / "elsewhere"
    shutil.move(photos, place)
    (place / "03.jpg").unlink()
    project.relink(place)
    assert project[4].path() == place / "copy of 03.jpg"
    assert project.open_image(4)


def test_files_that_are_back_are_missing_no_more(project: lr.Project, photos: Path, tmp_path: Path):
    away, empty = tmp_path / "away", tmp_path / "empty"
    empty.mkdir()
    photos.rename(away)
    project.relink(empty)
    assert len(project.view("is:missing")) == 12
    away.rename(photos)
    assert project.relink(empty).count == 12
    assert len(project.view("is:missing")) == 0


def test_deleting_a_project_leaves_what_is_not_its_own(tmp_path: Path, photos: Path):
    workspace = lr.Workspace(tmp_path / "lora")
    project = workspace.create("dog")
    place = project.location
    own = place / "originals"
    own.mkdir()
    (own / "mine.jpg").write_bytes(b"not a copy of ours")
    shutil.copytree(photos, place / "photos")
    project.add(place / "photos", copy=True)
    assert len(list(own.rglob("*.jpg"))) == 13
    with pytest.raises(ProjectError, match="12 images"):
        workspace.delete("dog")
    workspace.delete("dog", confirm=True)
    assert not (place / "database.db").exists()
    assert [file.name for file in own.rglob("*.jpg")] == ["mine.jpg"]
    assert len(list((place / "photos").glob("*.jpg"))) == 12
    assert workspace.projects().empty


def test_a_damaged_project_can_be_deleted(tmp_path: Path):
    workspace = lr.Workspace(tmp_path / "lora")
    (tmp_path / "lora" / "broken").mkdir()
    (tmp_path / "lora" / "broken" / "database.db").write_bytes(b"no database" * 100)
    workspace.delete("broken", confirm=True)
    assert not (tmp_path / "lora" / "broken").exists()


def test_sources_inside_a_project_move_with_it(tmp_path: Path, photos: Path):
    workspace = lr.Workspace(tmp_path / "lora")
    project = workspace.create("dog")
    shutil.copytree(photos, project.location / "photos")
    project.add(project.location / "photos")
    renamed = workspace.rename("dog", "puppy")
    assert renamed.open_image(1).size == (320, 240)
    assert len(renamed.add(renamed.location / "photos").unchanged) == 12
    renamed.close()
