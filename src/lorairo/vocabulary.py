"""The vocabulary of a project: its own tags, words brought from elsewhere, and the list the settings name."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lorairo.config import load
from lorairo.plaintext import printable
from lorairo.query.words import STAMP, WORDS, Row, known_words
from lorairo.results import Done
from lorairo.store import changes, settings
from lorairo.tags import (
    Vocabulary,
    category_name,
    download_vocabulary,
    render,
)
from lorairo.tags.lists import Word, read_words, write_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lorairo.project import Project
    from lorairo.tags.vocabulary import Suggestion


class ProjectVocabulary:
    """What is known of tags in a project. Made by `Project.vocabulary`.

    Words from a file are settings of the project, outside the log: they say nothing about any image, and a
    category that files or models gave a tag stays.
    """

    def __init__(self, project: Project) -> None:
        self._project = project

    def __repr__(self) -> str:
        own, known = len(self._counts()), len(self.known)
        noun = "tag" if own == 1 else "tags"
        return f"<Vocabulary of {printable(self._project.name)} · {own:,} {noun} in use · {known:,} known>"

    # ------------------------------------------------------------------------------------- what is known

    @property
    def known(self) -> Vocabulary:
        """Tags and aliases beyond those in use: words from files over the list the settings name."""
        return known_words(self._project.database)

    def _brought(self) -> list[Row]:
        with self._project.database.read() as connection:
            rows: list[Row] = settings.get(connection, WORDS, [])
        return rows

    def complete(self, text: str, limit: int = 10) -> list[Suggestion]:
        """Suggest tags by prefix, substring, alias and translation, see `Vocabulary.complete`."""
        return self.known.complete(text, limit)

    def categories(self, names: Iterable[str]) -> dict[str, int]:
        """Return the numbers of tags' categories: as files and models said, else as the vocabulary says."""
        index = self._project.index
        return {name: index.category_of(name) for name in names}

    # ------------------------------------------------------------------------------------- as a table

    def _counts(self) -> dict[str, int]:
        index = self._project.index
        return {index.tag_name(tag): count for tag, count in index.facets(np.arange(len(index)), None)}

    def words(self) -> list[Word]:
        """Return the tags in use and the words brought from files, most frequent first."""
        counts, pinned, known = self._counts(), self._project.pinned_tags, self.known
        brought = [row[0] for row in self._brought()]
        found = []
        for name, category in self.categories([*counts, *pinned, *brought]).items():
            entry = known.entries.get(name)
            aliases = () if entry is None else entry.aliases
            found.append(Word(name, category, counts.get(name, 0), aliases, name in pinned))
        return found

    @property
    def frame(self) -> pd.DataFrame:
        """One row per tag: tag, category, images, aliases, pinned."""
        words = self.words()
        return pd.DataFrame(
            {
                "tag": [word.name for word in words],
                "category": [category_name(word.category) for word in words],
                "images": [word.count for word in words],
                "aliases": [render(word.aliases, "underscores") for word in words],
                "pinned": [word.pinned for word in words],
            }
        )

    # ------------------------------------------------------------------------------------- files

    def to_file(self, path: str | Path) -> Path:
        """Write the words to a file: ``.csv`` in the tagcomplete form, ``.json``, or ``.txt``, a tag a line.

        JSON keeps what is pinned, too; txt the names alone.
        """
        return write_words(self.words(), Path(path).expanduser())

    def from_file(self, path: str | Path) -> Done:
        """Take over the words of a file that `to_file` wrote, or of any tagcomplete list.

        They are completed, resolved and sorted by category from then on, and what is pinned there is pinned
        here. No image changes.
        """
        project = self._project
        project.writable()
        words = read_words(Path(path).expanduser())
        with project.database.write() as connection:
            rows = {row[0]: row for row in settings.get(connection, WORDS, [])}
            before = len(rows)
            for word in words:
                rows[word.name] = [word.name, word.category, word.count, list(word.aliases)]
            settings.put(connection, WORDS, list(rows.values()))
            settings.put(connection, STAMP, str(uuid.uuid4()))
            changes.tell(connection, {"tags"}, [])
        if pinned := [word.name for word in words if word.pinned]:
            project.pin_tags(*pinned)
        noun = "word" if len(words) == 1 else "words"
        return Done(f"Read {len(words):,} {noun}, {len(rows) - before:,} of them new", len(words), None)

    def download(self, name: str) -> Path:
        """Fetch a public list, ``danbooru`` or ``e621``, once, and return where it is kept.

        ``lr.config.set("vocabulary", "danbooru")`` makes it the vocabulary of your projects.
        """
        return download_vocabulary(name, load().vocabulary_dir)
