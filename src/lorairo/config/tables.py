"""Files of rows that a user may add to ours: models, prices, prompts."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from lorairo.config.names import nearest
from lorairo.errors import ConfigError, Error

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def read_tables(file: Path, known: Sequence[str], error: type[Error] = ConfigError) -> dict[str, Any]:
    """Read the tables of a TOML file.

    Parameters
    ----------
    file
        Ours, or the user's own.
    known
        Names that its tables may have.
    error
        What is raised.

    Raises
    ------
    Error
        For a file that cannot be read, text that is no TOML, or an unknown table (the nearest is named).
    """
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as trouble:
        raise error(f"{file} is not TOML: {trouble}") from trouble
    except OSError as trouble:
        raise error(f"{file} cannot be read: {trouble.strerror}") from trouble
    for name in document:
        if name not in known:
            raise error(f"{file}: unknown table {name!r}: {nearest(name, list(known))}")
    return document
