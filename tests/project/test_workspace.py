"""A workspace lists, opens, creates, clones, renames, deletes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import lorairo as lr
from lorairo.errors import ProjectError

if TYPE_CHECKING:
    from pathlib import Path


def test_projects_come_and_go(tmp_path: Path, photos: Path):
    workspace = lr.Workspace(tmp_path / "lora")
    project = workspace.create("dog")
    project.add(photos)
    project.view().head(2).add_tags("kept")
    table = workspace.projects().set_index("name")
    assert table.loc["dog", "images"] == 12

    clone = workspace.clone("dog", "dog2")
    assert len(clone.view("kept")) == 2
    clone.view().add_tags("only_in_the_clone")
    assert len(project.view("only_in_the_clone")) == 0
    assert clone.thumbnail(1) == project.thumbnail(1)

    renamed = workspace.rename("dog2", "puppy")
    assert len(renamed.view("kept")) == 2
    assert set(workspace.projects()["name"]) == {"dog", "puppy"}

    with pytest.raises(ProjectError, match="confirm=True"):
        workspace.delete("puppy")
    workspace.delete("puppy", confirm=True)
    assert set(workspace.projects()["name"]) == {"dog"}
    assert len(list(photos.glob("*.jpg"))) == 12
    project.close()


def test_names_stay_inside_the_folder(tmp_path: Path):
    workspace = lr.Workspace(tmp_path / "lora")
    for name in ("../out", "a/b", "", "."):
        with pytest.raises(ProjectError):
            workspace.create(name)
    with pytest.raises(ProjectError, match="none yet"):
        workspace.open("missing")
