"""What the project knows already of the files a source offers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lorairo.store import catalog, sidecars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lorairo.importers.offered import Item, Offer, Readable, Table
    from lorairo.store import Database
    from lorairo.store.catalog import KnownPath

_MANY: Final = 2000  # from here on one query for everything is cheaper than asking for each


@dataclass(slots=True)
class Known:
    """Paths and texts as they were when last read.

    Parameters
    ----------
    paths
        By path; rejected ones too.
    texts
        Size and time of texts by path of the picture and their own.
    tables
        Size and time of the tables among them.
    """

    paths: dict[str, KnownPath] = field(default_factory=dict)
    texts: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    tables: dict[str, set[tuple[int, int]]] = field(default_factory=dict)

    @classmethod
    def load(cls, db: Database, source: Offer) -> Known:
        """Ask the database about the files of a source, in one snapshot."""
        asked = None if len(source.items) > _MANY else [item.path for item in source.items]
        known = cls()
        with db.read() as connection:
            known.paths = catalog.known_paths(connection, asked)
            if not known.paths:
                return known
            tables = {table.path for table in source.tables}
            for entry in sidecars.known_sidecars(connection, asked):
                known.texts[entry.path, entry.source] = (entry.bytes, entry.mtime_ns)
                if entry.source in tables:
                    known.tables.setdefault(entry.source, set()).add((entry.bytes, entry.mtime_ns))
        return known

    def is_stale(self, path: str, text: Readable) -> bool:
        """Whether a text beside a picture is new or changed."""
        return self.texts.get((path, text.path)) != (text.bytes, text.mtime_ns)

    def is_changed(self, table: Table) -> bool:
        """Whether a table is new or changed since any picture got something from it."""
        return self.tables.get(table.path) != {(table.bytes, table.mtime_ns)}

    def copied(self, db: Database) -> frozenset[int]:
        """Images of which the project keeps a copy."""
        with db.read() as connection:
            return catalog.copied(connection)

    def contents(self, db: Database, waiting: Sequence[Item]) -> frozenset[bytes]:
        """Hashes of all contents of the project, so that moved or touched files are not decoded again."""
        if not waiting:
            return frozenset()
        with db.read() as connection:
            return catalog.content_hashes(connection)
