"""The index: a whole project as searches, facets and galleries see it, one immutable value per version."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np

from lorairo.captions import render_caption
from lorairo.captions.counting import counting as counting_of
from lorairo.query import load
from lorairo.query.columns import Columns
from lorairo.query.held import STALE_AFTER, Held
from lorairo.query.matrix import TagMatrix
from lorairo.query.words import known_categories, words_at_hand
from lorairo.store import columns, searching
from lorairo.store.blobs import SOURCE_NAMES, Ragged
from lorairo.store.disputed import disagreement
from lorairo.tags import RATINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.store import Change, Database
    from lorairo.tags import VocabularyEntry

    Array = NDArray[Any]
    Ids = NDArray[np.int64]

T = TypeVar("T")

_MOST_AMENDED = 1_000  # images whose tokens are counted at once


class Index(Columns):
    """What searches are answered from.

    A value: `updated` gives another one and shares what did not change. Text and evidence, which few searches
    ask for, are read from the database at the first question and kept with the version.

    Attributes
    ----------
    version
        Grows by one with every update.
    """

    def __init__(
        self,
        database: Database,
        parts: load.Parts,
        held: Held | None = None,
        *,
        version: int = 1,
        tokenizer: Path | None = None,
    ) -> None:
        super().__init__(parts, held)
        self._database = database
        self._tokenizer = tokenizer
        self.version = version

    @classmethod
    def load(cls, database: Database, *, tokenizer: Path | None = None) -> Self:
        """Read a project.

        Parameters
        ----------
        database
            The project's database; it is asked again for text and evidence.
        tokenizer
            What the setting of that name names; where no tokenizer is found ``tokens:`` is an estimate.
        """
        with database.read() as connection:
            return cls(database, load.everything(connection), tokenizer=tokenizer)

    def updated(self, database: Database, change: Change) -> Index:
        """Return the index after a change; only what changed is read again."""
        with database.read() as connection:
            parts = load.changed(connection, self._parts, change)
            held = self.held.after(change.kind) if parts.ids is self._parts.ids else Held()
            self._amend_captions(connection, change, held)
            index = Index(database, parts, held, version=self.version + 1, tokenizer=self._tokenizer)
            if parts.ids is self._parts.ids:
                index.amend_tokens(connection, change, self.held.known("tokens", None))
        return index

    def retagged(self, matrix: TagMatrix) -> Index:
        """Return the index with the tags its images will have once a policy is saved, see `foreseen`."""
        return Index(
            self._database,
            replace(self._parts, matrix=matrix),
            self.held.after(frozenset({"tags", "policy"})),
            version=self.version + 1,
            tokenizer=self._tokenizer,
        )

    def foreseen(self, ids: Ids, effective: Ragged) -> TagMatrix:
        """Return which image has which tag.

        Parameters
        ----------
        ids
            Images, sorted; those the index does not know are left out.
        effective
            Their tags.
        """
        if not np.array_equal(ids, self.ids):
            here = np.isin(ids, self.ids)
            effective = effective.take(np.flatnonzero(here))
            rows = np.repeat(np.searchsorted(self.ids, ids[here]), effective.counts)
            effective = Ragged.grouped(effective.values, rows, len(self))
        tags = effective.values["tag"].astype(np.int32)
        sources = np.ascontiguousarray(effective.values["source"])
        return TagMatrix(effective.offsets, tags, sources, self.matrix.width)

    def counting(self, tokenizer: Path | None) -> Index:
        """Return the index with another tokenizer, or other words for tags."""
        held = self.held.after(frozenset({"captions", "tags"}))
        return Index(self._database, self._parts, held, version=self.version + 1, tokenizer=tokenizer)

    def _amend_captions(self, c: Connection, change: Change, held: Held) -> None:
        """Bring captions along that were read before: a search in them must not read all after each edit."""
        known: list[str] | None = self.held.known("captions", None)
        if (
            known is None
            or change.images is None
            or change.kind & {"images"}
            or "captions" not in change.kind
        ):
            return
        texts = list(known)
        ids = change.images[np.isin(change.images, self.ids)]
        for place, text in zip(self.positions(ids).tolist(), self._caption_texts(c, ids, ids), strict=True):
            texts[place] = text
        held.get("captions", None, lambda: texts)

    def amend_tokens(self, c: Connection, change: Change, known: NDArray[np.float64] | None) -> None:
        """Bring token counts along that were made before, counted anew for the few images that changed."""
        if known is None or change.images is None or not change.kind & STALE_AFTER["tokens"]:
            return
        ids = change.images[np.isin(change.images, self.ids)]
        if len(ids) > _MOST_AMENDED:  # whoever asks next counts them all: the change itself must not wait
            return
        counts = known.copy()
        counts[self.positions(ids)] = self._token_counts(c, ids)
        self.held.get("tokens", None, lambda: counts)

    def column(self, name: str) -> Array:
        """Return a column by position, see `Columns.column`; ``tokens`` and ``disagreement`` besides."""
        if name == "disagreement":
            return self._disagreement[0]
        return self.tokens if name == "tokens" else super().column(name)

    def _read(self, kind: str, key: Any, make: Callable[[Connection], T]) -> T:
        """Return a held value, made from the database if it is not known."""

        def ask() -> T:
            with self._database.read() as connection:
                return make(connection)

        return self.held.get(kind, key, ask)

    @property
    def known_categories(self) -> NDArray[np.uint8]:
        """Danbooru numbers by tag id, as files and models said, else as the vocabulary says."""
        return self._categories[0]

    @property
    def _categories(self) -> tuple[NDArray[np.uint8], Mapping[str, VocabularyEntry]]:
        """Categories by tag id, and the words that say those of other tags."""

        def make() -> tuple[NDArray[np.uint8], Mapping[str, VocabularyEntry]]:
            words = words_at_hand(self._database)
            return known_categories(self.tag_names, self.tag_categories, words), words

        return self.held.get("categories", None, make)

    def category_of(self, name: str) -> int:
        """Return the danbooru number of the category that a tag is shown with; 0 where nobody knows it."""
        tag, (categories, words) = self.tag_id(name), self._categories
        if tag is not None:
            return int(categories[tag])
        return words[name].category if name in words else 0

    @property
    def captions(self) -> list[str]:
        """Captions in lower case by position, an image's variants joined by line ends; empty where none."""
        return self._read("captions", None, lambda c: self._caption_texts(c, self.ids, None))

    def _caption_texts(self, c: Connection, ids: Ids, asked: Ids | None) -> list[str]:
        said = columns.captions_in_force(c, asked)
        texts = ([text for text, _ in said[i].values()] if i in said else () for i in ids.tolist())
        return ["\n".join(lines).lower() for lines in texts]

    @property
    def paths(self) -> list[str]:
        """Known paths in lower case by position, several joined by line ends, with ``/`` between folders."""
        return self._read("paths", "path", lambda c: self._joined(*searching.paths_of(c)[:2]))

    @property
    def names(self) -> list[str]:
        """Known file names in lower case by position, several joined by line ends."""
        return self._read("paths", "name", lambda c: self._joined(*searching.paths_of(c)[::2]))

    def _joined(self, ids: Ids, texts: list[str]) -> list[str]:
        lines: list[list[str]] = [[] for _ in range(len(self))]
        for place, text in zip(*self._known(ids, texts), strict=True):
            lines[place].append(text.replace("\\", "/").lower())
        return ["\n".join(found) for found in lines]

    def _known(self, ids: Ids, values: Sequence[T]) -> tuple[list[int], list[T]]:
        """Return positions and values of those ids that this version has; the database may be ahead of it."""
        if not len(self):
            return [], []
        places = np.minimum(np.searchsorted(self.ids, ids), len(self) - 1)
        known = self.ids[places] == ids
        return places[known].tolist(), list(itertools.compress(values, known.tolist()))

    @property
    def datasets(self) -> Mapping[str, Ids]:
        """Positions of the members, by name of the dataset."""
        return self._read("datasets", None, lambda c: self._places(searching.members(c)))

    @property
    def sources(self) -> Mapping[str, Ids]:
        """Positions of the images that a source has to do with.

        By ``provider/model``, by model alone and by provider alone: images it answered about, or placed; by
        the name of a scorer: those it scored. By ``model``, ``hand``, ``rule`` and ``file``: images with a
        tag that comes from there.
        """

        def make(c: Connection) -> dict[str, Ids]:
            groups = _short_names(self._places(searching.runs(c)))
            return groups | {name: self.matrix.rows_from(number) for number, name in enumerate(SOURCE_NAMES)}

        return self._read("sources", None, make)

    @property
    def refusals(self) -> Mapping[str, Ids]:
        """Positions of images refused and not answered since, by ``provider/model``, model and provider."""
        return self._read("refused", None, lambda c: _short_names(self._places(searching.refusers(c))))

    def _places(self, groups: Mapping[str, Ids]) -> dict[str, Ids]:
        return {name: self.positions(ids) for name, ids in groups.items()}

    @property
    def ratings(self) -> NDArray[np.int8]:
        """Places in `lorairo.tags.RATINGS` by position, -1 where nobody gave a rating."""

        def make(c: Connection) -> NDArray[np.int8]:
            found = np.full(len(self), -1, dtype=np.int8)
            said = {i: RATINGS.index(name) for i, name in searching.ratings(c).items() if name in RATINGS}
            places, values = self._known(np.fromiter(said, dtype=np.int64), list(said.values()))
            found[places] = values
            return found

        return self._read("ratings", None, make)

    @property
    def disputed(self) -> NDArray[np.bool_]:
        """Images about which models disagree and are sure of it, see `lorairo.store.disputed`."""
        return self._disagreement[1]

    @property
    def _disagreement(self) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """By position, how much models disagree, and whether they are sure."""

        def make(c: Connection) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
            found = disagreement(c, RATINGS)
            degree, sure = np.zeros(len(self), dtype=np.float32), np.zeros(len(self), dtype=bool)
            places, values = self._known(found.ids, list(zip(found.degree, found.disputed, strict=True)))
            for into, column in zip((degree, sure), zip(*values, strict=True), strict=False):
                into[places] = column
            return degree, sure

        return self._read("disputed", None, make)

    def tag_score(self, name: str) -> NDArray[np.float32]:
        """Return the best score that any model gave a tag, by position, NaN where none gave one."""

        def make(c: Connection) -> NDArray[np.float32]:
            found = np.full(len(self), np.nan, dtype=np.float32)
            tag = self.tag_id(name)
            if tag is not None:
                ids, scores = searching.tag_scores(c, tag)
                places, values = self._known(ids, scores.tolist())
                found[places] = values
            return found

        return self._read("tag score", name, make)

    @property
    def counts_tokens(self) -> bool:
        """Whether a tokenizer is set."""
        return self._tokenizer is not None

    @property
    def token_limit(self) -> int:
        """How many of them the encoder reads whose tokenizer is set, or CLIP."""
        return counting_of(tokenizer=self._tokenizer).encoder.limit

    @property
    def tokens(self) -> NDArray[np.float64]:
        """Tokens of the caption a trainer would read, by the tokenizer that is set, or CLIP's, or estimated.

        That is the default caption, or the tags where an image has none.
        """
        return self._read("tokens", None, lambda c: self._token_counts(c, None))

    def tokens_at(self, places: Ids) -> NDArray[np.float64] | None:
        """Return the `tokens` of some positions; None for too many to count at once."""
        if self.held.known("tokens", None) is not None:
            return self.tokens[places]
        if len(places) > _MOST_AMENDED:
            return None
        with self._database.read() as connection:
            return self._token_counts(connection, self.ids[places])

    def _token_counts(self, c: Connection, asked: Ids | None) -> NDArray[np.float64]:
        ids = self.ids if asked is None else asked
        written = columns.load_captions(c, ids=asked)
        lines = []
        for position, image_id in zip(self.positions(ids).tolist(), ids.tolist(), strict=True):
            names = [self.tag_name(tag) for tag in self.tags_of(position)[0].tolist()]
            text = written.get(image_id)
            lines.append(render_caption(names, text, style="prose" if text else "tags"))
        return np.array(counting_of(tokenizer=self._tokenizer).many(lines), dtype=np.float64)


def _short_names(groups: Mapping[str, Ids]) -> dict[str, Ids]:
    """Give groups by ``provider/model`` the names of model and provider too."""
    found: dict[str, Ids] = {}
    for key, positions in groups.items():
        provider, _, model = key.partition("/")
        for name in {key, provider, model} - {""}:
            found[name] = np.union1d(found[name], positions) if name in found else positions
    return found
