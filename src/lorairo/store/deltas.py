"""What an operation changes: values before and after, packed, and how to set and turn them back.

Each kind sets its ``after``, and makes the reverse of itself for what nobody changed since.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np

from lorairo.store import changes, packing, state
from lorairo.store.blobs import ACCEPTED, DECISION, EFFECTIVE, Ragged, find, numbered
from lorairo.store.cells import field_named, record_named
from lorairo.store.statements import as_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.store.blobs import Array


class Delta(Protocol):
    """A change of one kind."""

    kind: ClassVar[str]

    @property
    def ids(self) -> NDArray[np.int64]:
        """Images it changes, sorted."""
        ...

    def columns(self) -> dict[str, Any]:
        """Return what `packing.pack` takes."""
        ...

    def apply(self, c: Connection) -> int:
        """Set the values after; return how many images changed."""
        ...

    def reverse(self, c: Connection) -> tuple[Delta | None, Delta | None]:
        """Return what turns back that which is as it was set; of the rest, what is and what would be."""
        ...

    def without(self, ids: NDArray[np.int64]) -> Delta | None:
        """Return the change without some images, or None when nothing is left."""
        ...


def _same(one: Array, other: Array) -> NDArray[np.bool_]:
    """Compare records byte by byte."""
    width = one.dtype.itemsize
    left = np.frombuffer(one.tobytes(), np.uint8).reshape(-1, width)
    right = np.frombuffer(other.tobytes(), np.uint8).reshape(-1, width)
    same: NDArray[np.bool_] = (left == right).all(axis=1)
    return same


@dataclass(frozen=True)
class TagDelta:
    """Decisions about tags.

    Attributes
    ----------
    images
        int64, sorted.
    row
        uint32: position in `images` of each decision.
    before, after
        `DECISION` records; state and rank 0 = no decision.
    asked
        `EFFECTIVE` records by image, where each was asked to have a list of its own; without their sources.
    """

    images: NDArray[np.int64]
    row: NDArray[np.uint32]
    before: Array
    after: Array
    asked: Ragged | None = field(default=None, compare=False)
    held: state.Stored | None = field(
        default=None, compare=False, repr=False
    )  # read already, in this transaction
    kind: ClassVar[str] = "tags"

    @property
    def ids(self) -> NDArray[np.int64]:
        """Images it changes."""
        return self.images

    def columns(self) -> dict[str, Any]:
        """Return what to pack."""
        columns = {"images": self.images, "row": self.row, "before": self.before, "after": self.after}
        if self.asked is None:
            return columns
        return {**columns, "asked": self.asked.values["tag"], "asked_counts": self.asked.counts}

    @classmethod
    def of(cls, columns: Mapping[str, Any]) -> TagDelta:
        """Take what was packed."""
        lists = None
        if "asked" in columns:
            values = np.zeros(len(columns["asked"]), dtype=EFFECTIVE)
            values["tag"] = columns["asked"]
            counts = columns["asked_counts"]
            lists = Ragged.grouped(values, np.repeat(np.arange(len(counts)), counts), len(counts))
        return cls(columns["images"], columns["row"], columns["before"], columns["after"], lists)

    def apply(self, c: Connection) -> int:
        """Set decisions and fold them into the tags."""
        held = self.held or state.stored(c, self.images)
        row, here = _rows_in(held.ids, self.images, self.row)
        state.decide(c, held, settled(c, held.said, row, self.after[here]))
        if len(held.ids):
            # A decision changes whether its own tag is there, and of no other.
            tags = np.flatnonzero(np.bincount(self.after["tag"]))
            changes.tell(c, {"tags"}, held.ids, tags.tolist())
        return len(held.ids)

    def reverse(self, c: Connection) -> tuple[TagDelta | None, TagDelta | None]:
        """Turn back decisions that still stand."""
        held = state.stored(c, self.images)
        row, here = _rows_in(held.ids, self.images, self.row)
        after, before = self.after[here], self.before[here]
        now = standing(held.said, row, after["tag"])
        stands = _same(now, after)
        back = TagDelta._of_rows(held, row[stands], after[stands], before[stands])
        others = ~stands & ~_same(now, before)  # what somebody turned back already is no conflict
        kept = TagDelta._of_rows(held, row[others], now[others], before[others])
        return back, None if kept is None else replace(kept, held=None)  # it outlives the transaction

    @classmethod
    def _of_rows(
        cls, held: state.Stored, row: NDArray[np.int64], before: Array, after: Array
    ) -> TagDelta | None:
        if not len(row):
            return None
        used, position = numbered(row, len(held.ids))
        held = held.only(used)
        return cls(held.ids, position.astype(np.uint32), before, after, held=held)

    def without(self, ids: NDArray[np.int64]) -> TagDelta | None:
        """Drop images."""
        stays = ~np.isin(self.images, ids)
        kept = self.images[stays]
        if not len(kept):
            return None
        row, here = _rows_in(kept, self.images, self.row)
        lists = None if self.asked is None else self.asked.take(np.flatnonzero(stays))
        return TagDelta(kept, row.astype(np.uint32), self.before[here], self.after[here], lists)


def _rows_in(
    there: NDArray[np.int64], images: NDArray[np.int64], row: Array
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Translate positions in `images` to positions in `there`; and say which survive."""
    if np.array_equal(there, images):
        return row.astype(np.int64), np.ones(len(row), dtype=bool)
    here: NDArray[np.bool_] = np.isin(images, there)[row]
    return np.searchsorted(there, images[row[here]]).astype(np.int64), here


