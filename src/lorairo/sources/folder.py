"""A folder of pictures: walked once, links and litter handled, nothing opened that need not be."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lorairo.images import PICTURE_SUFFIXES, SIGNATURE_BYTES, Rejected, recognise
from lorairo.sources.items import Found, Readable, SourceItem, Table, shown
from lorairo.sources.pairing import is_text, key_of, table_kind, texts_beside

if TYPE_CHECKING:
    from collections.abc import Mapping

_LITTER: Final = frozenset(
    {
        "__pycache__",
        "__macosx",
        "$recycle.bin",
        "system volume information",
        "@eadir",
        "node_modules",
        "thumbs.db",
    }
)


def find_in_folder(root: str, *, recursive: bool = True) -> Found:
    """List the pictures of a folder.

    Hidden files, litter and what is not named like a picture are passed over and counted. Links to files are
    followed when they lead to a plain file, links to folders never: no loop and no way out. Texts are read
    through links only where these stay inside the folder.

    Parameters
    ----------
    root
        Absolute path.
    recursive
        Whether folders inside it are walked.
    """
    found = Found(folders=[root])
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                listing = list(entries)
        except OSError as error:
            found.problems.append((shown(folder), f"folder cannot be read: {error.strerror or error}"))
            continue
        inner = _read_listing(listing, root, found)
        if recursive:
            waiting += inner
    return found.sort()


def _read_listing(listing: list[os.DirEntry[str]], root: str, found: Found) -> list[str]:
    """Sort the entries of one folder into pictures, texts, tables; return the folders inside it."""
    folders: list[str] = []
    pictures: list[os.DirEntry[str]] = []
    texts: dict[str, os.DirEntry[str]] = {}
    for entry in listing:
        name = entry.name
        if name[0] == "." or name.lower() in _LITTER:
            found.skipped += 1
            continue
        if entry.is_dir(follow_symlinks=False):
            folders.append(entry.path)
            continue
        key = key_of(name)
        suffix = key[key.rfind(".") :] if "." in key else ""
        if suffix in PICTURE_SUFFIXES:
            pictures.append(entry)
        elif is_text(key):
            texts[key] = entry
        elif (kind := table_kind(name)) is not None:
            _add_table(entry, kind, root, found)
        elif not suffix and _is_picture(entry):
            pictures.append(entry)
        else:
            found.skipped += 1
            if entry.is_symlink() and _leads_to_folder(entry):
                found.notes.append((shown(entry.path), "link to a folder: not followed"))
    _add_pictures(pictures, texts, root, found)
    return folders


def _add_pictures(
    pictures: list[os.DirEntry[str]], texts: Mapping[str, os.DirEntry[str]], root: str, found: Found
) -> None:
    claimed: dict[str, str] = {}
    for entry in pictures:
        facts = _stat(entry, found)
        if facts is None:
            continue
        beside: list[Readable] = []
        if texts:
            for kind, text in texts_beside(entry.name, texts):
                readable = _text(text, kind, root, found)
                if readable is None:
                    continue
                beside.append(readable)
                other = claimed.setdefault(text.path, entry.name)
                if other != entry.name:
                    found.notes.append(
                        (
                            shown(text.path),
                            f"belongs to {shown(other)} and to {shown(entry.name)}: both get it",
                        )
                    )
        found.items.append(
            SourceItem(entry.path, entry.name, "file", facts.st_size, facts.st_mtime_ns, beside=tuple(beside))
        )


def _stat(entry: os.DirEntry[str], found: Found) -> os.stat_result | None:
    """Stat a plain file; say why it is none."""
    try:
        facts = entry.stat()
    except OSError as error:
        reason = (
            "link that leads nowhere" if entry.is_symlink() else f"cannot be read: {error.strerror or error}"
        )
        found.problems.append((shown(entry.path), reason))
        return None
    if not stat.S_ISREG(facts.st_mode):
        if stat.S_ISDIR(facts.st_mode):
            found.notes.append((shown(entry.path), "link to a folder: not followed"))
        else:
            found.problems.append((shown(entry.path), "not a plain file (a pipe, socket or device)"))
        return None
    if not entry.path.isascii() and not _storable(entry.path):
        found.problems.append((shown(entry.path), "its name is not valid Unicode: rename it"))
        return None
    return facts


def _storable(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(entry: os.DirEntry[str], kind: str, root: str, found: Found) -> Readable | None:
    if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(Path(root).resolve()):
        found.notes.append((shown(entry.path), "link that leaves the folder: not read"))
        return None
    facts = _stat(entry, found)
    return None if facts is None else Readable(entry.path, entry.name, kind, facts.st_size, facts.st_mtime_ns)


def _add_table(entry: os.DirEntry[str], kind: str, root: str, found: Found) -> None:
    readable = _text(entry, kind, root, found)
    if readable is not None:
        base = entry.path[: -len(entry.name)]
        found.tables.append(
            Table(readable.path, readable.name, kind, readable.bytes, readable.mtime_ns, base=base)
        )


def _leads_to_folder(link: os.DirEntry[str]) -> bool:
    try:
        return link.is_dir()
    except OSError:  # links that point at each other
        return False


def _is_picture(entry: os.DirEntry[str]) -> bool:
    """Look into a file whose name says nothing."""
    try:
        if not entry.is_file():
            return False
        with open(entry.path, "rb") as handle:  # noqa: PTH123 - entries come as text paths, ten thousand at a time
            recognise(handle.read(SIGNATURE_BYTES))
    except (OSError, Rejected):
        return False
    return True
