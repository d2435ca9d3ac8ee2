"""What goes to a service and what comes back: one outcome per picture, whatever happened on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from lorairo.errors import Error

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from lorairo.services.asking import Service

Ending = Literal[
    "ok",
    "refusal",
    "policy_block",
    "prohibited",
    "invalid_image",
    "truncated",
    "unparseable",
    "schema_invalid",
    "empty",
    "rate_limited",
    "quota_exhausted",
    "auth",
    "not_found",
    "bad_request",
    "server",
    "timeout",
    "connection",
    "cancelled",
    "expired",
]
"""How one question ended. The kinds of failures of services in ``project.failures`` are these, but for ok."""

REFUSED: frozenset[Ending] = frozenset({"refusal", "policy_block", "prohibited"})
"""Endings that are remembered as a refusal: named before the picture is sent again, if it ever is.

A prohibited picture is not: no setting of the service lifts such a block, and it may close the account.
"""

RETRYABLE: frozenset[Ending] = frozenset({"rate_limited", "server", "timeout", "connection"})
"""Endings after which the same question may be answered."""

STOPS: frozenset[Ending] = frozenset({"quota_exhausted", "auth", "not_found"})
"""Endings that every further question would have too: the run stops."""


@dataclass(frozen=True)
class Picture:
    """A picture as it is sent: upright, sRGB, without transparency.

    Attributes
    ----------
    data
        The encoded file.
    media_type
        What it really is, such as ``image/jpeg``.
    width, height
        Pixels.
    digest
        SHA-256 of `data`.
    """

    data: bytes = field(repr=False)
    media_type: str
    width: int
    height: int
    digest: bytes = field(repr=False)


@dataclass(frozen=True)
class Request:
    """One question about one picture.

    Attributes
    ----------
    model
        As the service calls it.
    service
        How it is asked: limits of the answer, structure, effort.
    system, prompt
        In words, with what they say of the image filled in.
    picture
        What is looked at.
    schema
        JSON schema of the answer; None for an answer in free words.
    """

    model: str
    service: Service
    system: str
    prompt: str
    picture: Picture
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Usage:
    """Tokens that are paid for; None where the service does not count them.

    Attributes
    ----------
    input
        All that was read, what came from a cache included.
    cached
        Of these, what came from a cache.
    output
        All that was written, thoughts included.
    cost
        USD, where the service itself says so.
    kept
        Of `input`, what was put into a cache for questions to come, which some services bill.
    """

    input: int | None = None
    cached: int | None = None
    output: int | None = None
    cost: float | None = None
    kept: int | None = None


@dataclass(frozen=True)
class Outcome:
    """How one question ended.

    Attributes
    ----------
    ending
        One of `Ending`.
    text
        The answer as it came, before it was parsed; also of one that was cut, where something came.
    message
        What happened, in words for people; empty for an answer.
    code
        As the service calls what happened.
    retry_after
        Seconds the service asked to wait.
    final
        Whether the service says that asking again is no use, though the ending could be retried.
    usage
        What it used up.
    request_id
        Name of the exchange at the service.
    model
        Which model answered, where the service says so.
    """

    ending: Ending
    text: str = ""
    message: str = ""
    code: str = ""
    retry_after: float | None = None
    final: bool = False
    usage: Usage = Usage()
    request_id: str = ""
    model: str = ""

    @property
    def retryable(self) -> bool:
        """Whether the same question may be answered when it is asked again."""
        return self.ending in RETRYABLE and not self.final


class Client(Protocol):
    """Asks one service. Made, used and closed in one event loop; never retries by itself.

    An adapter, such as ``lorairo.annotators.openai:OpenAI``, is called with the `Endpoint`.
    """

    async def ask(self, request: Request, /) -> Outcome:
        """Ask about one picture. Whatever happens is an outcome; only cancelling raises."""

    async def close(self) -> None:
        """Let its connections go."""


SubmissionState = Literal["submitted", "running", "ended", "failed", "expired", "cancelling", "cancelled"]
"""How far a submission is; of ended, expired and cancelled, what was answered can be fetched."""

ENDED: frozenset[SubmissionState] = frozenset({"ended", "failed", "expired", "cancelled"})
"""States in which nothing of a submission goes on; of a failed one nothing was run."""


@dataclass(frozen=True)
class Submission:
    """What a service says of many questions handed over together.

    Attributes
    ----------
    remote_id
        Its name at the service.
    state
        How far it is.
    files
        Names of its files at the service by what they are, such as ``{"input": ..., "output": ...}``.
    message
        Why it failed.
    full
        Whether it failed only because too much waits there already, so that it may be taken later.
    """

    remote_id: str
    state: SubmissionState
    files: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    full: bool = False


@dataclass(frozen=True)
class Sought:
    """A submission whose handing over was cut off, so that nobody knows its name at the service.

    Attributes
    ----------
    mark
        What it was handed over with.
    custom_ids
        Of its questions.
    count
        How many questions it had; more than ids where images were deleted meanwhile.
    since
        When it was handed over, seconds since 1970.
    known
        Names at the service that other submissions have.
    """

    mark: str
    custom_ids: frozenset[str]
    count: int
    since: float
    known: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Parcel:
    """Questions that are handed over together.

    Attributes
    ----------
    lines
        As `Batching.line` gives them.
    model
        As the service calls it; the same for all.
    mark
        What `Batching.find` knows them by.
    """

    lines: Sequence[bytes] = field(repr=False)
    model: str
    mark: str


class CallError(Error):
    """A call about a submission that came to nothing.

    Parameters
    ----------
    outcome
        How it ended, as of a single question.
    """

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.message or outcome.ending)
        self.outcome = outcome


class Batching(Client, Protocol):
    """A client whose service also takes many questions at once, answers within a day, for half the price.

    Every method but `line` and `read` raises `CallError`.

    Attributes
    ----------
    most_requests, most_bytes
        Of one submission.
    """

    most_requests: int
    most_bytes: int

    def line(self, custom_id: str, request: Request, /) -> bytes:
        """Return a question as one line of JSON, as the service takes it; without a line end."""

    async def submit(self, parcel: Parcel, /) -> Submission:
        """Hand questions over."""

    async def find(self, sought: Sought, /) -> Submission | None:
        """Look for a submission whose handing over was cut off; None where there is none.

        Raises `CallError` too where that cannot be told yet.
        """

    async def poll(self, submission: Submission, /) -> Submission:
        """Ask how far it is."""

    async def cancel(self, submission: Submission, /) -> Submission:
        """Ask it to stop; what is answered already stays."""

    def results(self, submission: Submission, /) -> AsyncIterator[bytes]:
        """Give what came of each question as one line, in any order."""

    @staticmethod
    def read(line: bytes, /) -> tuple[str, Outcome]:
        """Read one line of results: the custom id, and how the question ended.

        Raises
        ------
        ValueError
            When it is no line of results of this service.
        """

    async def forget(self, submission: Submission, /) -> None:
        """Delete its files at the service: they hold pictures. What is gone already is no error."""
