"""Running a laboratory against a server: each cell once, one budget over all, and then the winner."""

from __future__ import annotations

import os
import threading
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import openai_wire
import pytest
from api_server import Received, Sent, serving

import lorairo as lr
from lorairo.jobs import live

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from api_server import ApiServer

    from lorairo.laboratory.lab import Laboratory

MODEL = "openai/gpt-5-mini"
PROMPTS = {"plain": "Say what it is.", "lavish": "Say it at length."}
DEAR = """
[prices."openai/gpt-5-mini"]
input = 1000
output = 1000
as_of = 2026-11-02
"""


def script(received: Received) -> Sent:
    """Answer each prompt in its own words; any other model has no key."""
    if received.method == "GET":
        return openai_wire.models("gpt-5-mini")
    question = openai_wire.asked(received)
    if question.model != "gpt-5-mini":
        return openai_wire.no_model(question.model)
    words = "A long word about it" if "at length" in question.prompt else "A dog"
    return openai_wire.chat(f'{{"caption": "{words}, {len(question.picture)} bytes."}}')


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """A server of ours in the place of OpenAI, and a user without files and other keys."""
    for name in list(os.environ):
        if name.startswith("LORAIRO_") or name.endswith(("_API_KEY", "_TOKEN")):
            monkeypatch.delenv(name)
    with serving(script) as server:
        monkeypatch.setenv("LORAIRO_CONFIG", str(tmp_path / "user" / "config.toml"))
        monkeypatch.setenv("LORAIRO_PROVIDERS__OPENAI__BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("LORAIRO_PROVIDERS__OPENAI__RATE_LIMIT_REQUESTS_PER_MINUTE", "6000")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test-of-the-laboratory-0123456789")
        yield server


@pytest.fixture
def lab(server: ApiServer, project: lr.Project) -> Laboratory:
    return project.view().prompt_lab(PROMPTS, [MODEL], sample=3)


def asked(server: ApiServer) -> Counter[tuple[str, bytes]]:
    """Count questions by prompt and picture."""
    posts = [received for received in server.received if received.method == "POST"]
    questions = map(openai_wire.asked, posts)
    return Counter((question.prompt, question.picture) for question in questions)


def test_every_cell_is_asked_once_and_a_second_run_asks_nothing(lab: Laboratory, server: ApiServer):
    quote = lab.quote()
    assert (quote.images, quote.send) == (3, 6)
    assert [model.id for model in quote.models] == [f"plain · {MODEL}", f"lavish · {MODEL}"]
    trial = lab.run().wait(60)
    assert (trial.state, len(trial.jobs)) == ("done", 2)
    assert trial.spent > 0
    assert repr(trial).startswith("<Trial done · 2 of 2 prompts by model · $0.0")
    assert len(asked(server)) == 6
    assert set(asked(server).values()) == {1}
    assert set(lab.frame.ending) == {"answered"}
    assert lab.run(background=False).state == "done"
    assert len(asked(server)) == 6
    assert lab.quote().send == 0


def test_the_winner_runs_over_the_view_without_asking_again(
    lab: Laboratory, server: ApiServer, project: lr.Project
):
    lab.run(background=False)
    for ballot in lab.ballots():
        lab.prefer(ballot, "a" if ballot.a.startswith("A dog") else "b")
    winner = lab.best
    assert winner.label == "plain"
    view = project.view()
    assert set(view.captions()[lab.view.ids].str[:6]) == {"A long"}  # said last, so in force
    job = winner.annotate(view).wait(60)
    assert (job.state, job.progress.done) == ("done", 12)
    assert set(view.captions().str[:5]) == {"A dog"}
    assert len(asked(server)) == 6 + 9
    assert set(asked(server).values()) == {1}
    same = view.annotate([winner.model], parameters=dict(winner.parameters), background=False)
    assert same.progress.done == 12
    assert len(asked(server)) == 6 + 9


def test_one_budget_holds_for_all_cells(server: ApiServer, lab: Laboratory, tmp_path: Path):
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / "prices.toml").write_text(DEAR, encoding="utf-8")
    trial = lab.run(budget=4.5, background=False)
    assert trial.state == "stopped"
    assert 0 < trial.spent <= 4.5
    assert sum(asked(server).values()) < 6
    rest = lab.run(background=False)
    assert rest.state == "done"
    assert set(asked(server).values()) == {1}


def test_a_model_that_cannot_be_asked_keeps_no_other_from_it(server: ApiServer, project: lr.Project):
    lab = project.view().prompt_lab({"plain": "Say it."}, ["anthropic/claude-haiku-4-5", MODEL], sample=2)
    trial = lab.run(background=False)
    assert trial.state == "failed"
    assert list(trial.problems) == ["plain · anthropic/claude-haiku-4-5"]
    assert "ANTHROPIC_API_KEY" in repr(trial)
    assert lab.cells[0].obstacle.startswith("Needs ANTHROPIC_API_KEY")
    assert lab.summary().answered.tolist() == [0, 2]
    assert sum(asked(server).values()) == 2


def test_a_captioner_of_this_machine_stands_beside_a_service(
    lab: Laboratory, llava: Path, project: lr.Project
):
    both = project.view().prompt_lab(
        {"plain": "describe this image"},
        [MODEL, llava],
        sample=2,
        parameters={str(llava): {"max_new_tokens": 6}},
    )
    trial = both.run(budget=1.0, background=False)
    assert trial.state == "done"
    table = both.summary().set_index("model")
    assert table.answered.tolist() == [2, 2]
    assert table.loc["llava", "cost per 1,000"] == 0
    assert table.loc[MODEL, "cost per 1,000"] > 0
    assert len(both.ballots()) == 2
    assert len(lab.ballots()) == 0


def test_who_stops_a_job_stops_the_rest(server: ApiServer, project: lr.Project):
    lab = project.view().prompt_lab(PROMPTS, [MODEL], sample=12)
    came, held = threading.Event(), threading.Event()
    answer = server.script

    def holding(received: Received) -> Sent:
        came.set()
        return replace(answer(received), wait=held)

    server.script = holding
    trial = lab.run()
    assert came.wait(30)
    live(project.database)[0].cancel()
    held.set()
    assert trial.wait(60).state == "stopped"
    assert len(trial.jobs) == 1
    assert lab.run(background=False).state == "done"
    assert set(asked(server).values()) == {1}
