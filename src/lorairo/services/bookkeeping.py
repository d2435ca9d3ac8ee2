"""What a run of a service writes down: what it is about to ask, what came back, what that says.

In this order, each in a transaction of its own: the intent, before the question leaves; the answer as it
came, before anybody reads it; what it says, as evidence. So a kernel may die at any moment, and no answer
that was paid for is lost, nor asked for again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np

from lorairo.jobs import Failure
from lorairo.services.answer import Unreadable, parse, storable
from lorairo.services.calls import REFUSED
from lorairo.services.left import left_to_ask, sorted_out
from lorairo.services.recording import Recorder, Row
from lorairo.store import evidence, log, requests, state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.services.asking import Service
    from lorairo.services.left import Left
    from lorairo.services.sending import Came, Item
    from lorairo.services.wishes import Wishes
    from lorairo.store import Database

_READ_AGAIN = ("unparseable", "schema_invalid", "empty")
"""Endings of answers that are here, which a later reader may understand."""

_UNKNOWN = "it was under way when its kernel died or the run was cut short: outcome unknown"


@dataclass
class Batch:
    """What one transaction writes: answers by their row, failures, and questions that end so.

    Attributes
    ----------
    dropped
        Questions that are given up: row, ending, USD that their attempts took.
    """

    rows: list[tuple[int, Row]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    settled: list[tuple[int, str, str]] = field(default_factory=list)
    dropped: list[tuple[int, str, float | None]] = field(default_factory=list)
    done: int = 0

    def __len__(self) -> int:
        return len(self.rows) + len(self.failures) + len(self.settled) + len(self.dropped) + self.done


class Books:
    """Writes down what becomes of the questions to one model.

    Parameters
    ----------
    database
        Where.
    provider, model, service
        Who is asked, and how.
    job_id
        On whose behalf.
    """

    def __init__(self, database: Database, provider: str, model: str, service: Service, job_id: int) -> None:
        self._database = database
        self._who = (provider, model)
        self._service = service
        self._job_id = job_id
        self._recorder = Recorder(provider, model, service)

    @property
    def model_id(self) -> int:
        """The model's row, once it is entered."""
        return cast("int", self._recorder.model_id)

    def begin(self, ids: NDArray[np.int64], wishes: Wishes) -> Left:
        """Enter the model, settle what runs that are no more left under way, and say what is left."""
        with self._database.write() as c:
            self._recorder.begin(c)
            live, dead = sorted_out(c, requests.under_way(c, self.model_id))
            # A job runs once at a time: what an earlier start of it left under way is not any more.
            dead += [row for row in live if row.job_id == self._job_id and row.submission_id is None]
            requests.settle(c, [(row.id, requests.UNKNOWN, "cancelled") for row in dead])
            self._fail(c, [self.unknown(row.image_id) for row in dead])
            return left_to_ask(c, ids, self.model_id, wishes, *self._who)

    def spent(self) -> float:
        """Return what the job has spent, USD."""
        with self._database.read() as c:
            return requests.spent(c, self._job_id)

    def kept(self, ids: NDArray[np.int64]) -> Batch:
        """Read again the answers that are here and have not been understood; it costs nothing."""
        batch = Batch()
        with self._database.read() as c:
            kept = requests.kept(c, self.model_id, np.unique(ids), _READ_AGAIN)
        for one in {one.image_id: one for one in kept}.values():  # the newest of each image
            try:
                answer = parse(one.raw, self._service.prompt)
            except Unreadable as error:
                if one.fresh:
                    batch.settled.append((one.id, requests.FAILED, error.ending))
                    batch.failures.append(self.failure(one.image_id, error.ending, str(error)))
                continue
            told = (one.raw, one.seconds, one.tokens_in, one.tokens_out, one.cost)
            batch.rows.append((one.id, Row(one.image_id, answer, *told)))
        return batch

    # ---------------------------------------------------------------------------------------- while it runs

    def write_down(self, wanted: Sequence[Item], came: Sequence[Came]) -> None:
        """Write down questions about to be sent, and answers as they came; those get their row here."""
        new = [item for item in wanted if item.row is None]
        with self._database.write() as c:
            requests.again(c, [item.row for item in wanted if item.row is not None])
            rows = requests.intend(
                c,
                self.model_id,
                self._job_id,
                [
                    requests.Intent(
                        item.image_id, item.prompt_sha256, item.request.picture.digest, item.most_cost or None
                    )
                    for item in new
                ],
            )
            requests.end(c, [_ended(one) for one in came])
        for item in new:
            item.row = rows.get(item.image_id)

    def read(self, came: Came) -> tuple[int, Row]:
        """Read an answer.

        Raises
        ------
        Unreadable
            When it cannot be.
        """
        item = came.item
        answer = parse(came.outcome.text, self._service.prompt)
        used = came.outcome.usage
        row = Row(item.image_id, answer, item.raw or "", came.seconds, used.input, used.output, came.cost)
        return cast("int", item.row), row

    def commit(self, batch: Batch) -> None:
        """Write what answers say, what follows from them, and what went wrong."""
        with log.evidence_write(self._database) as c:
            # Images may have been deleted while the service looked at them.
            ids = np.unique(np.array([row.image_id for _, row in batch.rows], dtype=np.int64))
            there = set(state.stored(c, ids).ids.tolist())
            here = [(number, row) for number, row in batch.rows if row.image_id in there]
            self._recorder.record(c, [row for _, row in here])
            requests.settle(c, [(number, requests.ANSWERED, "ok") for number, _ in here], clear=True)
            requests.settle(c, batch.settled)
            requests.drop(c, batch.dropped)
            self._fail(c, batch.failures)

    def unknown(self, image_id: int) -> Failure:
        """Return the failure of a question that nobody knows the outcome of."""
        return self.failure(image_id, "unknown", _UNKNOWN)

    def failure(self, image_id: int, kind: str, message: str) -> Failure:
        """Return a failure of this model."""
        return Failure(image_id, *self._who, kind, message)

    def _fail(self, c: Connection, failures: Sequence[Failure]) -> None:
        ids = np.unique(np.array([one.image_id for one in failures], dtype=np.int64))
        there = set(state.stored(c, ids).ids.tolist())
        rows = [
            evidence.FailureRow(
                *(one.image_id, self.model_id, one.provider, one.model, one.kind, one.message),
                policy_violation=one.kind in REFUSED,
            )
            for one in failures
            if one.image_id in there
        ]
        evidence.record_failures(c, rows)


def _ended(came: Came) -> requests.Ended:
    item, outcome = came.item, came.outcome
    item.raw = storable(outcome.text) or item.raw
    return requests.Ended(
        cast("int", item.row),
        requests.ANSWERED if outcome.ending == "ok" else requests.FAILED,
        outcome.ending,
        item.attempts,
        item.raw,
        item.tokens_in,
        item.tokens_out,
        item.cost,
        outcome.request_id,
        outcome.model,
    )
