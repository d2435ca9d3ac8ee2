"""What the cells of a laboratory have answered, as it stands in the project."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from lorairo.services.answer import Answer, Unreadable, parse
from lorairo.services.calls import REFUSED
from lorairo.store import requests, trials

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.laboratory.cells import Cell
    from lorairo.store import Database

Ending = Literal["answered", "refused", "failed", "left out", "not asked"]


_BEFORE = "refused before"


@dataclass(frozen=True)
class Reply:
    """What became of one image in one cell.

    Attributes
    ----------
    cell, image_id
        Who was asked about what.
    ending
        ``answered``, ``refused``, ``failed``, ``not asked``; or ``left out``, as the model refused the image
        when it was asked in other words.
    captions
        Texts by variant.
    tags
        As written.
    seconds
        It took; None where nobody measured.
    cost
        USD; 0 for models on this machine, None where nobody knows.
    why
        Of a failure: its kind.
    """

    cell: Cell
    image_id: int
    ending: Ending
    captions: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    seconds: float | None = None
    cost: float | None = None
    why: str = ""

    @property
    def text(self) -> str:
        """All of it as people compare it, each part under its name where there are several."""
        parts = dict(self.captions)
        if self.tags:
            parts["tags"] = ", ".join(self.tags)
        if len(parts) == 1:
            return next(iter(parts.values()))
        return "\n\n".join(f"{name}: {text}" for name, text in parts.items())


def replies(
    database: Database, cells: Sequence[Cell], ids: NDArray[np.int64]
) -> dict[tuple[str, int], Reply]:
    """Return what became of each image in each cell, by the cell's key and the image."""
    with database.read() as c:
        numbers = {cell.key: cell.number(c) for cell in cells}
        known = [number for number in numbers.values() if number is not None]
        said = trials.answers(c, known, ids) if known else {}
        asked = trials.requests(c, known, ids) if known else {}
        lost = {cell.model: _lost(c, cell, ids) for cell in cells}
    found = {}
    for cell in cells:
        number = numbers[cell.key]
        for image_id in ids.tolist():
            place = (image_id, -1 if number is None else number)
            found[cell.key, image_id] = _reply(
                cell, image_id, said.get(place), asked.get(place), lost[cell.model].get(image_id)
            )
    return found


def _lost(c: Connection, cell: Cell, ids: NDArray[np.int64]) -> dict[int, str]:
    """Return why a model would give no answer about images, however it is asked."""
    spec = cell.spec
    if cell.free:
        return trials.failed(c, spec.provider, spec.name, ids)
    ids = np.unique(ids)
    refused = requests.refused(c, spec.provider, spec.name, ids)
    never = requests.prohibited(c, spec.provider, ids)
    return dict.fromkeys([*refused.tolist(), *never.tolist()], _BEFORE)


def _reply(
    cell: Cell,
    image_id: int,
    answer: Mapping[str, Any] | None,
    request: Mapping[str, Any] | None,
    failure: str | None,
) -> Reply:
    cost = 0.0 if cell.free else None if request is None else request["cost"]
    if answer is not None:
        if not cell.free and answer["cost"] is not None:
            cost = max(answer["cost"], cost or 0.0)
        said = _said(cell, answer)
        tags = tuple(said.tags or ())
        return Reply(cell, image_id, "answered", said.captions, tags, answer["seconds"], cost)
    ending = failure if request is None else request["ending"]
    if ending is None:
        return Reply(cell, image_id, "not asked")
    if ending == _BEFORE:
        return Reply(cell, image_id, "left out", why=ending)
    return Reply(cell, image_id, "refused" if ending in REFUSED else "failed", cost=cost, why=ending)


def _said(cell: Cell, answer: Mapping[str, Any]) -> Answer:
    """Read an answer again as it came, where it holds more than one caption."""
    if not cell.free and answer["raw"]:
        with suppress(Unreadable):
            return parse(answer["raw"], cell.prompt)
    text = answer["caption"]
    return Answer({} if text is None else {"default": text})
