"""A workspace: a folder of projects."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lorairo.errors import ProjectError
from lorairo.project import Project, open_project
from lorairo.store import summary

if TYPE_CHECKING:
    from collections.abc import Iterator

_DATABASE = "database.db"


class Workspace:
    """Projects below one folder.

    Parameters
    ----------
    folder
        Made when missing.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).expanduser().resolve()
        self.folder.mkdir(parents=True, exist_ok=True)

    def __repr__(self) -> str:
        return f"<Workspace {self.folder} · {len(list(self._found())):,} projects>"

    def _found(self) -> Iterator[Path]:
        for folder in sorted(self.folder.iterdir()):
            if (folder / _DATABASE).is_file():
                yield folder

    def _place(self, name: str) -> Path:
        place = (self.folder / name).resolve()
        if place.parent != self.folder or not name.strip():
            raise ProjectError(
                f"{name!r} is no name for a project: it must be one folder inside {self.folder}"
            )
        return place

    def _existing(self, name: str) -> Path:
        place = self._place(name)
        if not (place / _DATABASE).is_file():
            known = ", ".join(folder.name for folder in self._found()) or "none yet"
            raise ProjectError(f"there is no project {name!r} in {self.folder}; there are: {known}")
        return place

    def _free(self, name: str) -> Path:
        place = self._place(name)
        if place.exists():
            raise ProjectError(f"{place} is there already: choose another name")
        return place

    def projects(self) -> pd.DataFrame:
        """List projects: name, images, bytes on disk, when changed, folder."""
        rows = [{"name": folder.name, **summary(folder), "folder": str(folder)} for folder in self._found()]
        return pd.DataFrame(rows, columns=["name", "images", "bytes", "changed", "folder"])

    def open(self, name: str) -> Project:
        """Open a project that is there."""
        return open_project(self._existing(name))

    def create(self, name: str) -> Project:
        """Create a project; one of that name must not exist."""
        return open_project(self._free(name))

    def clone(self, name: str, new: str) -> Project:
        """Copy a project, consistent even while it is in use."""
        place, target = self._existing(name), self._free(new)
        source = open_project(place)
        staging = target.with_name(f".{target.name}.part")
        shutil.rmtree(staging, ignore_errors=True)
        try:
            staging.mkdir()
            source.database.backup(staging / _DATABASE)
            for entry in place.iterdir():
                if entry.name.startswith((_DATABASE, "thumbnails.db")) or entry.name in {"logs", "backups"}:
                    continue
                (shutil.copytree if entry.is_dir() else shutil.copy2)(entry, staging / entry.name)
            source.thumbnails.backup(staging / "thumbnails.db")
            staging.rename(target)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)  # nothing half-copied stays
            raise
        return open_project(target)

    def rename(self, name: str, new: str) -> Project:
        """Rename a project; it is closed and opened again."""
        place, target = self._existing(name), self._free(new)
        open_project(place).close()
        place.rename(target)
        return open_project(target)

    def delete(self, name: str, *, confirm: bool = False) -> None:
        """Delete a project with its database and thumbnails; sources are never touched. Cannot be undone.

        Parameters
        ----------
        confirm
            Must be True.
        """
        place = self._existing(name)
        project = open_project(place)
        if not confirm:
            raise ProjectError(
                f"deleting {name} forgets {len(project):,} images with all tags and captions, for good: "
                f"say ws.delete({name!r}, confirm=True). The source files stay"
            )
        project.close()
        shutil.rmtree(place)
