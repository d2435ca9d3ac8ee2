"""Read the bytes of an image again from a place that was recorded at import."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

from lorairo.errors import NotFoundError
from lorairo.sources.archive import INSIDE, read_member
from lorairo.sources.items import read_file

INSIDE_PROJECT: Final = frozenset(("memory", "copy"))
"""Kinds of places that are relative to the project's folder."""

_CHANGED: Final = "its content has changed since it was added"


def read_path(path: str, kind: str, folder: Path, size: int) -> bytes:
    """Read a place.

    Parameters
    ----------
    path, kind
        As recorded.
    folder
        The project's folder, for what it keeps itself.
    size
        Of the image, in bytes: whatever lies there now, no more than that is read.

    Raises
    ------
    OSError
        When the file or archive cannot be read, or holds something else by now.
    NotFoundError
        When the archive no longer holds the member.
    """
    if kind == "zip":
        archive_path, _, member = path.rpartition(INSIDE) if path.count(INSIDE) == 1 else _split(path)
        try:
            with zipfile.ZipFile(archive_path) as archive:
                info = archive.getinfo(member)
                if info.file_size != size:
                    raise OSError(_CHANGED)
                return read_member(archive, info)
        except KeyError as error:
            raise NotFoundError(f"{archive_path} does not hold {member} any more") from error
        except zipfile.BadZipFile as error:
            raise OSError(f"{archive_path} is no archive any more: {error}") from error
    place = folder / path if kind in INSIDE_PROJECT else Path(path)
    if place.stat().st_size != size:
        raise OSError(_CHANGED)
    return read_file(place, size)


def _split(path: str) -> tuple[str, str, str]:
    """Split at the mark behind which the archive is: names may contain the mark themselves."""
    place = path.find(INSIDE)
    while place >= 0:
        if Path(path[:place]).is_file():
            return path[:place], INSIDE, path[place + len(INSIDE) :]
        place = path.find(INSIDE, place + 1)
    return path.partition(INSIDE)
