"""Where imports begin is kept, so that what is written out has its place."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lorairo.importers.folders import FOLDERS, remember_folders
from lorairo.store import settings

if TYPE_CHECKING:
    from conftest import Target


def test_only_the_outermost_folders_are_kept(target: Target):
    def kept() -> list[str]:
        with target.database.read() as connection:
            return [folder.replace(os.sep, "/") for folder in settings.get(connection, FOLDERS)]

    def remember(*folders: str) -> None:
        remember_folders(target.database, [folder.replace("/", os.sep) for folder in folders])

    remember("/a/b/c", "/a/bc")
    remember("/a/b/c/d")
    assert kept() == ["/a/b/c", "/a/bc"]
    remember("/a/b")
    assert kept() == ["/a/b", "/a/bc"]
