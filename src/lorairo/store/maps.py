"""Maps of images in a file beside the database, each under what it was made of.

The file may be deleted at any time: a map is made again from the embeddings. It is written whole and then put
in place; numpy reads it without running anything in it, and checks the sum of each array.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from typing import TYPE_CHECKING

import numpy as np

from lorairo.log import logger

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Flat = NDArray[np.float32]

MAPS = "maps.cache"
"""Name of the file beside the database."""

_MOST = 8  # maps that are kept; the oldest goes first
_DAMAGED = (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error)


def read(file: Path, key: str) -> Flat | None:
    """Return a map, float32[images, 2]; None where the file does not hold it."""
    return _all(file).get(key)


def write(file: Path, key: str, flat: Flat) -> None:
    """Keep a map; what cannot be written is made again the next time."""
    held = {name: kept for name, kept in _all(file).items() if name != key}
    held[key] = flat
    kept = dict(list(held.items())[-_MOST:])
    partial = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as target:
            np.savez(target, **kept)  # type: ignore[arg-type]  # its stubs take a name for an option
        partial.replace(file)
    except OSError as error:
        logger.warning("{} cannot be written: {}; the map is made again the next time", file, error)
    finally:
        partial.unlink(missing_ok=True)


def _all(file: Path) -> dict[str, Flat]:
    try:
        with file.open("rb") as source, np.load(source, allow_pickle=False) as held:
            return {name: held[name].astype(np.float32) for name in held.files}
    except FileNotFoundError:
        return {}
    except _DAMAGED as error:
        logger.debug("{} is not used: {}", file, error)
        return {}
