"""What one widget shows: a frozen order of images that only a search, a sort or a request moves.

An excluded image ghosts in place; the grid closes up on the next search. New images at the end simply appear,
others are counted until the person asks for them.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.widgets.wire import WireError

if TYPE_CHECKING:
    from lorairo.query import Snapshot
    from lorairo.view import View


class Session:
    """The order a widget shows and where the selection lies in it."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._lock = threading.RLock()
        self._order: Snapshot | None = None
        self.version = 0
        self.closed = False

    @property
    def order(self) -> Snapshot:
        """The frozen snapshot; taken at the first look."""
        order = self._order
        return order if order is not None else self.refresh()

    def refresh(self) -> Snapshot:
        """Take the contents as they are now."""
        with self._lock:
            snapshot = self.view.shown.snapshot
            if self._order is None or not np.array_equal(self._order.ids, snapshot.ids):
                self.version += 1
            self._order = snapshot
            return snapshot

    def follow(self) -> int:
        """Adopt images that only came at the end; return how many others are new."""
        with self._lock:
            held = self.order.ids
            now = self.view.shown.snapshot
            if len(now.ids) > len(held) and np.array_equal(now.ids[: len(held)], held):
                self._order = now
                self.version += 1
                return 0
            return int(np.isin(now.ids, held, invert=True).sum())

    def at(self, version: Any) -> np.ndarray:
        """Return the ids of a version the browser names, which must be the one shown."""
        with self._lock:  # a new order between the check and the look would name other images
            if version != self.version:
                raise WireError("the order has changed since", kind="stale")
            return self.order.ids

    def positions(self, ids: np.ndarray) -> np.ndarray:
        """Return sorted positions of images in the order shown; strangers are left out."""
        order = self.order.ids
        if not len(order) or not len(ids):
            return np.empty(0, dtype=np.int64)
        sorter = np.argsort(order, kind="stable")
        places = np.searchsorted(order, ids, sorter=sorter)
        places = np.minimum(places, len(order) - 1)
        found = sorter[places]
        return np.sort(found[order[found] == ids])

    def selection(self) -> dict[str, Any]:
        """Return the selection as ranges of positions."""
        selected = self.view.lens.selected
        there = selected[np.isin(selected, self.view.project.index.ids)]  # without what was deleted since
        return {"ranges": ranges_of(self.positions(there)), "count": len(there)}


def ranges_of(places: np.ndarray) -> list[list[int]]:
    """Turn sorted positions into half-open ranges."""
    if not len(places):
        return []
    breaks = np.flatnonzero(np.diff(places) != 1) + 1
    starts = places[np.concatenate(([0], breaks))]
    stops = places[np.concatenate((breaks - 1, [len(places) - 1]))] + 1
    return [[int(a), int(b)] for a, b in zip(starts, stops, strict=True)]


def places_of(ranges: Any, total: int) -> np.ndarray:
    """Turn half-open ranges from the browser into a mask of positions."""
    mask = np.zeros(total, dtype=bool)
    for pair in ranges or []:
        start, stop = int(pair[0]), int(pair[1])
        if not 0 <= start <= stop <= total:
            raise WireError(f"positions {start} to {stop} are not among {total} images", kind="stale")
        mask[start:stop] = True
    return mask
