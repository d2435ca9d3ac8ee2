"""One model over images: a pool that decodes, the network beside it, answers committed as they come."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from lorairo.config import load
from lorairo.errors import ModelError
from lorairo.images import Rejected
from lorairo.inference.recording import Judging, recorder_of
from lorairo.jobs import Failure, Step, parallel
from lorairo.log import logger
from lorairo.store import evidence, log, state

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from lorairo.inference.loading import Judge, Loader, Model
    from lorairo.store import Database

ImageSource = Callable[[Iterable[int]], Iterator[tuple[int, bytes | Exception]]]
"""Gives the bytes of images by id, or why they cannot be read; called from several threads."""

_COMMIT = 0.5  # seconds of answers in one transaction: what a killed kernel loses, and the batch under way
_MOST = 512  # images in one transaction
_JUDGED = 4096  # embeddings in one transaction
_AHEAD = 2  # groups with the network: while one runs, the next becomes a tensor


@dataclass
class _Answers:
    """What one run of the network, or several, said; committed as a whole."""

    ids: list[int] = field(default_factory=list)
    said: list[Any] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids) + len(self.failures)

    def add(self, other: _Answers) -> None:
        self.ids += other.ids
        self.said += other.said
        self.seconds += other.seconds
        self.failures += other.failures


@dataclass
class _Group:
    """Pictures for one run of the network, and those that never became one."""

    ids: list[int] = field(default_factory=list)
    pictures: list[Any] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


class Pipeline:
    """One model over images.

    Parameters
    ----------
    database
        Where answers are written, with what follows from them.
    source
        Where the bytes of images come from.
    loader
        Of the model.
    batch
        Pictures per run of the network; None for ``limits.batch_size``, or what suits the device.
    floor
        Lowest score of a tag that is kept.
    """

    def __init__(
        self, database: Database, source: ImageSource, loader: Loader, batch: int | None, floor: float
    ) -> None:
        self._database = database
        self._source = source
        self._loader = loader
        self._spec = loader.spec
        self._limits = load(database.folder).limits
        self._batch = batch or self._limits.batch_size
        self._recorder = recorder_of(loader, floor)
        self._answered = False
        self._refused, self._reason = 0, ""  # pictures the model itself failed on
        self._free_since = 0.0  # when the network last finished a group

    def steps(self, ids: NDArray[np.int64]) -> Generator[Step]:
        """Do what is left to do; one step per transaction."""
        with self._database.write() as connection:
            self._recorder.begin(connection, self._loader.revision)
            known = self._recorder.answered(connection, ids)
        left = ids[~np.isin(ids, known)]
        skipped = len(ids) - len(left)
        yield Step(done=skipped, skipped=skipped)
        if len(left) and isinstance(self._recorder, Judging):
            left = yield from self._judge(self._recorder, cast("Judge", self._loader.load()), left)
        if len(left):
            yield from self._work(self._loader.load(), left)

    def _judge(
        self, recorder: Judging, judge: Judge, left: NDArray[np.int64]
    ) -> Generator[Step, None, NDArray[np.int64]]:
        """Score the images whose embedding is stored, and return the others."""
        done = [np.array([], np.int64)]
        for start in range(0, len(left), _JUDGED):
            with log.evidence_write(self._database) as connection:
                done.append(recorder.judged(connection, judge, left[start : start + _JUDGED]))
            yield Step(done=len(done[-1]))
        return left[~np.isin(left, np.concatenate(done))]

    def _work(self, model: Model, left: NDArray[np.int64]) -> Generator[Step]:
        if self._batch is not None:
            model.batch = self._batch
        if model.notice:
            logger.warning("{}: {}", self._spec.name, model.notice)
        yield Step(done=0, notice=model.notice)  # the pace is that of the work, not of loading
        with self._database.write() as connection:
            self._recorder.loaded(connection, model)
        with closing(self._answers(model, left)) as answers:
            gathered, since = _Answers(), time.monotonic()
            for part in answers:
                gathered.add(part)
                if time.monotonic() - since >= _COMMIT or len(gathered) >= _MOST:
                    yield self._commit(gathered)
                    gathered, since = _Answers(), time.monotonic()
            if len(gathered):
                yield self._commit(gathered)
        if not self._answered and self._refused:
            raise ModelError(f"{self._spec.name} failed on every image, on the last one with {self._reason}")

    def _answers(self, model: Model, left: NDArray[np.int64]) -> Generator[_Answers]:
        """Decode in a pool, run the network beside it, hand out answers here: all three at once."""
        with closing(self._groups(model, left)) as groups, ThreadPoolExecutor(_AHEAD) as network:
            under_way: deque[Future[_Answers]] = deque()
            for group in groups:
                under_way.append(network.submit(self._infer, model, group))
                if len(under_way) > _AHEAD:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()

    def _groups(self, model: Model, left: NDArray[np.int64]) -> Generator[_Group]:
        prepared = parallel(partial(self._prepare, model), left.tolist(), limits=self._limits)
        with closing(prepared):
            group = _Group()
            for image_id, picture in prepared:
                if isinstance(picture, Failure):
                    group.failures.append(picture)
                else:
                    group.ids.append(image_id)
                    group.pictures.append(picture)
                if len(group.ids) >= model.batch or len(group.failures) >= _MOST:
                    yield group
                    group = _Group()
            if group.ids or group.failures:
                yield group

    def _prepare(self, model: Model, image_id: int) -> tuple[int, Any]:
        ((_, data),) = self._source([image_id])
        if isinstance(data, Exception):
            return image_id, self._failure(image_id, "unreadable", str(data))
        try:
            return image_id, model.prepare(data)
        except Rejected as error:
            return image_id, self._failure(image_id, "rejected", error.reason)
        except Exception as error:  # noqa: BLE001 - whatever one picture does, the others go on
            return image_id, self._failure(image_id, "rejected", f"{type(error).__name__}: {error}")

    def _infer(self, model: Model, group: _Group) -> _Answers:
        """Run the network over a group; where that fails, over each picture by itself."""
        answers = _Answers(failures=group.failures)
        start = time.perf_counter()
        try:
            said = model.infer(group.pictures) if group.ids else ()
        except ModelError:
            raise
        except Exception as error:
            if len(group.ids) > 1:
                for image_id, picture in zip(group.ids, group.pictures, strict=True):
                    answers.add(self._infer(model, _Group([image_id], [picture])))
                return answers
            self._refused, self._reason = self._refused + 1, f"{type(error).__name__}: {error}"
            if not self._answered and self._refused >= self._loader.patience:
                raise ModelError(f"{self._spec.name} cannot answer: {error}") from error
            answers.failures.append(self._failure(group.ids[0], "model", self._reason))
            return answers
        # Waiting for the group before is not time this one took.
        end = time.perf_counter()
        each = (end - max(start, self._free_since)) / max(1, len(group.ids))
        self._free_since = end
        for image_id, answer in zip(group.ids, said, strict=True):
            if isinstance(answer, np.ndarray) and not np.isfinite(answer).all():
                answers.failures.append(
                    self._failure(image_id, "model", "the model answered with what is no number")
                )
                continue
            answers.ids.append(image_id)
            answers.said.append(answer)
            answers.seconds.append(each)
            self._answered = True
        return answers

    def _failure(self, image_id: int, kind: str, message: str) -> Failure:
        return Failure(image_id, self._spec.provider, self._spec.name, kind, message)

    def _commit(self, answers: _Answers) -> Step:
        """Write answers, failures and the tags that follow, in one transaction."""
        with log.evidence_write(self._database) as connection:
            # Images may have been deleted while the network looked at them.
            touched = np.unique([*answers.ids, *(failure.image_id for failure in answers.failures)])
            there = set(state.stored(connection, touched).ids.tolist())
            here = [place for place, image_id in enumerate(answers.ids) if image_id in there]
            self._recorder.record(
                connection,
                [answers.ids[place] for place in here],
                [answers.said[place] for place in here],
                [answers.seconds[place] for place in here],
            )
            evidence.record_failures(
                connection,
                [
                    evidence.FailureRow(
                        failure.image_id,
                        self._recorder.model_id,
                        failure.provider,
                        failure.model,
                        failure.kind,
                        failure.message,
                    )
                    for failure in answers.failures
                    if failure.image_id in there
                ],
            )
        return Step(done=len(answers), failures=tuple(answers.failures))
