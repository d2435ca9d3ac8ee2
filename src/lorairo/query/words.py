"""What is known of tags beyond those in use: words of a project's files over the list of the settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from lorairo.config import load
from lorairo.errors import ConfigError
from lorairo.log import logger
from lorairo.store import settings
from lorairo.tags import Vocabulary, VocabularyEntry, known_vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from lorairo.store import Database

Row = list[Any]  # name, category, count, aliases, as JSON keeps them

WORDS, STAMP = "tags.words", "tags.words.stamp"
"""The settings of a project that hold its words, and what is another whenever they are."""

_kept: WeakKeyDictionary[Database, tuple[str | None, Vocabulary | None, Vocabulary]] = WeakKeyDictionary()


def known_words(database: Database) -> Vocabulary:
    """Return tags and aliases that a project knows beyond those in use.

    Raises
    ------
    ConfigError
        When the list that the settings name cannot be read.
    """
    base = known_vocabulary(load(database.folder))
    with database.read() as connection:
        stamp = settings.get(connection, STAMP)
        kept = _kept.get(database)
        if kept is None or kept[0] != stamp or kept[1] is not base:
            kept = _kept[database] = (stamp, base, _joined(base, settings.get(connection, WORDS, [])))
    return kept[2]


def words_at_hand(database: Database) -> Mapping[str, VocabularyEntry]:
    """Return what is known of tags, by name; nothing where the list cannot be read, as the log then says."""
    try:
        return known_words(database).entries
    except ConfigError as error:
        logger.warning("tags have only the categories that files and models gave them: {}", error)
        return {}


def _joined(base: Vocabulary | None, rows: list[Row]) -> Vocabulary:
    """Lay words from files over a list."""
    if base is not None and not rows:
        return base
    entries = {} if base is None else dict(base.entries)
    for name, category, count, aliases in rows:
        under = entries.get(name, VocabularyEntry(name, 0, 0))
        entries[name] = replace(
            under,
            category=category or under.category,
            count=max(count, under.count),
            aliases=tuple(dict.fromkeys([*under.aliases, *aliases])),
        )
    return Vocabulary(entries.values(), None if base is None else base.implications)


def known_categories(
    names: Sequence[str | None], said: NDArray[np.uint8], words: Mapping[str, VocabularyEntry]
) -> NDArray[np.uint8]:
    """Return categories by tag id: as files and models said, else as a vocabulary says."""
    found = said.copy()
    for tag in np.flatnonzero(said == 0).tolist():
        entry = words.get(names[tag] or "")
        if entry is not None:
            found[tag] = entry.category
    return found
