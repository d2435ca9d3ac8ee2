"""What a source hands out: pictures to read, and the texts that lie beside them."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Bytes = bytes  # a field below has the type's name
    Reader = Callable[[], Bytes]


@dataclass(slots=True)
class Readable:
    """Something with bytes, by its place.

    Parameters
    ----------
    path
        Where it is: an absolute path, ``archive.zip!/inner/name.png``, or a place inside the project.
    name
        Its last part.
    kind
        ``file``, ``zip`` or ``memory`` for pictures; ``txt``, ``caption`` and so on for texts.
    bytes
        Size, as its source states it.
    mtime_ns
        Time of the last change, in nanoseconds since 1970; of the archive for its members.
    reader
        How to get the bytes of what is no file.
    """

    path: str
    name: str
    kind: str
    bytes: int
    mtime_ns: int
    reader: Reader | None = None

    def read(self) -> Bytes:
        """Read the bytes, never more than `bytes` says.

        Raises
        ------
        OSError
            When it cannot be read, or was changed meanwhile.
        """
        return read_file(self.path, self.bytes) if self.reader is None else self.reader()


@dataclass(slots=True)
class SourceItem(Readable):
    """A candidate for import; `beside` are the texts that belong to it alone."""

    beside: tuple[Readable, ...] = ()


@dataclass(slots=True)
class Table(Readable):
    """A file that describes many pictures; names in it are relative to `base`, ending with a separator."""

    base: str = ""


@dataclass(slots=True)
class Found:
    """Everything a source holds.

    Parameters
    ----------
    items
        Pictures, sorted by path.
    tables
        Files that describe many of them.
    problems
        Path and reason of what could not even be looked at.
    notes
        Path and what is odd about it.
    skipped
        How many files were passed over because they are no pictures.
    folders
        Where the search began; the folder of a single file.
    """

    items: list[SourceItem] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    skipped: int = 0
    folders: list[str] = field(default_factory=list)

    def sort(self) -> Found:
        """Sort items by path, each path once."""
        unique = {item.path: item for item in self.items}
        self.items = [unique[path] for path in sorted(unique)]
        self.tables.sort(key=lambda table: table.path)
        self.folders = sorted(set(self.folders))
        return self

    @classmethod
    def joined(cls, parts: Iterable[Found]) -> Found:
        """Join what several sources hold."""
        whole = cls()
        for part in parts:
            whole.items += part.items
            whole.tables += part.tables
            whole.problems += part.problems
            whole.notes += part.notes
            whole.skipped += part.skipped
            whole.folders += part.folders
        return whole.sort()


def read_file(path: str | os.PathLike[str], size: int) -> bytes:
    """Read a file of a known size.

    Raises
    ------
    OSError
        When it cannot be read, is no plain file, or somebody writes to it meanwhile.
    """
    with open(path, "rb", buffering=0, opener=open_plain) as handle:
        before = os.fstat(handle.fileno())
        parts, left = [], size + 1
        while left > 0 and (part := handle.read(left)):
            parts.append(part)
            left -= len(part)
        after = os.fstat(handle.fileno())
    if left != 1 or (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise OSError("it was changed while it was being read: add it again")
    return b"".join(parts)


def open_plain(path: str, flags: int) -> int:
    """Open a plain file; never wait for a pipe or device that has taken its place (an `opener`)."""
    handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return handle
    os.close(handle)
    raise OSError("it is no plain file any more")


def shown(path: str) -> str:
    """Return a path as text that can be printed and stored, whatever bytes its name is made of."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
