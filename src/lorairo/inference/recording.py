"""Writing down what a model says: tags with their scores, free answers, numbers, or places in a space.

A recorder is made for one model of one job. It says which images have an answer already, and writes answers
with what follows from them in the transaction it is given.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np

from lorairo.errors import ModelError
from lorairo.services.recording import packed
from lorairo.store import embeddings, evidence, log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.inference.loading import Judge, Loader, Model, Said, Scorer, Tagger
    from lorairo.inference.specs import ModelSpec


class Recorder(Protocol):
    """Writes the answers of one model.

    Attributes
    ----------
    model_id
        Its row in the table of models; None for scorers, which have a table of their own.
    """

    model_id: int | None

    def begin(self, c: Connection, revision: str) -> None:
        """Enter the model, before it is loaded."""

    def answered(self, c: Connection, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the images, sorted, that it has answered."""

    def loaded(self, c: Connection, model: Model) -> None:
        """Take what only the loaded model knows."""

    def record(
        self, c: Connection, ids: Sequence[int], answers: Sequence[Any], seconds: Sequence[float]
    ) -> None:
        """Write answers about images that are there."""


def recorder_of(loader: Loader, floor: float) -> Recorder:
    """Return what writes down the answers of a model of this kind.

    Parameters
    ----------
    loader
        Of the model.
    floor
        Lowest score of a tag that is kept.
    """
    spec = loader.spec
    if loader.over is not None:
        return Judging(spec, loader.over)
    if spec.kind == "tagger":
        return _Tags(spec, floor)
    if spec.kind == "scorer":
        return _Scores(spec)
    if spec.kind == "embedder":
        return _Places(spec, floor)
    return _Words(spec, floor)


