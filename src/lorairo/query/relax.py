"""For a search that matches nothing: what leaving out one part would give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lorairo.query.evaluate import evaluate
from lorairo.query.tree import And, Everything, Node, Order, conjunction, hides_excluded
from lorairo.query.unparse import unparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lorairo.query.index import Index


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A search with one part left out: the part, the search without it, and what that would match."""

    term: str
    query: str
    count: int


def relaxations(
    node: Node, index: Index, *, within: NDArray[np.bool_] | None = None, everything: bool = False
) -> list[Relaxation]:
    """Count what a search would match without each of its parts.

    Parameters
    ----------
    node
        The search.
    index
        What it is asked of.
    within
        Mask of the images it may match at all; None for the whole project.
    everything
        Count excluded images too, even where the search does not ask for them.

    Returns
    -------
    list of Relaxation
        One per part joined by AND, in the order typed; orders are no parts.
    """
    parts = [
        part for part in (node.parts if isinstance(node, And) else (node,)) if not isinstance(part, Order)
    ]
    kept_orders = tuple(
        part for part in (node.parts if isinstance(node, And) else ()) if isinstance(part, Order)
    )
    if parts == [Everything()]:
        return []
    masks = [evaluate(part, index) for part in parts]
    misses = np.zeros(len(index), dtype=np.int32)
    for mask in masks:
        misses += ~mask
    found = []
    for number, part in enumerate(parts):
        # without this part an image matches if it misses nothing, or this part only
        mask = misses == ~masks[number]
        rest = conjunction((*parts[:number], *parts[number + 1 :], *kept_orders))
        if within is not None:
            mask &= within
        if not everything and hides_excluded(rest):
            mask &= ~index.column("excluded")
        found.append(Relaxation(unparse(part), unparse(rest), int(np.count_nonzero(mask))))
    return found
