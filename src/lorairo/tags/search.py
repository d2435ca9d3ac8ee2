"""Words found by how they begin and what they contain, among hundreds of thousands, while somebody types."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class WordSearch:
    """A list of words in one body of bytes, so that a search is one search for bytes.

    Parameters
    ----------
    words
        Without line ends; hits come in this order.
    """

    def __init__(self, words: Iterable[str]) -> None:
        lines = [_bytes(word) for word in words]
        self._body = b"\n".join([b"", *lines, b""])
        self._starts = list(accumulate((len(line) + 1 for line in lines), initial=1))

    def beginning(self, text: str) -> Iterator[int]:
        """Give the places of the words that begin so."""
        return self._hits(b"\n" + _bytes(text), 1)

    def containing(self, text: str) -> Iterator[int]:
        """Give the places of the words that contain a text."""
        return self._hits(_bytes(text), 0)

    def _hits(self, wanted: bytes, lead: int) -> Iterator[int]:
        at = self._body.find(wanted)
        while at >= 0:
            place = bisect_right(self._starts, at + lead) - 1
            yield place
            at = self._body.find(wanted, self._starts[place + 1] - 1)


def _bytes(word: str) -> bytes:
    return word.encode("utf-8", "surrogatepass")  # a browser may send half a pair
