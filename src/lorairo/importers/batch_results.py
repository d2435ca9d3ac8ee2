"""Results of batch APIs from files: those of this project, and those that were made elsewhere."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.errors import ArgumentError, NotFoundError
from lorairo.importers.report import reasons
from lorairo.inference.registry import find
from lorairo.plaintext import printable
from lorairo.services.asking import Service
from lorairo.services.bookkeeping import Books
from lorairo.services.collecting import keep
from lorairo.services.endpoint import reader_of
from lorairo.services.handing import custom_id, row_of
from lorairo.services.prices import price_of
from lorairo.services.run import costs
from lorairo.services.wishes import Wishes
from lorairo.store import evidence, requests, submissions
from lorairo.store.identities import Identities

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd
    from numpy.typing import NDArray

    from lorairo.inference.specs import ModelSpec
    from lorairo.services.calls import Outcome
    from lorairo.store import Database
    from lorairo.store.submissions import Question

    Images = Mapping[str, int | str]

_CONTENT = re.compile(r"[0-9a-fA-F]{64}")
_LOOK = re.compile(r"([0-9a-fA-F]{16})(?:[_-](\d{1,6}))?")
_OURS = re.compile(r"r\d+-([0-9a-f]{16})")
_SHOWN = 5
_NOBODY = b"\0" * 32  # the digest of words and pictures that nobody here has seen
_ANY = (requests.SENT, requests.UNKNOWN, requests.FAILED, requests.DROPPED)
_ELSEWHERE = 0  # the job of questions that were asked elsewhere


@dataclass(frozen=True)
class ResultsReport:
    """The result of importing results of batch APIs.

    Attributes
    ----------
    answered, failed, known
        Image ids, int64: with an answer that is new here; with a question that came to nothing; with an
        answer of the same model that was here before, which stays.
    unknown
        DataFrame of ``path``, with the line, and ``reason``: lines that are about no image here.
    """

    answered: NDArray[np.int64]
    failed: NDArray[np.int64]
    known: NDArray[np.int64]
    unknown: pd.DataFrame

    def __repr__(self) -> str:
        """Return counts and the first reasons."""
        counts = [
            (len(self.answered), "answered"),
            (len(self.failed), "failed"),
            (len(self.known), "known already"),
            (len(self.unknown), "line passed over" if len(self.unknown) == 1 else "lines passed over"),
        ]
        parts = [f"{count:,} {what}" for count, what in counts if count] or ["no results found"]
        rows = self.unknown.head(_SHOWN).itertuples(index=False)
        lines = [f"  {printable(place)}: {printable(reason)}" for place, reason in rows]
        if len(self.unknown) > _SHOWN:
            lines.append(f"  ...: {len(self.unknown) - _SHOWN:,} more in .unknown")
        return "\n".join([" · ".join(parts), *lines])


@dataclass(frozen=True)
class _Line:
    """A line of results: where it stands, whose form it has, what it is about, how it ended."""

    place: str
    backend: str
    name: str
    outcome: Outcome


def import_results(
    database: Database,
    source: Path,
    *,
    model: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    images: Images | None = None,
) -> ResultsReport:
    """Read results of OpenAI, Anthropic or Gemini, and write down what they say.

    Parameters
    ----------
    source
        A file of lines of JSON, or a folder with such files.
    model
        Who answered what was asked elsewhere; by default as the results say.
    parameters
        How that was asked, as of ``view.annotate``.
    images
        Image id, content hash or file name by custom id, where the custom ids do not say it themselves.
    """
    spec = None if model is None else _asked(model, parameters)
    lines, unknown = _read(source)
    report = _Import(database, unknown)
    rest = report.ours(lines)
    report.others(rest, spec, parameters, images or {})
    return report.done()


class _Import:
    """Writes results down, and counts what became of them."""

    def __init__(self, database: Database, unknown: list[tuple[str, str]]) -> None:
        self._database = database
        self._unknown = unknown
        self._answered: set[int] = set()
        self._failed: set[int] = set()
        self._known: set[int] = set()

    def done(self) -> ResultsReport:
        """Return the report."""
        answered, failed, known = (
            np.array(sorted(ids), np.int64) for ids in (self._answered, self._failed, self._known)
        )
        return ResultsReport(answered, failed, known, reasons(self._unknown))

    def ours(self, lines: list[_Line]) -> list[_Line]:
        """Write down answers to questions of this project; return the other lines."""
        numbers = [number for line in lines if (number := row_of(line.name)) is not None]
        with self._database.read() as c:
            asked = {custom_id(one): one for one in submissions.known_questions(c, numbers)}
        by_model: dict[int, list[tuple[Question, Outcome]]] = defaultdict(list)
        for line in lines:
            if one := asked.get(line.name):
                by_model[one.model_id].append((one, line.outcome))
        for number, came in by_model.items():
            with self._database.read() as c:
                provider, name, told = submissions.model_of(c, number)
            books = self._books(provider, name, Service.model_validate(told["service"]))
            self._keep(books, provider, name, came)
        return [line for line in lines if line.name not in asked]

    def others(
        self,
        lines: list[_Line],
        spec: ModelSpec | None,
        parameters: Mapping[str, Any] | None,
        images: Images,
    ) -> None:
        """Write down answers to questions that were asked elsewhere."""
        with self._database.read() as c:
            known = Identities(c)
        by_model: dict[str, list[tuple[int, Outcome]]] = defaultdict(list)
        specs = {} if spec is None else {spec.id: spec}
        for line in lines:
            called = spec.id if spec else f"{line.backend}/{line.outcome.model}"
            found = _meant(line.name, images, known)
            if isinstance(found, str):
                self._unknown.append((line.place, found))
            elif spec is None and not line.outcome.model:
                self._unknown.append((line.place, 'it does not say which model answered: give model="..."'))
            else:
                by_model[called].append((found, line.outcome))
        for called, came in by_model.items():
            self._asked_elsewhere(specs.get(called) or _asked(called, parameters), dict(came))

    def _asked_elsewhere(self, spec: ModelSpec, came: dict[int, Outcome]) -> None:
        assert spec.service is not None
        books = self._books(spec.provider, spec.name, spec.service)
        wanted = [requests.Intent(image_id, _NOBODY, _NOBODY) for image_id in came]
        with self._database.write() as c:
            rows = requests.intend(c, books.model_id, _ELSEWHERE, wanted)
            asked = submissions.known_questions(c, rows.values())
        self._known |= came.keys() - rows.keys()
        self._keep(books, spec.provider, spec.name, [(one, came[one.image_id]) for one in asked])

    def _books(self, provider: str, name: str, service: Service) -> Books:
        books = Books(self._database, provider, name, service, _ELSEWHERE)
        books.begin(np.empty(0, np.int64), Wishes())
        return books

    def _keep(self, books: Books, provider: str, name: str, came: list[tuple[Question, Outcome]]) -> None:
        """Write down what is news: an answer wherever there was none, a failure where nobody knew."""
        news = []
        with self._database.read() as c:
            ids = np.unique(np.array([one.image_id for one, _ in came], np.int64))
            answered = set(evidence.answered(c, books.model_id, ids).tolist())
        for one, outcome in came:
            open_still = one.state in (requests.SENT, requests.UNKNOWN)
            if one.image_id not in answered and (outcome.ending == "ok" or open_still):
                news.append((one, outcome))
            else:
                self._known.add(one.image_id)
        cost = costs(price_of(provider, name), batch=True)
        written = keep(self._database, books, news, cost, states=_ANY)
        self._answered |= {row.image_id for _, row in written.rows}
        self._failed |= {one.image_id for one in written.failures}


def _asked(model: str, parameters: Mapping[str, Any] | None) -> ModelSpec:
    spec = find(model)
    if spec.service is None:
        raise ArgumentError(f"{model} runs here: results are those of models that others run")
    return spec.asked(parameters) if parameters else spec


def _read(source: Path) -> tuple[list[_Line], list[tuple[str, str]]]:
    """Read lines; those that are no results with the reason."""
    found, unknown = [], []
    for place, line in _lines(source):
        try:
            backend = _form(json.loads(line))
            found.append(_Line(place, backend, *reader_of(backend)(line)))
        except ValueError as error:
            unknown.append((place, f"no results of a batch: {error}"))
    return found, unknown


def _lines(source: Path) -> Iterator[tuple[str, bytes]]:
    if not source.exists():
        raise NotFoundError(f"{source} does not exist: name a file of results, or a folder with some")
    files = sorted(source.rglob("*.jsonl")) if source.is_dir() else [source]
    for file in files:
        for number, line in enumerate(file.read_bytes().split(b"\n"), start=1):
            if line.strip():
                yield f"{file.name}:{number}", line


def _form(said: Any) -> str:
    """Say whose results a line looks like."""
    keys = said.keys() if isinstance(said, dict) else set()
    if "key" in keys:
        return "google"
    if "custom_id" in keys and "result" in keys:
        return "anthropic"
    if "custom_id" in keys and keys & {"response", "error"}:
        return "openai"
    raise ValueError("it has the form of no provider")


def _meant(name: str, images: Images, known: Identities) -> int | str:
    """Return the image that a custom id means, or why there is none."""
    called = images.get(name, name)
    found = known.of_id(called) if isinstance(called, int) else _candidates(called, known)
    if len(found) == 1:
        return found.pop()
    if found:
        return f"{called} may be any of {len(found)} images"
    return f"there is no image {called}"


def _candidates(called: str, known: Identities) -> set[int]:
    if _CONTENT.fullmatch(called):
        return set(known.of_content(called))
    if ours := _OURS.fullmatch(called):  # of another project with the same images
        return set(known.of_content(ours[1]))
    if look := _LOOK.fullmatch(called):
        found = known.of_look(look[1], int(look[2]) if look[2] else None)
        return set(found or known.of_name(called))
    return set(known.of_name(called))
