"""What services say becomes evidence: one row per answer, and a caption of each variant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import lorairo as lr
from lorairo.services.answer import Answer
from lorairo.services.asking import Service
from lorairo.services.prompts import Prompt
from lorairo.services.recording import Recorder, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from PIL import Image

    from lorairo.project import Project

PROMPT = Prompt(
    name="all",
    text="Describe it.",
    captions=("default", "short", "long"),
    tags=True,
    rating=True,
    score="appeal",
)
SERVICE = Service(prompt=PROMPT)


@pytest.fixture
def project(tmp_path: Path, draw: Callable[..., Image.Image]) -> Iterator[Project]:
    with lr.open_project(tmp_path / "project") as opened:
        opened.add([draw(seed) for seed in range(3)])
        yield opened


def told(project: Project, service: Service = SERVICE, **said: object) -> Recorder:
    answer = Answer(
        **{
            "captions": {"default": "A dog.", "short": "Dog.", "long": "A dog on grass."},
            "tags": {"dog": 1.0, "Red Hat": 0.5, "red_hat": 0.75},
            "rating": "general",
            "score": 7.0,
            **said,
        }
    )
    recorder = Recorder("openai", "gpt-5-mini", service)
    ids = project.view().ids
    with project.database.write() as c:
        recorder.begin(c)
        recorder.record(c, [Row(int(ids[0]), answer, raw="{...}", seconds=1.5, tokens_in=900, cost=0.001)])
    return recorder


def test_an_answer_is_one_run_with_all_it_said(project: Project):
    told(project)
    rows = project.view().annotations
    main = rows[rows["tokens_in"].notna()].iloc[0]
    assert (main["model"], main["caption"], main["rating"]) == ("gpt-5-mini", "A dog.", "general")
    assert (main["cost"], main["seconds"], main["tags"]) == (0.001, 1.5, 2)
    assert main["parameters"]["service"]["prompt"]["name"] == "all"


def test_every_variant_counts_as_the_caption_of_its_name(project: Project):
    told(project)
    view, first = project.view(), int(project.view().ids[0])
    assert view.captions()[first] == "A dog."
    assert view.captions("short")[first] == "Dog."
    assert view.captions("long")[first] == "A dog on grass."


def test_tags_and_scores_are_searched_like_those_of_any_model(project: Project):
    told(project)
    assert len(project.view("red_hat")) == 1
    assert len(project.view("appeal:>6")) == 1
    assert len(project.view("rating:general")) == 1


def test_what_was_asked_otherwise_is_another_answer(project: Project):
    first, again = told(project), told(project)
    other = told(project, SERVICE.model_copy(update={"effort": "low"}))
    assert first.model_id == again.model_id != other.model_id
    ids = project.view().ids
    with project.database.read() as c:
        assert first.answered(c, ids).tolist() == [int(ids[0])]
        assert other.answered(c, np.array([], np.int64)).tolist() == []


def test_an_answer_again_takes_the_place_of_the_first(project: Project):
    told(project)
    count = len(project.view().annotations)
    told(project, captions={"default": "A cat.", "short": "Cat.", "long": "A cat on grass."}, score=None)
    first = int(project.view().ids[0])
    assert len(project.view().annotations) == count
    assert project.view().captions("long")[first] == "A cat on grass."


def test_a_prompt_for_another_variant_leaves_the_default_alone(project: Project):
    service = Service(prompt=Prompt(name="flux", text="Describe it.", captions=("flux",)))
    told(project, service, captions={"flux": "A dog."}, tags=None, rating=None, score=None)
    assert project.view().captions("flux").tolist() == ["A dog."]
    assert project.view().captions().empty
