"""Groups of pictures that show the same: near by their hashes, and alike at a second look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from lorairo.duplicates.bits import distance
from lorairo.duplicates.cutting import cut
from lorairo.duplicates.likeness import Kind, compare, compare_mirrored
from lorairo.duplicates.near import groups

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from lorairo.duplicates.likeness import Look
    from lorairo.duplicates.near import Tell

    Looks = Callable[[Sequence[int]], dict[int, Look]]

# Mirroring turns the sign of every frequency of odd order across. Bits say on which side of the median a
# frequency lies, and that is near zero: so bits of odd columns turn, but for a few whose frequency is small.
_ODD_COLUMNS = np.uint64(sum(1 << (63 - place) for place in range(64) if place % 2))
# Of 117 photographs none was more than 7 bits off by this. Cropping moves as many: up to here a second look
# is taken at what may be cropped or mirrored, whatever the radius.
_LOOKED_AT = 8
_MOVED = frozenset[Kind]({"cropped", "mirrored"})
_NO_MARK = frozenset[str]()


class Near(Protocol):
    """What a model takes for near."""

    def joined(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the labels once near ones are put together too."""

    def alike(self, a: int, b: int) -> bool:
        """Whether two positions are near."""


class Finder:
    """Looks for pictures that show the same.

    Parameters
    ----------
    hashes
        uint64[n], of `lorairo.images.fingerprint.perceptual_hash`.
    looks
        Gives what is compared of pictures by position; asked of those alone that are near another. Pictures
        that it leaves out, as they cannot be read, are taken at their hash.
    near
        Puts together what a model takes for near, as well: None without a model.
    told
        Marks by position: of two that have one in common somebody said that they are different pictures.
    """

    def __init__(
        self,
        hashes: NDArray[np.uint64],
        looks: Looks,
        told: Mapping[int, frozenset[str]] | None = None,
        near: Near | None = None,
    ) -> None:
        self._hashes = hashes
        self._looks = looks
        self._told = told or {}
        self._near = near
        self._known: dict[int, Look | None] = {}

    def groups(
        self, radius: int, *, mirrored: bool = True, tell: Tell = lambda _done, _all: None
    ) -> NDArray[np.int64]:
        """Group pictures; `near.groups` says how.

        Parameters
        ----------
        radius
            Bits in which hashes may differ.
        mirrored
            Whether mirror images belong together.
        tell
            As of `near.groups`.
        """
        count = len(self._hashes)
        every = np.concatenate([self._hashes, self._hashes ^ _ODD_COLUMNS]) if mirrored else self._hashes

        def alike(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
            turned = (a >= count) != (b >= count)
            both = (a >= count) & (b >= count)  # the same pair comes without turning too
            far = distance(every[a], every[b]) > radius
            return self._alike(a % count, b % count, turned, far, ~both)

        def bits(place: int, others: NDArray[np.int64]) -> NDArray[np.uint8]:
            apart = distance(self._hashes[others], self._hashes[place])
            turned = distance(self._hashes[others], self._hashes[place] ^ _ODD_COLUMNS)
            return np.minimum(apart, turned) if mirrored else apart

        def joins(a: int, b: int) -> bool:
            ways = np.array([False, True]) if mirrored else np.array([False])
            first, second = np.full(len(ways), a), np.full(len(ways), b)
            apart = distance(every[first + count * ways], every[second])
            near = apart <= max(radius, _LOOKED_AT)
            by_model = self._near is not None and self._near.alike(a, b)
            return by_model or bool(self._alike(first, second, ways, apart > radius, near).any())

        owners = np.arange(len(every)) % count if count else np.array([], np.int64)
        found = groups(every, max(radius, _LOOKED_AT), owners=owners, alike=alike, tell=tell)
        if self._near is not None:
            found = self._near.joined(found)
        return cut(found, self._told, bits, joins) if self._told else found

    def _alike(
        self,
        a: NDArray[np.int64],
        b: NDArray[np.int64],
        turned: NDArray[np.bool_],
        far: NDArray[np.bool_],
        asked: NDArray[np.bool_],
    ) -> NDArray[np.bool_]:
        found = np.zeros(len(a), bool)
        places = np.flatnonzero(asked)
        self._see(np.unique(np.concatenate([a[places], b[places]])))
        for place in places.tolist():
            first, second = int(a[place]), int(b[place])
            if first == second or self._told.get(first, _NO_MARK) & self._told.get(second, _NO_MARK):
                continue
            kind = self._kind(first, second, mirror=bool(turned[place]))
            found[place] = kind in _MOVED if far[place] else kind != "different"
        return found

    def kind(self, a: int, b: int) -> Kind:
        """Say how the picture at one position is to that at another."""
        self._see(np.array([a, b]))
        kind = self._kind(a, b, mirror=False)
        if kind == "different":
            kind = self._kind(a, b, mirror=True)
        by_model = kind == "different" and self._near is not None and self._near.alike(a, b)
        return "alike" if by_model else kind

    def is_grey(self, place: int) -> bool:
        """Whether the picture at a position has no colours."""
        self._see(np.array([place]))
        look = self._known[place]
        return look is not None and look.grey

    def bits(self, a: int, b: int) -> int:
        """Return in how many bits two hashes differ; turned, where that is nearer."""
        first, second = self._hashes[a], self._hashes[b]
        found = distance(np.array([first, first ^ _ODD_COLUMNS]), second)
        return int(found.min())

    def _kind(self, a: int, b: int, *, mirror: bool) -> Kind:
        first, second = self._known[a], self._known[b]
        if first is None or second is None:
            return "different" if mirror else "same"
        return compare_mirrored(first, second) if mirror else compare(first, second)

    def _see(self, places: NDArray[np.int64]) -> None:
        new = [place for place in places.tolist() if place not in self._known]
        if new:
            found = self._looks(new)
            self._known.update({place: found.get(place) for place in new})
