"""Making questions while others are under way: no more ahead than are wanted soon."""

from __future__ import annotations

import threading
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lorairo.services.calls import Request
from lorairo.services.questions import digest_of
from lorairo.services.sending import Item

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lorairo.config.schema import Limits
    from lorairo.jobs import Failure
    from lorairo.services.calls import Usage
    from lorairo.services.questions import Questions

_POLL = 0.1


@dataclass(frozen=True)
class Made:
    """A question."""

    item: Item


@dataclass(frozen=True)
class Unmade:
    """Why there is none; no failure where the image is gone."""

    failure: Failure | None


@dataclass(frozen=True)
class AllMade:
    """No more will be made; `error` is what broke it off."""

    error: Exception | None = None


class Feeder:
    """Makes questions on a thread of its own.

    Parameters
    ----------
    questions
        What makes them.
    ids
        About which images.
    cost
        What tokens cost at most, USD; None where there is no price.
    tell
        Called with each `Made`, `Unmade` and in the end `AllMade`, from that thread.
    ahead
        Questions that may be made and not have their place yet.
    machine
        What may be taken of it.
    """

    def __init__(
        self,
        questions: Questions,
        ids: Sequence[int],
        *,
        cost: Callable[[Usage], float | None],
        tell: Callable[[Made | Unmade | AllMade], object],
        ahead: int,
        machine: Limits,
    ) -> None:
        self._questions = questions
        self._ids = ids
        self._cost = cost
        self._tell = tell
        self._machine = machine
        self._room = threading.Semaphore(ahead)
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin."""
        threading.Thread(target=self._run, name="lorairo-questions", daemon=True).start()

    def taken(self) -> None:
        """Make one more."""
        self._room.release()

    def stop(self) -> None:
        """Make no more."""
        self._stop.set()

    def _run(self) -> None:
        error: Exception | None = None
        try:
            with closing(self._questions.about(self._ids, self._machine)) as made:
                for image_id, question in made:
                    if not self._hand_on(image_id, question):
                        break
        except Exception as caught:  # noqa: BLE001 - raised where the run waits for questions
            error = caught
        self._tell(AllMade(error))

    def _hand_on(self, image_id: int, question: Request | Failure | None) -> bool:
        """Hand a question on when there is room; False when no more are wanted."""
        if not isinstance(question, Request):
            self._tell(Unmade(question))
            return not self._stop.is_set()
        while not self._room.acquire(timeout=_POLL):
            if self._stop.is_set():
                return False
        if self._stop.is_set():
            return False
        item = Item(image_id, question, digest_of(question))
        weigh(item, self._questions.most(question), self._cost)
        self._tell(Made(item))
        return True


def weigh(item: Item, most: Usage, cost: Callable[[Usage], float | None]) -> None:
    """Set what a question takes at most, so that limits and a budget hold."""
    item.most = (most.input or 0) + (most.output or 0)
    item.most_cost = cost(most) or 0.0
