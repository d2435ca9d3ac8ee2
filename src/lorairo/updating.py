"""Write an edited table back to a view: what differs, as one step of undo."""

from __future__ import annotations

import itertools
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lorairo.errors import ArgumentError
from lorairo.frames import caption_variant
from lorairo.results import Done
from lorairo.tags import canonical, split_tag_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from lorairo.view import View

_PLAIN = ("tags", "stars", "excluded", "reason", "reviewed")
_LONGEST_TAG = 255
_MOST_RANKED = 4_000_000  # images times tags that one order may be worked out for at once


def write_back(view: View, frame: pd.DataFrame) -> Done:
    """Write the columns of a table that can be edited, where they differ.

    Raises
    ------
    ArgumentError
        When a row is of no image of the view, stands there twice, or holds what its column cannot; nothing is
        written then.
    """
    view.project.writable()
    ids = _ids(view, frame)
    # Fixed by their ids: an edit in one column must not take an image out of reach of the next.
    fixed: View = view.project.view(everything=True)[ids]
    columns = [name for name in frame.columns if name in _PLAIN or caption_variant(str(name)) is not None]
    before = fixed.to_frame(columns)
    after = frame.loc[before.index, columns]
    changed = {name: _changed(before[name], after[name], _reader(name)) for name in columns}
    count = len({(image_id, name) for name, (_old, new) in changed.items() for image_id in new})
    exclusion = _exclusion(fixed, changed.pop("excluded", _NOTHING), changed.pop("reason", _NOTHING))
    with view.project.batch("edited a table") as batch:
        for name, (old, new) in changed.items():
            if new:
                _write(fixed, name, old, new)
        for (excluded, reason), where in _by_value(exclusion).items():
            if excluded:
                fixed[where].exclude(reason)
            else:
                fixed[where].include()
    count = count if batch.operations else 0
    noun = "cell" if count == 1 else "cells"
    return Done(f"Updated {count:,} {noun}", count, batch.last_operation)


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


def _changed(
    before: pd.Series, after: pd.Series, read: Callable[[Any], Any]
) -> tuple[dict[int, Any], dict[int, Any]]:
    """Return old and new values by image id, where they differ."""
    old: dict[int, Any] = {}
    new: dict[int, Any] = {}
    for image_id, was, now in zip(before.index.tolist(), before.tolist(), after.tolist(), strict=True):
        try:
            was_value, now_value = read(was), read(now)
        except ValueError as error:
            raise ArgumentError(
                f"{now!r} cannot be the {before.name} of image {image_id}: {error}"
            ) from error
        if was_value != now_value:
            old[image_id], new[image_id] = was_value, now_value
    return old, new


def _blank(value: Any) -> bool:
    return value is None or (not isinstance(value, str) and bool(pd.isna(value)))


def _tags(value: Any) -> tuple[str, ...]:
    names = [] if _blank(value) else [canonical(tag) for tag in split_tag_text(str(value))]
    if long := next((name for name in names if len(name) > _LONGEST_TAG), None):
        raise ValueError(f"a tag has up to {_LONGEST_TAG} characters, not {len(long)}")
    return tuple(name for name in dict.fromkeys(names) if name)


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


_NOTHING: tuple[dict[int, Any], dict[int, Any]] = ({}, {})


def _exclusion(
    view: View,
    excluded: tuple[dict[int, Any], dict[int, Any]],
    reason: tuple[dict[int, Any], dict[int, Any]],
) -> dict[int, tuple[bool, str | None]]:
    """Return what is excluded and why, by image id, where one of the two changed.

    A reason that stays in the row of an image that is taken back says nothing any more.
    """
    flags, reasons = excluded[1], reason[1]
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


def _by_value(new: dict[int, Any]) -> dict[Any, list[int]]:
    groups: dict[Any, list[int]] = {}
    for image_id, value in new.items():
        groups.setdefault(value, []).append(image_id)
    return groups


def _write(view: View, column: str, old: dict[int, Any], new: dict[int, Any]) -> None:
    variant = caption_variant(column)
    if variant is not None:
        view.set_caption(new, variant=variant)
    elif column == "tags":
        _write_tags(view, old, new)
    else:
        for value, ids in _by_value(new).items():
            if column == "stars":
                view[ids].stars(value)
            else:
                view[ids].mark_reviewed(value)


def _write_tags(view: View, old: dict[int, Any], new: dict[int, Any]) -> None:
    added = {n: tuple(tag for tag in wanted if tag not in old[n]) for n, wanted in new.items()}
    removed = {n: tuple(tag for tag in old[n] if tag not in wanted) for n, wanted in new.items()}
    for ids, tags in _fewest(added):
        view[ids].add_tags(*tags)
    for ids, tags in _fewest(removed):
        view[ids].remove_tags(*tags)
    stand = {image_id: _tags(text) for image_id, text in view[list(new)]["tags"].items()}
    moved = {image_id: wanted for image_id, wanted in new.items() if stand[image_id] != wanted}
    for ids, tags in _orders(list(_by_value(moved).items())):
        view[ids].order_tags(*tags)


def _fewest(tags: dict[int, tuple[str, ...]]) -> list[tuple[list[int], tuple[str, ...]]]:
    """Return images and tags as few edits: by images with the same tags, or by tags of the same images."""
    by_image = [(ids, names) for names, ids in _by_value(tags).items() if names]
    where: dict[str, list[int]] = {}
    for image_id, names in tags.items():
        for name in names:
            where.setdefault(name, []).append(image_id)
    together: dict[tuple[int, ...], list[str]] = {}
    for name, ids in where.items():
        together.setdefault(tuple(ids), []).append(name)
    by_tag = [(list(ids), tuple(names)) for ids, names in together.items()]
    return min(by_image, by_tag, key=len)


def _orders(lists: list[tuple[tuple[str, ...], list[int]]]) -> list[tuple[list[int], tuple[str, ...]]]:
    """Return images and the order of their tags as few edits: one, where one order suits all the lists."""
    if len(lists) < 2:  # noqa: PLR2004 - one list is its own order
        return [(ids, names) for names, ids in lists if names]
    follows: dict[str, set[str]] = {}
    for names, _ids in lists:
        for first, second in itertools.pairwise(names):
            follows.setdefault(second, set()).add(first)
        follows.update((name, set()) for name in names[:1] if name not in follows)
    ids = [image_id for _names, some in lists for image_id in some]
    if len(ids) * len(follows) <= _MOST_RANKED:
        try:
            return [(ids, tuple(TopologicalSorter(follows).static_order()))]
        except CycleError:
            pass  # two of them contradict each other
    half = len(lists) // 2
    return _orders(lists[:half]) + _orders(lists[half:])
