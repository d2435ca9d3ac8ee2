"""Write an edited table back to a view: what differs, as one step of undo."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lorairo.errors import ArgumentError
from lorairo.frames import caption_variant, column_names
from lorairo.given import tag_list
from lorairo.results import Done
from lorairo.store import log

if TYPE_CHECKING:
    from collections.abc import Callable

    from lorairo.view import View

_PLAIN = ("tags", "stars", "excluded", "reason", "reviewed")


def write_back(view: View, frame: pd.DataFrame) -> Done:
    """Write the columns of a table that can be edited, where they differ.

    Raises
    ------
    ArgumentError
        When no column can be written back, or a row is of no image of the view, stands there twice, or holds
        what its column cannot; nothing is written then.
    """
    view.project.writable()
    columns = _columns(frame)
    ids = _ids(view, frame)
    # Fixed by their ids: an edit in one column must not take an image out of reach of the next.
    fixed: View = view.project.view(everything=True)[ids]
    before = fixed.to_frame(columns)
    after = frame.loc[before.index, columns]
    changed = {name: _changed(before[name], after[name], _reader(name)) for name in columns}
    count = sum(map(len, changed.values()))
    exclusion = _exclusion(fixed, changed.pop("excluded", {}), changed.pop("reason", {}))
    writing = {name: new for name, new in {**changed, "excluded": exclusion}.items() if new}
    together = view.project.batch("edited a table") if len(writing) > 1 else contextlib.nullcontext()
    with together:
        written = [_write(fixed, name, new) for name, new in writing.items()]
    last = next((number for number in reversed(written) if number is not None), None)
    count = 0 if last is None else count
    noun = "cell" if count == 1 else "cells"
    return Done(f"Updated {count:,} {noun}{_left_alone(fixed, frame)}", count, last)


def _left_alone(view: View, frame: pd.DataFrame) -> str:
    """Name the columns that differ from those of the view and cannot be written, such as ``width``."""
    columns = list(frame.columns)
    names = [name for name in column_names(view) if columns.count(name) == 1 and name not in _PLAIN]
    names = [name for name in names if caption_variant(name) is None]
    now = view.to_frame(names)
    odd = [name for name in names if _differs(now[name], frame.loc[now.index, name])]
    if not odd:
        return ""
    return f"; {', '.join(odd)} {'differs' if len(odd) == 1 else 'differ'} and cannot be written back"


def _differs(now: pd.Series, given: pd.Series) -> bool:
    """Whether a column holds other values; the last digits, which a table on disk may lose, do not count."""
    if pd.api.types.is_numeric_dtype(now) and pd.api.types.is_numeric_dtype(given):
        was, is_now = (column.to_numpy(dtype=np.float64, na_value=np.nan) for column in (now, given))
        return not np.allclose(was, is_now, rtol=1e-6, equal_nan=True)
    return bool((_as_text(now) != _as_text(given)).any())


def _as_text(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), "").astype(str)


def _columns(frame: pd.DataFrame) -> list[str]:
    if not isinstance(frame, pd.DataFrame):
        raise ArgumentError(f"a table to write back is a frame such as view.df, not {type(frame).__name__}")
    columns = [name for name in frame.columns if name in _PLAIN or caption_variant(str(name)) is not None]
    if twice := [name for name in columns if columns.count(name) > 1]:
        raise ArgumentError(f"the column {twice[0]!r} stands twice in this table: keep one")
    if not columns:
        known = ", ".join((*_PLAIN, "caption", "caption:NAME"))
        raise ArgumentError(f"no column of this table can be written back; those that can are: {known}")
    return columns


def _ids(view: View, frame: pd.DataFrame) -> np.ndarray:
    view.same_project(frame.attrs.get("lorairo"))
    index = frame.index
    if not pd.api.types.is_integer_dtype(index.dtype):
        raise ArgumentError(f"a table to write back is indexed by image_id, not by {index.dtype}")
    if not index.is_unique:
        raise ArgumentError(f"image {index[index.duplicated()][0]} stands twice in this table: keep one row")
    ids: np.ndarray = index.to_numpy(dtype=np.int64)
    strangers = ids[~np.isin(ids, view.ids)]
    if len(strangers):
        raise ArgumentError(
            f"{len(strangers):,} rows are for images outside this view, such as id {strangers.min()}"
        )
    return ids


def _changed(before: pd.Series, after: pd.Series, read: Callable[[Any], Any]) -> dict[int, Any]:
    """Return new values by image id, where they differ."""
    new: dict[int, Any] = {}
    for image_id, was, now in zip(before.index.tolist(), before.tolist(), after.tolist(), strict=True):
        try:
            was_value, now_value = read(was), read(now)
        except ValueError as error:
            raise ArgumentError(
                f"{now!r} cannot be the {before.name} of image {image_id}: {error}"
            ) from error
        if was_value != now_value:
            new[image_id] = now_value
    return new


def _blank(value: Any) -> bool:
    if not pd.api.types.is_scalar(value):
        raise ValueError("it is one value, not several")
    return bool(pd.isna(value))


def _tags(value: Any) -> tuple[str, ...]:
    if isinstance(value, list | tuple):
        return tag_list(value)
    return () if _blank(value) else tag_list(str(value))


def _text(value: Any) -> str:
    return "" if _blank(value) else str(value)


def _stars(value: Any) -> int:
    if _blank(value):
        return 0
    number = float(value)
    if number not in range(6):
        raise ValueError("stars go from 0 to 5")
    return int(number)


def _flag(value: Any) -> bool:
    if _blank(value):
        return False
    if isinstance(value, str) or value not in (0, 1):
        raise ValueError("it is True or False")
    return bool(value)


_READERS: dict[str, Callable[[Any], Any]] = {
    "tags": _tags,
    "stars": _stars,
    "excluded": _flag,
    "reason": _text,
    "reviewed": _flag,
}


def _reader(column: str) -> Callable[[Any], Any]:
    return _READERS.get(column, _text)  # what is not listed is a caption


def _exclusion(
    view: View, flags: dict[int, bool], reasons: dict[int, str]
) -> dict[int, tuple[bool, str | None]]:
    """Return what is excluded and why, by image id, where one of the two changed.

    A reason that stays in the row of an image that is taken back says nothing any more.
    """
    ids = [image_id for image_id in view.ids.tolist() if image_id in flags or image_id in reasons]
    now = view[ids].to_frame(["excluded", "reason"])
    found: dict[int, tuple[bool, str | None]] = {}
    for image_id, was_excluded, was_said in now.itertuples():
        out = flags.get(image_id, bool(was_excluded))
        said = reasons.get(image_id, _text(was_said)) or None
        if not out and not was_excluded:
            if said:
                raise ArgumentError(
                    f"image {image_id} has the reason {said!r} and is not excluded: set excluded too"
                )
            continue
        found[image_id] = (out, said if out else None)
    return found


def _write(view: View, column: str, values: dict[int, Any]) -> int | None:
    """Write one column as one operation, and return that."""
    variant = caption_variant(column)
    if variant is not None:
        return view.set_caption(values, variant=variant).operation_id
    if column == "tags":
        return view.set_tags(values).operation_id
    different = set(values.values())
    if len(different) == 1:
        return _write_one(view[list(values)], column, different.pop()).operation_id
    each = {n: list(value) if isinstance(value, tuple) else value for n, value in values.items()}
    return log.set_each(view.project.database, column, each, author=view.project.author).operation_id


def _write_one(view: View, column: str, value: Any) -> Done:
    """Write the same value for all."""
    if column == "stars":
        return view.stars(value)
    if column == "reviewed":
        return view.mark_reviewed(value)
    excluded, reason = value
    return view.exclude(reason) if excluded else view.include()
