"""A yes / no pass: which images are asked about one tag, in which order, and what the answers change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lorairo.errors import ArgumentError
from lorairo.passes.report import PassReport
from lorairo.results import Done
from lorairo.store import log, state, verdicts
from lorairo.store.cuts import CATEGORY_NAMES
from lorairo.tags import canonical

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lorairo.store.journal import Told
    from lorairo.view import View

ORDERS = ("uncertain", "score", "random")


class Questions:
    """Does this image have this tag? Asked about each image of a view that no person has answered yet.

    An answer is an ordinary acceptance or rejection of the tag: nothing else is kept, so what was answered in
    another kernel, or undone meanwhile, is known.

    Parameters
    ----------
    view
        The images; those that are in it now.
    tag
        The tag.
    model
        Whose scores order the questions and are judged; without one, the model that named the tag most.
    order
        ``uncertain``: nearest to the model's threshold first. ``score``: highest first. ``random``: by hash
        of the content, the only order after which the precision of a part is an estimate for the whole.
    again
        Ask about those too that were answered.
    """

    def __init__(
        self, view: View, tag: str, *, model: str | None = None, order: str = "uncertain", again: bool = False
    ) -> None:
        if order not in ORDERS:
            raise ArgumentError(f"a pass goes by {', '.join(ORDERS)}, not by {order!r}")
        self.tag = canonical(tag) if isinstance(tag, str) else ""
        if not self.tag:
            raise ArgumentError(f"a pass asks about one tag, not about {tag!r}")
        self.order = order
        self._view = view
        self._all: NDArray[np.int64] = view.ids
        self._key = None if model is None else view.project.model_key(model)
        scored = self._read_scores()
        self.model = _best(scored) if self._key is None else self._key
        if self.model is not None and self.model not in scored:
            raise ArgumentError(
                f"{self.model} has named {self.tag} on none of these {len(self._all):,} images"
            )
        self.models = sorted(scored)
        blank = np.full(len(self._all), verdicts.UNSAID, dtype=np.float32)
        self._scores = blank if self.model is None else scored[self.model]
        self.category = self._category()
        asked = np.flatnonzero((self.answers() == 0) | again)
        ranked = asked[self._ranks(asked)]
        self.ids: NDArray[np.int64] = self._all[ranked]
        self.scores: NDArray[np.float32] = self._scores[ranked]

    def _read_scores(self) -> dict[str, NDArray[np.float32]]:
        with self._view.project.database.read() as connection:
            return verdicts.scores_by_model(connection, self.tag, self._all)

    def _category(self) -> int:
        index = self._view.project.index
        tag = index.tag_id(self.tag)
        return 0 if tag is None else index.tag_category(tag)

    def _ranks(self, asked: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return in which order the questions come; what the model never saw comes last."""
        if self.order == "random":
            ids = self._all[asked]
            shuffled = self._view.project.view(everything=True)[ids].sort("random:0").ids
            sorter = np.argsort(ids)
            places: NDArray[np.int64] = sorter[np.searchsorted(ids, shuffled, sorter=sorter)]
            return places
        scores = self._scores[asked]
        limit = self.threshold
        if self.order == "score" or limit is None:
            first = -scores
        else:
            first = np.where(scores < 0, np.inf, np.abs(scores - limit))
        return np.argsort(first, kind="stable")

    @property
    def threshold(self) -> float | None:
        """From which score on the tag counts; None where it never does, or by gaps, or without a model."""
        if self.model is None:
            return None
        with self._view.project.database.read() as connection:
            cut = state.cuts(connection).models[self.model]
        return cut.of(self._view.project.index.tag_id(self.tag), self.category)

    def answers(self) -> NDArray[np.int8]:
        """Return what people said by now, by position in the view: 1 yes, -1 no, 0 nothing."""
        with self._view.project.database.read() as connection:
            return verdicts.decided_by_hand(connection, self.tag, self._all)

    @property
    def total(self) -> int:
        """Images of the view."""
        return len(self._all)

    def answer(self, image_id: int, *, yes: bool) -> Done:
        """Accept the tag on an image, or reject it: one operation, named in the history for the question."""
        project = self._view.project
        project.writable()
        one: View = project.view(everything=True)[[image_id]]
        told: Told = {
            "author": project.author,
            "query": one.query or None,
            "expression": one.expression,
            "label": f"Answered {'yes' if yes else 'no'} to {self.tag} on {project[image_id].name}",
        }
        if yes:
            return Done.of(log.add_tags(project.database, one.ids, [self.tag], **told))
        return Done.of(log.remove_tags(project.database, one.ids, [self.tag], everywhere=True, **told))

    def adopt(self, threshold: float) -> Done:
        """Set the model's threshold, which holds for all tags of this one's category."""
        if self.model is None:
            raise ArgumentError(f"no model has scored {self.tag}, so there is no threshold to set")
        limits: dict[str, Any] = {self.category_name: threshold}
        return self._view.threshold(self.model, **limits)

    @property
    def category_name(self) -> str:
        """What the policy calls the category."""
        return CATEGORY_NAMES.get(self.category, "general")

    def report(self, *, precision: float | None = None) -> PassReport:
        """Say what the answers given by now say about the model.

        Parameters
        ----------
        precision
            Suggest the lowest threshold that meets this, instead of the one with the best F1.
        """
        said = self.answers()
        given = np.flatnonzero(said)
        scores = np.where(self._scores < 0, np.nan, self._scores)
        frame = pd.DataFrame(
            {"answer": said[given] > 0, "score": scores[given]},
            index=pd.Index(self._all[given].copy(), name="image_id"),
        )
        return PassReport.of(self.tag, self.model, self.total, self.threshold, frame, precision)


def _best(scored: dict[str, NDArray[np.float32]]) -> str | None:
    """Return the model that named the tag most often."""
    return max(sorted(scored), key=lambda key: int((scored[key] > 0).sum()), default=None)
