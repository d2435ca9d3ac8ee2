"""Thresholds of single tags that come with a model."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from lorairo.errors import ModelError
from lorairo.tags import canonical

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path

_COLUMNS = ("best_threshold", "threshold")


def read_thresholds(file: Path, names: Container[str]) -> dict[str, float]:
    """Read from which score on each tag of a model holds, by the authors' own calibration.

    Parameters
    ----------
    file
        ``.csv`` with a header, a column ``name`` and a column ``best_threshold`` or ``threshold``. It may be
        the list of tags itself. Empty cells say nothing.
    names
        Tags of the model; lines about others, such as whole categories, are passed over.

    Raises
    ------
    ModelError
        When the file is no such table, or a threshold is none.
    """
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ModelError(f"{file} is no table of thresholds: {error}") from error
    column = next((name for name in _COLUMNS if rows and name in rows[0]), None)
    if column is None or "name" not in rows[0]:
        raise ModelError(
            f"{file} is no table of thresholds: its columns are name and {' or '.join(_COLUMNS)}"
        )
    found: dict[str, float] = {}
    for line, row in enumerate(rows, start=2):
        name, text = canonical(row["name"] or ""), (row[column] or "").strip()
        if name not in names or not text:
            continue
        try:
            limit = float(text)
        except ValueError:
            limit = -1.0
        if not 0 <= limit <= 1:
            raise ModelError(
                f"{file}, line {line}: a threshold lies between 0 and 1, not {text} as of {name}"
            )
        found[name] = limit
    return found
