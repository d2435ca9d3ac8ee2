"""Logging: silent in cells, a rotating file in each open project, API keys masked in both."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import threading
import traceback
from typing import TYPE_CHECKING

from loguru import logger as _root

if TYPE_CHECKING:
    from pathlib import Path

    from loguru import Logger, Record

__all__ = ["hide", "leave_project", "logger", "masked", "to_project"]

_MASK = "***"

# Keys by their shape; then by a word beside them that says so; then passwords in addresses.
_KEYS = re.compile(
    r"\b(?:sk-[A-Za-z0-9_\-]{8,}|AIza[A-Za-z0-9_\-]{20,}|hf_[A-Za-z0-9]{8,}|r8_[A-Za-z0-9]{8,}"
    r"|gsk_[A-Za-z0-9]{8,}|xai-[A-Za-z0-9]{8,}|gh[pousr]_[A-Za-z0-9]{16,}|AKIA[A-Z0-9]{12,})"
)
_NAMED = re.compile(
    r"""(?ix) ( \b(?: authorization | x-api-key | api[_-]?key | access[_-]?token | secret | password )
        ["']? \s* [:=] \s* ["']? (?:bearer\s+ | basic\s+)? ) ( [^\s"'&,;)}]{4,} )"""
)
_BEARER = re.compile(r"(?i)\b(bearer\s+)[A-Za-z0-9_\-.~+/=]{8,}")
_ADDRESS = re.compile(r"(\b[a-z][a-z0-9+.\-]*://[^\s:/@]*:)[^\s@/]+(@)")
_SECRET_VARIABLE = re.compile(r"(?i)(_API_KEY|_TOKEN|_SECRET|_PASSWORD|_ACCESS_KEY)$")
_SHORTEST_SECRET = 8  # anything shorter would mask ordinary words

_hidden: set[str] = set()
_files: dict[Path, int] = {}
_lock = threading.Lock()


def hide(secret: str) -> None:
    """Mask this text wherever it would be logged from now on, whatever it looks like."""
    if len(secret) >= _SHORTEST_SECRET:
        _hidden.add(secret)


def masked(text: str) -> str:
    """Replace keys, tokens and passwords in a text by ``***``; for messages that leave the process."""
    known = {
        value
        for name, value in os.environ.items()
        if _SECRET_VARIABLE.search(name) and len(value) >= _SHORTEST_SECRET
    }
    for secret in sorted(known | _hidden, key=len, reverse=True):  # the longer may contain the shorter
        text = text.replace(secret, _MASK)
    text = _KEYS.sub(_MASK, text)
    text = _ADDRESS.sub(rf"\1{_MASK}\2", text)
    text = _BEARER.sub(rf"\1{_MASK}", text)
    return _NAMED.sub(rf"\1{_MASK}", text)


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


def to_project(folder: Path) -> None:
    """Write what is logged from now on to ``logs/lorairo.log`` in a project: rotated weekly, kept a month.

    Lines bound to another project (``logger.bind(project=name)``) stay out. Doing it twice changes nothing.
    """
    with _lock:
        if folder in _files:
            return
        _files[folder] = _root.add(
            folder / "logs" / "lorairo.log",
            level="INFO",
            filter=lambda record: (
                _is_ours(record) and record["extra"].get("project", folder.name) == folder.name
            ),
            format="{time:YYYY-MM-DD HH:mm:ss} {level: <7} {name}: {message}",
            rotation="1 week",
            retention="1 month",
            encoding="utf-8",
            delay=True,  # a project in which nothing happened has no log
            backtrace=False,
            diagnose=False,  # it would print the values of variables
        )


def leave_project(folder: Path) -> None:
    """Close the log of a project, so that its folder can be moved or deleted."""
    with _lock:
        handler = _files.pop(folder, None)
    if handler is not None:
        with contextlib.suppress(ValueError):  # the host may have removed all handlers meanwhile
            _root.remove(handler)


_silence()
