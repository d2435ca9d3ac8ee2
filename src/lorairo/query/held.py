"""Values that are worked out at the first question and forgotten when a change makes them stale."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

STALE_AFTER: dict[str, frozenset[str]] = {
    "captions": frozenset({"captions"}),
    "tokens": frozenset({"captions", "tags", "annotations", "policy"}),
    "paths": frozenset({"paths"}),
    "datasets": frozenset({"datasets"}),
    "ratings": frozenset({"annotations", "policy", "tags"}),
    "sources": frozenset({"annotations", "tags", "scores"}),
    "categories": frozenset({"annotations", "tags"}),
    "tag score": frozenset({"annotations"}),
    "disputed": frozenset({"annotations", "policy", "tags"}),
    "refused": frozenset({"failures", "annotations"}),
    "rank": frozenset({"scores", "stars", "excluded", "reviewed", "tags", "paths", "annotations", "policy"}),
    "percentile": frozenset({"scores", "stars", "tags", "captions", "annotations", "policy"}),
}
"""Kinds of values, and the kinds of changes after which they are asked for again."""


class Held:
    """Values by kind and key, safe to ask for from any thread."""

    def __init__(self, values: dict[tuple[str, Any], Any] | None = None) -> None:
        self._values = values or {}
        self._locks: dict[tuple[str, Any], threading.RLock] = {}

    def get(self, kind: str, key: Any, make: Callable[[], T]) -> T:
        """Return a value, made now if it is not known; two who ask at once wait for the same one.

        Parameters
        ----------
        kind
            One of `STALE_AFTER`.
        key
            What distinguishes values of the kind.
        make
            Makes the value.
        """
        found: T | None = self._values.get((kind, key))
        if found is None:
            with self._locks.setdefault((kind, key), threading.RLock()):
                found = self._values.get((kind, key))
                if found is None:
                    found = self._values[kind, key] = make()
        return found

    def known(self, kind: str, key: Any) -> Any:
        """Return a value if somebody asked for it before, else None."""
        return self._values.get((kind, key))

    def after(self, changes: frozenset[str]) -> Held:
        """Return what is still true after changes of some kinds."""
        # A copy of a dict is one step, so nobody waits here for a value that takes long to make.
        known = self._values.copy()
        return Held({key: value for key, value in known.items() if not STALE_AFTER[key[0]] & changes})
