"""Single files that somebody named: taken as pictures whatever their ending."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from lorairo.sources.items import Found, Readable, SourceItem, shown
from lorairo.sources.pairing import TEXT_SUFFIXES, texts_beside


def absolute(path: str | os.PathLike[str]) -> str:
    """Return the absolute form of a path, ``~`` resolved, links kept: what the project records."""
    return os.path.normpath(Path(path).expanduser().absolute())


def find_file(path: str) -> Found:
    """Take one file, with the texts beside it.

    Parameters
    ----------
    path
        Absolute path.
    """
    found = Found()
    try:
        facts = Path(path).stat()
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        found.problems.append((shown(path), f"cannot be read: {getattr(error, 'strerror', None) or error}"))
        return found
    if not stat.S_ISREG(facts.st_mode):
        found.problems.append((shown(path), "not a plain file"))
        return found
    try:
        path.encode()
    except UnicodeEncodeError:
        found.problems.append((shown(path), "its name is not valid Unicode: rename it"))
        return found
    folder, name = os.path.split(path)
    beside = tuple(
        Readable(text, Path(text).name, kind, size.st_size, size.st_mtime_ns)
        for kind, (text, size) in texts_beside(name, _texts(folder, name))
    )
    found.folders.append(folder)
    found.items.append(SourceItem(path, name, "file", facts.st_size, facts.st_mtime_ns, beside=beside))
    return found


def _texts(folder: str, name: str) -> dict[str, tuple[str, os.stat_result]]:
    """Stat only the texts that could belong to this file: its folder may hold a million others."""
    present: dict[str, tuple[str, os.stat_result]] = {}
    stem = name.rpartition(".")[0] or name
    for candidate in (
        *(name + suffix for suffix in TEXT_SUFFIXES),
        *(stem + suffix for suffix in TEXT_SUFFIXES),
    ):
        path = Path(folder, candidate)
        try:
            facts = path.lstat()  # a link beside a picture could lead anywhere
        except OSError:
            continue
        if stat.S_ISREG(facts.st_mode):
            present[candidate] = (str(path), facts)
    return present
