"""The file beside a recipe: what models said, which images each call was about, and how every image ended.

A zip archive of packed columns; reading it executes nothing. Images are named by their place in its own table
of content hashes, never by ids.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from lorairo.errors import StoreError
from lorairo.masking import masked_values
from lorairo.store import packing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

SUFFIX = ".evidence"
VERSION = 1

_FORMAT = "lorairo evidence"
_LINES = 1024  # lines looked through for keys at a time


class Packer:
    """Writes a companion in memory."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        self._archive = zipfile.ZipFile(self._buffer, "w")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def put(self, name: str, columns: Mapping[str, Any]) -> None:
        """Put columns in; texts among them are looked through for keys."""
        safe = {
            key: value if isinstance(value, np.ndarray) else _safe(value) for key, value in columns.items()
        }
        self._archive.writestr(zipfile.ZipInfo(name), packing.pack(safe))

    def put_places(self, name: str, places: NDArray[np.int64]) -> None:
        """Put sorted places of images in."""
        self.put(name, {"steps": np.diff(places, prepend=0).astype("<u4")})

    def put_lists(self, name: str, lists: Sequence[Sequence[str]]) -> None:
        """Put lists of tags in, each name once."""
        number = {tag: place for place, tag in enumerate(dict.fromkeys(chain.from_iterable(lists)))}
        counts = np.array([len(tags) for tags in lists], dtype="<u4")
        tags = np.array([number[tag] for tags in lists for tag in tags], dtype="<u4")
        self.put(name, {"names": list(number), "counts": counts, "tags": tags})

    def put_lines(self, name: str, lines: Iterable[str]) -> Iterator[str]:
        """Put lines of text in, and yield them as they went in."""
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED
        with self._archive.open(info, "w") as member:
            for part in _parts(lines):
                safe = _without_keys("\n".join(part))
                member.write(safe.encode("ascii") + b"\n")
                yield from safe.split("\n")

    def close(self, header: Mapping[str, Any]) -> bytes:
        """Put the header in and return the file."""
        self.put("header", {"format": _FORMAT, "version": VERSION, **header})
        self._archive.close()
        return self._buffer.getvalue()


def _parts(lines: Iterable[str]) -> Iterator[list[str]]:
    part: list[str] = []
    for line in lines:
        part.append(line)
        if len(part) == _LINES:
            yield part
            part = []
    if part:
        yield part


def _without_keys(text: str) -> str:
    safe: str = masked_values(text)
    return safe


def _safe(value: Any) -> Any:
    # At once, not text by text: each search for keys looks at the environment anew.
    return json.loads(_without_keys(json.dumps(value, ensure_ascii=False)))


class Companion:
    """Reads a companion.

    Attributes
    ----------
    header
        What it is of: project, version of lorairo, fingerprint, models, scorers, tags.
    hashes, names
        Content hashes and file names of all images, in the order of the hashes.

    Raises
    ------
    StoreError
        When there is no such file, or it is damaged, or a newer lorairo wrote it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._archive = zipfile.ZipFile(path)
        except FileNotFoundError as error:
            raise StoreError(
                f"{path.name} is missing: it belongs beside the recipe {path.with_suffix('.py').name}"
            ) from error
        except (OSError, zipfile.BadZipFile) as error:
            raise StoreError(f"{path} cannot be read: {error}. Save the recipe again") from error
        if self._damaged():
            self.close()
            raise StoreError(f"{path} is damaged: save the recipe again")
        self.header = self._read("header")
        if self.header.get("format") != _FORMAT or self.header.get("version") != VERSION:
            self.close()
            raise StoreError(f"{path} was written by a newer lorairo: update this one")
        images = self._read("images")
        self.hashes = [part.tobytes() for part in images["hashes"].reshape(-1, 32)]
        self.names: list[str] = images["names"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    def _damaged(self) -> bool:
        try:
            return self._archive.testzip() is not None
        except (OSError, zipfile.BadZipFile, zlib.error):
            return True

    def _read(self, name: str) -> dict[str, Any]:
        try:
            return packing.unpack(self._archive.read(name))
        except KeyError as error:
            raise StoreError(
                f"{self.path.name} has no {name}: it belongs to another recipe than the one beside it"
            ) from error
        except (StoreError, zipfile.BadZipFile, ValueError) as error:
            raise StoreError(f"{self.path} is damaged: save the recipe again") from error

    def images(self, call: int) -> NDArray[np.int64]:
        """Return the places of the images a call changed."""
        found: NDArray[np.int64] = np.cumsum(self._read(f"images/{call}")["steps"], dtype=np.int64)
        return found

    def texts(self, call: int) -> list[str | None]:
        """Return the captions a call set, one for each image it was about."""
        found: list[str | None] = self._read(f"texts/{call}")["texts"]
        return found

    def lists(self, call: int) -> list[list[str]]:
        """Return the tags a call gave, a list for each image it was about."""
        found = self._read(f"lists/{call}")
        names, ends = found["names"], np.cumsum(found["counts"], dtype=np.int64).tolist()
        tags = [names[place] for place in found["tags"].tolist()]
        return [tags[start:stop] for start, stop in pairwise([0, *ends])]

    def chunk(self, number: int) -> int:
        """Return the act that the evidence of one statement, counted from 1, stands before."""
        chunks: list[int] = self.header["chunks"]
        if not 0 < number <= len(chunks):
            raise StoreError(f"{self.path.name} has no evidence {number}: it belongs to another recipe")
        return chunks[number - 1]

    def parts(self, kind: str, before: int) -> Iterator[dict[str, Any]]:
        """Yield what models (``answers``) or scorers (``scores``) said before an act, in order."""
        number = 0
        while f"{kind}/{before}/{number}" in self._archive.NameToInfo:
            yield self._read(f"{kind}/{before}/{number}")
            number += 1

    def lines(self) -> Iterator[str]:
        """Yield how everything ended, as `fingerprint.lines` says it."""
        with self._archive.open("states") as member:
            for line in member:
                yield line.decode("ascii").rstrip("\n")


def beside(recipe: Path) -> Path:
    """Return where the companion of a recipe lies."""
    return recipe.with_suffix(SUFFIX)
