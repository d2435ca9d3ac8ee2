"""The index of one commit as a file, so that a project opens without reading every row again.

Arrays lie raw, text as UTF-8; nothing in the file is run. It is read whole and checked against its sum: a
mapping could not be checked, and on Windows it would keep the project's folder from being moved or deleted as
long as anybody holds a view.

Layout, little endian: eight bytes `_MAGIC`, of which the last is the version of the format; uint32 CRC of the
header and arrays; uint32 length of the header; the header as JSON; the arrays, each at a multiple of 64.
"""

from __future__ import annotations

import contextlib
import json
import os
import struct
import time
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo._version import __version__
from lorairo.log import logger
from lorairo.query.load import Parts
from lorairo.query.matrix import TagMatrix
from lorairo.store.index_columns import FACTS, FLAGS, PATHS, Vocabulary

if TYPE_CHECKING:
    from io import BufferedReader
    from pathlib import Path
    from typing import BinaryIO

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Arrays = dict[str, Array]

_MAGIC = b"lorairo\x01"
_START = struct.Struct("<8sII")
_ALIGNED = 64
_LEFTOVER = 3600.0  # seconds after which a file that was begun belongs to nobody any more
_BETWEEN = "\0"
_COLUMNS = {name: np.dtype(kind) for name, kind in {**FACTS, **FLAGS, **PATHS}.items()}


class _UnfitError(Exception):
    """The file is not what was asked for."""


def write(file: Path, parts: Parts, commit: str) -> None:
    """Write a file that appears only when it is whole.

    Parameters
    ----------
    file
        Where to.
    parts
        Read from the database in one snapshot.
    commit
        The commit that the snapshot showed.

    Raises
    ------
    OSError
        When the folder cannot be written, the disk is full, or (Windows) somebody reads the old file.
    ValueError
        When the parts hold text that the format cannot.
    """
    _sweep(file)
    partial = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as target:
            _write(target, _arrays_of(parts), _about(parts, commit))
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def read(file: Path, commit: str) -> Parts | None:
    """Read a file if it is sound, of this very commit, and made by this very lorairo; None otherwise."""
    try:
        with file.open("rb") as source:
            about, arrays = _read(source, commit)
        return _parts_of(about, arrays)
    except FileNotFoundError:
        return None
    except (OSError, _UnfitError, ValueError, LookupError, TypeError, struct.error) as error:
        logger.debug("{} is not used: {}", file, error)
        return None


# ------------------------------------------------------------------------------------------------ the file


def _write(target: BinaryIO, arrays: Arrays, about: dict[str, Any]) -> None:
    places, end = [], 0
    for name, array in arrays.items():
        places.append([name, array.dtype.str, array.shape, end])
        end += array.nbytes + -array.nbytes % _ALIGNED
    header = json.dumps({**about, "arrays": places, "bytes": end}).encode()
    header += b" " * (-(_START.size + len(header)) % _ALIGNED)
    total = zlib.crc32(header)
    target.write(_START.pack(_MAGIC, 0, len(header)) + header)
    for array in arrays.values():
        piece = array.tobytes() + bytes(-array.nbytes % _ALIGNED)
        total = zlib.crc32(piece, total)
        target.write(piece)
    target.seek(0)
    target.write(_START.pack(_MAGIC, total, len(header)))


def _read(source: BufferedReader, commit: str) -> tuple[dict[str, Any], Arrays]:
    magic, total, length = _START.unpack(source.read(_START.size))
    if magic != _MAGIC:
        raise _UnfitError("it has another format")
    size = os.fstat(source.fileno()).st_size
    if length > size:
        raise _UnfitError("it is damaged")
    header = source.read(length)
    about = json.loads(header)
    if about["commit"] != commit or about["made_by"] != __version__:
        raise _UnfitError("it is of another commit, or made by another lorairo")
    if size != _START.size + length + about["bytes"]:
        raise _UnfitError("it is cut off")
    body = np.empty(about["bytes"], dtype=np.uint8)
    if source.readinto(body.data) != len(body) or zlib.crc32(body.data, zlib.crc32(header)) != total:
        raise _UnfitError("it is damaged")
    body.setflags(write=False)
    return about, {
        name: np.ndarray(tuple(shape), np.dtype(kind), body.data, place)
        for name, kind, shape, place in about["arrays"]
    }


