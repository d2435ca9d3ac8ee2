"""The model picker and services: prices, quotes, runs that send what was quoted, and what came of them."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai_wire
import pytest
from api_server import ApiServer, Received, Sent, serving
from sqlalchemy import select

import lorairo as lr
from lorairo.jobs import live
from lorairo.store import requests
from lorairo.store.schema import request

MODEL = "openai/gpt-5-mini"
PRICE = f'[prices."{MODEL}"]\ninput = 100\noutput = 200\nbatch_factor = 0.5\nas_of = 2026-11-02\n'
Open = Callable[..., Any]


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user whose price file knows one model, and no keys or models of whoever runs the tests."""
    monkeypatch.setenv("LORAIRO_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("LORAIRO_MODEL_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "prices.toml").write_text(PRICE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)


class Scripted:
    """Answers a question by what stands in `sent` for it, else with a caption; waits at the gate."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.sent: dict[int, Sent] = {}
        self.asked = 0

    def __call__(self, received: Received) -> Sent:
        if received.method == "GET":
            return openai_wire.models("gpt-5-mini")
        self.gate.wait(30)
        self.asked += 1
        return self.sent.get(self.asked, openai_wire.chat('{"default": "A dog on a lawn."}'))


@pytest.fixture
def script() -> Scripted:
    return Scripted()


@pytest.fixture
def service(script: Scripted, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """OpenAI, at an address on this machine."""
    with serving(script) as server:
        monkeypatch.setenv("LORAIRO_PROVIDERS__OPENAI__BASE_URL", f"{server.url}/v1")
        monkeypatch.setenv("LORAIRO_PROVIDERS__OPENAI__RATE_LIMIT_REQUESTS_PER_MINUTE", "6000")
        monkeypatch.setenv("LORAIRO_PROVIDERS__OPENAI__CONCURRENCY", "1")
        monkeypatch.setenv("LORAIRO_PROVIDERS__OPENAI__RETRY_ATTEMPTS", "0")
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test-of-the-picker-0123456789")
        yield server
        script.gate.set()


def wished(**wishes: Any) -> dict[str, Any]:
    return {"batch": None, "floor": None, "parameters": {}, "wishes": wishes}


def row(ok: dict[str, Any], name: str = MODEL) -> dict[str, Any]:
    return next(row for row in ok["rows"] if row["id"] == name)


def wait(project: lr.Project) -> None:
    for job in live(project.database):
        job.wait(60)


def run(browser: Any, project: lr.Project, **more: Any) -> dict[str, Any]:
    ok, _ = browser.ask("models.run", **{"models": [MODEL], "target": "shown", "quoted": 12} | more)
    wait(project)
    return ok


def test_a_service_without_a_key_says_which_one(browse: Open):
    ok, _ = browse(kind="ModelPicker").ask("models", target="shown")
    missing = row(ok)
    assert (missing["available"], missing["why_not"]) == (False, "Needs OPENAI_API_KEY")
    assert (missing["runs"], missing["place"], missing["own"]) == ("away", "OpenAI", False)
    assert missing["service"]["prompt"] in {prompt["name"] for prompt in ok["prompts"]}


def test_an_address_of_ones_own_is_the_place(browse: Open, service: ApiServer):
    found = row(browse(kind="ModelPicker").ask("models", target="shown")[0])
    assert (found["available"], found["own"], found["inside"]) == (True, True, True)
    assert found["place"] == f"127.0.0.1:{service.server_port}"


def test_prices_are_those_of_this_view_and_say_how_old_they_are(browse: Open, service: ApiServer):
    browser = browse(kind="ModelPicker")
    ok, _ = browser.ask("models.prices", target="shown")
    quote, _ = browser.ask("models.quote", models=[MODEL], target="shown")
    assert ok["prices"][MODEL] == {name: quote[name] for name in ("cost", "seconds", "send")}
    assert re.fullmatch(
        r"Prices as of \d{4}-\d\d-\d\d, from your price file and the list lorairo brings\.", ok["from"]
    )
    assert service.received == []


def test_a_price_nobody_has_said_is_unknown_and_not_nothing(browse: Open, service: ApiServer, tmp_path: Path):
    rows = '[[model]]\nname = "odd"\nkind = "vlm_api"\nprovider = "openai"\nbackend = "openai"\n'
    (tmp_path / "models.toml").write_text(rows, encoding="utf-8")
    browser = browse(kind="ModelPicker")
    assert browser.ask("models.prices", target="shown")[0]["prices"]["openai/odd"]["cost"] is None
    both, _ = browser.ask("models.quote", models=[MODEL, "openai/odd"], target="shown")
    assert (both["cost"], both["send"], both["models"][0]["cost"] > 0) == (None, 24, True)


def test_servers_at_addresses_of_ones_own_are_asked_whether_they_listen(
    browse: Open, service: ApiServer, monkeypatch: pytest.MonkeyPatch
):
    browser = browse(kind="ModelPicker")
    assert browser.ask("models.silent")[0]["silent"] == []
    assert service.received == []  # nothing was asked, no key was shown
    monkeypatch.setenv("LORAIRO_PROVIDERS__STUDIO__BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("LORAIRO_PROVIDERS__STUDIO__MODEL", "llava")
    assert browser.ask("models.silent")[0]["silent"] == ["studio/llava"]
    ok, _ = browser.ask("models", target="shown")
    assert row(ok, "studio/llava")["place"] == "127.0.0.1:9"


def test_half_the_price_where_answers_may_take_a_day(browse: Open, service: ApiServer):
    browser = browse(kind="ModelPicker")
    now, _ = browser.ask("models.quote", models=[MODEL], target="shown", options=wished())
    later, _ = browser.ask("models.quote", models=[MODEL], target="shown", options=wished(batch=True))
    assert later["cost"] == pytest.approx(now["cost"] / 2)
    assert later["models"][0]["hours"] == 24


def test_the_line_of_code_says_what_the_press_would(browse: Open, service: ApiServer):
    options = wished(budget=0.6, refused="send", unknown="skip", withhold=["explicit"], batch=True)
    ok, _ = browse(kind="ModelPicker").ask("models.plan", models=[MODEL], target="shown", options=options)
    assert ok["code"] == (
        f'view.annotate(["{MODEL}"], budget=0.6, refused="send", withhold=["explicit"], batch=True)'
    )
    options["parameters"] = {MODEL: {"prompt": {"name": "mine", "text": 'Say "dog"', "tags": True}}}
    options["wishes"] = {"budget": None}
    ok, _ = browse(kind="ModelPicker").ask("models.plan", models=[MODEL], target="shown", options=options)
    assert ok["code"] == (
        f'view.annotate(["{MODEL}"], '
        'parameters={"prompt": {"name": "mine", "text": "Say \\"dog\\"", "tags": True}})'
    )


def test_services_come_after_what_runs_here_in_a_call_of_their_own(browse: Open, service: ApiServer):
    browser = browse(kind="ModelPicker")
    models = [MODEL, "wd-vit-tagger-v3"]
    ok, _ = browser.ask("models.plan", models=models, target="shown", options=wished(budget=1.0))
    first, second = ok["code"].splitlines()
    assert first == 'view.annotate(["wd-vit-tagger-v3"])'
    assert second == f'view.annotate(["{MODEL}"], budget=1.0)'
    assert browser.ask("models.quote", models=models, target="shown")[0]["send"] == 12


def test_what_was_quoted_is_sent(browse: Open, project: lr.Project, service: ApiServer, script: Scripted):
    browser = browse(kind="ModelPicker")
    quote, _ = browser.ask("models.quote", models=[MODEL], target="shown")
    assert (quote["images"], quote["send"]) == (12, 12)
    ok = run(browser, project, quoted=quote["send"], options=wished(budget=100.0))
    assert ok["code"] == f'view.annotate(["{MODEL}"], budget=100.0)'
    assert script.asked == 12
    (past,) = browser.ask("models", target="shown")[0]["jobs"]
    assert (past["state"], past["budget"], past["account"]["answered"]) == ("done", 100.0, 12)
    assert past["account"]["cost"] > 0
    again, _ = browser.ask("models.quote", models=[MODEL], target="shown")
    assert (again["answered"], again["send"], again["cost"]) == (12, 0, 0)


def test_a_run_that_would_send_more_than_its_button_said_is_refused(
    browse: Open, project: lr.Project, service: ApiServer, script: Scripted
):
    browser = browse(kind="ModelPicker")
    reply, _ = browser.reply("models.run", models=[MODEL], target="shown", quoted=11)
    assert reply["error"]["kind"] == "stale"
    assert "1 more would be sent" in reply["error"]["message"]
    reply, _ = browser.reply("models.run", models=[MODEL], target="shown")
    assert "how many questions its button spoke of" in reply["error"]["message"]
    assert (script.asked, len(project.jobs)) == (0, 0)


def test_a_second_press_sends_nothing_twice(
    browse: Open, project: lr.Project, service: ApiServer, script: Scripted
):
    browser, other = browse(kind="ModelPicker"), browse(kind="ModelPicker")
    script.gate.clear()
    presses = [
        threading.Thread(
            target=each.ask, args=("models.run",), kwargs={"models": [MODEL], "target": "shown", "quoted": 12}
        )
        for each in (browser, other)
    ]
    for press in presses:
        press.start()
    for press in presses:
        press.join(30)
    script.gate.set()
    wait(project)
    assert (script.asked, len(project.jobs)) == (12, 1)


def test_refused_images_are_named_skipped_and_sent_when_told(
    browse: Open, project: lr.Project, service: ApiServer, script: Scripted
):
    script.sent = {2: openai_wire.refused(), 5: openai_wire.policy(), 7: openai_wire.bad_picture()}
    browser = browse(kind="ModelPicker")
    ok = run(browser, project)
    (past,) = browser.ask("models", target="shown")[0]["jobs"]
    account = past["account"]
    assert (account["refused"], account["failed"], account["answered"]) == ((("openai", 2),), 1, 9)
    told, _ = browser.ask("job.errors", id=ok["job"]["id"])
    assert (told["total"], told["account"]) == (3, account)
    quote, _ = browser.ask("models.quote", models=[MODEL], target="shown", options=wished())
    assert (quote["answered"], quote["refused"], quote["send"]) == (9, 2, 1)
    quote, _ = browser.ask("models.quote", models=[MODEL], target="shown", options=wished(refused="send"))
    assert (quote["refused"], quote["send"]) == (2, 3)
    found, _ = browser.ask("narrow", change={"kind": "also", "query": "refused:openai"}, live=False)
    assert found["count"] == 2


def test_a_budget_stops_a_run_and_another_one_goes_on(
    browse: Open, project: lr.Project, service: ApiServer, script: Scripted
):
    browser = browse(kind="ModelPicker")
    ok = run(browser, project, options=wished(budget=0.9))
    (past,) = browser.ask("models", target="shown")[0]["jobs"]
    assert (past["state"], past["resumable"], past["budget"]) == ("stopped", True, 0.9)
    assert 0 < past["account"]["cost"] <= 0.9
    assert 0 < script.asked < 12
    label = project.running_job()
    assert label is not None
    assert label["label"].startswith("Stopped at $0.")
    browser.ask("job.resume", id=ok["job"]["id"], budget=100)
    wait(project)
    (past,) = browser.ask("models", target="shown")[0]["jobs"]
    assert (past["state"], past["budget"], past["account"]["answered"]) == ("done", 100.0, 12)
    assert script.asked == 12


def test_what_was_under_way_when_a_kernel_died_is_named_and_decided_about(
    browse: Open, project: lr.Project, service: ApiServer, script: Scripted
):
    browser = browse(kind="ModelPicker")
    number = run(browser, project, options=wished(budget=0.9))["job"]["id"]
    answered = script.asked
    with project.database.write() as connection:  # two questions that nobody ended
        model_id = connection.execute(select(request.c.model_id)).scalars().first()
        asked = set(connection.execute(select(request.c.image_id)).scalars())
        left = [image_id for image_id in project.view().ids.tolist() if image_id not in asked]
        lost = [requests.Intent(image_id, b"p" * 32, b"i" * 32) for image_id in left[:2]]
        requests.intend(connection, model_id, number, lost)
    (past,) = browser.ask("models", target="shown")[0]["jobs"]
    assert past["account"]["unknown"] == 2
    quote, _ = browser.ask("models.quote", models=[MODEL], target="shown", options=wished())
    assert (quote["unknown"], quote["send"]) == (2, 10 - answered)
    browser.ask("job.resume", id=number, budget=100)
    wait(project)
    assert script.asked == 10
    quote, _ = browser.ask("models.quote", models=[MODEL], target="shown", options=wished(unknown="send"))
    assert (quote["unknown"], quote["send"]) == (2, 2)
    browser.ask("job.resume", id=number, unknown="send")
    wait(project)
    (past,) = browser.ask("models", target="shown")[0]["jobs"]
    assert (script.asked, past["account"]["answered"], past["account"]["unknown"]) == (12, 12, 0)


def test_a_bad_key_says_so_in_words_without_the_key(
    browse: Open, project: lr.Project, service: ApiServer, script: Scripted
):
    script.sent = {1: openai_wire.bad_key("sk-test-of-the-picker-0123456789")}
    browser = browse(kind="ModelPicker")
    job = browser.ask("models.run", models=[MODEL], target="shown", quoted=12)[0]["job"]
    while job["state"] != "failed":
        job = browser.event("job")
    assert "key" in job["label"]
    assert "0123456789" not in job["label"]
    assert script.asked == 1


def test_every_run_under_way_is_listed(
    browse: Open, project: lr.Project, service: ApiServer, script: Scripted, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LORAIRO_PROVIDERS__STUDIO__BASE_URL", f"{service.url}/v1")
    monkeypatch.setenv("LORAIRO_PROVIDERS__STUDIO__MODEL", "llava")
    script.gate.clear()
    browser = browse(kind="ModelPicker")
    first, _ = browser.ask("models.run", models=[MODEL], target="shown", quoted=12)
    second, _ = browser.ask("models.run", models=["studio/llava"], target="shown", quoted=12)
    assert (first["job"]["others"], second["job"]["others"]) == (0, 1)
    listed = [job["label"] for job in browser.ask("jobs")[0]["jobs"]]
    assert listed == [MODEL, "studio/llava"]
    for told in (first, second):
        browser.ask("job.cancel", id=told["job"]["id"])
    script.gate.set()
    wait(project)
    assert browser.ask("jobs")[0]["jobs"] == []


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"budget": -1}, "budget"),
        ({"refused": "maybe"}, "refused"),
        ({"withhold": ["rude"]}, "no rating"),
        ({"speed": 1}, "speed"),
    ],
)
def test_wishes_that_mean_nothing_are_refused(
    browse: Open, service: ApiServer, wishes: dict[str, Any], said: str
):
    reply, _ = browse(kind="ModelPicker").reply(
        "models.quote", models=[MODEL], target="shown", options=wished(**wishes)
    )
    assert said in reply["error"]["message"]


def test_a_quote_of_what_runs_here_alone_is_refused(browse: Open):
    asked = {"models": ["wd-vit-tagger-v3"], "target": "shown"}
    reply, _ = browse(kind="ModelPicker").reply("models.quote", **asked)
    assert "nothing is sent" in reply["error"]["message"]
