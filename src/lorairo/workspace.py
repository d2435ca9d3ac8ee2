"""A workspace: a folder of projects."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lorairo.archives import Archived, adopt, name_in, pack, unpack
from lorairo.config import config
from lorairo.errors import ProjectError
from lorairo.keywords import checked_class
from lorairo.plaintext import printable
from lorairo.project import Project, open_project, opened
from lorairo.store import catalog, summary
from lorairo.store.commits import INDEX_CACHE
from lorairo.store.maps import MAPS

if TYPE_CHECKING:
    from collections.abc import Iterator

_DATABASE = "database.db"
_KEPT = (
    "memory/*",
    "originals/*/*",
)  # files named by their content, so that nobody else's are taken for ours
_CACHES = ("thumbnails.db*", INDEX_CACHE, MAPS)
_OWN = (*_KEPT, "logs/lorairo*.log", "backups/database-*.db", *_CACHES, f"{_DATABASE}-*", _DATABASE)
_HASH = re.compile("[0-9a-f]{64}")
# copied otherwise, or made anew
_LEFT_OUT = (_DATABASE, "thumbnails.db", INDEX_CACHE, f".{INDEX_CACHE}", MAPS, f".{MAPS}")


@checked_class
class Workspace:
    """Projects below one folder.

    Parameters
    ----------
    folder
        Made when missing; by default ``directories.database_dir`` of the settings.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        place = config.folder("directories.database_dir") if folder is None else Path(folder)
        self.folder = place.expanduser().resolve()
        self.folder.mkdir(parents=True, exist_ok=True)

    def __repr__(self) -> str:
        count = len(list(self._found()))
        return f"<Workspace {printable(self.folder)} · {count:,} {'project' if count == 1 else 'projects'}>"

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
        source = opened(place) or open_project(place)
        staging = target.with_name(f".{target.name}.part")
        shutil.rmtree(staging, ignore_errors=True)
        try:
            staging.mkdir()
            source.database.backup(staging / _DATABASE)
            for entry in place.iterdir():
                if entry.name.startswith(_LEFT_OUT) or entry.name in {"logs", "backups"}:
                    continue
                (shutil.copytree if entry.is_dir() else shutil.copy2)(entry, staging / entry.name)
            source.thumbnails.backup(staging / "thumbnails.db")
            staging.rename(target)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)  # nothing half-copied stays
            raise
        return open_project(target)

    def rename(self, name: str, new: str) -> Project:
        """Rename a project; it is closed and opened again. Sources inside its folder move with it."""
        place, target = self._existing(name), self._free(new)
        project = opened(place)
        if project is not None:
            project.close()
        try:
            place.rename(target)
        except OSError as error:
            raise ProjectError(
                f"{place} cannot be renamed: {error.strerror or error}. Close whatever has it open"
            ) from error
        project = open_project(target)
        with project.database.write() as connection:
            moved = {
                entry["path"]: str(target / Path(entry["path"]).relative_to(place))
                for entry in catalog.file_paths(connection)
                if Path(entry["path"]).is_relative_to(place)
            }
            catalog.relink(connection, moved)
        return project

    def archive(self, name: str, path: str | Path, *, pictures: bool = False) -> Archived:
        """Pack a project into one file, consistent even while it is in use.

        In it are the database and the files that the project keeps itself. Settings, keys, logs, backups and
        thumbnails are not; texts, tags, history and the paths of the sources are.

        Parameters
        ----------
        name
            Of the project.
        path
            The file to write; it must not be there yet. In a folder it is called ``<name>.zip``.
        pictures
            Pack the pictures too that lie outside the project, so that it shows them anywhere.
        """
        place, target = self._existing(name), Path(path).expanduser().resolve()
        target = target / f"{name}.zip" if target.is_dir() else target
        if target.exists():
            raise ProjectError(f"{target} is there already: choose another name")
        return pack(opened(place) or open_project(place), target, pictures=pictures)

    def restore(self, path: str | Path, name: str | None = None) -> Project:
        """Unpack a project that was archived, and open it.

        Parameters
        ----------
        path
            The file. It may come from anybody: what no project has in it is refused.
        name
            What the project is called here; by default what it was called there.
        """
        source = Path(path).expanduser().resolve()
        target = self._free(name or name_in(source))
        unpack(source, target)
        try:
            project = open_project(target)
            adopt(project)
        except BaseException:
            half = opened(target)
            if half is not None:
                half.close()
            shutil.rmtree(target, ignore_errors=True)  # it was made a moment ago, of this archive alone
            raise
        return project

    def delete(self, name: str, *, confirm: bool = False) -> None:
        """Delete a project: its database, thumbnails, logs, backups and the copies it made. Cannot be undone.

        Whatever else lies in its folder, such as photographs and exports, stays.

        Parameters
        ----------
        confirm
            Must be True.
        """
        place = self._existing(name)
        if not confirm:
            count = summary(place)["images"]
            images = "its images" if count is None else f"{count:,} {'image' if count == 1 else 'images'}"
            raise ProjectError(
                f"deleting {name} forgets {images} with all tags and captions, for good: "
                f"say ws.delete({name!r}, confirm=True). The source files stay"
            )
        project = opened(place)
        if project is not None:
            project.close()
        try:
            _delete_own(place)
        except OSError as error:
            raise ProjectError(
                f"{place} cannot be deleted: {error.strerror or error}. Close whatever has it open"
            ) from error


def _delete_own(place: Path) -> None:
    """Delete what lorairo made in the folder of a project, the database last, then folders that are empty."""
    for pattern in _OWN:
        for file in sorted(place.glob(pattern)):
            if pattern not in _KEPT or _HASH.fullmatch(file.stem):
                file.unlink()
    inner = [place / part for part in ("logs", "backups", "memory", "originals")]
    inner += sorted((place / "originals").glob("*"))
    for folder in (*reversed(inner), place):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
