"""Evidence as it travels between projects: what models and scorers said, in the order they said it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import null, select

from lorairo.store.schema import annotation, image, model, path, score, scorer, tag
from lorairo.store.statements import fetch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

SAID = ("caption", "rating", "confidence", "seconds", "tokens_in", "tokens_out", "cost")
"""What an answer holds besides tags; the raw answer, before it was parsed, does not travel."""

_PART = 1024  # answers in memory at a time: each is some kilobytes

_WHEN = ("image_id", "model_id", "at")

IMPORTED = "quality"
"""Name of the scorer whose values come with the pictures themselves."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said about an image; ids are those of this project."""

    image: int
    model: int
    at: float
    tags: bytes | None
    said: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """What a scorer said about an image."""

    image: int
    scorer: int
    at: float
    values: bytes


def contents(c: Connection) -> list[tuple[int, bytes, str]]:
    """Return id, content hash and name of every image, in the order of the hashes."""
    found = fetch(c, select(image.c.id, image.c.sha256).order_by(image.c.sha256))
    query = select(path.c.image_id, path.c.name).where(path.c.image_id.is_not(None))
    names = dict(fetch(c, query.order_by(path.c.missing.desc(), path.c.id.desc())))
    return [(number, bytes(sha), names.get(number, "")) for number, sha in found]


def models(c: Connection) -> list[dict[str, Any]]:
    """Return the models that may have answered, oldest first; files beside images are none."""
    query = select(model).where(model.c.provider != "file").order_by(model.c.id)
    return [{**row, "parameters": json.loads(row["parameters"])} for row in c.execute(query).mappings()]


def scorers(c: Connection) -> list[dict[str, Any]]:
    """Return the scorers that were run, oldest first."""
    query = select(scorer).where(scorer.c.name != IMPORTED).order_by(scorer.c.id)
    return [dict(row) for row in c.execute(query).mappings()]


def answers(c: Connection, *, whole: bool = True) -> Iterator[Answer]:
    """Yield every answer of a model, in the order they were kept; or only who, about which image, when."""
    names = ("image_id", "model_id", "at", "tags", *SAID)
    columns = [annotation.c[name] if whole or name in _WHEN else null() for name in names]
    query = select(*columns).join(model, model.c.id == annotation.c.model_id)
    result = c.execute(query.where(model.c.provider != "file").order_by(annotation.c.id))
    while rows := result.cursor.fetchmany(_PART) if result.cursor is not None else []:
        yield from (Answer(row[0], row[1], row[2], row[3], tuple(row[4:])) for row in rows)
    result.close()


def scores(c: Connection) -> list[Score]:
    """Return every answer of a scorer, in the order they were kept."""
    columns = (score.c[name] for name in ("image_id", "scorer_id", "at", "values"))
    query = select(*columns).join(scorer, scorer.c.id == score.c.scorer_id).where(scorer.c.name != IMPORTED)
    rows = fetch(c, query.order_by(score.c.at, score.c.scorer_id, score.c.image_id))
    return [Score(*row) for row in rows]


def vocabulary(c: Connection) -> Sequence[tuple[int, str, int]]:
    """Return id, name and category of every tag."""
    return [(row[0], row[1], row[2]) for row in fetch(c, select(tag.c.id, tag.c.name, tag.c.category))]
