"""Which image has which tag: rows for facets, posting lists for searches, both immutable and cheap to amend.

Base arrays stay as they are; what was edited since lies over them, as whole rows and as whole posting lists,
until so much was edited that joining again is cheaper.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    Row = tuple[NDArray[np.int32], NDArray[np.uint8]]

_MOST_ROWS = 4096  # rows edited since the base was joined; walking them costs about a millisecond
_MOST_LISTS = 4096
_MOST_COMPARED = 50_000_000  # tags compared to make lists again; sorting all of them costs no more
_MOST_MASKS = 64
_SIXTEEN = 1 << 16


class TagMatrix:
    """Images by tags, sparse.

    Parameters
    ----------
    offsets
        int64[n + 1] of the base; the tags of row i are ``tags[offsets[i]:offsets[i + 1]]``, in their order.
    tags
        int32[m] tag ids.
    sources
        uint8[m], where each comes from.
    width
        One more than the largest tag id there is.
    """

    def __init__(
        self, offsets: NDArray[np.int64], tags: NDArray[np.int32], sources: NDArray[np.uint8], width: int
    ) -> None:
        self.offsets, self.tags, self.sources = offsets, tags, sources
        self.length = len(offsets) - 1
        self.width = max(width, int(tags.max()) + 1 if len(tags) else 0)
        self.edited_rows: dict[int, Row] = {}
        self.edited: NDArray[np.bool_] | None = None
        self.edited_lists: dict[int, NDArray[np.int32]] = {}
        self.by_tag: tuple[NDArray[np.int64], NDArray[np.int32]] | None = None
        self.known_counts: NDArray[np.int64] | None = None
        self._per_row: NDArray[np.int32] | None = None
        self.masks: dict[int, NDArray[np.bool_]] = {}
        self._lock = threading.Lock()

    # ------------------------------------------------------------------------------------- reading

    def row(self, position: int) -> Row:
        """Return tag ids and sources of one row, in their order."""
        edited = self.edited_rows.get(position)
        if edited is not None:
            return edited
        part = slice(self.offsets[position], self.offsets[position + 1])
        return self.tags[part], self.sources[part]

    def postings(self, tag: int) -> NDArray[np.int32]:
        """Return the rows that have a tag, ascending."""
        edited = self.edited_lists.get(tag)
        if edited is not None:
            return edited
        if not 0 <= tag < self.width:
            return np.empty(0, dtype=np.int32)
        starts, rows = self._columns()
        return rows[starts[tag] : starts[tag + 1]] if tag + 1 < len(starts) else np.empty(0, dtype=np.int32)

    def mask(self, tag: int) -> NDArray[np.bool_]:
        """Return which rows have a tag; read-only, kept while it is among the last used."""
        found = self.masks.pop(tag, None)
        if found is None:
            found = np.zeros(self.length, dtype=bool)
            found[self.postings(tag)] = True
            found.setflags(write=False)
        while len(self.masks) >= _MOST_MASKS:
            self.masks.pop(next(iter(self.masks)), None)
        self.masks[tag] = found
        return found

    def rows_from(self, source: int) -> NDArray[np.int64]:
        """Return the rows that have a tag from a source."""
        found = np.zeros(self.length, dtype=bool)
        rows = np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))
        found[rows[self.sources == source]] = True
        for position, (_, sources) in self.edited_rows.items():
            found[position] = source in sources
        return np.flatnonzero(found)

    @property
    def per_row(self) -> NDArray[np.int32]:
        """Number of tags of each row."""
        if self._per_row is None:
            counts = np.zeros(self.length, dtype=np.int32)
            counts[: len(self.offsets) - 1] = np.diff(self.offsets)
            for position, (tags, _) in self.edited_rows.items():
                counts[position] = len(tags)
            counts.setflags(write=False)
            self._per_row = counts
        return self._per_row

    @property
    def counts(self) -> NDArray[np.int64]:
        """Number of rows of each tag id."""
        if self.known_counts is None:
            counts = np.bincount(self.tags, minlength=self.width)
            for tag, rows in self.edited_lists.items():
                counts[tag] = len(rows)
            counts.setflags(write=False)
            self.known_counts = counts
        return self.known_counts

    def count(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Count tags over some rows.

        Parameters
        ----------
        positions
            Distinct rows.

        Returns
        -------
        numpy.ndarray
            int64[width], how many of the rows have each tag id.
        """
        if 2 * len(positions) > self.length:
            rest = np.ones(self.length, dtype=bool)
            rest[positions] = False
            return self.counts - self._count(np.flatnonzero(rest))
        return self._count(positions)

    def _count(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        edited = self.edited
        if edited is None:
            return np.bincount(self.tags.take(_flat(self.offsets, positions)), minlength=self.width)
        over = edited[positions]
        parts = [self.tags.take(_flat(self.offsets, positions[~over]))]
        parts += [self.edited_rows[position][0] for position in positions[over].tolist()]
        return np.bincount(np.concatenate(parts), minlength=self.width)

    def _columns(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Return the posting lists of the base, sorted once, at the first search for a tag."""
        with self._lock:
            if self.by_tag is None:
                rows = np.repeat(np.arange(len(self.offsets) - 1, dtype=np.int32), np.diff(self.offsets))
                self.by_tag = _starts(self.tags, self.width), rows[_stable_order(self.tags)]
            return self.by_tag

    def differing(self, other: TagMatrix) -> NDArray[np.int64]:
        """Return the rows in which another matrix of as many rows has other tags, or another order."""
        one, two = (each.joined() if each.edited_rows else each for each in (self, other))
        same = np.diff(one.offsets) == np.diff(two.offsets)
        rows = np.flatnonzero(same)
        mine, theirs = _flat(one.offsets, rows), _flat(two.offsets, rows)
        apart = (one.tags[mine] != two.tags[theirs]) | (one.sources[mine] != two.sources[theirs])
        same[np.repeat(rows, np.diff(one.offsets)[rows])[apart]] = False
        return np.flatnonzero(~same)

    # ------------------------------------------------------------------------------------- amending

    def amended(
        self,
        positions: NDArray[np.int64],
        offsets: NDArray[np.int64],
        tags: NDArray[np.int32],
        sources: NDArray[np.uint8],
        *,
        length: int | None = None,
        hint: Iterable[int] | None = None,
    ) -> TagMatrix:
        """Return the matrix with some rows replaced; this one stays as it is.

        Parameters
        ----------
        positions
            Distinct rows, those past the end being new.
        offsets, tags, sources
            What they hold now, as in the constructor.
        length
            The new number of rows.
        hint
            Tag ids that these rows may have gained or lost, when the caller knows; asked for many rows only.
        """
        total = self.length if length is None else length
        few = len(positions) <= _MOST_ROWS
        touched = (
            self._touched(positions, tags) if few or not hint else np.unique(np.fromiter(hint, np.int64))
        )
        width = max(
            self.width, int(tags.max()) + 1 if len(tags) else 0, int(touched[-1]) + 1 if len(touched) else 0
        )
        new = self._with_rows(positions, (offsets, tags, sources), total, width)
        if len(self.edited_lists) + len(touched) > _MOST_LISTS or len(touched) * len(tags) > _MOST_COMPARED:
            return new.joined() if new.edited_rows else new
        new.by_tag = self._columns() if self.width else None
        new.edited_lists = dict(self.edited_lists)
        owners = np.repeat(positions, np.diff(offsets))
        for tag in touched.tolist():
            new.edited_lists[tag] = self._replaced(tag, positions, owners[tags == tag], total)
        if self.known_counts is not None:
            counts = np.zeros(width, dtype=np.int64)
            counts[: self.width] = self.known_counts
            counts[touched] = [len(new.edited_lists[tag]) for tag in touched.tolist()]
            counts.setflags(write=False)
            new.known_counts = counts
        unchanged = set(self.masks) - set(touched.tolist()) if total == self.length else set()
        new.masks = {tag: mask for tag, mask in list(self.masks.items()) if tag in unchanged}
        return new

    def _touched(self, positions: NDArray[np.int64], tags: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return the tags that the rows have or had: whose posting lists have to be made again."""
        before = self._count(positions[positions < self.length])
        after = np.bincount(tags, minlength=len(before))
        after[: len(before)] += before
        return np.flatnonzero(after)

    def _replaced(
        self, tag: int, positions: NDArray[np.int64], owners: NDArray[np.int64], length: int
    ) -> NDArray[np.int32]:
        """Return the posting list of a tag after `positions` were replaced and `owners` have it."""
        mask = np.zeros(length, dtype=bool)
        mask[self.postings(tag)] = True
        mask[positions] = False
        mask[owners] = True
        return np.flatnonzero(mask).astype(np.int32)

    def _with_rows(
        self, positions: NDArray[np.int64], given: tuple[Any, Any, Any], length: int, width: int
    ) -> TagMatrix:
        """Return rows amended, without posting lists."""
        offsets, tags, sources = given
        if len(self.edited_rows) + len(positions) > _MOST_ROWS:
            return self.spliced(positions, given, length, width)
        new = TagMatrix(self.offsets, self.tags, self.sources, width)
        new.length = length
        new.edited_rows = dict(self.edited_rows)
        for number, position in enumerate(positions.tolist()):
            part = slice(offsets[number], offsets[number + 1])
            new.edited_rows[position] = (tags[part], sources[part])
        new.edited = np.zeros(length, dtype=bool)
        new.edited[np.fromiter(new.edited_rows, dtype=np.int64)] = True
        return new

    def spliced(
        self, positions: NDArray[np.int64], given: tuple[Any, Any, Any], length: int, width: int
    ) -> TagMatrix:
        """Join base, edited rows and given rows into a new base."""
        offsets, tags, sources = given
        edited = self.edited_rows
        starts = np.zeros(length, dtype=np.int64)
        sizes = np.zeros(length, dtype=np.int64)
        base = len(self.offsets) - 1
        starts[:base], sizes[:base] = self.offsets[:-1], np.diff(self.offsets)
        pool_tags, pool_sources, place = [self.tags], [self.sources], len(self.tags)
        for position, (row_tags, row_sources) in edited.items():
            starts[position], sizes[position] = place, len(row_tags)
            pool_tags.append(row_tags)
            pool_sources.append(row_sources)
            place += len(row_tags)
        starts[positions], sizes[positions] = place + offsets[:-1], np.diff(offsets)
        new_offsets = np.zeros(length + 1, dtype=np.int64)
        np.cumsum(sizes, out=new_offsets[1:])
        flat = _ranges(starts, sizes, new_offsets)
        return TagMatrix(
            new_offsets,
            np.concatenate([*pool_tags, tags])[flat],
            np.concatenate([*pool_sources, sources])[flat],
            width,
        )

    def joined(self) -> TagMatrix:
        """Return the same rows as one base, with nothing lying over it."""
        nothing = np.empty(0, dtype=np.int64)
        given = (np.zeros(1, np.int64), np.empty(0, np.int32), np.empty(0, np.uint8))
        return self.spliced(nothing, given, self.length, self.width)


def matrix_of(rows: Mapping[int, Row], length: int, width: int = 0) -> TagMatrix:
    """Build a matrix from rows by position; rows not named are empty."""
    empty = np.zeros(length + 1, dtype=np.int64)
    start = TagMatrix(empty, np.empty(0, np.int32), np.empty(0, np.uint8), width)
    positions = np.fromiter(rows, dtype=np.int64)
    offsets = np.zeros(len(positions) + 1, dtype=np.int64)
    np.cumsum([len(tags) for tags, _ in rows.values()], out=offsets[1:])
    tags = np.concatenate([np.empty(0, np.int32), *(tags for tags, _ in rows.values())]).astype(np.int32)
    sources = np.concatenate([np.empty(0, np.uint8), *(sources for _, sources in rows.values())]).astype(
        np.uint8
    )
    return start.spliced(positions, (offsets, tags, sources), length, width)


def _flat(offsets: NDArray[np.int64], positions: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places of all pairs of some rows."""
    starts = offsets[positions]
    sizes = offsets[positions + 1] - starts
    ends = np.zeros(len(positions) + 1, dtype=np.int64)
    np.cumsum(sizes, out=ends[1:])
    return _ranges(starts, sizes, ends)


def _ranges(
    starts: NDArray[np.int64], sizes: NDArray[np.int64], ends: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return ``start, start + 1, ...`` of each range, joined; `ends` is the running sum of sizes from 0."""
    return np.repeat(starts - ends[:-1], sizes) + np.arange(ends[-1])


def _starts(tags: NDArray[np.int32], width: int) -> NDArray[np.int64]:
    starts = np.zeros(width + 1, dtype=np.int64)
    np.cumsum(np.bincount(tags, minlength=width), out=starts[1:])
    return starts


def _stable_order(tags: NDArray[np.int32]) -> NDArray[np.int64]:
    """Sort by tag, rows in order; numpy sorts 16-bit integers by radix, far faster than wider ones."""
    order = np.argsort((tags % _SIXTEEN).astype(np.uint16), kind="stable")
    if len(tags) and int(tags.max()) >= _SIXTEEN:
        order = order[np.argsort((tags[order] // _SIXTEEN).astype(np.uint16), kind="stable")]
    return order
