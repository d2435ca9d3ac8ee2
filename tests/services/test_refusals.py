"""Refusals are data: in a table, in searches, named before the picture is sent again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from api_server import ApiServer, Received, Sent, serving
from openai_wire import chat, error, filtered, refused
from PIL import Image

import lorairo as lr
from lorairo import config

MODEL = "studio/llava"
COUNT = 8


def declining(received: Received) -> Sent:
    """Answer, refuse as a model does, refuse as a filter does, and refuse before looking, by turns."""
    answers = (
        lambda: chat(json.dumps({"caption": "a dog"})),
        refused,
        filtered,
        lambda: error(400, "content_policy_violation", "Your input was rejected by our safety system."),
    )
    return answers[received.number % len(answers)]()


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with serving(declining) as server:
        config.set("providers.studio.base_url", f"{server.url}/v1")
        config.set("providers.studio.rate_limit_requests_per_minute", 100_000)
        config.set("providers.studio.concurrency", 1)  # by turns
        yield server


@pytest.fixture
def project(tmp_path: Path, server: ApiServer) -> Iterator[lr.Project]:
    with lr.open_project(tmp_path / "project") as project:
        project.add([Image.new("RGB", (64, 48 + place), (place, 9, 9)) for place in range(COUNT)])
        project.view().annotate([MODEL], background=False)
        assert len(server.received) == COUNT
        yield project


def test_failures_say_who_refused_what_why_and_when(project: lr.Project):
    failures = project.failures
    columns = {"image_id", "provider", "model", "kind", "message", "policy_violation", "at"}
    assert columns <= set(failures.columns)
    assert len(failures) == COUNT * 3 // 4
    assert failures["policy_violation"].all()
    assert set(failures["provider"]) == {"studio"}
    assert set(failures["model"]) == {"llava"}
    assert set(failures["kind"]) == {"refusal", "policy_block"}
    assert failures["message"].str.contains("safety system").any()


def test_a_failure_that_is_no_refusal_says_so(project: lr.Project, server: ApiServer):
    server.script = lambda _received: error(400, "invalid_image_format", "You uploaded an unsupported image.")
    view = project.view(f"-refused:{MODEL}")
    view.annotate([MODEL], background=False, parameters={"temperature": 0.5})
    last = project.failures[project.failures["image_id"].isin(view.ids)]
    assert len(last) == len(view)
    assert set(last["kind"]) == {"invalid_image"}
    assert not last["policy_violation"].any()


def test_searches_find_what_was_refused(project: lr.Project):
    failed = set(project.failures["image_id"])
    for query in (f"refused:{MODEL}", "refused:studio", "refused:llava", "refused:*"):
        assert set(project.view(query).ids.tolist()) == failed, query
    assert len(project.view(f"-refused:{MODEL}")) == COUNT - len(failed)
    assert len(project.view("refused:openai")) == 0


def test_refused_pictures_are_named_and_skipped_unless_told_otherwise(project: lr.Project, server: ApiServer):
    view = project.view()
    failed = tuple(sorted(set(project.failures["image_id"])))
    quote = view.quote(MODEL)
    assert quote.refused_images == failed
    assert f'view.where("refused:{MODEL}")' in repr(quote)
    view.annotate([MODEL], background=False)
    assert len(server.received) == COUNT

    server.script = lambda _received: chat(json.dumps({"caption": "a dog after all"}))
    assert view.quote(MODEL, refused="send").send == len(failed)
    view.annotate([MODEL], background=False, refused="send")
    assert len(server.received) == COUNT + len(failed)
    assert len(project.view(f"refused:{MODEL}")) == 0
    assert view.quote(MODEL).refused_images == ()


def test_what_concerns_children_is_never_sent_to_the_provider_again(project: lr.Project, server: ApiServer):
    server.script = lambda _received: error(
        403, "moderation", "Flagged.", metadata={"reasons": ["sexual/minors"]}
    )
    view = project.view()[project.view(f"-refused:{MODEL}").ids]
    count = len(view)
    view.annotate([MODEL], parameters={"temperature": 0.5}, background=False)
    assert set(project.failures.query("kind == 'prohibited'")["policy_violation"]) == {True}
    assert set(project.view("refused:studio").ids) == set(project.view().ids)

    before = len(server.received)
    for model in (MODEL, "studio/another"):
        quote = view.quote(model, refused="send", parameters={"temperature": 0.7})
        assert (quote.prohibited, quote.send, quote.refused_images) == (count, 0, ())
        assert f"Prohibited by studio: {count} images, never sent there again" in repr(quote)
        job = view.annotate([model], refused="send", unknown="send", parameters={"temperature": 0.7})
        assert set(job.wait().errors["kind"]) == {"prohibited"}
    assert len(server.received) == before


def test_a_refusal_counts_however_the_model_is_asked(project: lr.Project):
    view = project.view()
    asked_otherwise = view.quote(MODEL, parameters={"prompt": "What is to be seen here?"})
    assert asked_otherwise.refused == len(set(project.failures["image_id"]))
    assert view.quote("studio/another").refused == 0
