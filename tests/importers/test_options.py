"""Options of an import that come late, and sources that cannot be read: nothing is ignored, nothing stops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from PIL import Image

import lorairo as lr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path, photos: Path) -> Iterator[lr.Project]:
    """A project with twelve pictures."""
    with lr.open_project(tmp_path / "project") as project:
        project.add(photos)
        yield project


def test_copies_of_images_added_before(project: lr.Project, photos: Path):
    report = project.add(photos, copy=True)
    assert len(report.unchanged) == 12
    assert len(list((project.location / "originals").rglob("*.jpg"))) == 12
    seen: list[tuple[int, int, int]] = []
    project.add(photos, copy=True, progress=lambda *step: seen.append(step))
    assert seen == [(12, 12, 0)], "nothing is read again once the copies are there"
    (photos / "00.jpg").unlink()
    assert project.open_image(1).size == (320, 240)


def test_texts_are_understood_anew(project: lr.Project, photos: Path):
    tagged = project.view("dog").ids.tolist()
    assert tagged
    project.add(photos, captions="prose")
    assert len(project.view("dog")) == 0
    assert len(project.view(everything=True)[tagged].captions()) == len(tagged)
    project.add(photos, captions="tags")
    assert project.view("dog").ids.tolist() == tagged


def test_progress_never_counts_more_than_there_is(project: lr.Project, photos: Path, tmp_path: Path):
    (photos / "nowhere.jpg").symlink_to(tmp_path / "gone.jpg")
    seen: list[tuple[int, int, int]] = []
    report = project.add(photos, progress=lambda *step: seen.append(step))
    assert seen == [(12, 12, 1)]
    assert report.rejected["reason"].tolist() == ["link that leads nowhere"]


def _truncated(folder: Path) -> Image.Image:
    whole = (folder / "00.jpg").read_bytes()
    (folder.parent / "half.jpg").write_bytes(whole[: len(whole) // 2])
    return Image.open(folder.parent / "half.jpg")


@pytest.mark.parametrize(
    "bad",
    [
        lambda _folder: "a" * 5000,
        lambda _folder: "nul\0name.jpg",
        _truncated,
        lambda folder: pd.DataFrame({"image": [_truncated(folder)]}),
        lambda _folder: pd.DataFrame({"path": ["a" * 5000, float("nan"), ""]}),
    ],
)
def test_what_cannot_be_read_is_named_and_the_rest_goes_on(
    project: lr.Project, photos: Path, draw: Callable[..., Image.Image], bad: Callable[[Path], Any]
):
    report = project.add([bad(photos), draw(99)])
    assert len(report.added) == 1
    assert len(report.rejected) >= 1
