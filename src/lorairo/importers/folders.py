"""The folders that imports began at: what lies below them keeps its place when it goes out again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from lorairo.store import settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lorairo.store import Database

FOLDERS: Final = "import.folders"
"""Setting that holds them, sorted; none lies inside another."""


def remember_folders(db: Database, folders: Iterable[str]) -> None:
    """Add the folders of an import to those of earlier ones."""
    with db.read() as connection:
        known: list[str] = settings.get(connection, FOLDERS, [])
    found = _outermost({*known, *folders})
    if found != known:
        with db.write() as connection:
            settings.put(connection, FOLDERS, found)


def _outermost(folders: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for folder in sorted(folders, key=lambda folder: (len(folder), folder)):
        if not any(folder.startswith(outer.rstrip(os.sep) + os.sep) for outer in kept):
            kept.append(folder)
    return sorted(kept)
