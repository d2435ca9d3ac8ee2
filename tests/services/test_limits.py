"""A service's limits: used nearly to the full, never passed, whatever goes wrong meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openai_wire as wire
import pytest
from api_server import Sent
from asked_project import ANSWER, MODEL, project_of, service

from lorairo.services import pacing

if TYPE_CHECKING:
    from pathlib import Path

WINDOW = 5.0  # seconds in the place of a minute


@pytest.fixture(autouse=True)
def _short_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "WINDOW", WINDOW)


def test_without_faults_the_limit_is_used_and_never_passed(tmp_path: Path):
    limit, count = 100, 305
    with project_of(tmp_path, count) as project, service(rate_limit_requests_per_minute=limit) as asked:
        job = project.view().annotate([MODEL]).wait()
    assert (job.state, len(asked.answered)) == ("done", count)
    assert asked.times[-1] - asked.times[0] > 3 * WINDOW
    assert asked.most_within(WINDOW) <= limit
    assert asked.most_within(WINDOW / 8) <= 1.25 * limit / 8 + 2  # no burst, not at the start either
    assert asked.share(limit, WINDOW) >= 0.95


FAULTS = [
    lambda: wire.rate_limited("0.2"),
    wire.rate_limited,
    lambda: wire.broken(500),
    lambda: wire.broken(503),
    lambda: Sent(drop=True),
    wire.cut,
    wire.html,
    wire.malformed,
    lambda: Sent(delay=3.5, drop=True),  # slower than the settings wait
    lambda: wire.chat('{"caption": "A dog'),
]
ENDS = [wire.refused, wire.policy, wire.filtered, wire.truncated, wire.bad_picture]


def test_a_thousand_images_with_faults_end_complete(tmp_path: Path):
    def say(digest: bytes, turn: int) -> Sent | str:
        kind = int.from_bytes(digest[:4], "big")
        if kind % 10 or turn > 1:
            return ANSWER
        many = [*FAULTS, *ENDS]
        return many[kind // 10 % len(many)]()

    settings = {"rate_limit_requests_per_minute": 400, "concurrency": 32, "timeout": 3.0}
    with project_of(tmp_path, 1000) as project, service(say, **settings) as asked:
        job = project.view().annotate([MODEL]).wait()
        captioned = project.view().captions("default")
    assert (job.state, job.progress.done) == ("done", 1000)
    assert len(captioned.dropna()) + len(job.errors) == 1000
    assert set(job.errors["kind"]) == {"refusal", "policy_block", "truncated", "invalid_image"}
    assert max(asked.answered.values()) == 1
    assert len(asked.answered) == len(captioned.dropna())
    assert asked.most_within(WINDOW) <= 400
