"""Finding images by what others call them: content, look, file name."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import select

from lorairo.store.catalog import signed
from lorairo.store.schema import image, path
from lorairo.store.statements import fetch

if TYPE_CHECKING:
    from sqlalchemy import Connection

SHORTEST = 16
"""Hexadecimal digits of a content hash that stand for all of it."""


class Identities:
    """What the images of a project are called, as it was when this was made.

    Parameters
    ----------
    c
        Where they are read.
    """

    def __init__(self, c: Connection) -> None:
        self._by_content: dict[str, set[int]] = defaultdict(set)
        self._by_look: dict[int, set[int]] = defaultdict(set)
        self._by_name: dict[str, set[int]] = defaultdict(set)
        self._edges: dict[int, int] = {}
        columns = (image.c.id, image.c.sha256, image.c.phash, image.c.width, image.c.height)
        for number, sha256, phash, width, height in fetch(c, select(*columns)):
            self._by_content[bytes(sha256).hex()].add(number)
            self._by_content[bytes(sha256).hex()[:SHORTEST]].add(number)
            self._by_look[phash].add(number)
            self._edges[number] = max(width, height)
        named = select(path.c.name, path.c.image_id).where(path.c.image_id.is_not(None))
        for name, number in fetch(c, named):
            for called in {name, name.rpartition(".")[0] or name}:
                self._by_name[called].add(number)

    def of_id(self, number: int) -> set[int]:
        """Return the image of an id, if it is there."""
        return {number} & self._edges.keys()

    def of_content(self, digits: str) -> set[int]:
        """Return the images of a content hash, or of its first 16 digits."""
        return self._by_content.get(digits.lower(), set())

    def of_look(self, digits: str, long_edge: int | None = None) -> set[int]:
        """Return the images of a perceptual hash, of those the ones with a longer side of so many pixels."""
        found = self._by_look.get(signed(int(digits, 16)), set())
        alike = {number for number in found if self._edges[number] == long_edge}
        return alike or found

    def of_name(self, name: str) -> set[int]:
        """Return the images of a file name, with or without its ending."""
        return self._by_name.get(name, set())
