"""Vocabularies: names, categories, counts and aliases from a tagcomplete file that the user names."""

from __future__ import annotations

import csv
import functools
import itertools
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path

from lorairo.errors import ConfigError
from lorairo.tags.canonical import canonical
from lorairo.tags.categories import category_from_site

_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class VocabularyEntry:
    """One tag of a vocabulary: canonical name, our category number, how often a site has it, its aliases."""

    name: str
    category: int
    count: int
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion: the entry, and the alias that led to it (None when its own name did)."""

    entry: VocabularyEntry
    alias: str | None


class Vocabulary:
    """Tags and aliases, looked up and completed.

    Parameters
    ----------
    entries
        The tags, names unique.

    Notes
    -----
    A tag wins over an alias of the same text. An alias of several tags names them
    all; nobody picks one silently.
    """

    def __init__(self, entries: list[VocabularyEntry]) -> None:
        self.entries = {entry.name: entry for entry in sorted(entries, key=lambda e: (-e.count, e.name))}
        targets: dict[str, list[str]] = {}
        for entry in self.entries.values():
            for alias in dict.fromkeys(entry.aliases):
                if alias not in self.entries:
                    targets.setdefault(alias, []).append(entry.name)
        self._aliases = {alias: tuple(names) for alias, names in targets.items()}
        self._keys = sorted(itertools.chain(self.entries, self._aliases))

    def __len__(self) -> int:
        """Return the number of tags, aliases apart."""
        return len(self.entries)

    def __contains__(self, name: object) -> bool:
        """Whether a canonical name is a tag of its own (not an alias)."""
        return name in self.entries

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
        """Suggest tags: those whose name or alias begins so, then those that contain it; frequent first.

        Parameters
        ----------
        text
            What was typed; an empty text suggests nothing.
        limit
            How many at most.
        """
        prefix = canonical(text)
        if not prefix or limit < 1:
            return []
        found: dict[str, Suggestion] = {}
        following = itertools.islice(self._keys, bisect_left(self._keys, prefix), None)
        for key in itertools.takewhile(lambda k: k.startswith(prefix), following):
            self._suggest(key, found)
        best = sorted(found.values(), key=lambda s: (s.entry.name != prefix, -s.entry.count, s.entry.name))
        best = best[:limit]
        if len(best) < limit:
            # entries are in order of count, so the first hits are the best ones
            inner = (e for e in self.entries.values() if prefix in e.name and e.name not in found)
            best += [Suggestion(entry, None) for entry in itertools.islice(inner, limit - len(best))]
        return best

    def _suggest(self, key: str, found: dict[str, Suggestion]) -> None:
        if key in self.entries:
            found[key] = Suggestion(self.entries[key], None)
        else:
            for name in self._aliases[key]:
                found.setdefault(name, Suggestion(self.entries[name], key))


def read_vocabulary(path: str | Path, *, site: str = "danbooru") -> Vocabulary:
    """Read a vocabulary in the tagcomplete form: name, category number, count, "alias,alias"; no header.

    Parameters
    ----------
    path
        The CSV file (UTF-8).
    site
        Whose category numbers it carries, ``danbooru`` or ``e621``: they collide.

    Raises
    ------
    ConfigError
        When the file cannot be read or a line is not of this form; the message names the line.
    """
    path = Path(path).expanduser()
    try:
        stat = path.stat()
        return _read(path, site, stat.st_mtime_ns)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(f"cannot read the tag vocabulary {path}: {error}") from error


@functools.lru_cache(maxsize=4)
def _read(path: Path, site: str, _mtime_ns: int) -> Vocabulary:
    """Read once per state of the file: 140,000 lines take most of a second."""
    entries: dict[str, VocabularyEntry] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.reader(file), 1):
            if not row:
                continue
            try:
                name, number, count = canonical(row[0]), int(row[1]), int(row[2] or 0)
            except (IndexError, ValueError) as error:
                raise ConfigError(
                    f"line {line} of {path} is not 'name,category,count,aliases': give a tagcomplete CSV"
                ) from error
            category = category_from_site(site, number)
            aliases = row[_COLUMNS - 1].split(",") if len(row) >= _COLUMNS else []
            known = tuple(alias for alias in map(canonical, aliases) if alias)
            entries.setdefault(name, VocabularyEntry(name, category, count, known))
    return Vocabulary(list(entries.values()))
