"""A project of each test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lorairo.store import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database.open(tmp_path / "project") as database:
        yield database


@pytest.fixture
def seen(db: Database) -> Callable[[], list[object]]:
    """Collect changes from now on."""
    found: list[object] = []
    db.changed.connect(found.append)
    return lambda: found
