"""Writing down what services say: one row of evidence per answer, and what follows from it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from lorairo.services.answer import storable
from lorairo.store import evidence, log
from lorairo.tags import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.services.answer import Answer
    from lorairo.services.asking import Service

KIND = "vlm_api"
REVISION = ""
"""Of models that others run: what they change about it, nobody is told."""

_DEFAULT = "default"
_DIGITS = 16


@dataclass(frozen=True)
class Row:
    """An answer about one image.

    Attributes
    ----------
    image_id
        An image that is there.
    answer
        As it was read.
    raw
        As it came.
    seconds
        From asking to the answer.
    tokens_in, tokens_out, cost
        What was used up; None where nobody knows.
    """

    image_id: int
    answer: Answer
    raw: str
    seconds: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None


class Recorder:
    """Writes the answers of one model that is asked one way.

    The model's own row holds the caption of the variant ``default``, tags, rating and what was used up; each
    further variant is the answer of a row beside it, whose parameters name the variant.

    Parameters
    ----------
    provider, model
        Who is asked.
    service
        How.

    Attributes
    ----------
    model_id
        Its row in the table of models, once it is begun.
    """

    def __init__(self, provider: str, model: str, service: Service) -> None:
        self._provider = provider
        self._model = model
        self._service = service
        self.model_id: int | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """What changes the answers."""
        return {"service": self._service.told()}

    def begin(self, c: Connection) -> None:
        """Enter the model."""
        self.model_id = self._row(c, self.parameters)

    def answered(self, c: Connection, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the images, sorted, that it has answered."""
        return evidence.answered(c, cast("int", self.model_id), ids)

    def record(self, c: Connection, rows: Sequence[Row]) -> None:
        """Write answers about images that are there, and what follows from them."""
        if not rows:
            return
        written = [self._main(c, row) for row in rows]
        for variant in self._service.prompt.captions:
            if variant != _DEFAULT:
                number = self._row(c, {**self.parameters, "variant": variant})
                written += [
                    evidence.AnnotationRow(row.image_id, number, caption=caption)
                    for row in rows
                    if (caption := row.answer.captions.get(variant)) is not None
                ]
        evidence.record(c, written)
        self._score(c, rows)
        log.refresh(c, [row.image_id for row in rows])

    def _row(self, c: Connection, parameters: Mapping[str, Any]) -> int:
        return evidence.model_id(c, self._provider, self._model, REVISION, parameters, KIND)

    def _main(self, c: Connection, row: Row) -> evidence.AnnotationRow:
        return evidence.AnnotationRow(
            row.image_id,
            cast("int", self.model_id),
            caption=row.answer.captions.get(_DEFAULT),
            tags=packed(c, row.answer.tags),
            rating=row.answer.rating,
            seconds=row.seconds,
            tokens_in=row.tokens_in,
            tokens_out=row.tokens_out,
            cost=row.cost,
            raw=storable(row.raw),
        )

    def _score(self, c: Connection, rows: Sequence[Row]) -> None:
        scored = {row.image_id: row.answer.score for row in rows if row.answer.score is not None}
        name = self._service.prompt.score
        if not scored or not name:
            return
        told = json.dumps([self._provider, self._model, self.parameters], sort_keys=True)
        version = hashlib.sha256(told.encode()).hexdigest()[:_DIGITS]
        number = evidence.scorer_id(c, name, version, [name])
        values = np.array([[value] for value in scored.values()], np.float32)
        evidence.record_scores(c, number, list(scored), values)


def packed(c: Connection, tags: Mapping[str, float] | None, floor: float = 0.0) -> bytes | None:
    """Pack tags that were named in words; of two spellings of one name the higher score counts.

    Parameters
    ----------
    floor
        Lowest score that is kept.
    """
    if tags is None:
        return None
    scores: dict[str, float] = {}
    for tag, score in tags.items():
        name = canonical(tag)
        if name and score >= floor:
            scores[name] = max(score, scores.get(name, 0.0))
    numbers = evidence.tag_ids(c, [(name, 0) for name in scores])
    return evidence.pack_scores(numbers, list(scores.values()))
