r"""Columns of arrays as one compressed blob: the payload of operations and the body of evidence.

A blob is ``LP1\\n`` + zlib(header length, JSON header, raw little-endian arrays). Arrays keep their dtype
(structured ones too); everything else in the mapping must be JSON. Reading never executes anything.
"""

from __future__ import annotations

import json
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAGIC = b"LP1\n"


def pack(columns: Mapping[str, Any]) -> bytes:
    """Pack arrays and JSON values into one blob.

    Parameters
    ----------
    columns
        Names to one-dimensional numpy arrays or JSON values.

    Returns
    -------
    bytes
        The blob; equal input gives equal bytes.
    """
    arrays: list[bytes] = []
    header: dict[str, Any] = {}
    for name, value in columns.items():
        if isinstance(value, np.ndarray):
            array = np.ascontiguousarray(value)
            header[name] = {"dtype": np.lib.format.dtype_to_descr(array.dtype), "n": len(array)}
            arrays.append(array.tobytes())
        else:
            header[name] = {"json": value}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    body = b"".join([struct.pack("<I", len(text)), text, *arrays])
    return _MAGIC + zlib.compress(body, 1)


def may_hold(blob: bytes, item: np.generic) -> bool:
    """Say whether an item may stand in one of the arrays; False is certain, and far faster than `unpack`."""
    return item.tobytes() in _body(blob)


def _body(blob: bytes) -> bytes:
    if blob[:4] != _MAGIC:
        raise StoreError(
            "a packed value in the database has an unknown form: it was written by a newer lorairo"
        )
    try:
        return zlib.decompress(blob[4:])
    except zlib.error as error:
        raise StoreError(
            "a packed value in the database is damaged: restore the project from a backup"
        ) from error


def unpack(blob: bytes) -> dict[str, Any]:
    """Read what `pack` wrote.

    Raises
    ------
    StoreError
        When the blob is not one of ours or is damaged.
    """
    body = _body(blob)
    (length,) = struct.unpack_from("<I", body)
    header: dict[str, Any] = json.loads(body[4 : 4 + length])
    offset = 4 + length
    columns: dict[str, Any] = {}
    for name, entry in header.items():
        if "json" in entry:
            columns[name] = entry["json"]
            continue
        descr = entry["dtype"]
        dtype = np.dtype([tuple(field) for field in descr] if isinstance(descr, list) else descr)
        columns[name] = np.frombuffer(body, dtype, entry["n"], offset)
        offset += dtype.itemsize * entry["n"]
    return columns