def standing(said: Ragged, row: NDArray[np.int64], tags: Array) -> Array:
    """Return the decision about each (row, tag) as it is now; empty records where there is none."""
    at = find(said, row, tags)
    now = np.zeros(len(tags), dtype=DECISION)
    now["tag"] = tags
    now[at >= 0] = said.values[at[at >= 0]]
    return now


def settled(c: Connection, said: Ragged, row: NDArray[np.int64], records: Array) -> Ragged:
    """Return decisions with others in their place, each image's in order."""
    found = decided(said, row, records)
    if not _tied(found):
        return found
    # By their names then, as ids differ from project to project.
    return _in_order(found.values, found.rows, len(found), state.tag_table(c).alphabetical)


def decided(said: Ragged, row: NDArray[np.int64], records: Array) -> Ragged:
    """Return decisions with some of them replaced, added, or (state and rank 0) taken away."""
    at = find(said, row, records["tag"])
    keep = np.ones(len(said.values), dtype=bool)
    keep[at[at >= 0]] = False
    real = (records["state"] != 0) | (records["rank"] != 0)
    values = np.concatenate([said.values[keep], records[real]])
    rows = np.concatenate([said.rows[keep], row[real]])
    return _in_order(values, rows, len(said))


def _in_order(
    values: Array, rows: NDArray[np.int64], count: int, alphabetical: NDArray[np.int64] | None = None
) -> Ragged:
    """Sort decisions of each image as they were made; ties by a number of each tag, or by its id."""
    ties = values["tag"] if alphabetical is None else alphabetical[values["tag"]]
    order = np.lexsort((ties, values["index"], values["order"], rows))
    return Ragged.grouped(values[order], rows[order], count)


def _tied(said: Ragged) -> bool:
    """Whether tags of an image stand at the same point: a replacement, and one it had replaced, come back."""
    if not said.values["place"].any():  # only replacements take over where others stood
        return False
    accepted = said.values["state"] == ACCEPTED
    points, rows = said.values[["order", "index"]][accepted], said.rows[accepted]
    return bool(((points[1:] == points[:-1]) & (rows[1:] == rows[:-1])).any())


