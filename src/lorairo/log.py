"""Logging: silent in cells, a rotating file in each open project, API keys masked in both."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import traceback
from typing import TYPE_CHECKING

from loguru import logger as _root  # noqa: TID251 - here it gets its mask

from lorairo.config import changed, load
from lorairo.config.layers import layers, source_of
from lorairo.errors import ConfigError
from lorairo.masking import masked

if TYPE_CHECKING:
    from pathlib import Path

    from loguru import Logger, Record

    from lorairo.config.schema import Log

__all__ = ["leave_project", "logger", "to_project"]

_lock = threading.Lock()


def _prepare(record: Record) -> None:
    """Mask the message, and fold the traceback into it, so that no sink ever sees the bare one."""
    message = record["message"]
    error = record["exception"]
    if error is not None and error.value is not None:
        message += "\n" + "".join(traceback.format_exception(error.value)).rstrip()
        record["exception"] = None
    record["message"] = masked(message)


logger: Logger = _root.patch(_prepare)
"""What every module of lorairo logs with."""


def _silence() -> None:
    """Keep our lines out of cells: loguru's own handler prints everything until somebody removes it."""
    try:
        _root.remove(0)
    except ValueError:  # the host has set its handlers up already; they are its own business
        return
    _root.add(sys.stderr, filter=lambda record: not _is_ours(record))


def _is_ours(record: Record) -> bool:
    return (record["name"] or "").split(".")[0] == "lorairo"


class _File:
    """A log file, and the projects that write into it; an absolute path may be shared by several."""

    def __init__(self, path: Path, settings: Log, folder: Path) -> None:
        self.folders = [folder]
        self._handler = _root.add(
            path,
            level=settings.level,
            filter=self._takes,
            format="{time:YYYY-MM-DD HH:mm:ss} {level: <7} {name}: {message}",
            rotation=settings.rotation,
            retention=settings.retention,
            encoding="utf-8",
            delay=True,  # a project in which nothing happened has no log
            backtrace=False,
            diagnose=False,  # it would print the values of variables
        )

    def _takes(self, record: Record) -> bool:
        """Whether a line belongs here: ours, and bound to no project that writes elsewhere."""
        named = record["extra"].get("project")
        return _is_ours(record) and (named is None or named in [folder.name for folder in self.folders])

    def close(self) -> None:
        """Write nothing more."""
        with contextlib.suppress(ValueError):  # the host may have removed all handlers meanwhile
            _root.remove(self._handler)


_projects: list[Path] = []
_files: dict[Path, _File] = {}


def to_project(folder: Path) -> None:
    """Write what is logged from now on into the log file of a project, as ``[log]`` of its settings says.

    Lines bound to another project (``logger.bind(project=name)``) stay out. Doing it twice changes nothing.

    Raises
    ------
    ConfigError
        When a setting is wrong, or there can be no such file.
    """
    with _lock:
        if folder not in _projects:
            _open(folder)
            _projects.append(folder)


def leave_project(folder: Path) -> None:
    """Close the log of a project, so that its folder can be moved or deleted."""
    with _lock:
        if folder in _projects:
            _projects.remove(folder)
        for path, file in list(_files.items()):
            if folder in file.folders:
                file.folders.remove(folder)
            if not file.folders:
                _files.pop(path).close()


def _open(folder: Path) -> None:
    settings = load(folder).log
    path = folder / settings.file_path
    _check_place(path, folder)
    if path in _files:
        _files[path].folders.append(folder)
    else:
        _files[path] = _File(path, settings, folder)


def _check_place(path: Path, folder: Path) -> None:
    """Refuse a file that could not be written: each line of it would end as a complaint in a cell."""
    there = next(place for place in path.parents if place.exists())
    if path.is_dir() or not there.is_dir() or not os.access(there, os.W_OK):
        source = source_of("log.file_path", layers(folder, {}))
        raise ConfigError(f"log.file_path from {source}: {path} cannot be written: name another file")


def _follow(key: str) -> None:
    """Open every file anew when a setting of the log has changed."""
    if not key.startswith("log."):
        return
    with _lock:
        while _files:
            _files.popitem()[1].close()
        for folder in _projects:
            _open(folder)


changed.connect(_follow)
_silence()
