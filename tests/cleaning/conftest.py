"""A project of eight small pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import lorairo as lr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from PIL import Image


@pytest.fixture
def project(tmp_path: Path, draw: Callable[..., Image.Image]) -> Iterator[lr.Project]:
    """A project of pictures without tags."""
    with lr.open_project(tmp_path / "project") as project:
        project.add([draw(seed, (64, 48)) for seed in range(8)])
        yield project


@pytest.fixture
def tag(project: lr.Project) -> Callable[..., list[int]]:
    """Give the first images tags, one text each, and return their ids."""

    def give(*texts: str) -> list[int]:
        ids: list[int] = project.view().ids[: len(texts)].tolist()
        for image_id, text in zip(ids, texts, strict=True):
            if text:
                project.view()[[image_id]].add_tags(*text.split())
        return ids

    return give


@pytest.fixture
def vocabulary(project: lr.Project, tmp_path: Path) -> None:
    """A small list with aliases, categories and implications."""
    (tmp_path / "list.csv").write_text(
        'thighhighs,0,1000,"thighhigh"\nsingle_thighhigh,0,10,thighhigh\ngray_hair,0,90,grey_hair\n'
        "saber_(fate),4,500,\nfate/stay_night,3,400,\nhighres,5,900,\nsomeone,1,30,\n",
        encoding="utf-8",
    )
    (tmp_path / "implied.csv").write_text(
        "cat_ears,animal_ears\nanimal_ears,ears\nsaber_(fate),fate/stay_night\n", encoding="utf-8"
    )
    lr.config.set("vocabulary", tmp_path / "list.csv", project=project)
    lr.config.set("implications", tmp_path / "implied.csv", project=project)
