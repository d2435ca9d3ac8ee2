"""Prompts in runs: the words that a service really gets, and what becomes of every part of its answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import openai_wire as wire
import pytest
from asked_project import MODEL, project_of, service

import lorairo as lr

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SAID = {
    "captions": {"short": "ohwx dog runs.", "long": "ohwx dog runs. A watermark is visible. It is brown."},
    "tags": ["dog", "Red Hat"],
}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[lr.Project]:
    with project_of(tmp_path, 3) as made:
        made.set_dataset("train", profile="flux", trigger="ohwx dog")
        yield made


def test_the_words_hold_trigger_tags_and_what_is_left_out(project: lr.Project):
    project.view().head(1).add_tags("red_hat", "outdoors")
    with service() as asked:
        job = project.view().annotate(
            [MODEL], parameters={"dataset": "train", "omit": "style"}, background=False
        )
        heard = sorted((wire.asked(one) for one in asked.server.received), key=lambda one: len(one.prompt))
    assert job.progress.failed == 0
    for one in heard:
        assert '"ohwx dog", exactly as written' in one.prompt
        assert "What is taught is a style." in one.prompt
        assert "never what is not" in one.system
        assert "png" not in one.prompt
    assert ["leave out what you cannot: red hat, outdoors" in one.prompt for one in heard] == [
        False,
        False,
        True,
    ]
    (told,) = {json.dumps(row["service"], sort_keys=True) for row in project.view().annotations["parameters"]}
    assert '"trigger": "ohwx dog"' in told


def test_an_answer_in_parts_becomes_captions_and_tags(project: lr.Project):
    with service(lambda _digest, _turn: json.dumps(SAID)) as asked:
        told = {"prompt": "variants", "trigger": "ohwx dog"}
        project.view().annotate([MODEL], parameters=told, background=False)
        project.view().annotate([MODEL], parameters=told, background=False)
        assert sum(asked.answered.values()) == 3
    view = project.view()
    assert set(view.captions("short")) == {"ohwx dog runs."}
    assert view.captions().empty
    assert len(project.view("red_hat dog")) == 3
    view.strike_sentences("A watermark is visible.")
    assert set(view.captions("long")) == {"ohwx dog runs. It is brown."}


def test_a_prompt_that_was_changed_is_another_question(project: lr.Project):
    with service() as asked:
        project.view().annotate([MODEL], parameters={"prompt": "flux"}, background=False)
        saved = lr.save_prompt("flux", text="What is it? One sentence.")
        project.view().annotate([MODEL], parameters={"prompt": "flux"}, background=False)
        assert len(asked.server.received) == 6
    versions = {row["service"]["prompt"]["version"] for row in project.view().annotations["parameters"]}
    assert versions == {"1", saved.prompt.version} == {"1", "2"}


def test_numbers_and_ratings_are_searched(project: lr.Project):
    with service(lambda _digest, _turn: '{"score": "7.5/10"}'):
        project.view().annotate([MODEL], parameters={"prompt": "appeal"}, background=False)
    with service(lambda _digest, _turn: "Explicit"):
        project.view().annotate([MODEL], parameters={"prompt": "rating"}, background=False)
    assert len(project.view("appeal:7..8")) == 3
    assert len(project.view("rating:explicit")) == 3


def test_a_refusal_in_words_is_remembered_as_one(project: lr.Project):
    with service(lambda _digest, _turn: "I'm sorry, but I can't help with this picture.") as asked:
        project.view().annotate([MODEL], background=False)
        project.view().annotate([MODEL], background=False)
        assert len(asked.server.received) == 3
    assert set(project.failures["kind"]) == {"refusal"}
    assert len(project.view("refused:mine")) == 3
