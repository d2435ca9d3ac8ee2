"""What a run with Anthropic or Gemini leaves in a project: answers, refusals that can be searched, a stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import anthropic_wire
import google_wire
import pytest
from api_server import Received, Sent, serving
from PIL import Image

import lorairo as lr
from lorairo import config

COUNT = 6
PROVIDERS = {
    "anthropic": ("anthropic/claude-haiku-4-5", "ANTHROPIC_API_KEY", anthropic_wire),
    "google": ("google/gemini-2.5-flash", "GOOGLE_API_KEY", google_wire),
}
ANSWER = '{"caption": "a red square"}'


@pytest.fixture
def project(tmp_path: Path) -> Iterator[lr.Project]:
    with lr.open_project(tmp_path / "project") as project:
        project.add([Image.new("RGB", (64, 48 + place), (place, 9, 9)) for place in range(COUNT)])
        yield project


@pytest.fixture(params=list(PROVIDERS))
def provider(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    _, variable, _ = PROVIDERS[request.param]
    monkeypatch.setenv(variable, "sk-ant-a-key-of-a-test-0123456789")
    config.set(f"providers.{request.param}.rate_limit_requests_per_minute", 100_000)
    return str(request.param)


def run(
    project: lr.Project, provider: str, script: Callable[[Received], Sent], **wishes: Any
) -> list[Received]:
    model, variable, _ = PROVIDERS[provider]
    with serving(script) as server:
        config.set(f"providers.{provider}.base_url", server.url)
        config.set(f"providers.{provider}.api_key_env", variable)
        project.view().annotate([model], background=False, **wishes)
        return list(server.received)


def wire_of(provider: str) -> ModuleType:
    return PROVIDERS[provider][2]


def test_each_image_is_asked_about_once_and_has_what_was_said(project: lr.Project, provider: str) -> None:
    wire = wire_of(provider)
    came = run(project, provider, wire.answering(lambda _: ANSWER))
    assert len({wire.asked(one).picture for one in came}) == COUNT
    assert {wire.asked(one).media_type for one in came} == {"image/jpeg"}
    assert len(project.view("caption:square")) == COUNT
    assert run(project, provider, wire.answering(lambda _: ANSWER)) == []


def test_a_refused_image_can_be_searched_and_is_not_sent_again(project: lr.Project, provider: str) -> None:
    wire = wire_of(provider)
    refused = wire.refused("a re") if provider == "anthropic" else wire.blocked("SAFETY")
    refuse = threading.Semaphore(1)

    def first_refused(_: Received) -> Sent:
        return refused if refuse.acquire(blocking=False) else wire.answer(ANSWER)

    assert len(run(project, provider, first_refused)) == COUNT
    assert len(project.view(f"refused:{provider}")) == 1
    assert len(project.view("caption:square")) == COUNT - 1
    assert run(project, provider, first_refused) == []
    assert len(run(project, provider, first_refused, refused="send")) == 1


def test_a_key_that_is_refused_stops_the_run(project: lr.Project, provider: str) -> None:
    config.set(f"providers.{provider}.concurrency", 1)
    came = []

    def refuse(received: Received) -> Sent:
        came.append(received)
        return wire_of(provider).bad_key()

    with pytest.raises(lr.Error, match="does not let this key ask"):
        run(project, provider, refuse)
    assert len(came) == 1
