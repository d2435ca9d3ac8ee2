"""Tags of images in long form: effective, suggested, rejected; with the model and score behind each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import select

from lorairo.store import state
from lorairo.store.blobs import REJECTED, SCORED, SOURCE_NAMES
from lorairo.store.fold import overlay
from lorairo.store.schema import tag
from lorairo.store.statements import chunks, fetch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from sqlalchemy import Connection

Row = tuple[int, str, str, str | None, str | None, float | None]


def tag_rows(c: Connection, ids: NDArray[np.int64]) -> Iterator[Row]:
    """Yield image_id, tag, state, source, model, score; images by id, effective tags first and in order."""
    names = dict(fetch(c, select(tag.c.id, tag.c.name)))
    for part in chunks(ids.tolist(), state.PART):
        held = state.stored(c, np.array(part, dtype=np.int64))
        said, effective = held.said, overlay(held.under, held.said)
        best = _best(c, held.ids)
        for row, image_id in enumerate(held.ids.tolist()):
            yield from _of_image(
                image_id,
                effective.values[effective.offsets[row] : effective.offsets[row + 1]].tolist(),
                said.values[said.offsets[row] : said.offsets[row + 1]],
                best[row],
                names,
            )


def _best(c: Connection, ids: NDArray[np.int64]) -> list[dict[int, tuple[str, float]]]:
    """Return, per image, the model with the highest score of each tag."""
    best: list[dict[int, tuple[str, float]]] = [{} for _ in range(len(ids))]
    for entry in state.evidence_for(c, ids):
        provider, _, name = entry.model.partition("/")
        known = best[entry.row]
        for number, score in np.frombuffer(entry.tags, SCORED).tolist():
            if provider == "file":
                known.setdefault(number, ("file", float("nan")))
            elif number not in known or not known[number][1] >= score:
                known[number] = (name, score)
    return best


def _of_image(
    image_id: int,
    effective: list[tuple[int, int]],
    said: NDArray[np.void],
    best: dict[int, tuple[str, float]],
    names: dict[int, str],
) -> Iterator[Row]:
    rejected = said["tag"][said["state"] == REJECTED].tolist()
    for number, source in effective:
        yield (image_id, names[number], "effective", SOURCE_NAMES[source], *_who(best, number))
    for number in rejected:
        yield (image_id, names[number], "rejected", None, *_who(best, number))
    done = {number for number, _ in effective} | set(rejected)
    others = [(number, entry) for number, entry in best.items() if number not in done]
    for number, (who, score) in sorted(others, key=lambda item: (-item[1][1], names[item[0]])):
        yield (image_id, names[number], "suggested", "model", who, score)


def _who(best: dict[int, tuple[str, float]], number: int) -> tuple[str | None, float | None]:
    who, score = best.get(number, (None, None))
    known = who not in {None, "file"}
    return (who, score) if known else (None, None)
