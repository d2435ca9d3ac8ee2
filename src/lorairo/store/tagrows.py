"""Tags of images in long form: effective, suggested, rejected; with the model and score behind each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from sqlalchemy import select

from lorairo.store import state
from lorairo.store.blobs import REJECTED, SOURCE_NAMES
from lorairo.store.fold import overlay
from lorairo.store.said import Said
from lorairo.store.schema import tag
from lorairo.store.statements import chunks, fetch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from sqlalchemy import Connection

Row = tuple[int, str, str, str | None, str | None, float | None, str | None]


def tag_rows(c: Connection, ids: NDArray[np.int64]) -> Iterator[Row]:
    """Yield image_id, tag, state, source, model, score, revision.

    Images come by id; of each the effective tags first, in their order.
    """
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


class _Naming(NamedTuple):
    """What names a tag of an image; the larger one is told: what counts, then what is surer."""

    counts: bool
    score: float
    model: str | None = None
    revision: str | None = None

    def told(self) -> tuple[str | None, float | None, str | None]:
        """Return model, score and revision; nothing of a file."""
        return (None, None, None) if self.model is None else (self.model, self.score, self.revision)


_NOBODY = _Naming(counts=False, score=-1.0)


def _best(c: Connection, ids: NDArray[np.int64]) -> list[dict[int, _Naming]]:
    """Return, per image and tag, the model with the highest score that its cut lets through, or at all."""
    evidence = state.evidence_for(c, ids)
    said = Said.of(len(ids), evidence)
    over = said.over(state.cuts(c), state.tag_table(c))
    whose = {(entry.row, entry.model): (entry.model.partition("/")[2], entry.revision) for entry in evidence}
    best: list[dict[int, _Naming]] = [{} for _ in range(len(ids))]
    columns = (said.row, said.tag, said.score, said.model, over)
    for row, number, score, model, counts in zip(*(part.tolist() for part in columns), strict=True):
        entry = _NOBODY
        if model >= 0:
            entry = _Naming(counts, score, *whose[row, said.models[model]])
        best[row][number] = max(best[row].get(number, _NOBODY), entry, key=lambda naming: naming[:2])
    return best


def _of_image(
    image_id: int,
    effective: list[tuple[int, int]],
    said: NDArray[np.void],
    best: dict[int, _Naming],
    names: dict[int, str],
) -> Iterator[Row]:
    rejected = said["tag"][said["state"] == REJECTED].tolist()
    for number, source in effective:
        told = best.get(number, _NOBODY).told()
        yield (image_id, names[number], "effective", SOURCE_NAMES[source], *told)
    for number in rejected:
        yield (image_id, names[number], "rejected", None, *best.get(number, _NOBODY).told())
    done = {number for number, _ in effective} | set(rejected)
    others = [(number, entry) for number, entry in best.items() if number not in done]
    for number, entry in sorted(others, key=lambda item: (-item[1].score, names[item[0]])):
        yield (image_id, names[number], "suggested", "model", *entry.told())
