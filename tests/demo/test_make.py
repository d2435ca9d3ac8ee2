from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lorairo.demo import make_demo, prepare
from lorairo.errors import ProjectError

if TYPE_CHECKING:
    from pathlib import Path


def test_makes_everything_and_keeps_what_was_edited(tmp_path: Path):
    seen: list[tuple[int, int, int]] = []
    paths = make_demo(tmp_path / "demo", 4, progress=lambda *counts: seen.append(counts))
    assert seen[-1] == (4, 4, 0)
    assert len([file for file in paths.photos.rglob("*") if file.suffix in (".jpg", ".png")]) == 5
    assert (paths.model / "model.onnx").is_file()
    assert json.loads(paths.notebook.read_text(encoding="utf-8"))["nbformat"] == 4
    paths.notebook.write_text("mine", encoding="utf-8")
    assert prepare(tmp_path / "demo", count=4) == paths.notebook
    assert paths.notebook.read_text(encoding="utf-8") == "mine"


def test_a_place_that_cannot_be_written(tmp_path: Path):
    (tmp_path / "demo").write_text("a file", encoding="utf-8")
    with pytest.raises(ProjectError, match="cannot be made"):
        make_demo(tmp_path / "demo", 1)
