"""Blind votes: two answers without names, kept so that another kernel goes on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from answering import say

import lorairo as lr
from lorairo.errors import ArgumentError, NotFoundError
from lorairo.laboratory.lab import Laboratory

MODELS = ["openai/gpt-5-mini", "anthropic/claude-x"]


def opened(project: lr.Project, seed: int = 0) -> Laboratory:
    return project.view().prompt_lab(["caption", "Say what it is."], MODELS, sample=3, seed=seed)


@pytest.fixture
def lab(project: lr.Project) -> Laboratory:
    """A laboratory of four cells, three of which have answered about three images."""
    lab = opened(project)
    for cell in lab.cells[:3]:
        say(lab, cell, {image_id: f"{cell.name} on {image_id}" for image_id in lab.view.ids.tolist()})
    return lab


def test_each_pair_of_answers_is_asked_once_in_a_random_order(lab: Laboratory):
    asked = lab.ballots()
    assert len(asked) == 9
    assert len({ballot.id for ballot in asked}) == 9
    assert {text for ballot in asked for text in (ballot.a, ballot.b)} == {
        f"{cell.name} on {image_id}" for cell in lab.cells[:3] for image_id in lab.view.ids.tolist()
    }
    assert [ballot.image_id for ballot in asked] != sorted(ballot.image_id for ballot in asked)
    assert lab.ballots() == asked
    assert [ballot.id for ballot in lab.ballots(seed=5)] != [ballot.id for ballot in asked]


def test_sides_are_random_and_a_ballot_names_nobody(lab: Laboratory):
    firsts = Counter(ballot.cells[0].key for seed in range(40) for ballot in lab.ballots(seed=seed))
    for cell in lab.cells[:3]:
        assert 0.35 < firsts[cell.key] / (40 * 6) < 0.65
    ballot = lab.ballots()[0]
    for text in (repr(ballot).replace(ballot.a, "").replace(ballot.b, ""), ballot.id):
        assert not any(model in text or cell.label in text for cell in lab.cells for model in MODELS)


def test_answers_that_are_alike_are_no_question(lab: Laboratory):
    image_id = int(lab.view.ids[0])
    for cell in lab.cells[:2]:
        say(lab, cell, {image_id: "the same"})
    assert len(lab.ballots()) == 8


def test_votes_are_counted_for_the_cells_behind_the_sides(lab: Laboratory):
    winner, loser, other = lab.cells[:3]
    for ballot in lab.ballots():
        pair = set(ballot.cells)
        if pair == {winner, loser}:
            lab.prefer(ballot, "a" if ballot.cells[0] is winner else "b")
        elif pair == {winner, other}:
            lab.prefer(ballot, "tie")
        else:
            lab.prefer(ballot, "neither")
    assert lab.ballots() == []
    table = lab.preferences
    best = table.iloc[0]
    assert (best["prompt"], best["model"]) == (winner.prompt.name, winner.spec.id)
    assert best[["wins", "losses", "ties", "neither"]].tolist() == [3, 0, 3, 0]
    assert best["share"] == 1
    assert 0.4 < best["low"] < 0.5
    assert lab.best is winner
    standing = lab.standings()
    assert (standing[loser.key].wins, standing[loser.key].losses, standing[loser.key].neither) == (0, 3, 3)
    assert standing[lab.cells[3].key].share is None
    told = lab.summary()
    assert told.loc[0, ["preferred", "votes"]].tolist() == [1.0, 6]


def test_a_vote_can_be_changed_and_taken_back(lab: Laboratory):
    ballot = lab.ballots()[0]
    lab.prefer(ballot, "a")
    lab.prefer(ballot, "b")
    assert lab.standings()[ballot.cells[1].key].wins == 1
    assert lab.choices([ballot]) == {ballot.id: "b"}
    assert len(lab.ballots()) == 8
    assert len(lab.ballots(all=True)) == 9
    lab.prefer(ballot, None)
    assert len(lab.ballots()) == 9
    assert sum(standing.votes for standing in lab.standings().values()) == 0


def test_another_kernel_goes_on(lab: Laboratory, project: lr.Project):
    for ballot in lab.ballots()[:4]:
        lab.prefer(ballot, "a")
    left = [ballot.id for ballot in lab.ballots()]
    folder = Path(str(project.location))
    project.close()
    with lr.open_project(folder) as again:
        other = opened(again)
        assert [ballot.id for ballot in other.ballots()] == left
        assert len(other.ballots()) == 5
        assert len(again.history) == 0  # a vote is no change of any image


def test_each_author_votes_and_all_votes_count(
    lab: Laboratory, project: lr.Project, monkeypatch: pytest.MonkeyPatch
):
    ballot = lab.ballots()[0]
    lab.prefer(ballot, "a")
    folder = Path(str(project.location))
    project.close()
    monkeypatch.setenv("LORAIRO_AUTHOR", "Ann")
    with lr.open_project(folder) as again:
        other = opened(again)
        assert len(other.ballots()) == 9
        same = next(each for each in other.ballots() if each.id == ballot.id)
        other.prefer(same, "a")
        assert other.standings()[ballot.cells[0].key].wins == 2


def test_the_best_needs_votes_and_a_vote_is_one_of_four(lab: Laboratory):
    with pytest.raises(NotFoundError, match="nobody has preferred an answer yet"):
        _ = lab.best
    with pytest.raises(ArgumentError, match="a vote is one of a, b, tie, neither, not 'c'"):
        lab.prefer(lab.ballots()[0], "c")  # type: ignore[arg-type]


def test_one_lucky_vote_does_not_win(lab: Laboratory):
    often, once, _ = lab.cells[:3]
    ballots = [ballot for ballot in lab.ballots() if set(ballot.cells) == {often, lab.cells[2]}]
    for ballot in ballots:
        lab.prefer(ballot, "a" if ballot.cells[0] is often else "b")
    lucky = next(ballot for ballot in lab.ballots() if set(ballot.cells) == {often, once})
    lab.prefer(lucky, "a" if lucky.cells[0] is once else "b")
    assert lab.best is often
