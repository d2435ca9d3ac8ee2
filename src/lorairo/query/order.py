"""Orders: by column, by score, or by hash; ties by id, unknown values last whichever way it goes."""

from __future__ import annotations

import difflib
import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.errors import ArgumentError, NotFoundError
from lorairo.query.tree import Order, orders

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from lorairo.query.index import Index
    from lorairo.query.tree import Node

    Positions = NDArray[np.int64]


def order_positions(key: Node | str, index: Index, positions: Positions) -> Positions:
    """Sort positions.

    Parameters
    ----------
    key
        A search, whose ``order:`` terms count, first term first; or one key: a column or score, with ``-``
        before it for descending, or ``random:seed``.
    index
        Where the values are.
    positions
        Distinct positions.

    Returns
    -------
    numpy.ndarray
        The same positions, sorted; as they came when the search orders nothing.

    Raises
    ------
    ArgumentError
        When the key is no column or score; the message names the nearest.
    """
    wanted = (_read_key(key),) if isinstance(key, str) else orders(key)
    if not wanted:
        return positions
    ranks = [_rank(order, index) for order in wanted]
    if len(ranks) == 1:
        return _by_rank(ranks[0], positions)
    keys: list[NDArray[Any]] = [positions, *(rank[positions] for rank in reversed(ranks))]
    return positions[np.lexsort(keys)]


def _read_key(text: str) -> Order:
    name = text.removeprefix("-")
    if name == "random":
        name = "random:0"
    return Order(name, descending=name != text and text.startswith("-"))


def _rank(order: Order, index: Index) -> NDArray[np.int32]:
    """Return the rank of each position, equal values having equal ranks, unknown ones the last."""
    return index.held.get("rank", (order.key, order.descending), lambda: _ranked(order, index))


def _ranked(order: Order, index: Index) -> NDArray[np.int32]:
    if order.key.startswith("random:"):
        ranks = _ranks_of(content_ranks(index, order.key.removeprefix("random:"), np.arange(len(index))))
        return ranks.max(initial=0) - ranks if order.descending else ranks
    try:
        values = index.column(order.key)
    except NotFoundError as error:
        near = difflib.get_close_matches(order.key, index.column_names, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(index.column_names)}"
        raise ArgumentError(f"cannot sort by {order.key!r}: {hint}") from error
    if values.dtype == object:
        values = _text_ranks(values.tolist())
    unknown = np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), dtype=bool)
    ranks = _ranks_of(values)
    if order.descending:
        ranks = ranks.max(initial=0) - ranks
    ranks[unknown] = len(ranks)
    return ranks


def _ranks_of(values: NDArray[Any]) -> NDArray[np.int32]:
    """Return dense ranks, ascending."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    ranks = np.empty(len(values), dtype=np.int32)
    steps = np.zeros(len(values), dtype=np.int32)
    np.cumsum(ordered[1:] != ordered[:-1], out=steps[1:])
    ranks[order] = steps
    return ranks


def _text_ranks(texts: list[str | None]) -> NDArray[np.float64]:
    """Return numbers that sort as the texts do, case aside; NaN where there is none."""
    lower = [None if text is None else text.lower() for text in texts]
    places = {text: place for place, text in enumerate(sorted({text for text in lower if text is not None}))}
    return np.array([np.nan if text is None else places[text] for text in lower], dtype=np.float64)


def _by_rank(rank: NDArray[np.int32], positions: Positions) -> Positions:
    # One integer per image that sorts as (rank, position): ties go by id, in a single plain sort.
    keys = rank[positions].astype(np.int64) << 32 | positions
    keys.sort()
    return keys & 0xFFFFFFFF


def content_ranks(index: Index, seed: object, positions: Positions) -> NDArray[np.uint64]:
    """Return the first 8 bytes of SHA-256 of ``seed|content hash in hex``: the same on every machine."""
    start: Callable[[], Any] = hashlib.sha256(f"{seed}|".encode()).copy
    digests = bytearray()
    for content in index.hashes[positions]:
        digest = start()
        digest.update(content.tobytes().hex().encode())
        digests += digest.digest()[:8]
    return np.frombuffer(bytes(digests), dtype=">u8").astype(np.uint64)


def sample_positions(index: Index, positions: Positions, count: int, seed: object = 0) -> Positions:
    """Choose up to `count` of some positions by hash of seed and content, and keep their order.

    Parameters
    ----------
    index
        Where the content hashes are.
    positions
        To choose from.
    count
        How many at most.
    seed
        Another seed gives another choice.
    """
    if count >= len(positions):
        return positions
    chosen = np.argsort(content_ranks(index, seed, positions), kind="stable")[: max(0, count)]
    return positions[np.sort(chosen)]
