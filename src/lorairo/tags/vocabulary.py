"""Vocabularies: names, categories, counts and aliases, looked up and completed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lorairo.tags.canonical import canonical
from lorairo.tags.implications import Implications
from lorairo.tags.search import WordSearch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class VocabularyEntry:
    """One tag of a vocabulary.

    Attributes
    ----------
    name, category
        The canonical name, and our number for its category.
    count
        How often a site has it.
    aliases
        Other words for the same.
    translations
        What it is called in another language: found when typed, never replaced by a cleaner.
    """

    name: str
    category: int
    count: int
    aliases: tuple[str, ...] = ()
    translations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion: the entry, and the alias or translation that led to it (None when its own name did)."""

    entry: VocabularyEntry
    alias: str | None


class Vocabulary:
    """Tags and aliases, looked up and completed.

    Parameters
    ----------
    entries
        The tags, names unique.
    implications
        What follows from which tag.

    Notes
    -----
    A tag wins over an alias of the same text. An alias of several tags names them
    all; nobody picks one silently.
    """

    def __init__(self, entries: Iterable[VocabularyEntry], implications: Implications | None = None) -> None:
        self.entries = {entry.name: entry for entry in sorted(entries, key=lambda e: (-e.count, e.name))}
        self.implications = Implications() if implications is None else implications
        targets: dict[str, list[str]] = {}
        keys = []
        for entry in self.entries.values():
            keys.append((entry.name, Suggestion(entry, None)))
            for alias in dict.fromkeys(entry.aliases):
                if alias not in self.entries:
                    targets.setdefault(alias, []).append(entry.name)
                    keys.append((alias, Suggestion(entry, alias)))
            keys += [(word, Suggestion(entry, word)) for word in dict.fromkeys(entry.translations)]
        self._aliases = {alias: tuple(names) for alias, names in targets.items()}
        self._suggestions = [suggestion for _, suggestion in keys]
        self._search = WordSearch(key for key, _ in keys)  # in order of count, so the first hits are the best

    def __len__(self) -> int:
        """Return the number of tags, aliases apart."""
        return len(self.entries)

    def __contains__(self, name: object) -> bool:
        """Whether a canonical name is a tag of its own (not an alias)."""
        return name in self.entries

    @property
    def aliased(self) -> bool:
        """Whether any alias is known."""
        return bool(self._aliases)

    def resolve(self, text: str) -> tuple[str, ...]:
        """Return the names a text stands for.

        Returns
        -------
        tuple of str
            The tag itself, or the targets of an alias (several when it is ambiguous), or nothing.
        """
        name = canonical(text)
        if name in self.entries:
            return (name,)
        return self._aliases.get(name, ())

    def complete(self, text: str, limit: int = 10) -> list[Suggestion]:
        """Suggest tags: what is called so; what begins so; what contains it; each frequent first.

        Parameters
        ----------
        text
            What was typed: of a name, an alias or a translation; an empty text suggests nothing.
        limit
            How many at most.
        """
        typed = canonical(text)
        found: dict[str, Suggestion] = {}
        if typed and limit > 0:
            for suggestion in self._candidates(typed):
                found.setdefault(suggestion.entry.name, suggestion)
                if len(found) == limit:
                    break
        return list(found.values())

    def _candidates(self, typed: str) -> Iterator[Suggestion]:
        if typed in self.entries:
            yield Suggestion(self.entries[typed], None)
        for name in self._aliases.get(typed, ()):
            yield Suggestion(self.entries[name], typed)
        for place in self._search.beginning(typed):
            yield self._suggestions[place]
        for place in self._search.containing(typed):
            yield self._suggestions[place]
