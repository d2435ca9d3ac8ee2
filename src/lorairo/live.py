"""The live index of an open project: one published, immutable value that follows the database.

Writers publish under one lock; readers take the current value and no lock.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

from psygnal import Signal

from lorairo.config import changed as setting_changed
from lorairo.config import load
from lorairo.query.keeper import Keeper
from lorairo.store import Change
from lorairo.store.changes import ALL_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lorairo.query import Index
    from lorairo.store import Database


_EVERYTHING = Change(ALL_KINDS)


class Live:
    """Keeps `Index` up to date with a database.

    Attributes
    ----------
    published
        Emitted with the change after a new index is in place, in the thread that made the change.
    """

    published = Signal(Change, reemission="immediate")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.RLock()
        self._index: Index | None = None
        self._stale = False
        self._keeper = Keeper(database)
        database.changed.connect(self._follow)
        setting_changed.connect(self._set)

    @property
    def index(self) -> Index:
        """The current index; loaded at the first use."""
        index = self._index
        if index is None or self._stale:
            with self._lock:
                if self._index is None:
                    self._index = self._keeper.load(tokenizer=load(self._database.folder).tokenizer)
                elif self._stale:
                    self._index = self._index.updated(self._database, _EVERYTHING)
                self._stale = False
                index = self._index
        return index

    @contextlib.contextmanager
    def ahead(self, make: Callable[[Index], Index], kinds: Iterable[str]) -> Iterator[None]:
        """Show at once what is being saved inside; what cannot be saved is taken back.

        Parameters
        ----------
        make
            Gives the index as it will be.
        kinds
            What is different in it.
        """
        change = Change(frozenset(kinds))
        with self._lock:
            self._index = make(self.index)
        self.published.emit(change)
        try:
            yield
        except BaseException:
            with self._lock:
                self._stale = True
            self.published.emit(change)
            raise

    def _follow(self, change: Change) -> None:
        with self._lock:
            if self._index is not None:
                self._keeper.changed()
            if self._index is not None and not self._stale:
                # An interrupt, or a database that is away for a moment, costs a reload and never a change.
                self._stale = True
                self._index = self._index.updated(self._database, change)
                self._stale = False
        self.published.emit(change)

    def _set(self, key: str) -> None:
        """Count tokens anew, and search by other categories, when another tokenizer or vocabulary was set."""
        if key not in {"tokenizer", "vocabulary"}:
            return
        with self._lock:
            if self._index is not None:
                self._index = self._index.counting(load(self._database.folder).tokenizer)
        self.published.emit(Change(frozenset({"captions", "tags"})))

    def close(self) -> None:
        """Stop following."""
        setting_changed.disconnect(self._set, missing_ok=True)
        self._database.changed.disconnect(self._follow, missing_ok=True)
        self._keeper.close()
        with self._lock:
            self._index = None
