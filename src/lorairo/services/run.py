"""Asking a service about images: what is left to ask, within its limits, each answer kept as it comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from lorairo.captions.pieces import Facts
from lorairo.captions.template import Template
from lorairo.config import load
from lorairo.errors import ModelError
from lorairo.images import Limits
from lorairo.jobs import Step
from lorairo.services import running
from lorairo.services.bookkeeping import Books
from lorairo.services.budget import Budget, check_prices
from lorairo.services.calls import STOPS
from lorairo.services.conducting import Conductor
from lorairo.services.prices import dollars, price_of
from lorairo.services.questions import Questions

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from numpy.typing import NDArray

    from lorairo.services.asking import Service
    from lorairo.services.calls import Usage
    from lorairo.services.endpoint import Endpoint
    from lorairo.services.left import Left
    from lorairo.services.prices import Price
    from lorairo.services.sending import Stopped
    from lorairo.services.wishes import Wishes
    from lorairo.store import Database

FactsSource = Callable[[Sequence[Template], Sequence[int]], dict[int, Facts]]
"""Gives what templates ask of images, by id; an image that was deleted meanwhile is left out."""

_HOUR = 3600.0


def steps(
    database: Database,
    source: Callable[[Iterable[int]], Iterator[tuple[int, bytes | Exception]]],
    facts: FactsSource | None,
    ids: NDArray[np.int64],
    *,
    model: str,
    service: Service,
    endpoint: Endpoint,
    wishes: Wishes,
    job_id: int,
    stopping: Callable[[], bool] = lambda: False,
) -> Generator[Step]:
    """Ask about the images that have no answer yet; one step per transaction.

    Parameters
    ----------
    stopping
        Whether the job was told to stop: nothing more is sent then, and what is under way is waited for.

    Raises
    ------
    ModelError
        When no further question would be answered; the message says why. What was answered is kept.
    """
    check_prices([(endpoint.provider, model)], wishes)
    with running.marked(database.path.as_posix(), job_id):
        books = Books(database, endpoint.provider, model, service, job_id)
        left = books.begin(ids, wishes)
        yield left_out(left, books)
        kept = books.kept(np.union1d(left.stored, left.send))
        read = len(kept.rows) + len(kept.failures)
        if read:
            books.commit(kept)
            yield Step(done=read, skipped=read, failures=tuple(kept.failures))
        dealt_with = [row.image_id for _, row in kept.rows] + [one.image_id for one in kept.failures]
        send = left.send[~np.isin(left.send, dealt_with)]
        if not len(send):
            return
        settings = load(database.folder)
        opened = Limits(settings.max_bytes, settings.max_pixels)
        cost = costs(price_of(endpoint.provider, model))
        budget = Budget(wishes.budget, books.spent())
        conductor = Conductor(
            books,
            Questions(endpoint.provider, model, service, source, facts=facts, limits=opened),
            endpoint=endpoint,
            service=service,
            budget=budget,
            cost=cost,
            stopping=stopping,
        )
        yield from conductor.steps(send.tolist(), settings.limits)
        if conductor.stopped is not None:
            before = len(left.answered) + len(kept.rows)
            count = f"{before + conductor.answered:,} of {before + len(send):,} {done_to(service)}"
            yield _halted(conductor.stopped, endpoint.provider, budget, count, job_id)


def left_out(left: Left, books: Books) -> Step:
    """Say which images are not sent, and why."""
    reasons = {
        "prohibited": (left.prohibited, "prohibited", "the service prohibits it: it is not sent there again"),
        "refused before": (left.refused, "refusal", 'it was refused before: refused="send" sends it again'),
        "outcome unknown": (left.unknown, "unknown", 'its outcome is unknown: unknown="send" sends it again'),
        "withheld": (left.withheld, "withheld", "its rating is one of those that are not sent"),
        "asked elsewhere": (
            left.claimed,
            "claimed",
            "another run, or a submission in project.batches, asks about it",
        ),
    }
    failures = [
        books.failure(image_id, kind, message)
        for ids, kind, message in reasons.values()
        for image_id in ids.tolist()
    ]
    done = len(left.answered) + len(failures)
    told = ", ".join(f"{len(ids):,} {words}" for words, (ids, *_) in reasons.items() if len(ids))
    return Step(done, done, tuple(failures), f"left out: {told}" if told else None)


def costs(price: Price | None, *, batch: bool = False) -> Callable[[Usage], float | None]:
    """Return what says what an exchange cost, USD; None where nobody knows."""

    def cost(usage: Usage) -> float | None:
        if usage.cost is not None:
            return usage.cost
        return None if price is None or usage.input is None else price.cost(usage, batch=batch)

    return cost


def done_to(service: Service) -> str:
    """Say what an answer makes of an image."""
    return "captioned" if service.prompt.captions else "tagged" if service.prompt.tags else "answered"


def _halted(stopped: Stopped, provider: str, budget: Budget, count: str, job_id: int) -> Step:
    """Say why nothing more is sent.

    Raises
    ------
    ModelError
        When no further question would be answered.
    """
    if stopped.over_budget:
        return Step(done=0, halt=f"Stopped at {dollars(budget.spent)}. {count}.")
    if stopped.wait:
        return Step(done=0, halt=f"{provider} asks to wait {_minutes(stopped.wait)}. {count}.")
    assert stopped.failed is not None
    said = stopped.failed.message or stopped.failed.ending
    if stopped.failed.ending not in STOPS:
        said = f"{provider} answers none of the questions, the last one so: {said}"
    kept = f"Nothing more was sent; what was answered is kept, project.resume({job_id}) goes on"
    raise ModelError(f"{said.rstrip('.')}. {kept}")


def _minutes(seconds: float) -> str:
    return f"{seconds / 3600:.1f} hours" if seconds > _HOUR else f"{seconds / 60:.0f} minutes"
