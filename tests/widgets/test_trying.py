"""The prompt laboratory as the page asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from answering import end, say

import lorairo as lr
from lorairo.errors import ArgumentError
from lorairo.laboratory.lab import Laboratory

MODELS = ["openai/gpt-5-mini", "anthropic/claude-x"]


@pytest.fixture
def lab(project: lr.Project) -> Laboratory:
    """A laboratory of two cells, which have answered about two of three images."""
    lab = project.view().prompt_lab({"plain": "Say it."}, MODELS, sample=3)
    for cell in lab.cells:
        say(lab, cell, {image_id: f"<b>{cell.name}</b> {image_id}" for image_id in lab.view.ids.tolist()[:2]})
    end(lab, lab.cells[0], lab.view.ids.tolist()[2], "refusal")
    return lab


@pytest.fixture
def browser(browse: Callable[..., Any], lab: Laboratory) -> Any:
    return browse(lab, "PromptLab")


def test_it_opens_with_its_ballots_and_names_nobody(browser: Any, lab: Laboratory):
    told, _ = browser.ask("lab.open")
    assert (told["images"], told["over"], told["prompts"], told["models"]) == (3, 12, 1, 2)
    assert (told["asked"], told["questions"], told["running"], told["paid"]) == (5, 6, False, True)
    assert [ballot["choice"] for ballot in told["ballots"]] == [None, None]
    assert not any(model in str(told) for model in MODELS)


def test_the_texts_of_a_ballot_come_with_its_image(browser: Any, lab: Laboratory):
    opened, _ = browser.ask("lab.open")
    first = opened["ballots"][0]
    told, _ = browser.ask("lab.ballots", ids=[first["id"]])
    (ballot,) = told["ballots"]
    assert (ballot["id"], ballot["image"]) == (first["id"], first["image"])
    assert ballot["name"] == lab.source.project[first["image"]].name
    assert (ballot["width"], ballot["height"]) in {(320, 240), (240, 320), (256, 256)}
    assert {ballot["a"], ballot["b"]} == {f"<b>{cell.name}</b> {first['image']}" for cell in lab.cells}
    reply, _ = browser.reply("lab.ballots", ids=["1.x.y"])
    assert reply["error"]["kind"] == "stale"


def test_a_vote_is_kept_and_taken_back(browser: Any, lab: Laboratory):
    opened, _ = browser.ask("lab.open")
    number = opened["ballots"][0]["id"]
    browser.ask("lab.vote", id=number, choice="b")
    assert [ballot["choice"] for ballot in browser.ask("lab.open")[0]["ballots"]] == ["b", None]
    assert sum(standing.wins for standing in lab.standings().values()) == 1
    browser.ask("lab.vote", id=number, choice=None)
    assert len(lab.ballots()) == 2
    reply, _ = browser.reply("lab.vote", id=number, choice="c")
    assert "a vote is one of" in reply["error"]["message"]


def test_the_table_has_a_row_for_each_cell_and_marks_the_best(browser: Any, lab: Laboratory):
    told, _ = browser.ask("lab.figures")
    assert [(row["prompt"], row["model"]) for row in told["rows"]] == [("plain", model) for model in MODELS]
    assert told["rows"][0]["refused"] == 1
    assert told["rows"][0]["share"] is None
    assert told["best"] is None
    for ballot in lab.ballots():
        lab.prefer(ballot, "a" if ballot.cells[0] is lab.cells[1] else "b")
    told, _ = browser.ask("lab.figures")
    assert told["best"] == lab.cells[1].key
    assert (told["rows"][1]["share"], told["rows"][1]["votes"]) == (1.0, 2)


def test_the_answers_of_a_cell_are_told_image_by_image(browser: Any, lab: Laboratory):
    told, _ = browser.ask("lab.answers", cell=lab.cells[0].key)
    assert [answer["ending"] for answer in told["answers"]] == ["answered", "answered", "refused"]
    first = told["answers"][0]
    assert first["texts"][0]["variant"] == "default"
    assert first["texts"][0]["text"].startswith("<b>plain")
    assert first["texts"][0]["limit"] == 75
    assert told["answers"][2]["why"] == "refusal"
    reply, _ = browser.reply("lab.answers", cell="nobody")
    assert "no cell 'nobody'" in reply["error"]["message"]


def test_before_the_run_it_says_what_is_sent_and_which_line_does_the_same(browser: Any, lab: Laboratory):
    told, _ = browser.ask("lab.quote")
    assert told["code"].startswith("lab.run(budget=")
    assert told["quote"]["send"] == 1  # of six: four are answered, one was refused
    plan, _ = browser.ask("lab.plan", cell=lab.cells[0].key)
    assert plan["code"] == 'lab.cell("plain", "openai/gpt-5-mini").annotate(project.view())'
    assert (plan["images"], plan["free"]) == (12, False)
    assert "go to OpenAI" in plan["quote"]["leaves"]
    lab.prefer(lab.ballots()[0], "a")
    plan, _ = browser.ask("lab.plan", cell=lab.best.key)
    assert plan["code"] == "lab.best.annotate(project.view())"


def test_a_bare_laboratory_shows_the_widget_with_its_figures_beside_it(browser: Any, lab: Laboratory):
    data = browser.widget._repr_mimebundle_()[0]
    assert "anthropic/claude-x" in data["text/html"]
    assert "<b>plain" not in data["text/html"]
    with pytest.raises(
        ArgumentError, match=r"a PromptLab shows what view\.prompt_lab\(\.\.\.\) returns, not View"
    ):
        lr.PromptLab(lab.view)  # type: ignore[arg-type]


def test_nothing_runs_that_asks_more_than_its_button_said(browser: Any, lab: Laboratory):
    reply, _ = browser.reply("lab.run", budget=1.0, quoted=0)
    assert reply["error"]["message"] == "1 more would be sent than the button said: look at the new price"
    reply, _ = browser.reply("lab.use", cell=lab.cells[1].key, budget=1.0, quoted=9)
    assert "1 more would be sent" in reply["error"]["message"]
    assert browser.ask("lab.open")[0]["running"] is False
