"""Keys are planted in every place they may come from; then all that a project writes or shows is searched."""

from __future__ import annotations

import json
import traceback
from collections.abc import Generator, Iterator
from pathlib import Path

import keyring
import numpy as np
import pytest
from api_server import Received, Sent, serving
from keyring.backends.fail import Keyring as NoKeyring
from openai_wire import bad_key, chat, error, refused

import lorairo as lr
from lorairo import config, keys
from lorairo.errors import ModelError
from lorairo.jobs import Failure, Job, Step
from lorairo.log import logger
from lorairo.store import evidence
from lorairo.widgets.wire import Answer, Dispatcher, Route

PLANTED = {
    "openai": "planted-in-the-environment",
    "anthropic": "planted-in-the-users-file",
    "google": "planted-in-the-keyring",
    "huggingface": "planted-in-a-setting-of-the-environment",
}
ALL = " ".join(PLANTED.values())

ours = logger.patch(lambda record: record.update(name="lorairo.somewhere"))


class Ring(NoKeyring):
    def get_password(self, service: str, username: str) -> str | None:
        return PLANTED["google"] if (service, username) == ("lorairo", "google") else None


@pytest.fixture(autouse=True)
def planted(user_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OPENAI_API_KEY", PLANTED["openai"])
    config.set("api.claude_key", PLANTED["anthropic"])
    monkeypatch.setenv("LORAIRO_HUGGINGFACE__TOKEN", PLANTED["huggingface"])
    before = keyring.get_keyring()
    keyring.set_keyring(Ring())
    for name, value in PLANTED.items():
        found = keys.find(name)
        assert found is not None
        assert found.value.get_secret_value() == value
    yield
    keyring.set_keyring(before)


@pytest.fixture
def project(tmp_path: Path, photos: Path) -> Iterator[lr.Project]:
    with lr.open_project(tmp_path / "project") as project:
        project.add(photos)
        yield project


def said_in(text: str | bytes) -> list[str]:
    """Whose key can be read in a text."""
    data = text.encode() if isinstance(text, str) else text
    return [name for name, value in PLANTED.items() if value.encode() in data]


def test_the_search_finds_what_it_looks_for(tmp_path: Path):
    (tmp_path / "file").write_text(ALL)
    assert said_in((tmp_path / "file").read_bytes()) == list(PLANTED)


def test_no_file_of_a_project_holds_a_key(project: lr.Project, tmp_path: Path):
    view = project.view()
    with project.batch(f"cleanup {ALL}"):
        view.add_tags("hat")
    project.remember("note", {"said": [ALL]})
    project.undo()
    view.add_tags("coat")
    view.export("kohya", tmp_path / "out", layout="toml")
    with project.database.write() as connection:
        row = evidence.FailureRow(int(view.ids[0]), None, "openai", "gpt", "refused", f"Bearer {ALL}")
        evidence.record_failures(connection, [row])
    job = failing_job(project)
    ours.info("asked with {}", ALL)
    ours.error("job {} ended: {}", job.id, repr(job))
    project.close()
    files = [
        file
        for folder in (project.location, tmp_path / "out")
        for file in folder.rglob("*")
        if file.is_file()
    ]
    assert {"database.db", "lorairo.log", "dataset.toml"} <= {file.name for file in files}
    assert {file.name: said_in(file.read_bytes()) for file in files if said_in(file.read_bytes())} == {}
    assert "plan***" in (project.location / "logs" / "lorairo.log").read_text(encoding="utf-8")


def failing_job(project: lr.Project) -> Job:
    """Run a job that fails with keys in every text it has."""

    def work() -> Generator[Step]:
        yield Step(1, failures=(Failure(1, "openai", "gpt", "refused", ALL),), notice=ALL)
        raise RuntimeError(f"401 Incorrect API key provided: {ALL}")

    parameters = {"header": [ALL], "nested": {"of": {"any": ALL}}}
    job = Job(
        project.database, work, kind="test", label=ALL, parameters=parameters, images=np.arange(2), author="x"
    )
    with pytest.raises(lr.Error) as caught:
        job.start(background=False)
    assert said_in(str(caught.value)) == []
    assert said_in(job.progress.label + job.errors.to_string() + repr(job)) == []
    return job


def test_nothing_public_shows_a_key(project: lr.Project):
    view = project.view()
    shown = [lr.config, config.load(), config.load(project.location), project, view, view.df, project.history]
    shown += [lr.doctor(), lr.models(), config.table(), [keys.find(name) for name in PLANTED]]
    shown += [config.explain(key) for key in ("api.openai_key", "api.claude_key", "huggingface.token")]
    text = " ".join(repr(each) + str(each) for each in shown) + config.load().model_dump_json()
    assert said_in(text) == []
    assert "plan***file" in text


def test_no_state_of_a_widget_and_no_reply_holds_a_key(project: lr.Project):
    widget = lr.Gallery(project)
    assert said_in(repr(widget.get_state()) + repr(widget._repr_mimebundle_())) == []
    widget.close()
    sent: list[str] = []

    def fail(payload: dict[str, str]) -> Answer:
        raise (ModelError if payload["ours"] else RuntimeError)(f"401 Incorrect API key provided: {ALL}")

    dispatcher = Dispatcher({"run": Route(fail)}, lambda content, _: sent.append(repr(content)))
    dispatcher._running |= {"1": None, "2": None}  # as if they had been asked
    dispatcher._answer("1", Route(fail), {"ours": "yes"})
    dispatcher._answer("2", Route(fail), {"ours": ""})
    dispatcher.receive({"v": 1, "id": "3", "kind": ALL})
    assert said_in(" ".join(sent)) == []
    assert all("plan***" in text for text in sent)


def telling(received: Received) -> Sent:
    """A service that says every key it knows: in answers, refusals and errors by turns."""
    sent_with = received.headers.get("Authorization", "") + ALL
    said = json.dumps({"caption": f"a sign that reads {sent_with}"})
    answers = (
        lambda: chat(said),
        lambda: refused(f"Not with {sent_with}."),
        lambda: chat(f"no object, but {sent_with}"),
        lambda: error(400, "bad", f"what is {sent_with}?"),
    )
    return answers[received.number % len(answers)]()


def test_no_run_of_a_service_leaves_a_key(project: lr.Project, tmp_path: Path):
    view = project.view()
    with serving(telling) as server:
        config.set("providers.openai.base_url", f"{server.url}/v1")
        config.set("providers.openai.rate_limit_requests_per_minute", 100_000)
        quote = view.quote("openai/gpt-6-luna", refused="send")
        job = view.annotate(["openai/gpt-6-luna"], background=False)
        assert said_in(repr([received.headers for received in server.received])) == ["openai"]
        server.script = lambda _received: bad_key(ALL)
        with pytest.raises(ModelError) as caught:
            view.annotate(["openai/gpt-6-terra"], background=False)
    shown = [quote, quote.models, quote._repr_html_(), job, job.errors.to_string(), job.progress]
    shown += [
        project.failures.to_string(),
        project.jobs.to_string(),
        view.df.to_string(),
        lr.models().to_csv(),
    ]
    shown += ["".join(traceback.format_exception(caught.value)), lr.doctor().to_csv()]
    assert len(project.failures) > 0
    assert [str(each) for each in shown if said_in(str(each))] == []
    project.close()
    files = [file for file in project.location.rglob("*") if file.is_file()]
    assert "database.db" in {file.name for file in files}
    assert {file.name: said_in(file.read_bytes()) for file in files if said_in(file.read_bytes())} == {}


def test_no_traceback_of_ours_holds_a_key():
    def refuse() -> None:
        raise ModelError(f"the server says: {ALL}")

    with pytest.raises(ModelError) as caught:
        refuse()
    text = "".join(traceback.format_exception(caught.value))
    assert said_in(text) == []
    assert "the server says: plan***" in text
