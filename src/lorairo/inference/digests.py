"""Digests of weights that came from nowhere but a folder: read once, however many gigabytes they have."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from typing import TYPE_CHECKING

from lorairo.config import load
from lorairo.log import logger

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_BOOK = "digests.json"
_WORTH = 64 * 2**20  # smaller files are read again in another kernel

_known: dict[str, str] = {}
_turn = threading.Lock()


def digest_of(files: Sequence[Path]) -> str:
    """Return one digest of several files, ``sha256:...``.

    A file is read again only when its size or its time has changed.
    """
    digests = b"".join(bytes.fromhex(_digest(file)) for file in files)
    return f"sha256:{hashlib.sha256(digests).hexdigest()}"


def _digest(file: Path) -> str:
    state = file.stat()
    key = f"{file.resolve()}|{state.st_size}|{state.st_mtime_ns}"
    with _turn:
        if key in _known:
            return _known[key]
        large = state.st_size >= _WORTH
        found = _written().get(key) if large else None
        if found is None:
            with file.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
            if large:
                _write(key, found)
        _known[key] = found
        return found


def _book() -> Path:
    return load().model_dir / _BOOK


def _written() -> dict[str, str]:
    try:
        book = json.loads(_book().read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none yet, or one that was cut: the files are read again
        return {}
    return book if isinstance(book, dict) else {}


def _write(key: str, digest: str) -> None:
    """Keep a digest for other kernels, beside those of other files; earlier states of this one go."""
    path = key.split("|", 1)[0]
    book = {other: said for other, said in _written().items() if other.split("|", 1)[0] != path}
    spare = _book().with_suffix(f".{os.getpid()}")
    try:
        spare.parent.mkdir(parents=True, exist_ok=True)
        spare.write_text(json.dumps({**book, key: digest}, indent=1), encoding="utf-8")
        spare.replace(_book())
    except OSError as error:  # a folder that is read-only: the next kernel reads the file again
        logger.debug("{} cannot be written: {}", _book(), error)
