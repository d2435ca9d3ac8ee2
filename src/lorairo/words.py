"""The tags a person works with: those given last, and those pinned."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from lorairo.store import recent, settings
from lorairo.tags import canonical_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from lorairo.project import Project
    from lorairo.store import Database

PINNED = "tags.pinned"
_RECENT = 20


class Words:
    """Mixed into `Project`: its tags as words to choose from."""

    database: Database

    @property
    def recent_tags(self) -> list[str]:
        """The tags this author gave last by hand, the newest first, from the log; 20 at most."""
        return self.recently(_RECENT)

    def recently(self, limit: int) -> list[str]:
        """Return as many of the tags this author gave last."""
        author = cast("Project", self).author
        with self.database.read() as connection:
            return recent.recent_tags(connection, author, limit)

    @property
    def pinned_tags(self) -> list[str]:
        """The tags that are kept at hand, in the order of being pinned.

        A setting of the project, outside the log: it says nothing about any image.
        """
        with self.database.read() as connection:
            return list(settings.get(connection, PINNED, []))

    def pin_tags(self, *tags: str) -> list[str]:
        """Keep tags at hand, behind those pinned before; returns all that are pinned."""
        names = canonical_names(tags)
        return self._pin(lambda pinned: [*pinned, *names])

    def unpin_tags(self, *tags: str) -> list[str]:
        """Let go of pinned tags; returns those that stay pinned."""
        names = canonical_names(tags)
        return self._pin(lambda pinned: [name for name in pinned if name not in names])

    def _pin(self, change: Callable[[list[str]], list[str]]) -> list[str]:
        cast("Project", self).writable()
        with self.database.write() as connection:
            pinned = list(dict.fromkeys(change(settings.get(connection, PINNED, []))))
            settings.put(connection, PINNED, pinned)
        return pinned
