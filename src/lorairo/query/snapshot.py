"""What a view shows at one moment: ids in order, which never change under whoever holds them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from lorairo.query.index import Index


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Images in order. All arrays are read-only.

    Attributes
    ----------
    ids
        int64, image ids in the order shown.
    positions
        int64, their positions in the index of the same version.
    version
        Of the index it was taken from.
    query
        The search it answers.
    """

    ids: NDArray[np.int64]
    positions: NDArray[np.int64]
    version: int
    query: str = ""

    @classmethod
    def of(cls, index: Index, positions: NDArray[np.int64], query: str = "") -> Self:
        """Take positions of an index, in order."""
        held = np.array(positions, dtype=np.int64)
        ids = index.ids[held]
        held.setflags(write=False)
        ids.setflags(write=False)
        return cls(ids, held, index.version, query)

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.ids)

    @cached_property
    def _sorted(self) -> tuple[NDArray[np.int64] | None, NDArray[np.int64]]:
        """How to sort the ids, and the sorted ids; in the usual order, by id, they are sorted already."""
        if bool(np.all(self.ids[:-1] < self.ids[1:])):
            return None, self.ids
        order = np.argsort(self.ids, kind="stable")
        return order, self.ids[order]

    def places_of(self, ids: Iterable[int]) -> NDArray[np.int64]:
        """Return where images stand in the order shown, -1 for those that do not."""
        wanted = np.fromiter(ids, dtype=np.int64)
        order, ascending = self._sorted
        if not len(ascending):
            return np.full(len(wanted), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(ascending, wanted), len(ascending) - 1)
        places = at if order is None else order[at]
        return np.where(ascending[at] == wanted, places, -1)

    def position_of(self, image_id: int) -> int | None:
        """Return where an image stands in the order shown, or None when it does not."""
        place = int(self.places_of((image_id,))[0])
        return None if place < 0 else place
