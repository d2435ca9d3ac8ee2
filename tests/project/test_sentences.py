"""Sentences of models' captions, accepted and struck like a tagger's tags: in frames, undo and recipes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import lorairo as lr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from PIL import Image

    Open = Callable[[str], lr.Project]

TEXTS = ("A dog. A watermark is visible. It runs.", "A cat. A watermark is visible.", "A house.")


@pytest.fixture
def made(tmp_path: Path, draw: Callable[..., Image.Image]) -> Iterator[Open]:
    opened = []

    def make(name: str) -> lr.Project:
        project = lr.open_project(tmp_path / name)
        opened.append(project)
        project.add([draw(seed) for seed in range(len(TEXTS))])
        return project

    yield make
    for project in opened:
        project.close()


@pytest.fixture
def project(made: Open) -> lr.Project:
    project = made("here")
    said = iter(TEXTS)
    project.view().annotate({"other": lambda _: "A hound sits."}, background=False)
    project.view().annotate({"talker": lambda _: next(said)}, background=False, batch=1)
    return project


def test_every_sentence_of_every_model_is_listed(project: lr.Project):
    frame = project.view().sentences()
    assert list(frame.columns) == ["image_id", "model", "variant", "n", "sentence", "state"]
    assert len(frame) == 3 + 2 + 1 + 3
    assert set(frame["state"]) == {""}
    assert len(project.view().sentences("talker")) == 6
    assert frame[frame["model"] == "talker"].groupby("image_id")["n"].max().max() == 3
    with pytest.raises(lr.Error, match="did you mean 'talker'"):
        project.view().sentences("talkr")


def test_sentences_are_struck_and_accepted_in_one_step_each(project: lr.Project):
    view = project.view()
    done = view.strike_sentences("A watermark is visible.")
    assert (done.count, done.message) == (2, "Struck 1 sentence of 2 images")
    assert len(project.view('caption:"watermark"')) == 0
    assert view.accept_sentences("It runs.").count == 1
    states = view.sentences("talker").set_index("sentence")["state"].to_dict()
    assert (states["A watermark is visible."], states["It runs."], states["A dog."]) == (
        "struck",
        "accepted",
        "",
    )
    project.undo()
    project.undo()
    assert len(project.view('caption:"watermark"')) == 2
    assert set(view.sentences()["state"]) == {""}


def test_what_is_struck_stays_struck_when_the_model_runs_again(project: lr.Project):
    project.view().strike_sentences("A hound sits.")
    project.view().annotate({"other": lambda _: "A hound sits. It barks."}, version="2", background=False)
    assert set(project.view().captions()) == {"It barks."}


def test_decisions_are_taken_back(project: lr.Project):
    before = project.view().captions().tolist()
    project.view().strike_sentences("A watermark is visible.", "A house.")
    project.view().accept_sentences("It runs.")
    assert project.view().clear_sentences("A house.").count == 1
    assert project.view().clear_sentences().count == 2
    assert project.view().captions().tolist() == before
    with pytest.raises(lr.Error, match="more than one sentence"):
        project.view().strike_sentences("A dog. A cat.")


def test_decisions_are_in_the_recipe(project: lr.Project, made: Open, tmp_path: Path):
    project.view().strike_sentences("A watermark is visible.")
    project.view("caption:dog").accept_sentences("It runs.")
    project.view().strike_sentences("A house.")
    project.undo()
    recipe = project.recipe()
    assert '.strike_sentences("A watermark is visible.")' in recipe.text
    assert '.accept_sentences("It runs.")' in recipe.text
    other = made("there")
    assert lr.replay(recipe.save(tmp_path / "recipe.py"), other).equal
    assert other.fingerprint() == project.fingerprint()


def test_what_was_folded_is_in_the_recipe_by_its_effect(project: lr.Project, made: Open, tmp_path: Path):
    project.view().strike_sentences("A watermark is visible.")
    project.view().accept_sentences("It runs.", variant="long")
    project.compact(keep=0, days=0)
    recipe = project.recipe()
    assert 'variant="long"' in recipe.text
    other = made("there")
    assert lr.replay(recipe.save(tmp_path / "recipe.py"), other).equal


def test_an_undo_says_what_was_decided_since(project: lr.Project):
    first = project.view().strike_sentences("A watermark is visible.")
    project.view().accept_sentences("It runs.")
    undone = project.undo(first.operation_id)
    assert undone.conflicts["now"].tolist() == ["struck: A watermark is visible.; accepted: It runs."]
