"""The part of the index that lies in memory: columns, scores, tags and their counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.errors import NotFoundError
from lorairo.query.held import Held

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from lorairo.query.load import Parts
    from lorairo.query.matrix import TagMatrix

    Array = NDArray[Any]


class Columns:
    """Images as columns; a *position* is a place in `ids`.

    Attributes
    ----------
    held
        What was worked out from this version.
    """

    def __init__(self, parts: Parts, held: Held | None = None) -> None:
        self._parts = parts
        self.held = Held() if held is None else held

    @property
    def ids(self) -> NDArray[np.int64]:
        """Image ids, ascending, read-only."""
        return self._parts.ids

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self._parts.ids)

    @property
    def score_names(self) -> frozenset[str]:
        """Names of the scores that some image has."""
        return frozenset(self._parts.scores)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Every name that `column` knows."""
        return (*self._parts.columns, "id", "aspect", "tags", *sorted(self._parts.scores))

    def column(self, name: str) -> Array:
        """Return a column by position, read-only.

        Parameters
        ----------
        name
            A column (width, height, aspect, bytes, format, stars, excluded, reason, reviewed, name, path,
            missing, copies, added, mean_rgb, phash, tags = their number) or a score; unknown scores are NaN.

        Raises
        ------
        NotFoundError
            When there is no such column.
        """
        parts = self._parts
        if name in parts.columns:
            return parts.columns[name]
        if name == "id":
            return parts.ids
        if name == "tags":
            return parts.matrix.per_row
        if name == "aspect":
            return parts.aspect
        if name in parts.scores:
            return parts.scores[name]
        raise NotFoundError(f"there is no column or score {name!r}; there are {', '.join(self.column_names)}")

    def position(self, image_id: int) -> int:
        """Return the position of an image.

        Raises
        ------
        NotFoundError
            When the project has no such image.
        """
        place = int(np.searchsorted(self.ids, image_id))
        if place == len(self.ids) or self.ids[place] != image_id:
            raise NotFoundError(f"there is no image {image_id} in this project")
        return place

    def positions(self, ids: Iterable[int]) -> NDArray[np.int64]:
        """Return the positions of images in the order given, without those the project has not."""
        wanted = np.fromiter(ids, dtype=np.int64)
        if not len(self.ids):
            return wanted[:0]
        places = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
        found: NDArray[np.int64] = places[self.ids[places] == wanted]
        return found

    def sha256(self, image_id: int) -> bytes:
        """Return the content hash of an image, 32 bytes."""
        content: bytes = self._parts.hashes[self.position(image_id)].tobytes()
        return content

    @property
    def hashes(self) -> NDArray[np.uint8]:
        """Content hashes, uint8[n, 32]."""
        return self._parts.hashes

    # ------------------------------------------------------------------------------------- tags

    @property
    def tag_names(self) -> list[str | None]:
        """Canonical names by tag id."""
        return self._parts.vocabulary.names

    @property
    def tag_categories(self) -> NDArray[np.uint8]:
        """Danbooru numbers by tag id, as files and models said: what thresholds and exports go by."""
        return self._parts.vocabulary.categories

    @property
    def matrix(self) -> TagMatrix:
        """Images by tags."""
        return self._parts.matrix

    def tag_id(self, name: str) -> int | None:
        """Return the id of a canonical name, or None when no image or model ever had it."""
        return self._parts.vocabulary.ids.get(name)

    def tag_name(self, tag: int) -> str:
        """Return the canonical name of a tag id."""
        names = self._parts.vocabulary.names
        name = names[tag] if 0 <= tag < len(names) else None
        if name is None:
            raise NotFoundError(f"there is no tag with the id {tag} in this project")
        return name

    def tag_category(self, tag: int) -> int:
        """Return the danbooru number of a tag's category, as files and models said."""
        categories = self._parts.vocabulary.categories
        return int(categories[tag]) if 0 <= tag < len(categories) else 0

    def postings(self, tag: int) -> NDArray[np.int32]:
        """Return the positions of the images that have a tag, ascending."""
        return self._parts.matrix.postings(tag)

    def tags_of(self, position: int) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """Return tag ids, in their order, and sources of the image at a position."""
        return self._parts.matrix.row(position)

    def tag_counts(self, where: Array | None = None) -> NDArray[np.int64]:
        """Count images by tag id.

        Parameters
        ----------
        where
            Positions or a mask; None counts over the whole project.
        """
        matrix = self._parts.matrix
        return matrix.counts if where is None else matrix.count(_positions(where))

    def facets(self, where: Array, top: int | None = 50) -> list[tuple[int, int]]:
        """Return the most frequent tags of some images.

        Parameters
        ----------
        where
            Positions or a mask.
        top
            How many; None for all that occur.

        Returns
        -------
        list of (tag id, images)
            Most frequent first, ties by name.
        """
        counts = self.tag_counts(where)
        found = np.flatnonzero(counts)
        if top is not None and len(found) > top:
            least = np.partition(counts[found], len(found) - top)[len(found) - top] if top else np.inf
            found = found[counts[found] >= least]
        ranked = sorted(zip(found.tolist(), counts[found].tolist(), strict=True), key=self._facet_key)
        return ranked[:top]

    def _facet_key(self, facet: tuple[int, int]) -> tuple[int, str]:
        return -facet[1], self._parts.vocabulary.names[facet[0]] or ""


def _positions(where: Array) -> NDArray[np.int64]:
    return np.flatnonzero(where) if where.dtype == bool else where
