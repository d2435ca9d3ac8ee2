"""What a job tells while it runs: what is done, what failed, time left; calmly, the last one always."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lorairo.masking import masked

if TYPE_CHECKING:
    from collections.abc import Callable

INTERVAL = 0.2
"""Seconds between two announcements: five a second is what an eye can use and any notebook host can carry."""

_REMEMBERED = 20  # steps the pace is measured over


@dataclass(frozen=True)
class Failure:
    """One thing a job could not do.

    Attributes
    ----------
    image_id
        The image it happened to.
    provider, model
        Who was at work.
    kind
        A short class of the reason, such as ``unreadable``.
    message
        What happened, in words.
    """

    image_id: int
    provider: str
    model: str
    kind: str
    message: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", masked(self.message))  # a server's answer may repeat the key


@dataclass(frozen=True)
class Step:
    """What one committed batch added.

    Attributes
    ----------
    done
        Images dealt with, the failed ones included.
    skipped
        Images of these that cost no work, as they had been answered before; they say nothing about the pace.
    failures
        What went wrong, image by image.
    notice
        What people should know about the run, shown beside its name until another one comes; an empty text
        takes it away.
    halt
        Why the work ends here with things left to do that it could go on with, such as a budget that is
        reached; the job is stopped then, and says this.
    rest
        Seconds before the work goes on; stopping the job ends them.
    parting
        What people should know when the job is stopped after this step, such as what goes on elsewhere.
    """

    done: int
    skipped: int = 0
    failures: tuple[Failure, ...] = ()
    notice: str | None = None
    halt: str | None = None
    rest: float = 0.0
    parting: str = ""


@dataclass(frozen=True)
class Progress:
    """How far a job is.

    Attributes
    ----------
    done, total, failed
        Images dealt with, asked for, and gone wrong (those count as done too).
    seconds_left
        From the pace of the last batches; never counts up; None while unknown.
    rate
        Images a second, from the same pace; None while unknown.
    label
        What to show.
    """

    done: int
    total: int
    failed: int
    seconds_left: float | None
    rate: float | None
    label: str


class Pace:
    """Seconds left and things a second, from the last steps.

    Attributes
    ----------
    rate
        Things a second; None while unknown.
    """

    rate: float | None = None

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._points: deque[tuple[float, int]] = deque([(clock(), 0)], maxlen=_REMEMBERED)
        self._left: float | None = None

    def step(self, worked: int, remaining: int) -> float | None:
        """Count work and return the seconds the rest takes."""
        now, done = self._clock(), self._points[-1][1] + worked
        if worked == 0:  # nothing but skipped ones, or a model that was loaded: the work starts now
            self._points.clear()
            self._points.append((now, done))
            return self._left
        self._points.append((now, done))
        start, before = self._points[0]
        if now > start:
            self.rate = (done - before) / (now - start)
            left = remaining / self.rate
            self._left = left if self._left is None else min(self._left, left)
        return self._left


class Calm:
    """Calls a function at most every `INTERVAL` seconds; a call held back comes when the time is over."""

    def __init__(self, call: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._call = call
        self._clock = clock
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._last = float("-inf")
        self._ended = False

    def ask(self) -> None:
        """Call now, or as soon as it is time."""
        with self._lock:
            if self._ended or self._timer is not None:
                return
            wait = self._last + INTERVAL - self._clock()
            if wait > 0:
                self._later(wait)
                return
            self._last = self._clock()
        self._call()

    def _later(self, wait: float) -> None:
        timer = threading.Timer(wait, self._fire)
        timer.daemon = True
        try:
            timer.start()
        except RuntimeError:  # a host without threads: the next step asks again
            return
        self._timer = timer

    def _fire(self) -> None:
        with self._lock:
            self._timer = None
            if self._ended:
                return
            self._last = self._clock()
        self._call()

    def end(self) -> None:
        """Call for the last time, now."""
        with self._lock:
            self._ended = True
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        self._call()
