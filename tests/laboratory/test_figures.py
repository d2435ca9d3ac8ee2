"""The tables of a laboratory: every text with its figures, every cell with its sums."""

from __future__ import annotations

import math

import pytest
from answering import end, say

import lorairo as lr
from lorairo.captions.counting import counting
from lorairo.captions.phrases import chosen
from lorairo.laboratory.lab import Laboratory
from lorairo.laboratory.lint import findings, repeats
from lorairo.services.prompts import Prompt

MODEL = "openai/gpt-5-mini"
LOOP = "a dog on a red mat and a dog on a red mat again"


def lab_of(project: lr.Project, **more: object) -> Laboratory:
    return project.view().prompt_lab(["caption", "Say what it is."], [MODEL], sample=4, **more)


def test_each_text_has_a_row_with_its_figures(project: lr.Project):
    lab = lab_of(project)
    first, second, third, _ = lab.view.ids.tolist()
    cell = lab.cells[0]
    say(lab, cell, {first: "A dog sits.", second: LOOP}, cost=0.002)
    end(lab, cell, third, "refusal", cost=0.001)
    table = lab.frame
    assert len(table) == 8
    rows = table[table.prompt == "caption"].set_index("image_id")
    assert rows.loc[first, ["text", "ending", "words", "lint"]].tolist() == ["A dog sits.", "answered", 3, ()]
    assert rows.loc[first, "limit"] == 75
    assert 3 <= rows.loc[first, "tokens"] <= 6
    assert rows.loc[second, "lint"] == ("repeated",)
    assert rows.loc[third, ["text", "ending", "cost"]].tolist() == ["", "refused", 0.001]
    own = table[table.prompt == "own"].set_index("image_id").ending
    assert own[third] == "left out"  # the model refused it in other words, so it is not sent again
    assert set(own.drop(third)) == {"not asked"}


def test_each_cell_has_a_row_of_sums(project: lr.Project):
    lab = lab_of(project)
    first, second, third, fourth = lab.view.ids.tolist()
    say(lab, lab.cells[0], {first: "A dog sits.", second: "word " * 90 + "end"}, cost=0.002)
    end(lab, lab.cells[0], third, "refusal", cost=0.002)
    end(lab, lab.cells[0], fourth, "server", cost=0.002)
    table = lab.summary().set_index("prompt")
    told = table.loc["caption"]
    assert told[["answered", "refused", "failed"]].tolist() == [2, 1, 1]
    assert told["over"] == 0.5
    assert told["repeated"] == 1
    assert told["cost per 1,000"] == pytest.approx(2.0)
    assert told["seconds"] == 1.5
    assert table.loc["own", "answered"] == 0
    assert math.isnan(table.loc["own", "cost per 1,000"])
    assert "A dog" not in lab.still()
    assert "caption" in lab.still()


def test_a_price_that_is_unknown_is_no_zero(project: lr.Project):
    lab = lab_of(project)
    first, second, *_ = lab.view.ids.tolist()
    say(lab, lab.cells[0], {first: "A dog."}, cost=None)
    say(lab, lab.cells[0], {second: "A cat."}, cost=0.001)
    assert math.isnan(lab.summary().loc[0, "cost per 1,000"])


def test_the_dataset_gives_target_and_trigger(project: lr.Project):
    project.set_dataset("train", profile="flux", trigger="zxc dog")
    lab = lab_of(project, dataset="train")
    first, second, *_ = lab.view.ids.tolist()
    say(lab, lab.cells[0], {first: "A zxc dog sits.", second: "A dog sits. " * 60})
    rows = lab.frame.query("prompt == 'caption'").set_index("image_id")
    assert rows.loc[first, "limit"] == 512
    assert rows.loc[first, "lint"] == ()
    assert rows.loc[second, "lint"] == ("no trigger", "repeated")


def test_the_target_of_a_prompt_wins_over_that_of_the_dataset(project: lr.Project):
    project.set_dataset("train", profile="flux")
    view = project.view()
    prompt = Prompt(name="short", targets=("sdxl",), text="Say it.")
    lab = view.prompt_lab([prompt], [MODEL], sample=2)
    assert set(lab.frame.limit) == {75}


def test_rules_of_the_lint():
    clip = counting()
    banned = chosen(None, ["barking dog"])
    assert findings("", 0, clip, trigger="zxc", banned=banned) == ()
    assert findings("a zxc dog", 4, clip, trigger="zxc", banned=banned) == ()
    assert findings("a barking dog", 80, clip, trigger="zxc", banned=banned) == (
        "over budget",
        "no trigger",
        "banned phrase",
    )
    assert repeats(LOOP)
    assert not repeats("A dog on a mat, a cat on a mat, a bird on a mat.")
