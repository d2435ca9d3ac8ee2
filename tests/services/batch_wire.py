"""What services that take batches have in common on the wire: questions, kept in memory, and their end."""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from api_server import Received, Sent
from routes import Route, routed

_NOT_RUN = ("failed", "FAILED")
_HALF_RUN = ("expired", "EXPIRED", "cancelled", "CANCELLED")


@dataclass
class Taking(ABC):
    """A service that takes batches; give it to `serving`.

    Attributes
    ----------
    answer
        What becomes of each question, as the wire of the service makes it.
    polls
        Times a batch is asked for before it has ended.
    ends
        How: of one that expires or is cancelled, only the first half was run.
    hold
        Until it is set, the answer to a batch that was made does not leave.
    questions
        Under which name a batch has its questions.
    """

    answer: Callable[[Any], Sent]
    polls: int = 1
    ends: str = ""
    hold: threading.Event | None = None
    questions: str = "lines"
    files: dict[str, bytes] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    batches: dict[str, dict[str, Any]] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    polled: threading.Event = field(default_factory=threading.Event)
    made: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._numbers = count(1)
        self._lock = threading.Lock()

    @property
    def lines(self) -> list[list[dict[str, Any]]]:
        """The questions of each batch, in the order they were made; kept when the files are deleted."""
        return [batch[self.questions] for batch in self.batches.values()]

    def __call__(self, received: Received) -> Sent:
        with self._lock:
            return routed(received, self._routes(received)) or self._nothing(
                f"{received.method} {received.path}"
            )

    @abstractmethod
    def _routes(self, received: Received) -> Iterable[Route]:
        """Return what answers requests."""

    @abstractmethod
    def _nothing(self, what: str) -> Sent:
        """Say that something is not there."""

    @abstractmethod
    def _told(self, name: str) -> dict[str, Any]:
        """Say how far a batch is."""

    def _made(self, name: str, batch: Mapping[str, Any]) -> Sent:
        self.batches[name] = {**batch, "left": self.polls, "ends": self.ends}
        self.made.set()
        return Sent(body=self._told(name), wait=self.hold)

    def _goes_on(self, batch: dict[str, Any]) -> bool:
        """Whether a batch that is asked for has not ended yet; nobody waits for one that was cancelled."""
        if batch["ends"] in ("cancelled", "CANCELLED") or batch["left"] <= 0:
            return False
        batch["left"] -= 1
        return True

    def _run(self, batch: dict[str, Any]) -> tuple[list[Any], list[Any]]:
        """Return the questions that were run, last first, as nobody promises an order; and the others."""
        questions = batch[self.questions]
        ran = len(questions) if batch["ends"] not in _HALF_RUN else len(questions) // 2
        ran = 0 if batch["ends"] in _NOT_RUN else ran
        return questions[:ran][::-1], questions[ran:]

    def _keep(self, file: str, lines: list[dict[str, Any]]) -> str | None:
        """Keep lines of results, if there are any, in a file of this name."""
        if not lines:
            return None
        self.files[file] = jsonl(lines).encode()
        self.names[file] = f"{file}.jsonl"
        return file


def read_jsonl(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.split(b"\n") if line]


def jsonl(lines: Iterable[dict[str, Any]]) -> str:
    """Write lines as services do: characters as they are, so that one may hold what Unicode calls its end."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
