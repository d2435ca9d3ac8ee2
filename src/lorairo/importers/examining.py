"""Look at one file: what runs in the workers."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lorairo.errors import StoreError
from lorairo.images import Limits, Rejected, read_facts
from lorairo.log import logger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lorairo.images import Facts
    from lorairo.importers.offered import Item
    from lorairo.importers.sidecars import Reading, Said

from lorairo.importers.sidecars import read_sidecar

COPY_FOLDER: Final = "originals"
"""Folder inside the project that holds copies."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What became of one file.

    Parameters
    ----------
    item
        The file.
    sha256
        Of its bytes; None when they could not be read.
    facts
        None when it was rejected, or when the project has this content already.
    reason
        Why it was rejected.
    lasting
        Whether the reason holds until the file changes; what may be different in a minute is not remembered.
    copied
        Place of the copy, relative to the project.
    said
        Texts beside it.
    warnings
        Place and what is odd about it.
    """

    item: Item
    sha256: bytes | None = None
    facts: Facts | None = None
    reason: str | None = None
    lasting: bool = True
    copied: str | None = None
    said: tuple[Said, ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()

    def and_said(self, more: Sequence[Said]) -> Examined:
        """Return the same with further texts."""
        return replace(self, said=(*self.said, *more))


@dataclass(frozen=True, slots=True)
class Examiner:
    """Examine files; a plain object that travels to other processes.

    Parameters
    ----------
    limits
        What is opened at all.
    reading
        How texts are understood.
    folder
        The project's folder, for what is kept in it.
    copy
        Whether files are copied into it.
    known
        Hashes of contents that need no second look.
    thumbnail_size
        Longer side, pixels.
    """

    limits: Limits
    reading: Reading
    folder: Path
    copy: bool = False
    known: frozenset[bytes] = field(default_factory=frozenset)
    thumbnail_size: int = 256

    def __call__(self, item: Item) -> Examined:
        """Read and examine one file; it raises for no file, as one must not stop the others.

        Raises
        ------
        StoreError
            When the project's own folder takes no copy: the disk is full, or gone.
        """
        try:
            return self._examine(item)
        except StoreError:
            raise
        except Rejected as error:
            return Examined(item, reason=error.reason)
        except OSError as error:
            return Examined(item, reason=f"cannot be read: {error.strerror or error}", lasting=False)
        except Exception as error:  # noqa: BLE001 - what nobody foresaw is one rejected file, and a line in the log
            logger.exception("{} could not be examined", item.path)
            return Examined(item, reason=f"cannot be read: {type(error).__name__}: {error}", lasting=False)

    def _examine(self, item: Item) -> Examined:
        self.limits.check_bytes(item.bytes)
        data = item.read()
        sha256 = hashlib.sha256(data).digest()
        facts = None
        odd: list[str] = []
        if sha256 not in self.known:
            facts = read_facts(
                data, self.limits, name=item.name, sha256=sha256, thumbnail_size=self.thumbnail_size
            )
            odd = list(facts.warnings)
        said, notes = self.texts(item)
        warnings = tuple((item.path, text) for text in odd) + notes
        return Examined(
            item, sha256, facts, copied=self._keep(item, sha256, data), said=said, warnings=warnings
        )

    def texts(self, item: Item) -> tuple[tuple[Said, ...], tuple[tuple[str, str], ...]]:
        """Read the texts beside a file."""
        found: list[Said] = []
        notes: list[tuple[str, str]] = []
        for readable in item.beside:
            said, odd = read_sidecar(readable, self.reading)
            notes += [(readable.path, text) for text in odd]
            if said is not None:
                found.append(said)
        return tuple(found), tuple(notes)

    def _keep(self, item: Item, sha256: bytes, data: bytes) -> str | None:
        """Write the bytes into the project where asked for, or where they are nowhere else."""
        if item.kind == "memory":
            write_new(self.folder / item.path, data)
            return None
        if not self.copy:
            return None
        name = sha256.hex()
        place = f"{COPY_FOLDER}/{name[:2]}/{name}{Path(item.name).suffix.lower()}"
        write_new(self.folder / place, data)
        return place


def write_new(path: Path, data: bytes) -> None:
    """Write a file named by its content, whole or not at all; one that is there already stays.

    Raises
    ------
    StoreError
        When it cannot be written.
    """
    try:
        if path.is_file() and path.stat().st_size == len(data):
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise StoreError(
            f"{path.parent} cannot take a copy of a picture ({error.strerror or error}): mend that and add "
            "again; what was added before stays"
        ) from error
