"""A database to import into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from lorairo.images import Limits
from lorairo.importers.adding import add
from lorairo.sources import source_of
from lorairo.store import Database, ThumbnailCache

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lorairo.importers.report import AddReport


@dataclass
class Target:
    folder: Path
    database: Database
    thumbnails: ThumbnailCache

    def add(self, source: Any, **options: Any) -> AddReport:
        options.setdefault("limits", Limits())
        return add(self.database, self.thumbnails, source_of(source), folder=self.folder, **options)


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Target]:
    folder = tmp_path / "project"
    with Database.open(folder) as database:
        thumbnails = ThumbnailCache(folder / "thumbnails.db")
        yield Target(folder, database, thumbnails)
        thumbnails.close()
