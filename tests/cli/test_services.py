"""Services from a terminal: the quote comes first, and nothing is sent before somebody agreed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from api_server import ApiServer, serving
from openai_wire import answering, no_quota
from typer.testing import CliRunner, Result

import lorairo as lr
from lorairo import cli

Run = Callable[..., Result]
MODEL = "studio/llava"


@pytest.fixture(autouse=True)
def user_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LORAIRO_CONFIG", str(tmp_path / "user" / "config.toml"))
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    return tmp_path / "user"


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with serving(answering(lambda _asked: json.dumps({"caption": "a dog"}))) as server:
        lr.config.set("providers.studio.base_url", f"{server.url}/v1")
        lr.config.set("providers.studio.rate_limit_requests_per_minute", 100_000)
        yield server


def priced(folder: Path, read: float, written: float) -> None:
    row = f'[prices."studio/*"]\ninput = {read}\noutput = {written}\nas_of = 2026-11-01\n'
    (folder / "prices.toml").write_text(row, encoding="utf-8")


@pytest.fixture
def run() -> Run:
    def lorairo(*words: object, stdin: str | None = None) -> Result:
        return CliRunner().invoke(cli.app, [str(word) for word in words], input=stdin)

    return lorairo


@pytest.fixture
def project(run: Run, photos: Path, tmp_path: Path) -> Path:
    assert run("add", tmp_path / "dog", photos).exit_code == 0
    return tmp_path / "dog"


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody is there to answer."""
    monkeypatch.setattr(cli.asking, "answers", lambda: True)


def test_a_quote_sends_nothing_and_needs_no_key(run: Run, project: Path):
    result = run("quote", project, "openai/gpt-6-luna", "--query", "dog")
    assert result.exit_code == 0, result.output
    assert "Quote for 3 images" in result.output
    assert "3 pictures, 1,024 px at most" in result.output
    assert "Needs OPENAI_API_KEY" in result.output


def test_a_quote_follows_the_options_of_the_run(run: Run, project: Path):
    words = ("--batch", "api", "--prompt", "Say what {tags} are.")
    result = run("quote", project, "openai/gpt-6-luna", *words)
    assert "within 24 h" in result.output
    assert "your prompt with tags of each image" in result.output


def test_where_nobody_can_be_asked_nothing_is_sent(run: Run, project: Path, server: ApiServer):
    result = run("annotate", project, MODEL)
    assert result.exit_code == 1
    assert "Quote for 12 images" in result.output
    assert "add --yes" in result.output
    assert server.received == []


def test_yes_agrees_beforehand(run: Run, project: Path, server: ApiServer):
    result = run("annotate", project, MODEL, "--yes")
    assert result.exit_code == 0, result.output
    assert result.output.index("Quote for 12 images") < result.output.index("12 of 12 annotated")
    assert len(server.received) == 12
    again = run("annotate", project, MODEL, "--yes")
    assert again.exit_code == 0
    assert "Nothing leaves this machine" in again.output
    assert len(server.received) == 12


@pytest.mark.usefixtures("terminal")
def test_in_a_terminal_it_asks_once(run: Run, project: Path, server: ApiServer):
    declined = run("annotate", project, MODEL, stdin="n\n")
    assert declined.exit_code == 0
    assert "Send 12 pictures?" in declined.output
    assert "Nothing was sent" in declined.output
    assert server.received == []
    assert run("annotate", project, MODEL, stdin="y\n").exit_code == 0
    assert len(server.received) == 12


def test_a_server_that_costs_nothing_is_not_asked_about(
    run: Run, project: Path, server: ApiServer, user_folder: Path
):
    priced(user_folder, 0, 0)
    assert run("annotate", project, MODEL, "--query", "dog").exit_code == 0
    assert len(server.received) == 3


def test_a_budget_stops_the_run_and_says_so(run: Run, project: Path, server: ApiServer, user_folder: Path):
    priced(user_folder, 100, 100)
    result = run("annotate", project, MODEL, "--yes", "--budget", 0.5)
    assert result.exit_code == 1
    assert "Stopped at $" in result.output
    assert 0 < len(server.received) < 12


def test_a_budget_without_a_price_is_refused(run: Run, project: Path, server: ApiServer):
    result = run("annotate", project, MODEL, "--yes", "--budget", 1)
    assert result.exit_code == 1
    assert "nobody has said what studio/llava costs" in result.output
    assert server.received == []


def test_ratings_that_stay_here_are_not_sent(run: Run, project: Path, server: ApiServer):
    with lr.open_project(project) as opened:
        opened.view("dog").add_tags("rating:explicit")
    result = run("annotate", project, MODEL, "--yes", "--withhold", "explicit")
    assert "3 withheld" in result.output
    assert len(server.received) == 9


def test_a_service_that_stops_answering_ends_the_command_with_its_words(
    run: Run, project: Path, server: ApiServer
):
    server.script = lambda _received: no_quota()
    result = run("annotate", project, MODEL, "--yes")
    assert result.exit_code == 1
    assert "quota" in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--batch", "many"), "--batch many means nothing: give a number of images, or api"),
        (("--refused", "maybe"), "refused='maybe' means nothing"),
        (("--withhold", "naked"), "'naked' is no rating"),
    ],
)
def test_options_that_mean_nothing_say_what_does(run: Run, project: Path, words: tuple[str, ...], said: str):
    result = run("quote", project, "openai/gpt-6-luna", *words)
    assert result.exit_code == 1
    assert said in result.output
