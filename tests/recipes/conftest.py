"""Two machines with the same pictures, under other names and in another order."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

import lorairo as lr
from lorairo.store import evidence, log
from lorairo.store.evidence import AnnotationRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

HERE = {
    "a": "dog, park",
    "b": "cat",
    "c": "dog, smile, hat",
    "d": "",
    "e": "A dog sits in the park.",
    "f": None,
}
THERE = {"a": "z9", "b": "sub/k4", "c": "m1", "d": "sub/a7", "e": "c2", "f": "b3"}


def _pictures(folder: Path, names: Mapping[str, str]) -> None:
    for seed, (picture, name) in enumerate(names.items()):
        place = folder / f"{name}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(seed).integers(0, 255, (24, 24 + seed // 3, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(place)
        text = HERE[picture]
        if text is not None:
            place.with_suffix(".txt").write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two project folders, made once and copied for each test."""
    root = tmp_path_factory.mktemp("machines")
    for side, names in (("here", {name: name for name in HERE}), ("there", THERE)):
        _pictures(root / f"{side} pictures", names)
        with lr.open_project(root / side) as project:
            project.add(root / f"{side} pictures")
    return root / "here", root / "there"


@pytest.fixture
def late(tmp_path: Path) -> Path:
    """A folder with one more picture and its tags, to be imported later."""
    folder = tmp_path / "late"
    folder.mkdir()
    Image.new("RGB", (30, 20), "teal").save(folder / "late.png")
    (folder / "late.txt").write_text("dog, park, late", encoding="utf-8")
    return folder


@pytest.fixture
def machines(
    templates: tuple[Path, Path], tmp_path: Path
) -> Iterator[Callable[[], tuple[lr.Project, lr.Project]]]:
    """Open both, as they were made; asked again, once more from the start."""
    opened: list[lr.Project] = []

    def fresh() -> tuple[lr.Project, lr.Project]:
        for project in opened[-2:]:
            project.close()
        number = len(opened)
        for template in templates:
            place = tmp_path / f"{number}" / template.name
            shutil.copytree(template, place)
            opened.append(lr.open_project(place))
        return opened[-2], opened[-1]

    yield fresh
    for project in opened[-2:]:
        project.close()


@pytest.fixture
def here(machines: Callable[[], tuple[lr.Project, lr.Project]]) -> lr.Project:
    return machines()[0]


@pytest.fixture
def there(here: lr.Project) -> lr.Project:
    """The other machine."""
    return lr.open_project(here.location.parent / "there")


@pytest.fixture(scope="session")
def say() -> Callable[..., None]:
    """Record what ``provider/model`` said of images: id to {tag: score}; ``character:x`` is a character."""

    def record(
        project: lr.Project,
        model: str,
        tags: Mapping[int, Mapping[str, float]],
        *,
        caption: str | None = None,
        rating: str | None = None,
        revision: str = "1",
        defaults: Mapping[str, float] | None = None,
    ) -> None:
        provider, name = model.split("/")
        with log.evidence_write(project.database) as c:
            number = evidence.model_id(c, provider, name, revision, {}, defaults=defaults)
            rows = []
            for image_id, scores in tags.items():
                named = [(t.removeprefix("character:"), 4 if ":" in t else 0) for t in scores]
                blob = evidence.pack_scores(evidence.tag_ids(c, named), list(scores.values()))
                rows.append(AnnotationRow(image_id, number, tags=blob, caption=caption, rating=rating))
            evidence.record(c, rows)
            log.refresh(c, list(tags))

    return record
