"""What came of a submission: kept in a file as it came, and written down as single answers are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from lorairo.config import load
from lorairo.masking import masked_values
from lorairo.services.answer import storable
from lorairo.services.bookkeeping import Batch
from lorairo.services.calls import Outcome
from lorairo.services.handing import custom_id
from lorairo.store import requests, submissions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from lorairo.services.bookkeeping import Books
    from lorairo.services.calls import Usage
    from lorairo.store import Database
    from lorairo.store.submissions import Handed, Question

_OUTSIDE = re.compile(r"[^A-Za-z0-9_.-]+")
_PICTURE = re.compile(r"[A-Za-z0-9+/_=-]{4096,}")  # in the letters that pictures are sent in
_UNRUN = {
    "expired": Outcome("expired", message="it was not asked: the time that the service takes was over"),
    "cancelled": Outcome("cancelled", message="it was not asked: the submission was cancelled"),
}
_UNTOLD = Outcome("server", message="the service gave no result for it")


def read_all(lines: Iterable[bytes], read: Callable[[bytes], tuple[str, Outcome]]) -> dict[str, Outcome]:
    """Read lines of results by custom id; of two of one id the first counts.

    Raises
    ------
    ValueError
        When one is no line of results: what was fetched is not what it should be.
    """
    found: dict[str, Outcome] = {}
    for line in lines:
        name, outcome = read(line)
        found.setdefault(name, outcome)
    return found


def write_results(database: Database, provider: str, handed: Handed, lines: Sequence[bytes]) -> Path:
    """Keep lines as they came, without keys and pictures, where the settings say; return the file."""
    folder = load(database.folder).directories.batch_results_dir or database.folder / "batches"
    folder.mkdir(parents=True, exist_ok=True)
    name = _OUTSIDE.sub("-", f"{provider}-{handed.id:05}-{handed.remote_id}.jsonl")
    told = (_PICTURE.sub("", masked_values(line.decode(errors="replace"))) for line in lines)
    text = "".join(f"{line}\n" for line in told)
    partial = folder / f"{name}.part"
    partial.write_text(text, encoding="utf-8", newline="\n")
    return partial.replace(folder / name)


def outcomes_of(
    asked: Sequence[Question], found: Mapping[str, Outcome], ended: str
) -> list[tuple[Question, Outcome]]:
    """Give each question its outcome; those that results do not tell of end as the submission did."""
    rest = _UNRUN.get(ended, _UNTOLD)
    return [(question, found.get(custom_id(question), rest)) for question in asked]


def keep(
    database: Database,
    books: Books,
    came: Sequence[tuple[Question, Outcome]],
    cost: Callable[[Usage], float | None],
    states: Collection[str] = (requests.SENT,),
) -> Batch:
    """Write down how questions ended, and what the answers say; return what was written.

    Parameters
    ----------
    states
        Of the questions that are written down; others are left as they are.
    """
    came = [(question, outcome) for question, outcome in came if question.state in states]
    failed = [(question, outcome) for question, outcome in came if outcome.ending != "ok"]
    written = Batch(
        failures=[books.failure(one.image_id, outcome.ending, outcome.message) for one, outcome in failed],
        settled=[(one.id, requests.FAILED, outcome.ending) for one, outcome in failed],
    )
    books.commit(written)
    with database.write() as c:
        requests.end(c, [_ended(question, outcome, cost) for question, outcome in came])
    answered = [question.image_id for question, outcome in came if outcome.ending == "ok"]
    if answered:
        read = books.kept(np.array(answered, np.int64))
        books.commit(read)
        written.rows = read.rows
        written.failures = written.failures + read.failures
    return written


def _ended(question: Question, outcome: Outcome, cost: Callable[[Usage], float | None]) -> requests.Ended:
    return requests.Ended(
        question.id,
        requests.ANSWERED if outcome.ending == "ok" else requests.FAILED,
        outcome.ending,
        1,
        storable(outcome.text) or None,
        outcome.usage.input,
        outcome.usage.output,
        cost(outcome.usage),
        outcome.request_id,
        outcome.model,
    )


def lost(database: Database, books: Books, handed: Handed, message: str) -> Batch:
    """Write down that nobody knows what became of a submission."""
    with database.read() as c:
        asked = [one for one in submissions.questions(c, handed.id) if one.state == requests.SENT]
    written = Batch(
        failures=[books.unknown(one.image_id) for one in asked],
        settled=[(one.id, requests.UNKNOWN, "cancelled") for one in asked],
    )
    books.commit(written)
    with database.write() as c:
        submissions.change(c, handed.id, state=submissions.LOST, message=message)
    return written
