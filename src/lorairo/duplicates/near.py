"""All hashes within a radius of each other, joined into groups: exact, without looking at every pair.

A hash of 64 bits is cut into parts. Two hashes that differ in at most `radius` bits differ in at most
``radius // parts`` bits within at least one part (Norouzi, Punjani, Fleet 2012, "Fast search in Hamming space
with multi-index hashing"). So for each part, and for each way to flip so many of its bits, the hashes are
joined by the value of that part. Only what meets there is compared whole.

Parts that very many hashes share, such as those of flat pictures, would meet in far too many pairs. There,
sets that belong together already are not compared any more: what is compared shrinks as they grow.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, combinations, pairwise
from math import comb
from typing import TYPE_CHECKING

import numpy as np

from lorairo.duplicates.bits import distance
from lorairo.duplicates.components import Components

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Tell = Callable[[int, int], None]
    Alike = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.bool_]]

BITS = 64
_CROWDED = 64  # elements of one bucket from which on sets are compared instead of pairs
_BLOCK = 1 << 21  # pairs that are compared at once: what bounds the memory
_FEW = (
    200_000  # hashes up to which four parts are faster than three: fewer flips, and buckets are small anyway
)


def groups(
    hashes: NDArray[np.uint64],
    radius: int,
    *,
    owners: NDArray[np.int64] | None = None,
    alike: Alike | None = None,
    tell: Tell = lambda _done, _all: None,
) -> NDArray[np.int64]:
    """Group what hashes stand for: those within a radius of each other, and what follows from that.

    Parameters
    ----------
    hashes
        uint64[n].
    radius
        Bits in which two may differ, 0..32.
    owners
        int64[n], what each hash stands for, as numbers from 0 on: one thing may have several hashes, such as
        those of a picture and of its mirror image. By default each hash stands for itself.
    alike
        A second opinion on pairs that are near: takes two arrays of positions in `hashes` and says of each
        pair whether it counts. By default all do. It is asked of no pair whose owners are together already.
    tell
        Called with how many steps of how many are done. What it raises ends the search.

    Returns
    -------
    numpy.ndarray
        int64[owners]: for each of them the lowest of its group.
    """
    owners = np.arange(len(hashes)) if owners is None else owners
    found = Components(int(owners.max()) + 1 if len(owners) else 0)
    if alike is None and len(hashes):  # equal hashes are one: those of flat pictures come in thousands
        unique, first, place = np.unique(hashes, return_index=True, return_inverse=True)
        found.merge(owners, owners[first][place.ravel()])
        hashes, owners = unique, owners[first]
    join = _Join(hashes, owners, radius, found, alike)
    parts = _parts(len(hashes), radius)
    steps = sum(part.ways for part in parts)
    for done, _ in enumerate(chain.from_iterable(map(join.by, parts)), 1):
        tell(done, steps)
    return found.labels().astype(np.int64)


@dataclass(frozen=True)
class _Part:
    """Some neighbouring bits of a hash, and how many of them may differ."""

    shift: int
    width: int
    flips: int

    def keys(self, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
        ones = np.uint64((1 << self.width) - 1)
        return ((hashes >> np.uint64(self.shift)) & ones).astype(np.int32)

    @property
    def ways(self) -> int:
        """How many masks there are."""
        return sum(comb(self.width, count) for count in range(self.flips + 1))

    def masks(self) -> Iterator[int]:
        """Give each way to flip bits, the fewest first: what is nearest joins first."""
        for count in range(self.flips + 1):
            for bits in combinations(range(self.width), count):
                yield sum(1 << bit for bit in bits)


def _parts(count: int, radius: int) -> list[_Part]:
    number = 4 if count <= _FEW and radius // 4 < radius // 3 else 3
    edges = [BITS * k // number for k in range(number + 1)]
    return [_Part(low, high - low, radius // number) for low, high in pairwise(edges)]


class _Join:
    """Joins hashes that meet in a part."""

    def __init__(
        self,
        hashes: NDArray[np.uint64],
        owners: NDArray[np.int64],
        radius: int,
        found: Components,
        alike: Alike | None,
    ) -> None:
        self._hashes = hashes
        self._owners = owners
        self._radius = radius
        self._found = found
        self._alike = alike

    def by(self, part: _Part) -> Iterator[None]:
        """Join those that differ in at most ``part.flips`` bits of it, step by step."""
        keys = part.keys(self._hashes)
        order = np.argsort(keys, kind="stable").astype(np.int32)
        sizes = np.bincount(keys, minlength=1 << part.width).astype(np.int32)
        starts = np.zeros(len(sizes) + 1, np.int32)
        np.cumsum(sizes, out=starts[1:])
        held = np.flatnonzero(sizes)  # buckets with anything in them
        crowded = np.flatnonzero(sizes >= _CROWDED)
        for mask in part.masks():
            self._pairs(order, starts, sizes, held, mask)
            self._crowds(order, starts, sizes, crowded, mask)
            yield

    def _pairs(
        self,
        order: NDArray[np.int32],
        starts: NDArray[np.int32],
        sizes: NDArray[np.int32],
        held: NDArray[np.int64],
        mask: int,
    ) -> None:
        """Compare every pair of two buckets, of those that are not both crowded."""
        if mask:  # each pair of buckets once: from the one that lacks the highest flipped bit
            mine = held[(held & (1 << (mask.bit_length() - 1))) == 0]
            theirs = mine ^ mask
        else:
            mine = theirs = held[sizes[held] > 1]
        some = (sizes[theirs] > 0) & ~((sizes[mine] >= _CROWDED) & (sizes[theirs] >= _CROWDED))
        mine, theirs = mine[some], theirs[some]
        counts = sizes[mine].astype(np.int64) * sizes[theirs]
        ends = np.cumsum(counts)
        low = 0
        while low < len(counts):
            high = int(np.searchsorted(ends, (ends[low - 1] if low else 0) + _BLOCK, side="right"))
            high = max(high, low + 1)
            self._compare(order, starts, sizes, mine[low:high], theirs[low:high], counts[low:high], mask)
            low = high

    def _compare(  # noqa: PLR0917 - one block of the join, as the caller has it
        self,
        order: NDArray[np.int32],
        starts: NDArray[np.int32],
        sizes: NDArray[np.int32],
        mine: NDArray[np.int64],
        theirs: NDArray[np.int64],
        counts: NDArray[np.int64],
        mask: int,
    ) -> None:
        bucket = np.repeat(np.arange(len(mine)), counts)
        within = np.arange(len(bucket)) - np.repeat(np.cumsum(counts) - counts, counts)
        across = sizes[theirs][bucket]
        row, column = within // across, within % across
        if not mask:  # a bucket with itself
            upper = row < column
            bucket, row, column = bucket[upper], row[upper], column[upper]
        a = order[starts[mine][bucket] + row]
        b = order[starts[theirs][bucket] + column]
        near = distance(self._hashes[a], self._hashes[b]) <= self._radius
        self._together(a[near], b[near])

    def _together(self, a: NDArray[np.int32], b: NDArray[np.int32]) -> None:
        """Merge pairs that are near, those that the second opinion is for."""
        if self._alike is not None and len(a):
            apart = self._of(a) != self._of(b)
            a, b = a[apart], b[apart]
            yes = self._alike(a.astype(np.int64), b.astype(np.int64))
            a, b = a[yes], b[yes]
        self._found.merge(self._owners[a], self._owners[b])

    def _of(self, places: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return which set each hash belongs to."""
        return self._found.of(self._owners[places])

    def _crowds(
        self,
        order: NDArray[np.int32],
        starts: NDArray[np.int32],
        sizes: NDArray[np.int32],
        crowded: NDArray[np.int64],
        mask: int,
    ) -> None:
        """Compare crowded buckets set by set."""
        for key in crowded.tolist():
            other = key ^ mask
            if other < key or sizes[other] < _CROWDED:
                continue
            mine = order[starts[key] : starts[key + 1]]
            self._sets(mine, mine if not mask else order[starts[other] : starts[other + 1]])

    def _sets(self, mine: NDArray[np.int32], theirs: NDArray[np.int32]) -> None:
        """Join near ones of two crowds; each of mine meets those of theirs that are not with it yet."""
        while len(mine):
            labels = self._of(mine)
            together = labels == labels[0]
            ours, mine = mine[together], mine[~together]
            others = theirs[self._of(theirs) != labels[0]]
            width = max(1, _BLOCK // max(1, len(others)))
            for start in range(0, len(ours), width):
                if not len(others):
                    break
                some = ours[start : start + width]
                near = distance(self._hashes[some][:, None], self._hashes[others][None]) <= self._radius
                row, column = np.nonzero(near if self._alike is not None else _first_of_each(near))
                self._together(some[row], others[column])
                others = others[self._of(others) != self._of(some[:1])]


def _first_of_each(near: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Keep of each column the first that is true: one is enough to join it."""
    first: NDArray[np.bool_] = near & (np.cumsum(near, axis=0, dtype=np.int32) == 1)
    return first
