"""Evidence of a recipe, said again in another project."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.store import evidence, log, portable
from lorairo.store.blobs import SCORED, Ragged
from lorairo.store.evidence import AnnotationRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.recipes.companion import Companion
    from lorairo.store import Database


class Teller:
    """Writes evidence into a project, in the order it once arrived.

    Parameters
    ----------
    database
        Of the project.
    companion
        Where the evidence is.
    ids
        By place in the companion: the image of this project, -1 where it has none.
    """

    def __init__(self, database: Database, companion: Companion, ids: NDArray[np.int64]) -> None:
        self._database = database
        self._companion = companion
        self._ids = ids
        self._models: list[int] = []
        self._know(0)

    def _know(self, before: int) -> None:
        """Make the models known that were known before an act."""
        with self._database.write() as c:
            for row in self._companion.header["models"][len(self._models) :]:
                if row["first"] > before:
                    break
                identity = (row["provider"], row["model"], row["revision"], row["parameters"], row["kind"])
                self._models.append(evidence.model_id(c, *identity, defaults=row["defaults"]))

    def tell(self, before: int) -> None:
        """Say what was said before an act."""
        self._know(before)
        for part in self._companion.parts("answers", before):
            with log.evidence_write(self._database) as c:
                self._answers(c, part)
        for part in self._companion.parts("scores", before):
            with self._database.write() as c:
                self._scores(c, part)

    def _answers(self, c: Connection, part: dict[str, Any]) -> None:
        images, models = self._ids[part["image"]].tolist(), part["model"].tolist()
        blobs = self._named(c, part)
        rows = [
            AnnotationRow(
                image,
                self._models[models[k]],
                tags=blobs[k] if part["tagged"][k] else None,
                **{name: part[name][k] for name in portable.SAID},
            )
            for k, image in enumerate(images)
            if image >= 0
        ]
        # Model by model, as they came: what a revision brings along must not reach answers before it.
        for _model, said in groupby(rows, key=lambda row: row.model_id):
            some = list(said)
            evidence.record(c, some)
            log.refresh(c, [row.image_id for row in some])

    def _named(self, c: Connection, part: dict[str, Any]) -> list[bytes]:
        """Return the tags of each answer, with their numbers in this project."""
        used = np.unique(part["tag"])
        names: Sequence[list[Any]] = self._companion.header["tags"]
        here = evidence.tag_ids(c, [(names[tag][0], names[tag][1]) for tag in used.tolist()])
        values = np.empty(len(part["tag"]), dtype=SCORED)
        values["tag"], values["score"] = here[np.searchsorted(used, part["tag"])], part["score"]
        rows = np.repeat(np.arange(len(part["count"])), part["count"])
        return Ragged.grouped(values, rows, len(part["count"])).split()

    def _scores(self, c: Connection, part: dict[str, Any]) -> None:
        scorers = self._companion.header["scorers"]
        widths = np.array([len(row["names"]) for row in scorers], dtype=np.int64)[part["scorer"]]
        ends = np.cumsum(widths)
        for place in np.unique(part["scorer"]).tolist():
            row = scorers[place]
            mine = np.flatnonzero((part["scorer"] == place) & (self._ids[part["image"]] >= 0))
            if not len(mine):
                continue
            values = np.stack([part["values"][ends[k] - widths[k] : ends[k]] for k in mine])
            number = evidence.scorer_id(c, row["name"], row["version"], row["names"])
            evidence.record_scores(c, number, self._ids[part["image"][mine]], values)
