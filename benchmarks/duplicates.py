"""Groups of near hashes, exact, against `np.sort` of the same array; memory, crowds, and a second way.

Run: python benchmarks/duplicates.py [hashes] [--verify]. With --verify each result is compared with another
exact search, which takes some minutes for a million.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from lorairo.duplicates.bits import distance
from lorairo.duplicates.components import Components
from lorairo.duplicates.near import groups

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

RELATIVES = 20  # one in so many hashes is near another
CROWD = 20  # one in so many shares its surroundings with all of the crowd


def hashes_of(count: int, *, crowd: int = 0, equal: int = 0) -> NDArray[np.uint64]:
    """Hashes by chance with planted relatives; `crowd` of them around one, `equal` of them the same."""
    chance = np.random.default_rng(0)
    found = chance.integers(0, 2**64, count, dtype=np.uint64)
    to, of = chance.integers(0, count, (2, count // RELATIVES))
    found[to] = found[of] ^ flips(chance, len(to), 8)
    around = chance.choice(count, crowd, replace=False)
    found[around] = found[0] ^ flips(chance, crowd, 14)
    found[chance.choice(count, equal, replace=False)] = found[1]
    return found


def flips(chance: np.random.Generator, count: int, most: int) -> NDArray[np.uint64]:
    """Words with up to `most` ones."""
    words = np.zeros(count, np.uint64)
    for number in range(most):
        places = chance.integers(0, 64, count).astype(np.uint64)
        words |= np.where(chance.integers(0, most, count) >= number, np.uint64(1) << places, np.uint64(0))
    return words


def another_way(hashes: NDArray[np.uint64], radius: int, parts: int) -> NDArray[np.int32]:
    """Group by other means: sorted parts, one bit flipped at most, neighbours in a bucket step by step."""
    hashes, back = np.unique(hashes, return_inverse=True)
    found = Components(len(hashes))
    for low, high in pairwise(np.linspace(0, 64, parts + 1).astype(int).tolist()):
        keys = (hashes >> np.uint64(low)) & np.uint64((1 << (high - low)) - 1)
        order = np.argsort(keys, kind="stable")
        ordered, shared = hashes[order], keys[order]
        starts = np.searchsorted(shared, np.arange((1 << (high - low)) + 1))
        for mask in [0, *(1 << bit for bit in range(high - low) if radius // parts)]:
            other = (shared ^ np.uint64(mask)).astype(np.int64)
            begin, end = starts[other], starts[other + 1]
            for step in range(int((end - begin).max(initial=0))):
                mine = np.flatnonzero(begin + step < end)
                theirs = begin[mine] + step
                close = distance(ordered[mine], ordered[theirs]) <= radius
                found.merge(order[mine[close]], order[theirs[close]])
    return found.labels()[back.ravel()]


def partition(labels: NDArray[np.integer]) -> NDArray[np.int64]:
    """The same labels for the same groups, however they were called."""
    _, first, place = np.unique(labels, return_index=True, return_inverse=True)
    return first[place.ravel()]


def timed(action: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor time."""
    wall, processor = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - processor


def memory(action: Callable[[], object]) -> float:
    """Most megabytes that were held at once."""
    tracemalloc.start()
    action()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


def main() -> None:
    """Print the table."""
    numbers = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    count = int(numbers[0]) if numbers else 1_000_000
    sets = {
        "by chance": hashes_of(count),
        "a crowd": hashes_of(count, crowd=count // CROWD),
        "many equal": hashes_of(count, equal=count // 10),
    }
    print(f"{count:,} hashes          radius      wall       cpu    x np.sort   memory    groups")
    for name, hashes in sets.items():
        sorting = min(timed(partial(np.sort, hashes))[1] for _ in range(3))
        for radius in (4, 8):
            group = partial(groups, hashes, radius)
            wall, processor = timed(group)
            most, found = memory(group), group()
            print(
                f"{name:22} {radius:7} {wall:8.2f} s {processor:7.2f} s {processor / sorting:9.0f}x"
                f" {most:6.0f} MB {len(np.unique(found)):9,}"
            )
            if "--verify" in sys.argv and name == "by chance":
                same = np.array_equal(partition(found), partition(another_way(hashes, radius, 5)))
                print(f"{'':22} another exact way finds {'the same' if same else 'OTHER GROUPS'}")


if __name__ == "__main__":
    main()
