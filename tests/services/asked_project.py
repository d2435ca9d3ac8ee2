"""A project of tiny pictures, a service on this machine that is asked about them, and what it counts."""

from __future__ import annotations

import hashlib
import threading
from bisect import bisect_left
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import openai_wire as wire
from api_server import ApiServer, Received, Sent, serving
from PIL import Image

import lorairo as lr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MODEL = "mine/gpt-test"
ANSWER = '{"caption": "a plain field of colour"}'


def pictures(folder: Path, count: int) -> Path:
    """Write pictures that all differ, 40 by 30 pixels."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(7)
    for number in range(count):
        pixels = random.integers(0, 255, (3, 4, 3), dtype=np.uint8)
        Image.fromarray(pixels).resize((40, 30)).save(folder / f"{number:04}.png")
    return folder


@contextmanager
def project_of(folder: Path, count: int) -> Iterator[lr.Project]:
    """Open a new project of so many pictures."""
    with lr.open_project(folder / "project") as project:
        project.add(pictures(folder / "pictures", count))
        yield project


@dataclass
class Service:
    """Answers about pictures as `say` says, counts per picture, and holds back what `gate` does not let out.

    Attributes
    ----------
    asked, answered
        By the digest of the picture as it came.
    """

    say: Callable[[bytes, int], Sent | str] = lambda _digest, _turn: ANSWER
    asked: Counter[bytes] = field(default_factory=Counter)
    answered: Counter[bytes] = field(default_factory=Counter)
    server: ApiServer = field(init=False)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, received: Received) -> Sent:
        digest = hashlib.sha256(wire.asked(received).picture).digest()
        with self.lock:
            self.asked[digest] += 1
            turn = self.asked[digest]
        said = self.say(digest, turn)
        if isinstance(said, Sent):
            return said
        with self.lock:
            self.answered[digest] += 1
        return wire.chat(said, model="gpt-test")

    @property
    def times(self) -> list[float]:
        """When requests came, by the clock of the server."""
        return sorted(one.at for one in self.server.received)

    def most_within(self, window: float) -> int:
        """Return the most requests that came within a window, wherever it begins."""
        times = self.times
        return max(bisect_left(times, start + window) - place for place, start in enumerate(times))

    def share(self, limit: float, window: float) -> float:
        """Return how much of a limit over a window was used."""
        times = self.times
        return (len(times) - 1) / (limit * (times[-1] - times[0]) / window)


@contextmanager
def service(say: Callable[[bytes, int], Sent | str] | None = None, **settings: Any) -> Iterator[Service]:
    """Serve, and let the settings know the place as ``mine``; by default it may be asked without end."""
    made = Service() if say is None else Service(say)
    told = {"rate_limit_requests_per_minute": 60_000, "concurrency": 8, **settings}
    with serving(made) as server:
        made.server = server
        lr.config.set("providers.mine.base_url", f"{server.url}/v1")
        for name, value in told.items():
            lr.config.set(f"providers.mine.{name}", value)
        yield made
