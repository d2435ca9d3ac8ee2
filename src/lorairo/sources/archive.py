"""Pictures in a ZIP archive, read in place: nothing is unpacked to disk."""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from functools import partial
from pathlib import Path
from typing import Final

from lorairo.images import PICTURE_SUFFIXES
from lorairo.sources.items import Found, Readable, SourceItem, Table, shown
from lorairo.sources.pairing import is_text, key_of, table_kind, texts_beside

INSIDE: Final = "!/"
"""Stands between the path of an archive and the name of a member."""

_ENCRYPTED: Final = 0x1
_UNSAFE: Final = re.compile(r"^(?:/|[A-Za-z]:)|\\|\0|(?:^|/)\.\.(?:/|$)")


def find_in_zip(path: str) -> Found:
    """List the pictures of an archive.

    Members with absolute names, drive letters, ``..`` or backslashes are refused, and so are encrypted ones.
    Sizes are those of the directory; a member that turns out longer is refused when it is read.

    Parameters
    ----------
    path
        Absolute path of the archive.
    """
    found = Found(folders=[path + INSIDE[:1]])
    try:
        facts = Path(path).stat()
        archive = zipfile.ZipFile(
            path
        )  # stays open: its members are read from several threads, which it allows
    except (OSError, zipfile.BadZipFile, ValueError) as error:
        found.problems.append((shown(path), f"archive cannot be read: {error}"))
        return found
    folders: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for info in archive.infolist():
        if info.is_dir():
            continue
        where = f"{path}{INSIDE}{info.filename}"
        if _UNSAFE.search(info.filename):
            found.problems.append((shown(where), "unsafe name in an archive: it leads outside"))
        elif _is_litter(info.filename):
            found.skipped += 1
        else:
            folder, name = posixpath.split(info.filename)
            folders.setdefault(folder, {})[name] = info
    for folder, members in folders.items():
        _read_folder(
            archive, f"{path}{INSIDE}{folder}{'/' if folder else ''}", members, facts.st_mtime_ns, found
        )
    return found.sort()


def _is_litter(name: str) -> bool:
    return any(part.startswith(".") or part.lower() == "__macosx" for part in name.split("/"))


def _read_folder(
    archive: zipfile.ZipFile, base: str, members: dict[str, zipfile.ZipInfo], mtime_ns: int, found: Found
) -> None:
    keys = {name: key_of(name) for name in members}
    texts = {key: members[name] for name, key in keys.items() if is_text(key)}
    for name, info in members.items():
        suffix = keys[name][keys[name].rfind(".") :]
        kind = table_kind(name)
        reader = partial(read_member, archive, info)
        readable = suffix in PICTURE_SUFFIXES or kind is not None or is_text(keys[name])
        if readable and info.flag_bits & _ENCRYPTED:
            found.problems.append(
                (shown(base + name), "encrypted: unpack the archive with its password first")
            )
        elif suffix in PICTURE_SUFFIXES:
            beside = tuple(
                _text(archive, base, kind, text, mtime_ns)
                for kind, text in texts_beside(name, texts)
                if not text.flag_bits & _ENCRYPTED
            )
            found.items.append(SourceItem(base + name, name, "zip", info.file_size, mtime_ns, reader, beside))
        elif kind is not None:
            found.tables.append(Table(base + name, name, kind, info.file_size, mtime_ns, reader, base))
        elif not is_text(keys[name]):
            found.skipped += 1


def _text(archive: zipfile.ZipFile, base: str, kind: str, info: zipfile.ZipInfo, mtime_ns: int) -> Readable:
    name = posixpath.basename(info.filename)
    return Readable(base + name, name, kind, info.file_size, mtime_ns, partial(read_member, archive, info))


def read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """Read one member, never more than its directory entry says.

    Raises
    ------
    OSError
        When it is damaged, encrypted, or longer than it claims.
    """
    try:
        with archive.open(info) as handle:
            data = handle.read(info.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise OSError(f"damaged archive member: {error}") from error
    if len(data) != info.file_size:
        raise OSError("damaged archive member: its size is not what the archive says")
    return data