class _Annotating:
    """What recorders of models that are listed in the table of models have in common."""

    model_id: int | None

    def __init__(self, spec: ModelSpec, floor: float) -> None:
        self._spec = spec
        self._floor = floor
        self.model_id = None

    @property
    def _number(self) -> int:
        return cast("int", self.model_id)

    def begin(self, c: Connection, revision: str) -> None:
        spec = self._spec
        self.model_id = evidence.model_id(
            c,
            spec.provider,
            spec.name,
            revision,
            spec.parameters(self._floor),
            spec.kind,
            defaults=spec.thresholds.policy,
        )

    def answered(self, c: Connection, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        return evidence.answered(c, self._number, ids)


class _Tags(_Annotating):
    """Scores of a fixed list of tags, packed; a rating where the list has ratings."""

    def loaded(self, c: Connection, model: Model) -> None:
        self._labels = cast("Tagger", model).labels
        self._stored = self._labels.stored
        # Lists have up to 70,000 tags, and each commit orders all there are: only those seen are made.
        self._tags = evidence.tag_ids(c, self._stored, make=False)
        evidence.calibrate(c, self._number, self._labels.calibrated)

    def record(
        self, c: Connection, ids: Sequence[int], answers: Sequence[Any], seconds: Sequence[float]
    ) -> None:
        self._make(c, answers)
        ratings = [self._labels.ratings(scores[np.newaxis])[0] for scores in answers]
        rows = [
            evidence.AnnotationRow(
                image_id,
                self._number,
                tags=self._packed(scores),
                rating=rating[0] if rating else None,
                confidence=rating[1] if rating else None,
                seconds=took,
            )
            for image_id, scores, took, rating in zip(ids, answers, seconds, ratings, strict=True)
        ]
        evidence.record(c, rows)
        log.refresh(c, ids)

    def _make(self, c: Connection, answers: Sequence[NDArray[np.float32]]) -> None:
        """Make the tags that are kept for the first time."""
        kept = np.zeros(len(self._labels), dtype=bool)
        for scores in answers:
            kept |= scores >= self._floor
        new = np.flatnonzero(kept & (self._tags == 0))
        self._tags[new] = evidence.tag_ids(c, [self._stored[column] for column in new])

    def _packed(self, scores: NDArray[np.float32]) -> bytes:
        kept = scores >= self._floor
        ids, values = self._tags[kept], scores[kept]
        unique, place = np.unique(ids, return_inverse=True)
        if len(unique) < len(ids):  # two labels of one canonical name: the higher score counts
            best = np.zeros(len(unique), np.float32)
            np.maximum.at(best, place, values)
            ids, values = unique, best
        return evidence.pack_scores(ids, values)


class _Words(_Annotating):
    """Free answers: a caption, tags, a rating."""

    def loaded(self, c: Connection, model: Model) -> None:
        """Nothing more is to be known."""

    def record(
        self, c: Connection, ids: Sequence[int], answers: Sequence[Said], seconds: Sequence[float]
    ) -> None:
        rows = [
            evidence.AnnotationRow(
                image_id,
                self._number,
                caption=said.caption,
                tags=packed(c, said.tags, self._floor),
                rating=said.rating,
                confidence=said.confidence,
                seconds=took,
                tokens_in=said.tokens_in,
                tokens_out=said.tokens_out,
                raw=said.raw,
            )
            for image_id, said, took in zip(ids, answers, seconds, strict=True)
        ]
        evidence.record(c, rows)
        log.refresh(c, ids)


class _Places(_Annotating):
    """Embeddings."""

    def answered(self, c: Connection, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        return embeddings.known(c, self._number, ids)

    def loaded(self, c: Connection, model: Model) -> None:
        """Nothing more is to be known."""

    def record(
        self,
        c: Connection,
        ids: Sequence[int],
        answers: Sequence[Any],
        seconds: Sequence[float],  # noqa: ARG002 - the interface of a recorder
    ) -> None:
        if ids:
            embeddings.record(c, self._number, ids, np.array(answers, np.float32))

    def held(self, c: Connection, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return those of some images whose embedding is stored, and the embeddings."""
        return embeddings.vectors(c, self._number, ids)


class _Scores:
    """Numbers, which searches and histograms know by name."""

    model_id: int | None = None

    def __init__(self, spec: ModelSpec) -> None:
        self._spec = spec

    def begin(self, c: Connection, revision: str) -> None:
        self._scorer = evidence.scorer_id(
            c, self._spec.name, version_of(self._spec, revision), self._spec.scores
        )

    def answered(self, c: Connection, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        return evidence.scored(c, self._scorer, ids)

    def loaded(self, c: Connection, model: Model) -> None:  # noqa: ARG002 - the interface of a recorder
        names, told = list(cast("Scorer", model).names), self._spec.scores
        if names != told:
            raise ModelError(
                f"{self._spec.name} gives {', '.join(names)}, but its row says {', '.join(told)}: "
                "name in scores what it gives"
            )

    def record(
        self,
        c: Connection,
        ids: Sequence[int],
        answers: Sequence[Any],
        seconds: Sequence[float],  # noqa: ARG002 - the interface of a recorder
    ) -> None:
        if ids:
            evidence.record_scores(c, self._scorer, ids, np.array(answers, np.float32))


class Judging(_Scores):
    """Numbers that follow from embeddings, and embeddings that were made for them."""

    def __init__(self, spec: ModelSpec, over: Loader) -> None:
        super().__init__(spec)
        self._over = over
        self._places = _Places(over.spec, 0.0)

    def begin(self, c: Connection, revision: str) -> None:
        """Enter the scorer and its embedder."""
        super().begin(c, revision)
        self._places.begin(c, self._over.revision)

    def judged(self, c: Connection, judge: Judge, ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Score the images whose embedding is stored, and return them."""
        known, places = self._places.held(c, ids)
        if len(known):
            evidence.record_scores(c, self._scorer, known, judge.judge(places))
        return known

    def record(
        self, c: Connection, ids: Sequence[int], answers: Sequence[Any], seconds: Sequence[float]
    ) -> None:
        """Write embeddings and, after them in each answer, scores."""
        count = len(self._spec.scores)
        self._places.record(c, ids, [answer[:-count] for answer in answers], seconds)
        super().record(c, ids, [answer[-count:] for answer in answers], seconds)


def version_of(spec: ModelSpec, revision: str) -> str:
    """Return the version that scores are kept under: the revision of a function, a digest of all else."""
    if spec.backend == "function":
        return revision
    told = json.dumps([revision, spec.parameters(0.0)], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]
