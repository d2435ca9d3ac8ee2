"""Writing a setting back into its file: comments, order and spacing of everything else stay."""

from __future__ import annotations

import os
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomlkit
from psygnal import EmitLoopError, SignalInstance
from tomlkit.exceptions import TOMLKitError

from lorairo.config.layers import FILE, Layer, decent, layers, merged, read_text, source_of, user_file
from lorairo.config.names import field_of
from lorairo.config.telling import shown, value_of
from lorairo.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tomlkit import TOMLDocument
    from tomlkit.items import Table

__all__ = ["Saved", "changed", "save"]

changed = SignalInstance((str,))
"""Emitted with the name of a setting after it was written."""

_PRIVATE = 0o600
_writing = threading.Lock()


@dataclass(frozen=True)
class Saved:
    """What was written.

    Attributes
    ----------
    key
        The setting.
    file
        Where it is kept.
    message
        What counts now; a stronger layer may say otherwise.
    """

    key: str
    file: Path
    message: str

    def __repr__(self) -> str:
        return self.message


def save(key: str, value: Any, *, project: Path | str | None = None) -> Saved:
    """Change a setting at once and for later: in the user's file, or in a project's.

    Parameters
    ----------
    key
        Such as ``log.level``.
    value
        The new value; None takes the setting out, so that what a weaker layer says counts again.
    project
        A project, or its folder; the setting then holds for it alone.

    Raises
    ------
    ConfigError
        When there is no such setting, the value does not fit, it is a key and `project` is given, or the file
        cannot be written. Nothing is changed then.
    """
    field_of(key, "the call")
    folder = None if project is None else Path(getattr(project, "location", project))
    file = (user_file() if folder is None else folder / FILE).resolve()
    with _writing:
        text = contents(file)
        new = _edited(file, text, key, value)
        settled = _checked(file, new, folder)
        if new != text:
            replace(file, new, private=folder is None)
    _announce(key, lambda: replace(file, text, private=folder is None))
    said = shown(value_of(merged(settled), key))
    source = source_of(key, settled)
    message = f"{key} = {said}, in {file}"
    if value is None:
        message = f"{key} = {said}, from {source}"
    elif source != str(file):
        message = f"{key} is written to {file}, but {source} counts more: {said}"
    return Saved(key, file, message)


def _announce(key: str, take_back: Callable[[], None]) -> None:
    """Tell who follows the settings; where one of them cannot, the file is as before."""
    try:
        changed.emit(key)
    except EmitLoopError as error:
        take_back()
        changed.emit(key)
        raise (error.__cause__ or error) from None


def contents(file: Path) -> str:
    """Return what stands in a file; nothing where there is none."""
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}") from error


def _edited(file: Path, text: str, key: str, value: Any) -> str:
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(f"{file} is not TOML: {error}") from None
    *tables, last = key.split(".")
    table: TOMLDocument | Table = document
    for name in tables:
        if name not in table:
            if value is None:
                return text
            table[name] = tomlkit.table(is_super_table=name == "providers")
        inner: Any = table[name]
        table = inner
    if value is None:
        table.pop(last, None)
    else:
        table[last] = str(value) if isinstance(value, Path) else value
    return tomlkit.dumps(document)


def _checked(file: Path, text: str, folder: Path | None) -> list[Layer]:
    """Read all layers as they will be, so that nothing is written that cannot be read again."""
    new = read_text(file, text)
    found = layers(folder, {})
    place = 1 if folder is None else 2
    found[place] = new if folder is None else decent(new)
    merged(found[: place + 1])  # a stronger layer must not hide a value that does not fit
    merged(found)
    return found


def replace(file: Path, text: str, *, private: bool) -> None:
    """Write a file as a whole or not at all; the user's may hold keys, and is nobody else's to read.

    Raises
    ------
    ConfigError
        When it cannot be written; then it is as before.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        mode = _PRIVATE if private or not file.exists() else file.stat().st_mode & 0o777
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as written:
                written.write(text)
                written.flush()
                os.fsync(written.fileno())
            Path(name).chmod(mode)
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}") from error
