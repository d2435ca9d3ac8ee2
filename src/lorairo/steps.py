"""The steps a view is made of: each narrows or orders positions of the index, none holds data of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from lorairo.plaintext import literal
from lorairo.query import evaluate, hides_excluded, order_positions, sample_positions, unparse

if TYPE_CHECKING:
    from lorairo.query import Index, Node


class Step(Protocol):
    """One narrowing or ordering of a view."""

    def apply(self, index: Index, positions: np.ndarray) -> np.ndarray:
        """Return the positions that remain, in order."""
        ...

    def text(self) -> str:
        """Return the search that says the same, or a comment in brackets where none can."""
        ...


@dataclass(frozen=True, slots=True)
class Where:
    """A search."""

    node: Node

    def apply(self, index: Index, positions: np.ndarray) -> np.ndarray:
        """Keep what matches; an ``order:`` in the search sorts."""
        mask = evaluate(self.node, index)
        return order_positions(self.node, index, positions[mask[positions]])

    def text(self) -> str:
        """Return the canonical search."""
        return unparse(self.node)


@dataclass(frozen=True, slots=True)
class Included:
    """The default filter: without the excluded."""

    def apply(self, index: Index, positions: np.ndarray) -> np.ndarray:
        """Drop excluded images."""
        kept: np.ndarray = positions[~index.column("excluded")[positions]]
        return kept

    def text(self) -> str:
        """Return nothing: it is the default."""
        return ""


@dataclass(frozen=True, slots=True)
class Sort:
    """An order by a column or score; a leading minus is descending."""

    key: str

    def apply(self, index: Index, positions: np.ndarray) -> np.ndarray:
        """Sort, unknown values last, ties by id."""
        return order_positions(self.key, index, positions)

    def text(self) -> str:
        """Return the ``order:`` term."""
        return f"order:{self.key}"


@dataclass(frozen=True, slots=True)
class Sample:
    """A few images, chosen by hash of seed and content."""

    count: int
    seed: int

    def apply(self, index: Index, positions: np.ndarray) -> np.ndarray:
        """Keep `count` positions in their order."""
        return sample_positions(index, positions, self.count, self.seed)

    def text(self) -> str:
        """Return a note."""
        return f"[sample of {self.count}, seed {self.seed}]"


@dataclass(frozen=True, slots=True)
class Part:
    """A slice by position."""

    part: slice

    def apply(self, index: Index, positions: np.ndarray) -> np.ndarray:  # noqa: ARG002 - the interface of a step
        """Cut."""
        return positions[self.part]

    def text(self) -> str:
        """Return a note."""
        parts = [self.part.start, self.part.stop]
        if self.part.step is not None:
            parts.append(self.part.step)
        return f"[{':'.join('' if part is None else str(part) for part in parts)}]"


@dataclass(frozen=True, slots=True, eq=False)
class Chosen:
    """Named images, in the order given."""

    ids: np.ndarray

    def apply(self, index: Index, positions: np.ndarray) -> np.ndarray:
        """Keep those that still are there."""
        _, first = np.unique(self.ids, return_index=True)
        ids = self.ids[np.sort(first)]  # an image is in a view once
        places = np.searchsorted(index.ids, ids[np.isin(ids, index.ids)])
        present = np.zeros(len(index.ids), dtype=bool)
        present[positions] = True
        return places[present[places]]

    def text(self) -> str:
        """Return the ids while they are few."""
        if not len(self.ids):
            return "[nothing chosen]"
        if len(self.ids) <= 20:  # noqa: PLR2004 - what fits a line
            return "id:" + ",".join(str(i) for i in self.ids)
        return f"[{len(self.ids):,} chosen images]"


def run(steps: tuple[Step, ...], index: Index) -> np.ndarray:
    """Evaluate a view's steps over an index, giving positions in order."""
    positions = np.arange(len(index.ids))
    for step in steps:
        positions = step.apply(index, positions)
    return positions


def expression(steps: tuple[Step, ...]) -> str | None:
    """Return a view as Python, as a person would type it; None when images were chosen one by one."""
    hidden, rest = steps[:1] == (Included(),), steps
    if hidden:
        rest = steps[1:]
    search, everything = "", not hidden
    if rest and isinstance(first := rest[0], Where):
        search, rest = literal(first.text()), rest[1:]
        if hidden and not hides_excluded(first.node):
            return None
        everything = not hidden and hides_excluded(first.node)
    arguments = [part for part in (search, "everything=True" if everything else "") if part]
    calls = [_call(step) for step in rest]
    if None in calls:
        return None
    return f"project.view({', '.join(arguments)})" + "".join(call for call in calls if call)


def _call(step: Step) -> str | None:
    match step:
        case Where():
            return f".where({literal(step.text())})"
        case Sort():
            return f".sort({literal(step.key)})"
        case Sample():
            return f".sample({step.count}, seed={step.seed})"
        case Part():
            return step.text()
        case _:
            return None


def default_filter(node: Node | None) -> tuple[Step, ...]:
    """Return the step that hides excluded images, unless the search asks for them."""
    return () if node is not None and not hides_excluded(node) else (Included(),)


def lifted(steps: tuple[Step, ...], node: Node) -> tuple[Step, ...]:
    """Return the steps a search narrows: without the default filter where it asks for excluded images.

    Images that were counted off (a slice, a sample) stay those they are.
    """
    counted = any(isinstance(step, Part | Sample) for step in steps)
    if counted or hides_excluded(node) or steps[:1] != (Included(),):
        return steps
    return steps[1:]
