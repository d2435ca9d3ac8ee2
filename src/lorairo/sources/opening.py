"""Tell from what somebody hands over which kind of source it is."""

from __future__ import annotations

import os
import re
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PIL import Image

from lorairo.errors import ArgumentError, NotFoundError
from lorairo.sources import plugins
from lorairo.sources.archive import find_in_zip
from lorairo.sources.files import absolute, find_file
from lorairo.sources.folder import find_in_folder
from lorairo.sources.frame import find_in_frame
from lorairo.sources.items import Found, shown
from lorairo.sources.memory import find_images

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_SAYS = "add a folder, a file, a .zip, a list of those, a DataFrame with a 'path' column, or PIL images"


def source_of(source: Any, *, recursive: bool = True) -> Found:
    """List the pictures of a source of any kind.

    Parameters
    ----------
    source
        Path of a folder, file or ZIP archive; an address that an installed plug-in takes; a DataFrame; a
        Pillow image; or a list of any of these.
    recursive
        Whether folders inside folders are walked.

    Raises
    ------
    ArgumentError
        When it is none of these.
    NotFoundError
        When a path that was named alone does not exist.
    """
    if isinstance(source, (str, os.PathLike)) and not _is_address(source):
        path = _absolute(source)
        if not os.path.lexists(path):
            raise NotFoundError(f"{path} does not exist: check the path")
        return _find_path(path, recursive=recursive)
    return _find(source, recursive=recursive)


def _find(source: Any, *, recursive: bool) -> Found:
    if _is_address(source):
        return _find(_fetched(source), recursive=recursive)
    if isinstance(source, (str, os.PathLike)):
        return _find_path(_absolute(source), recursive=recursive)
    if isinstance(source, Image.Image):
        return find_images([source])
    pandas = sys.modules.get("pandas")  # nobody holds a frame without having imported it
    if pandas is not None and isinstance(source, pandas.DataFrame):
        return find_in_frame(source)
    if isinstance(source, Iterable) and not isinstance(source, (bytes, bytearray, dict)):
        return Found.joined(_find(entry, recursive=recursive) for entry in source)
    raise ArgumentError(f"{type(source).__name__} is no source of images: {_SAYS}")


def _is_address(source: Any) -> bool:
    return isinstance(source, str) and _ADDRESS.match(source) is not None


def _fetched(address: str) -> Any:
    if not plugins.schemes():
        raise ArgumentError(f"{address} is an address, and this version adds none: download it, then {_SAYS}")
    return plugins.fetch(address)


def _absolute(source: str | os.PathLike[str]) -> str:
    text = os.fspath(source)
    if not isinstance(text, str):
        raise ArgumentError(f"paths are text here, not {type(text).__name__}")
    if not text.strip():
        raise ArgumentError(f"an empty path: {_SAYS}")
    return absolute(text)


def _find_path(path: str, *, recursive: bool) -> Found:
    try:
        if Path(path).is_dir():
            return find_in_folder(path, recursive=recursive)
        if Path(path).is_file() and path.lower().endswith(".zip") and zipfile.is_zipfile(path):
            return find_in_zip(path)
    except OSError as error:  # a name that is too long, a folder that may not be looked into
        return Found(problems=[(shown(path), f"cannot be read: {error.strerror or error}")])
    return find_file(path)
