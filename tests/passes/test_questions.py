"""A yes / no pass in a project: who is asked about what, what an answer does, what is found out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import lorairo as lr
from lorairo.errors import ArgumentError
from lorairo.passes import Questions
from lorairo.store import log
from lorairo.store.blobs import RULE
from lorairo.store.evidence import AnnotationRow, model_id, pack_scores, record, tag_ids

SCORES = [0.9, 0.7, 0.5, 0.4, 0.3, 0.1]  # of images 1 to 6; 7 was answered without the tag, 8 never looked at
MODEL = "local/tagger"


def said(project: lr.Project, scores: list[float], model: str = "tagger", tag: str = "smile") -> None:
    """Let a model name a tag on the first images, and another one on the next."""
    with log.evidence_write(project.database) as c:
        number = model_id(c, "local", model, "1", {})
        smile, other = tag_ids(c, [(tag, 0), ("dog", 0)])
        rows = [
            AnnotationRow(image, number, tags=pack_scores([smile], [score]))
            for image, score in enumerate(scores, start=1)
        ]
        rows.append(AnnotationRow(len(scores) + 1, number, tags=pack_scores([other], [0.9])))
        record(c, rows)
        log.refresh(c, [row.image_id for row in rows])


@pytest.fixture
def project(tmp_path: Path) -> Iterator[lr.Project]:
    with lr.open_project(tmp_path / "project") as project:
        project.add([Image.new("RGB", (40, 30 + number), (number * 9, 0, 0)) for number in range(8)])
        said(project, SCORES)
        yield project


def test_the_most_uncertain_come_first_and_what_was_never_looked_at_last(project: lr.Project):
    asked = Questions(project.view(), "smile")
    assert asked.model == MODEL
    assert asked.threshold == pytest.approx(0.35)
    assert set(asked.ids[:2].tolist()) == {4, 5}
    assert asked.ids[2:].tolist() == [3, 6, 2, 7, 1, 8]
    assert asked.scores.tolist()[-3:] == [0, pytest.approx(0.9), -1]


def test_by_score_and_at_random(project: lr.Project):
    assert Questions(project.view(), "smile", order="score").ids.tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
    shuffled = Questions(project.view(), "smile", order="random").ids.tolist()
    assert sorted(shuffled) == list(range(1, 9))
    assert shuffled == Questions(project.view().sort("-id"), "smile", order="random").ids.tolist()


def test_an_answer_is_a_decision_with_a_name_of_its_own_and_one_step_of_undo(project: lr.Project):
    asked = Questions(project.view(), "Smile")
    asked.answer(6, yes=True)
    done = asked.answer(1, yes=False)
    assert project[6].tags == ["smile"]
    assert project[1].tags == []
    assert "no to smile on" in str(project.history["label"].iloc[0])
    project.undo(done.operation_id)
    assert project[1].tags == ["smile"]
    assert asked.answers().tolist() == [0, 0, 0, 0, 0, 1, 0, 0]


def test_the_next_pass_asks_about_the_rest(project: lr.Project):
    first = Questions(project.view(), "smile")
    for image in (4, 5, 3):
        first.answer(image, yes=True)
    assert not set(Questions(project.view(), "smile").ids.tolist()) & {3, 4, 5}
    assert len(Questions(project.view(), "smile", again=True).ids) == 8
    assert len(first.ids) == 8  # a pass under way keeps its questions


def test_what_a_rule_said_is_no_answer(project: lr.Project):
    log.add_tags(project.database, [2], ["smile"], author="rule", source=RULE)
    assert len(Questions(project.view(), "smile").ids) == 8


def test_the_report_says_how_right_the_model_is(project: lr.Project):
    asked = Questions(project.view(), "smile")
    for image, yes in ((1, True), (2, True), (3, False), (4, True), (5, False), (8, True)):
        asked.answer(image, yes=yes)
    report = asked.report()
    assert (report.yes, report.no, report.left) == (4, 2, 2)
    assert (report.right, report.shown) == (3, 4)
    assert report.precision == 0.75
    assert report.interval == (pytest.approx(0.3006, abs=1e-4), pytest.approx(0.9544, abs=1e-4))
    assert report.suggestion is not None
    assert report.suggestion.answers == 5  # the model never looked at image 8
    assert report.df["answer"].to_dict() == {1: True, 2: True, 3: False, 4: True, 5: False, 8: True}
    assert np.isnan(report.df["score"][8])
    assert "precision 75% (30% to 95%), 3 of 4 right" in repr(report)
    best = asked.report(precision=1.0).suggestion
    assert best is not None
    assert (best.wanted, best.precision) == (1.0, 1.0)
    assert 0.5 < best.threshold <= 0.7


def test_a_threshold_that_is_adopted_is_the_policy_and_can_be_undone(project: lr.Project):
    asked = Questions(project.view(), "smile")
    done = asked.adopt(0.6)
    assert asked.threshold == pytest.approx(0.6)
    assert len(project.view("smile")) == 2
    assert done.count == 2
    project.undo()
    assert len(project.view("smile")) == 4


def test_without_a_model_it_asks_all_the_same_and_judges_nobody(project: lr.Project):
    asked = Questions(project.view(), "hat")
    assert (asked.model, asked.threshold) == (None, None)
    assert asked.ids.tolist() == project.view().ids.tolist()
    asked.answer(1, yes=True)
    report = asked.report()
    assert (report.precision, report.suggestion, report.yes) == (None, None, 1)
    assert "no model has scored this tag" in repr(report)
    with pytest.raises(ArgumentError, match="no threshold to set"):
        asked.adopt(0.5)


def test_of_several_models_the_one_that_named_it_most_is_asked_unless_one_is_named(project: lr.Project):
    said(project, [0.8, 0.8], model="other")
    assert Questions(project.view(), "smile").model == MODEL
    assert Questions(project.view(), "smile", model="other").model == "local/other"
    with pytest.raises(ArgumentError, match="has named hat on none of these 8 images"):
        Questions(project.view(), "hat", model="other")


def test_a_model_run_again_is_judged_by_its_newest_answer(project: lr.Project):
    with log.evidence_write(project.database) as c:
        number = model_id(c, "local", "tagger", "2", {})
        dog = tag_ids(c, [("dog", 0)])
        record(c, [AnnotationRow(1, number, tags=pack_scores(dog, [0.9]))])
        log.refresh(c, [1])
    asked = Questions(project.view()[[1, 2]], "smile", order="score")
    assert dict(zip(asked.ids.tolist(), asked.scores.tolist(), strict=True)) == {1: 0, 2: pytest.approx(0.7)}


def test_what_is_not_understood_is_named(project: lr.Project):
    with pytest.raises(ArgumentError, match="goes by uncertain, score, random, not by 'best'"):
        Questions(project.view(), "smile", order="best")
    with pytest.raises(ArgumentError, match="asks about one tag"):
        Questions(project.view(), "  ")


@pytest.mark.parametrize("order", ["uncertain", "score", "random"])
def test_a_view_without_images_asks_nothing(project: lr.Project, order: str):
    asked = Questions(project.view("id:..0"), "smile", order=order)
    assert (len(asked.ids), asked.model, asked.total) == (0, None, 0)
    assert (asked.report().left, asked.report().precision) == (0, None)
