"""Where the bytes of an image are: the sources it is known under, and files kept in the project."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from lorairo.errors import NotFoundError
from lorairo.sources import read_path
from lorairo.store import catalog

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lorairo.store import Database


class Originals:
    """Reads originals of one project; never writes to them."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder

    def _places(self, image_id: int) -> tuple[bytes, list[dict[str, object]]]:
        with self._database.read() as connection:
            record = catalog.image_record(connection, image_id)
        return bytes(record["sha256"]), list(record["paths"])

    def read(self, image_id: int) -> bytes:
        """Return the bytes of an image from the first source that still holds exactly these.

        Raises
        ------
        NotFoundError
            When no source does; it names those that were tried and why each failed.
        """
        sha256, places = self._places(image_id)
        tried: list[str] = []
        for place in places:
            path = str(place["path"])
            try:
                data = read_path(path, str(place["kind"]), self._folder)
            except (OSError, NotFoundError) as error:
                tried.append(f"{path}: {error}")
                continue
            if hashlib.sha256(data).digest() == sha256:
                return data
            tried.append(f"{path}: its content has changed since it was added")
        detail = "; ".join(tried) or "it has no path"
        raise NotFoundError(
            f'image {image_id} cannot be read ({detail}). If it moved: project.relink("new/place")'
        )

    def each(self, ids: Iterable[int]) -> Iterator[tuple[int, bytes | Exception]]:
        """Yield the bytes of each image, or the reason why they cannot be read."""
        for image_id in ids:
            try:
                yield image_id, self.read(image_id)
            except NotFoundError as error:
                yield image_id, error

    def existing_path(self, image_id: int) -> Path | None:
        """Return the first path of an image that is a file now."""
        for place in self._places(image_id)[1]:
            path = Path(str(place["path"]))
            if place["kind"] == "file" and path.is_file():
                return path
        return None

    def relink(self, place: Path) -> int:
        """Give images whose files are gone the paths of equal files below `place`; return how many."""
        if not place.exists():
            raise NotFoundError(f"{place} does not exist: name the folder where the files are now")
        with self._database.read() as connection:
            lost = [entry for entry in catalog.file_paths(connection) if not Path(entry["path"]).is_file()]
        by_size: dict[int, list[Path]] = {}
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if file.is_file():
                by_size.setdefault(file.stat().st_size, []).append(file)
        hashes: dict[Path, bytes] = {}
        moved: dict[str, str] = {}
        for entry in lost:
            for file in by_size.get(entry["bytes"], []):
                if file not in hashes:
                    hashes[file] = hashlib.sha256(file.read_bytes()).digest()
                if hashes[file] == entry["sha256"]:
                    moved[entry["path"]] = str(file.resolve())
                    break
        gone = [entry["path"] for entry in lost if entry["path"] not in moved]
        with self._database.write() as connection:
            catalog.relink(connection, moved)
            catalog.mark_missing(connection, gone)
        return len(moved)
