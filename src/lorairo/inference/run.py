"""Running taggers over images: answers are committed with the tags that follow from them, batch by batch."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.config import load
from lorairo.errors import ArgumentError, ModelError
from lorairo.images import Rejected
from lorairo.inference.loading import Loader
from lorairo.inference.registry import find, obstacle
from lorairo.jobs import Failure, Job, Progress, Step, parallel
from lorairo.log import logger
from lorairo.store import evidence, jobs, log, state

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from lorairo.inference.loading import Tagger
    from lorairo.inference.specs import ModelSpec
    from lorairo.store import Database

KIND = "annotate"

_COMMIT = 0.5  # seconds of answers in one transaction: what a killed kernel loses, and the batch under way
_MOST = 512  # images in one transaction
_AHEAD = 2  # groups with the network: while one runs, the next becomes a tensor


def annotate(
    database: Database,
    image_source: Callable[[Iterable[int]], Iterator[tuple[int, bytes | Exception]]],
    ids: NDArray[np.int64],
    models: Sequence[str | Path],
    *,
    author: str,
    background: bool = True,
    batch: int | None = None,
    floor: float = evidence.FLOOR,
    progress: Callable[[Progress], Any] | None = None,
) -> Job:
    """Tag images with models; what the same model has answered with the same parameters is not asked again.

    Parameters
    ----------
    database
        Where evidence and the tags that follow from it are written.
    image_source
        Gives the bytes of images by id, or why they cannot be read; called from several threads.
    ids
        Images.
    models
        Ids from ``lr.models()``, ``local/name``, or model folders; run one after the other.
    author
        Who asked.
    background
        Return at once; otherwise when it has ended.
    batch
        Pictures per run of the network; by default ``limits.batch_size``, or what suits the device.
    floor
        Lowest score kept, 0..1; see ``docs/decisions/0002-packed-evidence.md``.
    progress
        Called at most five times a second, and at the end.

    Returns
    -------
    Job
        Started, or ended.

    Raises
    ------
    NotFoundError
        When there is no such model.
    ModelError
        When it cannot run here; the message says what to do.
    """
    if not 0 <= floor < 1:
        raise ArgumentError(f"floor={floor} means nothing: scores lie between 0 and 1")
    if batch is not None and batch < 1:
        raise ArgumentError(f"batch={batch} means nothing: give 1 or more, or None for what suits the device")
    specs = [_runnable(model) for model in models]
    asked = {"models": [str(model) for model in models], "batch": batch, "floor": floor}
    job = _job(database, image_source, ids, specs, asked, author=author)
    if progress is not None:
        job.changed.connect(progress)
    return job.start(background=background)


def resume(
    database: Database,
    image_source: Callable[[Iterable[int]], Iterator[tuple[int, bytes | Exception]]],
    job_id: int,
    *,
    background: bool = True,
    progress: Callable[[Progress], Any] | None = None,
) -> Job:
    """Go on with a job of an earlier kernel.

    Raises
    ------
    NotFoundError
        When there is no such job.
    ModelError
        When a model of it is gone, or cannot run here.
    """
    with database.read() as connection:
        row = jobs.job(connection, job_id)
    if row["kind"] != KIND:
        raise ArgumentError(
            f"job {job_id} is of the kind {row['kind']!r}: only runs of models can be resumed here"
        )
    asked = {key: row["parameters"][key] for key in ("models", "batch", "floor")}
    specs = [_runnable(model) for model in asked["models"]]
    job = _job(database, image_source, row["images"], specs, asked, author=row["author"], row=job_id)
    if progress is not None:
        job.changed.connect(progress)
    return job.start(background=background)


def _runnable(model: str | Path) -> ModelSpec:
    spec = find(model)
    why_not, remedy = obstacle(spec)
    if why_not:
        raise ModelError(f"{spec.name} cannot run here: {why_not}. {remedy}")
    return spec


def _job(
    database: Database,
    source: Callable[[Iterable[int]], Iterator[tuple[int, bytes | Exception]]],
    ids: NDArray[np.int64],
    specs: Sequence[ModelSpec],
    asked: dict[str, Any],
    *,
    author: str,
    row: int | None = None,
) -> Job:
    def work() -> Generator[Step]:
        for spec in specs:
            yield from _Run(database, source, spec, asked["batch"], asked["floor"]).steps(ids)

    return Job(
        database,
        work,
        kind=KIND,
        label=", ".join(spec.name for spec in specs),
        parameters={**asked, "names": [spec.name for spec in specs]},
        images=ids,
        total=len(ids) * len(specs),
        author=author,
        row=row,
    )


@dataclass
class _Answers:
    """What one run of the network, or several, said; committed as a whole."""

    ids: list[int] = field(default_factory=list)
    scores: list[NDArray[np.float32]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids) + len(self.failures)

    def add(self, other: _Answers) -> None:
        self.ids += other.ids
        self.scores += other.scores
        self.seconds += other.seconds
        self.failures += other.failures


@dataclass
class _Group:
    """Pictures for one run of the network, and those that never became one."""

    ids: list[int] = field(default_factory=list)
    squares: list[NDArray[np.uint8]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


class _Run:
    """One model over images."""

    def __init__(
        self,
        database: Database,
        source: Callable[[Iterable[int]], Iterator[tuple[int, bytes | Exception]]],
        spec: ModelSpec,
        batch: int | None,
        floor: float,
    ) -> None:
        self._database = database
        self._source = source
        self._spec = spec
        self._limits = load(database.folder).limits
        self._batch = batch or self._limits.batch_size
        self._floor = floor
        self._answered = False
        self._free_since = 0.0  # when the network last finished a group

    def steps(self, ids: NDArray[np.int64]) -> Generator[Step]:
        """Do what is left to do; one step per transaction."""
        spec, loader = self._spec, Loader(self._spec)
        with self._database.write() as connection:
            self._model = evidence.model_id(
                connection,
                spec.provider,
                spec.name,
                loader.revision,
                spec.parameters(self._floor),
                spec.kind,
                defaults={"general": spec.thresholds.general, "character": spec.thresholds.character},
            )
            known = evidence.answered(connection, self._model, ids)
        left = ids[~np.isin(ids, known)]
        skipped = len(ids) - len(left)
        yield Step(done=skipped, skipped=skipped)
        if len(left):
            yield from self._work(loader.load(), left)

    def _work(self, tagger: Tagger, left: NDArray[np.int64]) -> Generator[Step]:
        self._labels = tagger.labels
        if self._batch is not None:
            tagger.batch = self._batch
        if tagger.notice:
            logger.warning("{}: {}", self._spec.name, tagger.notice)
            yield Step(done=0, notice=tagger.notice)
        with self._database.write() as connection:
            self._tags = evidence.tag_ids(connection, tagger.labels.stored)
        with closing(self._answers(tagger, left)) as answers:
            gathered, since = _Answers(), time.monotonic()
            for part in answers:
                gathered.add(part)
                if time.monotonic() - since >= _COMMIT or len(gathered) >= _MOST:
                    yield self._commit(gathered)
                    gathered, since = _Answers(), time.monotonic()
            if len(gathered):
                yield self._commit(gathered)

    def _answers(self, tagger: Tagger, left: NDArray[np.int64]) -> Generator[_Answers]:
        """Decode in a pool, run the network beside it, hand out answers here: all three at once."""
        with closing(self._groups(tagger, left)) as groups, ThreadPoolExecutor(_AHEAD) as network:
            under_way: deque[Future[_Answers]] = deque()
            for group in groups:
                under_way.append(network.submit(self._infer, tagger, group))
                if len(under_way) > _AHEAD:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()

    def _groups(self, tagger: Tagger, left: NDArray[np.int64]) -> Generator[_Group]:
        prepared = parallel(partial(self._prepare, tagger), left.tolist(), limits=self._limits)
        with closing(prepared):
            group = _Group()
            for image_id, square in prepared:
                if isinstance(square, Failure):
                    group.failures.append(square)
                else:
                    group.ids.append(image_id)
                    group.squares.append(square)
                if len(group.ids) >= tagger.batch or len(group.failures) >= _MOST:
                    yield group
                    group = _Group()
            if group.ids or group.failures:
                yield group

    def _prepare(self, tagger: Tagger, image_id: int) -> tuple[int, NDArray[np.uint8] | Failure]:
        ((_, data),) = self._source([image_id])
        if isinstance(data, Exception):
            return image_id, self._failure(image_id, "unreadable", str(data))
        try:
            return image_id, tagger.prepare(data)
        except Rejected as error:
            return image_id, self._failure(image_id, "rejected", error.reason)
        except Exception as error:  # noqa: BLE001 - whatever one picture does, the others go on
            return image_id, self._failure(image_id, "rejected", f"{type(error).__name__}: {error}")

    def _infer(self, tagger: Tagger, group: _Group) -> _Answers:
        """Run the network over a group; where that fails, over each picture by itself."""
        answers = _Answers(failures=group.failures)
        start = time.perf_counter()
        try:
            scores = tagger.infer(group.squares) if group.ids else np.zeros((0, 0), np.float32)
        except ModelError:
            raise
        except Exception as error:
            if len(group.ids) > 1:
                for image_id, square in zip(group.ids, group.squares, strict=True):
                    answers.add(self._infer(tagger, _Group([image_id], [square])))
                return answers
            if not self._answered:
                raise ModelError(f"{self._spec.name} cannot answer: {error}") from error
            answers.failures.append(self._failure(group.ids[0], "model", str(error)))
            return answers
        # Waiting for the group before is not time this one took.
        end = time.perf_counter()
        each = (end - max(start, self._free_since)) / max(1, len(group.ids))
        self._free_since = end
        for image_id, row in zip(group.ids, scores, strict=True):
            if np.isfinite(row).all():
                answers.ids.append(image_id)
                answers.scores.append(row)
                answers.seconds.append(each)
                self._answered = True
            else:
                answers.failures.append(
                    self._failure(image_id, "model", "the model answered with what is no number")
                )
        return answers

    def _failure(self, image_id: int, kind: str, message: str) -> Failure:
        return Failure(image_id, self._spec.provider, self._spec.name, kind, message)

    def _commit(self, answers: _Answers) -> Step:
        """Write answers, failures and the tags that follow, in one transaction."""
        ratings = self._labels.ratings(np.array(answers.scores, np.float32)) if answers.ids else []
        with log.evidence_write(self._database) as connection:
            # Images may have been deleted while the network looked at them.
            touched = np.unique([*answers.ids, *(failure.image_id for failure in answers.failures)])
            there = set(state.stored(connection, touched).ids.tolist())
            rows = [
                evidence.AnnotationRow(
                    image_id,
                    self._model,
                    tags=self._packed(scores),
                    rating=rating[0] if rating else None,
                    confidence=rating[1] if rating else None,
                    seconds=seconds,
                )
                for image_id, scores, seconds, rating in zip(
                    answers.ids, answers.scores, answers.seconds, ratings, strict=True
                )
                if image_id in there
            ]
            evidence.record(connection, rows)
            evidence.record_failures(
                connection,
                [
                    evidence.FailureRow(
                        failure.image_id,
                        self._model,
                        failure.provider,
                        failure.model,
                        failure.kind,
                        failure.message,
                    )
                    for failure in answers.failures
                    if failure.image_id in there
                ],
            )
            log.refresh(connection, [row.image_id for row in rows])
        return Step(done=len(answers), failures=tuple(answers.failures))

    def _packed(self, scores: NDArray[np.float32]) -> bytes:
        kept = scores >= self._floor
        ids, values = self._tags[kept], scores[kept]
        unique, place = np.unique(ids, return_inverse=True)
        if len(unique) < len(ids):  # two labels of one canonical name: the higher score counts
            best = np.zeros(len(unique), np.float32)
            np.maximum.at(best, place, values)
            ids, values = unique, best
        return evidence.pack_scores(ids, values)