@dataclass(frozen=True)
class CellDelta:
    """One value per image: stars, exclusion with its reason, reviewed, a caption, membership of a dataset.

    Attributes
    ----------
    field
        ``stars``, ``excluded``, ``reviewed``, ``sentences``, ``duplicates``, ``caption:<variant>`` or
        ``dataset:<name>``.
    images
        int64, sorted.
    values
        Distinct values, as JSON has them.
    before, after
        uint32: position in `values` per image.
    """

    field: str
    images: NDArray[np.int64]
    values: list[Any]
    before: NDArray[np.uint32]
    after: NDArray[np.uint32]
    kind: ClassVar[str] = "cells"

    @classmethod
    def made(
        cls, field: str, images: Sequence[int], before: Sequence[Any], after: Sequence[Any]
    ) -> CellDelta | None:
        """Compare values before and after; None where nothing differs."""
        differing = [k for k in range(len(images)) if before[k] != after[k]]
        if not differing:
            return None
        codes: dict[str, int] = {}
        values: list[Any] = []

        def code(value: Any) -> int:
            text = json.dumps(value)
            if text not in codes:
                codes[text] = len(values)
                values.append(value)
            return codes[text]

        return cls(
            field,
            np.array([images[k] for k in differing], dtype=np.int64),
            values,
            np.array([code(before[k]) for k in differing], dtype=np.uint32),
            np.array([code(after[k]) for k in differing], dtype=np.uint32),
        )

    @property
    def ids(self) -> NDArray[np.int64]:
        """Images it changes."""
        return self.images

    def columns(self) -> dict[str, Any]:
        """Return what to pack."""
        return {
            "field": self.field,
            "images": self.images,
            "values": self.values,
            "before": self.before,
            "after": self.after,
        }

    @classmethod
    def of(cls, columns: Mapping[str, Any]) -> CellDelta:
        """Take what was packed."""
        return cls(
            columns["field"], columns["images"], columns["values"], columns["before"], columns["after"]
        )

    def apply(self, c: Connection) -> int:
        """Set the values."""
        field = field_named(self.field)
        there = field.existing(c, self.images)
        here = np.isin(self.images, there)
        field.write(c, self.images[here], [self.values[code] for code in self.after[here].tolist()])
        changes.tell(c, {field.change}, there)
        return len(there)

    def reverse(self, c: Connection) -> tuple[CellDelta | None, CellDelta | None]:
        """Turn back values that still stand."""
        field = field_named(self.field)
        there = field.existing(c, self.images)
        here = np.isin(self.images, there)
        now = field.read(c, there)
        after, before = self.after[here], self.before[here]
        set_to = [self.values[code] for code in after.tolist()]
        stands = np.array([a == b for a, b in zip(now, set_to, strict=True)], dtype=bool)
        back = CellDelta(self.field, there[stands], self.values, after[stands], before[stands])
        others = np.flatnonzero(~stands)
        would_be = [self.values[code] for code in before[others].tolist()]
        kept = CellDelta.made(self.field, there[others].tolist(), [now[k] for k in others.tolist()], would_be)
        return back if len(back.images) else None, kept

    def without(self, ids: NDArray[np.int64]) -> CellDelta | None:
        """Drop images, and the values that only they had."""
        keep = ~np.isin(self.images, ids)
        before = [self.values[code] for code in self.before[keep].tolist()]
        after = [self.values[code] for code in self.after[keep].tolist()]
        return CellDelta.made(self.field, self.images[keep].tolist(), before, after)


@dataclass(frozen=True)
class RecordDelta:
    """One row that belongs to no image: a model's thresholds, a dataset's settings. None = no such row."""

    field: str  # policy or dataset
    key: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    kind: ClassVar[str] = "record"

    @property
    def ids(self) -> NDArray[np.int64]:
        """No images."""
        return np.empty(0, dtype=np.int64)

    def columns(self) -> dict[str, Any]:
        """Return what to pack."""
        return {"field": self.field, "key": self.key, "before": self.before, "after": self.after}

    @classmethod
    def of(cls, columns: Mapping[str, Any]) -> RecordDelta:
        """Take what was packed."""
        return cls(columns["field"], columns["key"], columns["before"], columns["after"])

    def apply(self, c: Connection) -> int:
        """Set the row; return how many images have other tags for it."""
        return record_named(self.field).write(c, self.key, self.after)

    def reverse(self, c: Connection) -> tuple[RecordDelta | None, RecordDelta | None]:
        """Turn back the row if it still stands, and nothing hangs on it."""
        record = record_named(self.field)
        now = record.read(c, self.key)
        back = RecordDelta(self.field, self.key, now, self.before)
        if now == self.before:
            return None, None
        kept = now != self.after or (self.before is None and record.used(c, self.key))
        return (None, back) if kept else (back, None)

    def without(self, ids: NDArray[np.int64]) -> RecordDelta:  # noqa: ARG002 - no image is in it
        """Nothing to drop."""
        return self


_KINDS: dict[str, Any] = {kind.kind: kind for kind in (TagDelta, CellDelta, RecordDelta)}


def pack(deltas: Sequence[Delta]) -> bytes:
    """Pack the changes of one operation."""
    columns: dict[str, Any] = {"kinds": [delta.kind for delta in deltas]}
    for number, delta in enumerate(deltas):
        columns.update({f"{number}.{name}": value for name, value in delta.columns().items()})
    return packing.pack(columns)


def unpack(payload: bytes) -> list[Delta]:
    """Read what `pack` wrote."""
    columns = packing.unpack(payload)
    found: list[Delta] = []
    for number, kind in enumerate(columns["kinds"]):
        prefix = f"{number}."
        part = {
            name.removeprefix(prefix): value for name, value in columns.items() if name.startswith(prefix)
        }
        found.append(_KINDS[kind].of(part))
    return found


def images_of(deltas: Iterable[Delta]) -> NDArray[np.int64]:
    """Return every image that some change touches, sorted."""
    parts = [delta.ids for delta in deltas]
    return as_ids(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int64)
