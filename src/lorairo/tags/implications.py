"""Implications: the tags that follow from a tag, such as ``animal_ears`` from ``cat_ears``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Implications:
    """What follows from what.

    Parameters
    ----------
    parents
        The tags a tag implies directly, canonical.
    """

    def __init__(self, parents: Mapping[str, Iterable[str]] | None = None) -> None:
        self._parents = {name: tuple(dict.fromkeys(above)) for name, above in (parents or {}).items()}
        self._closures: dict[str, tuple[str, ...]] = {}

    def __len__(self) -> int:
        """Return the number of tags that imply another."""
        return len(self._parents)

    def of(self, name: str) -> tuple[str, ...]:
        """Return every tag that follows from one, the nearest first, itself left out."""
        known = self._closures.get(name)
        if known is None:
            found: dict[str, None] = {}
            coming = [name]
            while coming:
                above = [parent for tag in coming for parent in self._parents.get(tag, ())]
                coming = [parent for parent in dict.fromkeys(above) if parent not in found and parent != name]
                found.update(dict.fromkeys(coming))
            known = self._closures[name] = tuple(found)
        return known

    def strip(self, names: Iterable[str]) -> list[str]:
        """Return tags without those that follow from another of them, in their order.

        A list that runs in a circle leaves the first tag of the circle.
        """
        kept = list(dict.fromkeys(names))
        implied = {parent for name in kept for parent in self.of(name)}
        for name in [name for name in reversed(kept) if name in implied]:
            if any(name in self.of(other) for other in kept if other != name):
                kept.remove(name)
        return kept

    def expand(self, names: Iterable[str]) -> list[str]:
        """Return tags with all that follows from them behind them."""
        own = list(dict.fromkeys(names))
        return list(dict.fromkeys([*own, *(parent for name in own for parent in self.of(name))]))
