"""The live index of an open project: one published, immutable value that follows the database.

Writers publish under one lock; readers take the current value and no lock.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from psygnal import Signal

from lorairo.config import config
from lorairo.query import Index
from lorairo.store import Change

if TYPE_CHECKING:
    from lorairo.store import Database


class Live:
    """Keeps `Index` up to date with a database.

    Attributes
    ----------
    published
        Emitted with the change after a new index is in place, in the thread that made the change.
    """

    published = Signal(Change)

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.RLock()
        self._index: Index | None = None
        database.changed.connect(self._follow)

    @property
    def index(self) -> Index:
        """The current index; loaded at the first use."""
        index = self._index
        if index is None:
            with self._lock:
                if self._index is None:
                    self._index = Index.load(self._database, tokenizer=config.tokenizer)
                index = self._index
        return index

    def _follow(self, change: Change) -> None:
        with self._lock:
            if self._index is not None:
                self._index = self._index.updated(self._database, change)
        self.published.emit(change)

    def close(self) -> None:
        """Stop following."""
        self._database.changed.disconnect(self._follow, missing_ok=True)
        self._index = None
