"""Inventions of models in captions: searched for, listed, and taken out in bulk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import lorairo as lr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from PIL import Image

TEXTS = [
    "The image shows a dog. A watermark is visible in the corner. It runs.",
    "A cat on grass.",
    "A watermark.",
    "1girl, watermark, hat",
]


@pytest.fixture
def project(
    tmp_path: Path, draw: Callable[..., Image.Image], monkeypatch: pytest.MonkeyPatch
) -> Iterator[lr.Project]:
    monkeypatch.setenv("LORAIRO_CONFIG", str(tmp_path / "user" / "config.toml"))
    with lr.open_project(tmp_path / "project") as opened:
        opened.add([draw(seed) for seed in range(len(TEXTS))])
        said = iter(TEXTS)
        opened.view().annotate({"model": lambda _: next(said)}, background=False, batch=1)
        yield opened


def by_text(project: lr.Project) -> dict[str, int]:
    return {text: image_id for image_id, text in project.view().captions().items()}


def test_captions_of_models_are_searched_too(project: lr.Project):
    assert len(project.view('caption:"watermark is visible"')) == 1
    assert len(project.view("phrase:watermark")) == 3
    assert len(project.view("phrase:opening")) == 1
    assert len(project.view("phrase:*")) == 3
    assert len(project.view('phrase:""')) == 1
    assert len(project.view("-phrase:watermark")) == 1
    assert len(project.view('phrase:"a cat"')) == 1
    assert len(project.view('phrase:"a ca"')) == 0


def test_phrases_are_listed_with_their_sentences(project: lr.Project):
    frame = project.view().find_phrases(kinds="watermark")
    assert len(frame) == 3
    assert "A watermark is visible in the corner." in frame["sentence"].tolist()
    assert project.view().find_phrases("cat", kinds=[])["kind"].tolist() == ["own"]


def test_phrases_go_in_bulk_as_one_step_of_undo(project: lr.Project):
    names = by_text(project)
    preview = project.view().clean_captions()
    assert len(preview) == 2
    assert preview.emptied == 1
    assert "nothing would be left" in repr(preview)
    preview.apply()
    texts = project.view().captions()
    assert texts[names[TEXTS[0]]] == "A dog. It runs."
    assert texts[names[TEXTS[3]]] == "1girl, hat"
    assert texts[names[TEXTS[2]]] == "A watermark."
    project.undo()
    assert by_text(project) == names


def test_ones_own_phrases_come_from_the_settings(project: lr.Project):
    lr.config.set("banned_phrases", ["on gras*"], project=project)
    assert project.view().find_phrases(kinds="own")["phrase"].tolist() == ["on grass"]
    cleaned = project.view().clean_captions(kinds="own", takes="words")
    assert len(cleaned) == 0  # nothing it could have stood before
    assert project.view().clean_captions(kinds="own").emptied == 1
