"""What linked widgets narrowed and selected on a view; nothing here is saved in the project."""

from __future__ import annotations

import threading

import numpy as np
from psygnal import Signal


class Lens:
    """The search in the box and the selection, shared by the widgets of one view."""

    shown = Signal(str)
    chosen = Signal()

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.query = ""
        self.live = False
        self.selected = np.empty(0, dtype=np.int64)
        self.active: int | None = None
        self.revision = 0

    def show(self, query: str, *, live: bool = False) -> None:
        """Narrow to a search; empty shows the whole view.

        Parameters
        ----------
        query
            The search.
        live
            A brush is being dragged: what is shown follows, the text in the search box waits for the release.
        """
        with self._lock:
            changed = (query, live) != (self.query, self.live)
            self.query, self.live = query, live
        if changed:
            self.shown.emit(query)

    def selection(self) -> tuple[np.ndarray, int]:
        """Return the selected ids and how often the selection was made until now."""
        with self._lock:
            return self.selected, self.revision

    def select(self, ids: np.ndarray, *, active: int | None = None) -> None:
        """Select images.

        Parameters
        ----------
        ids
            Image ids, int64.
        active
            The image that the keyboard is on, if any.
        """
        ids = np.array(ids, dtype=np.int64)
        ids.setflags(write=False)
        with self._lock:
            self.selected = ids
            self.revision += 1
            self.active = active
        self.chosen.emit()
