"""Answers of cells as a run would have left them, without one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy import insert

from lorairo.store import evidence, log
from lorairo.store.schema import request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lorairo.laboratory.cells import Cell
    from lorairo.laboratory.lab import Laboratory


def number(lab: Laboratory, cell: Cell) -> int:
    """Return the row of the model, asked as the cell asks it; made when missing."""
    spec = cell.spec
    with log.evidence_write(lab.source.project.database) as c:
        parameters = spec.parameters(evidence.FLOOR)
        return evidence.model_id(c, spec.provider, spec.name, "", parameters, spec.kind)


def say(lab: Laboratory, cell: Cell, texts: Mapping[int, str], cost: float | None = 0.001) -> None:
    """Write captions down as answers of a cell."""
    of = number(lab, cell)
    with log.evidence_write(lab.source.project.database) as c:
        evidence.record(
            c,
            [
                evidence.AnnotationRow(image_id, of, caption=text, cost=cost, seconds=1.5)
                for image_id, text in texts.items()
            ],
        )
        log.refresh(c, texts)


def end(lab: Laboratory, cell: Cell, image_id: int, ending: str, cost: float | None = None) -> None:
    """Write down that a question ended without an answer."""
    row = {
        "image_id": image_id,
        "model_id": number(lab, cell),
        "job_id": 1,
        "state": "failed",
        "ending": ending,
        "prompt_sha256": b"p" * 32,
        "picture_sha256": b"s" * 32,
        "attempts": 1,
        "sent_at": time.time(),
        "cost": cost,
    }
    spec = cell.spec
    with lab.source.project.database.write() as c:
        c.execute(insert(request).values(**row))
        lost = evidence.FailureRow(
            image_id, None, spec.provider, spec.name, ending, "", policy_violation=ending == "refusal"
        )
        evidence.record_failures(c, [lost])
