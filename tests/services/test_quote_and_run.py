"""What a quote says will be sent is what the server receives, whatever was answered or refused before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from api_server import ApiServer, serving
from openai_wire import answering
from PIL import Image
from sqlalchemy import select

import lorairo as lr
from lorairo import config
from lorairo.inference.registry import find
from lorairo.store import evidence, requests, schema

MODEL = "studio/llava"
COUNT = 14


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with serving(answering(lambda _asked: '{"caption": "a dog"}')) as server:
        config.set("providers.studio.base_url", f"{server.url}/v1")
        config.set("providers.studio.rate_limit_requests_per_minute", 100_000)
        yield server


@pytest.fixture
def project(tmp_path: Path) -> Iterator[lr.Project]:
    with lr.open_project(tmp_path / "project") as project:
        project.add([Image.new("RGB", (64, 48 + place), (place, 9, 9)) for place in range(COUNT)])
        yield project


def lived_through(project: lr.Project, seed: int) -> dict[str, object]:
    """Give images a past by chance - answered, refused, under way when a kernel died, rated - and wishes."""
    random = np.random.default_rng(seed)
    spec = find(MODEL)

    def some(share: float) -> list[int]:
        return [int(image_id) for image_id in project.view().ids if random.random() < share]

    with project.database.write() as connection:
        told = spec.parameters(evidence.FLOOR)
        number = evidence.model_id(connection, spec.provider, spec.name, "", told, spec.kind)
        died = [requests.Intent(image_id, b"p" * 32, b"i" * 32) for image_id in some(0.3)]
        requests.intend(connection, number, 10**6, died)
        evidence.record(connection, [evidence.AnnotationRow(n, number, caption="a cat") for n in some(0.3)])
        evidence.record_failures(
            connection,
            [
                evidence.FailureRow(n, number, spec.provider, spec.name, "refusal", "no", True)
                for n in some(0.3)
            ],
        )
    for rating in ("explicit", "general"):
        if chosen := some(0.3):
            project.view()[chosen].add_tags(f"rating:{rating}")
    return {
        "refused": str(random.choice(["skip", "send"])),
        "unknown": str(random.choice(["skip", "send"])),
        "withhold": str(random.choice(["explicit", "general"])) if random.random() < 0.6 else (),
    }


def asked_about(project: lr.Project, job_id: int) -> list[int]:
    with project.database.read() as connection:
        query = select(schema.request.c.image_id).where(schema.request.c.job_id == job_id)
        return sorted(int(row[0]) for row in connection.execute(query))


@pytest.mark.parametrize("seed", range(6))
def test_the_server_receives_what_the_quote_said(project: lr.Project, server: ApiServer, seed: int):
    wishes = lived_through(project, seed)
    view = project.view()
    quote = view.quote(MODEL, **wishes)  # type: ignore[arg-type]
    job = view.annotate([MODEL], background=False, **wishes)  # type: ignore[arg-type]
    assert len(server.received) == quote.send
    assert len(set(asked_about(project, job.id))) == len(asked_about(project, job.id)) == quote.send
    assert quote.send + quote.answered + quote.refused + quote.unknown + quote.withheld == COUNT
    again = view.quote(MODEL, **wishes)  # type: ignore[arg-type]
    assert again.send == 0
    view.annotate([MODEL], background=False, **wishes)  # type: ignore[arg-type]
    assert len(server.received) == quote.send


def test_what_a_run_took_is_what_the_next_quote_goes_by(project: lr.Project, server: ApiServer):
    view = project.view()
    (guessed,) = view.quote(MODEL).models
    assert guessed.measured == 0
    view[view.ids[:6]].annotate([MODEL], background=False)
    assert len(server.received) == 6
    (measured,) = view.quote(MODEL).models
    assert measured.measured == 6
    assert measured.send == COUNT - 6
    assert measured.tokens_in == pytest.approx(900 * measured.send, rel=0.05)  # as the server counts
    assert measured.tokens_out == 60 * measured.send


def test_a_run_costs_what_was_quoted_and_never_more_than_at_most(
    project: lr.Project, server: ApiServer, user_file: Path
):
    (user_file.parent / "prices.toml").write_text(
        '[prices."studio/*"]\ninput = 1\noutput = 10\nas_of = 2026-11-01\n', encoding="utf-8"
    )
    view = project.view()
    before = view.quote(MODEL)
    view[view.ids[:6]].annotate([MODEL], background=False)
    after = view.quote(MODEL)
    view.annotate([MODEL], background=False)
    spent = view.annotations["cost"].sum()
    assert spent == pytest.approx(COUNT * (900 * 1 + 60 * 10) / 1e6)  # as the server counts
    assert before.at_most is not None
    assert spent <= before.at_most
    assert after.cost == pytest.approx((COUNT - 6) * (900 * 1 + 60 * 10) / 1e6, rel=0.05)
