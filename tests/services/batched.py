"""Runs of batches in tests: services that take them, and a project that is asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anthropic_batch_wire
import anthropic_wire
import google_batch_wire
import google_wire
import openai_batch_wire
import openai_wire
from api_server import ApiServer, Received, Sent, serving
from asked_project import pictures

import lorairo as lr

MODEL = "openai/gpt-5-mini"
ANSWER = '{"caption": "a field of colour"}'
KEYS = {
    "OPENAI_API_KEY": "sk-proj-abcdefghijklmnopqrstuvwxyz0123456789",
    "ANTHROPIC_API_KEY": "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123",
    "GOOGLE_API_KEY": "AIzaSyA-abcdefghijklmnopqrstuvwxyz01234",
}


@contextmanager
def asked(
    tmp_path: Path, service: Callable[[Received], Sent], count: int = 4, provider: str = "openai"
) -> Iterator[lr.Project]:
    with serving(service) as server:
        address(server, provider)
        with lr.open_project(tmp_path / "project") as project:
            project.add(pictures(tmp_path / "pictures", count))
            yield project


def address(server: ApiServer, provider: str = "openai") -> None:
    lr.config.set(
        f"providers.{provider}.base_url", f"{server.url}/v1" if provider == "openai" else server.url
    )


def answering(**told: Any) -> openai_batch_wire.Batches:
    return openai_batch_wire.Batches(lambda _: openai_wire.chat(ANSWER), **told)


def captioned(project: lr.Project) -> dict[int, str]:
    said = project.view().annotations
    return dict(zip(said["image_id"], said["caption"], strict=True))


def in_turn(*answers: Sent) -> Callable[[Any], Sent]:
    """Answer the questions of a batch in this order."""
    left = list(answers)
    return lambda _: left.pop(0)


def waiting_for(project: lr.Project, service: Any, **told: Any) -> Any:
    """Start a run, and stop it while it waits for the service."""
    for_ever(service)
    job = project.view().annotate([MODEL], batch=True, **told)
    assert service.polled.wait(20)
    return job.cancel().wait(20)


def for_ever(service: Any) -> None:
    service.polls = 10**9


def at_last(service: Any) -> None:
    service.polls = 0
    for made in service.batches.values():
        made["left"] = 0


SERVICES: list[tuple[str, Any]] = [
    (MODEL, answering),
    (
        "anthropic/claude-haiku-4-5",
        lambda: anthropic_batch_wire.Batches(lambda _: anthropic_wire.answer(ANSWER)),
    ),
    ("google/gemini-2.5-flash", lambda: google_batch_wire.Batches(lambda _: google_wire.answer(ANSWER))),
]
