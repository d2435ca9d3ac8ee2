"""The net effect of many operations: for each value what was there before the first, and after the last."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.store.blobs import DECISION
from lorairo.store.deltas import CellDelta, RecordDelta, TagDelta

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from lorairo.store.blobs import Array
    from lorairo.store.deltas import Delta

_MANY = 1 << 20  # values waiting before they are merged: bounds memory


class NetEffect:
    """Takes changes one after the other, and gives them as one."""

    def __init__(self) -> None:
        self._tags = _Values(DECISION)
        self._cells: dict[str, _Values] = {}
        self._codes: dict[str, int] = {}
        self._records: dict[tuple[str, str], tuple[dict[str, Any] | None, dict[str, Any] | None]] = {}

    def add(self, changed: Iterable[Delta]) -> None:
        """Take what the next operation changed."""
        for delta in changed:
            if isinstance(delta, TagDelta):
                cells = (delta.images[delta.row] << 32) | delta.after["tag"].astype(np.int64)
                self._tags.add(cells, delta.before, delta.after)
            elif isinstance(delta, CellDelta):
                codes = np.array([self._code(value) for value in delta.values], dtype=np.uint32)
                values = self._cells.setdefault(delta.field, _Values(np.dtype(np.uint32)))
                values.add(delta.images, codes[delta.before], codes[delta.after])
            elif isinstance(delta, RecordDelta):
                key = (delta.field, delta.key)
                first, _ = self._records.get(key, (delta.before, None))
                self._records[key] = (first, delta.after)

    def _code(self, value: Any) -> int:
        return self._codes.setdefault(json.dumps(value), len(self._codes))

    def deltas(self) -> list[Delta]:
        """Return the changes: records first, as memberships need their dataset."""
        found: list[Delta] = [
            RecordDelta(field, key, before, after)
            for (field, key), (before, after) in self._records.items()
            if before != after
        ]
        cells, before, after = self._tags.merged()
        if len(cells):
            images, row = np.unique(cells >> 32, return_inverse=True)
            found.append(TagDelta(images, row.astype(np.uint32), before, after))
        values = [json.loads(text) for text in self._codes]
        for field, held in self._cells.items():
            images, before, after = held.merged()
            delta = CellDelta.made(
                field,
                images.tolist(),
                [values[code] for code in before.tolist()],
                [values[code] for code in after.tolist()],
            )
            if delta is not None:
                found.append(delta)
        return found


class _Values:
    """Values before and after by key, those of one key in the order they came."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._keys: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
        self._before: list[Array] = [np.empty(0, dtype=dtype)]
        self._after: list[Array] = [np.empty(0, dtype=dtype)]
        self._waiting = 0

    def add(self, keys: NDArray[np.int64], before: Array, after: Array) -> None:
        self._keys.append(keys)
        self._before.append(before)
        self._after.append(after)
        self._waiting += len(keys)
        if self._waiting > _MANY:
            self._merge()

    def _merge(self) -> None:
        keys = np.concatenate(self._keys)
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else order
        ends = np.r_[starts[1:], len(ordered)] - 1 if len(ordered) else order
        self._keys = [ordered[starts]]
        self._before = [np.concatenate(self._before)[order[starts]]]
        self._after = [np.concatenate(self._after)[order[ends]]]
        self._waiting = 0

    def merged(self) -> tuple[NDArray[np.int64], Array, Array]:
        """Return each key once, sorted, with its first and last value, where they differ."""
        self._merge()
        keys, before, after = self._keys[0], self._before[0], self._after[0]
        differs = before != after
        return keys[differs], before[differs], after[differs]
