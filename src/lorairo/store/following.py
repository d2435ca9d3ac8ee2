"""Which commits were told to whoever listens, so that those of others are told once, and ours not again."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from lorairo.store import commits, news

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from lorairo.store.changes import Change


class Following:
    """Goes along with the commits of one database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started = False
        self._known: str | None = None
        self._mine: set[str] = set()  # our own since, where others came between

    def start(self, c: Connection) -> None:
        """Take what this snapshot shows as known, unless something is already."""
        with self._lock:
            if not self._started:
                self._started, self._known = True, commits.current(c)

    def committed(self, sealed: commits.Sealed | None) -> None:
        """Take note of a commit of our own; it is told by who made it."""
        with self._lock:
            if sealed is None or not self._started:
                return
            if sealed.after == self._known:
                self._known = sealed.mark
            else:
                self._mine.add(sealed.mark)

    def look(self, c: Connection) -> Change | None:
        """Return what others committed since the last look, or None."""
        newest = commits.current(c)
        with self._lock:
            mine = set(self._mine)
            found = news.since(c, newest, self._known, mine.__contains__)
            self._known = newest
            self._mine -= mine  # one that came after this snapshot stays
        return found
