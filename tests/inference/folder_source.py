"""Pictures of a folder in a database, without a project and an importer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lorairo.errors import NotFoundError
from lorairo.images import read_facts
from lorairo.store import catalog
from lorairo.store.tagrows import tag_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lorairo.store import Database


class Folder:
    """Pictures of a folder as a project's image source."""

    def __init__(self, files: dict[int, Path]) -> None:
        self.files = files
        self.asked: list[int] = []

    def __call__(self, ids: Iterable[int]) -> Iterator[tuple[int, bytes | Exception]]:
        for image_id in ids:
            self.asked.append(image_id)
            try:
                yield image_id, self.files[image_id].read_bytes()
            except OSError as error:
                yield image_id, NotFoundError(f"image {image_id} cannot be read: {error.strerror}")


def filled(database: Database, folder: Path) -> Folder:
    """Enter the pictures of a folder, without an importer."""
    entries = []
    for file in sorted(folder.glob("*.jpg")):
        data = file.read_bytes()
        facts = read_facts(data)
        names = catalog.ImageRow.__dataclass_fields__
        row = catalog.ImageRow(**{name: getattr(facts, name) for name in names})
        entries.append((catalog.PathRow(str(file), file.name, len(data), 1), row, None))
    with database.write() as connection:
        added = catalog.add_images(connection, entries)
    return Folder({one.image_id: folder / Path(one.path).name for one in added})


def ids_of(source: Folder) -> np.ndarray:
    return np.array(sorted(source.files), dtype=np.int64)


def tags_of(database: Database, image_id: int) -> list[str]:
    with database.read() as connection:
        rows = tag_rows(connection, np.array([image_id]))
        return [row[1] for row in rows if row[2] == "effective"]