def _sweep(file: Path) -> None:
    """Delete what a killed process left."""
    for left in file.parent.glob(f".{file.name}.*.part"):
        with contextlib.suppress(OSError):  # its process lives after all, or another was faster
            if time.time() - left.stat().st_mtime > _LEFTOVER:
                left.unlink()


# ----------------------------------------------------------------------------------------------- its parts


def _about(parts: Parts, commit: str) -> dict[str, Any]:
    return {
        "commit": commit,
        "made_by": __version__,
        "width": parts.matrix.width,
        "signature": parts.vocabulary.signature,
    }


def _arrays_of(parts: Parts) -> Arrays:
    matrix = parts.matrix.joined() if parts.matrix.edited_rows else parts.matrix
    vocabulary = parts.vocabulary
    arrays: Arrays = {
        "ids": parts.ids,
        "hashes": parts.hashes,
        "aspect": parts.aspect,
        "offsets": matrix.offsets,
        "tags": matrix.tags,
        "sources": matrix.sources,
        "categories": vocabulary.categories,
        **_packed("names", vocabulary.names),
    }
    for name, values in parts.columns.items():
        arrays |= (
            _coded(f"column {name}", values)
            if values.dtype.hasobject
            else {f"column {name}": np.ascontiguousarray(values)}
        )
    for name, values in parts.scores.items():
        arrays[f"score {name}"] = np.ascontiguousarray(values)
    return arrays


def _parts_of(about: dict[str, Any], arrays: Arrays) -> Parts:
    columns = {
        name: _decoded(f"column {name}", arrays) if kind.hasobject else arrays[f"column {name}"]
        for name, kind in _COLUMNS.items()
    }
    if any(columns[name].dtype != kind for name, kind in _COLUMNS.items()):
        raise _UnfitError("it holds other columns")
    names = _unpacked("names", arrays)
    return Parts(
        ids=arrays["ids"],
        hashes=arrays["hashes"],
        columns=columns,
        aspect=arrays["aspect"],
        scores={key[6:]: values for key, values in arrays.items() if key.startswith("score ")},
        matrix=TagMatrix(arrays["offsets"], arrays["tags"], arrays["sources"], about["width"]),
        vocabulary=Vocabulary(
            names,
            arrays["categories"],
            {name: number for number, name in enumerate(names) if name is not None},
            tuple(about["signature"]),
        ),
    )


# ---------------------------------------------------------------------------------------------------- text


def _packed(name: str, values: list[str | None]) -> Arrays:
    """Return texts as their UTF-8 with a NUL between two, and which of them are None."""
    text = _BETWEEN.join("" if value is None else value for value in values)
    if text.count(_BETWEEN) != max(len(values) - 1, 0):
        raise ValueError("a text with a NUL in it cannot be kept")
    return {
        f"{name} text": np.frombuffer(text.encode(), dtype=np.uint8),
        f"{name} none": np.fromiter((value is None for value in values), dtype=bool, count=len(values)),
    }


def _unpacked(name: str, arrays: Arrays) -> list[str | None]:
    none = arrays[f"{name} none"]
    if not len(none):
        return []
    texts: list[str | None] = [*arrays[f"{name} text"].tobytes().decode().split(_BETWEEN)]
    if len(texts) != len(none):
        raise _UnfitError("it is damaged")
    for place in np.flatnonzero(none).tolist():
        texts[place] = None
    return texts


def _coded(name: str, values: Array) -> Arrays:
    """Return a column of texts packed: each once, with its number by row, where they repeat."""
    texts: list[str | None] = values.tolist()
    numbers = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    if len(numbers) > len(texts) // 8:
        return _packed(name, texts)
    codes = np.fromiter((numbers[text] for text in texts), dtype=np.uint32, count=len(texts))
    return {**_packed(name, list(numbers)), f"{name} codes": codes}


def _decoded(name: str, arrays: Arrays) -> Array:
    texts = _unpacked(name, arrays)
    column = np.empty(len(texts), dtype=object)
    column[:] = texts
    codes = arrays.get(f"{name} codes")
    column = column if codes is None else column[codes]
    column.setflags(write=False)
    return column
