"""Where the bytes of an image are: the sources it is known under, and files kept in the project."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lorairo.errors import NotFoundError
from lorairo.log import logger
from lorairo.sources import INSIDE_PROJECT, read_path
from lorairo.store import catalog

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lorairo.store import Database


class Originals:
    """Reads originals of one project; never writes to them."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder

    def _record(self, image_id: int) -> dict[str, Any]:
        with self._database.read() as connection:
            return catalog.image_record(connection, image_id)

    def read(self, image_id: int) -> bytes:
        """Return the bytes of an image from the first source that still holds exactly these.

        Raises
        ------
        NotFoundError
            When no source does; it names those that were tried and why each failed.
        """
        record = self._record(image_id)
        tried: list[str] = []
        for place in record["paths"]:
            path = place["path"]
            try:
                data = read_path(path, place["kind"], self._folder, record["bytes"])
            except (OSError, NotFoundError) as error:
                tried.append(f"{path}: {getattr(error, 'strerror', None) or error}")
                continue
            if hashlib.sha256(data).digest() == bytes(record["sha256"]):
                return data
            tried.append(f"{path}: its content has changed since it was added")
        detail = "; ".join(tried) or "it has no path"
        raise NotFoundError(
            f'image {image_id} cannot be read ({detail}). If it moved: project.relink("new/place")'
        )

    def read_beside(self, source: str, kind: str, size: int) -> bytes:
        """Return the bytes of a text beside pictures of a kind (``file`` or ``zip``), as it lies there now.

        Raises
        ------
        OSError, NotFoundError
            When it is gone, or not of this size.
        """
        return read_path(source, kind, self._folder, size)

    def each(self, ids: Iterable[int]) -> Iterator[tuple[int, bytes | Exception]]:
        """Yield the bytes of each image, or the reason why they cannot be read."""
        for image_id in ids:
            try:
                yield image_id, self.read(image_id)
            except NotFoundError as error:
                yield image_id, error

    def existing_path(self, image_id: int) -> Path | None:
        """Return the first path of an image that is a file now."""
        for place in self._record(image_id)["paths"]:
            path = Path(place["path"])
            if place["kind"] == "file" and _is_file(path):
                return path
        return None

    def notice_gone(self, folder: Path) -> int:
        """Mark files below a folder that are gone, unmark those that came back; return how many are gone."""
        inside = str(folder.resolve()) + os.sep
        with self._database.read() as connection:
            entries = [entry for entry in catalog.file_paths(connection) if entry["path"].startswith(inside)]
        there = {entry["path"] for entry in entries if _is_file(entry["path"])}
        gone = [entry["path"] for entry in entries if entry["path"] not in there and not entry["missing"]]
        back = [entry["path"] for entry in entries if entry["path"] in there and entry["missing"]]
        if gone or back:
            with self._database.write() as connection:
                catalog.mark_missing(connection, gone)
                catalog.mark_missing(connection, back, missing=False)
        return len(gone)

    def kept_files(self, ids: Iterable[int]) -> list[Path]:
        """Return the files that the project itself keeps for images."""
        places = (place for image_id in ids for place in self._record(image_id)["paths"])
        return [self._folder / place["path"] for place in places if place["kind"] in INSIDE_PROJECT]

    def relink(self, place: Path) -> int:
        """Give images whose files are gone the paths of equal files below `place`; return how many."""
        if not place.exists():
            raise NotFoundError(f"{place} does not exist: name the folder where the files are now")
        with self._database.read() as connection:
            entries = catalog.file_paths(connection)
        there = {entry["path"] for entry in entries if _is_file(entry["path"])}
        lost = [entry for entry in entries if entry["path"] not in there]
        moved = _new_places(lost, _equal_files(place, lost), there)
        gone = [entry["path"] for entry in lost if entry["path"] not in moved]
        back = [entry["path"] for entry in entries if entry["missing"] and entry["path"] in there]
        with self._database.write() as connection:
            catalog.relink(connection, moved)
            catalog.mark_missing(connection, gone)
            catalog.mark_missing(connection, back, missing=False)
        found = {*moved, *back}
        return len({entry["image_id"] for entry in entries if entry["path"] in found})


def _is_file(path: str | Path) -> bool:
    """Whether a file is there; a place that may not be looked at holds none for us."""
    try:
        return Path(path).is_file()
    except OSError:
        return False


def _equal_files(place: Path, lost: list[dict[str, Any]]) -> dict[bytes, list[str]]:
    """Return files below a place by content, as far as they are like one that is lost."""
    sizes = {entry["bytes"] for entry in lost}
    found: dict[bytes, list[str]] = {}
    for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
        try:
            if not file.is_file() or file.stat().st_size not in sizes:
                continue
            path = str(file.resolve())
            path.encode()  # a name that is no Unicode can be in no database
            found.setdefault(hashlib.sha256(file.read_bytes()).digest(), []).append(path)
        except (OSError, UnicodeEncodeError) as error:  # one bad file does not stop the search
            logger.warning("{!r} was passed over while looking for moved files: {}", str(file), error)
    return found


def _new_places(lost: list[dict[str, Any]], found: dict[bytes, list[str]], known: set[str]) -> dict[str, str]:
    """Give each lost path a file of its content: one of its name first, and none to two paths."""
    moved: dict[str, str] = {}
    free = {sha256: [path for path in paths if path not in known] for sha256, paths in found.items()}
    for by_name in (True, False):
        for entry in lost:
            if entry["path"] in moved:
                continue
            name = Path(entry["path"]).name
            paths = free.get(entry["sha256"], [])
            fit = next((path for path in paths if not by_name or Path(path).name == name), None)
            if fit is not None:
                paths.remove(fit)
                moved[entry["path"]] = fit
    return moved
