"""Files of vocabularies: tagcomplete's lists, implications, translations."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from lorairo.errors import ConfigError
from lorairo.tags.canonical import canonical
from lorairo.tags.categories import category_from_site
from lorairo.tags.implications import Implications
from lorairo.tags.vocabulary import Vocabulary, VocabularyEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_COLUMNS = 4
_HEADS = frozenset({"tag", "name", "child", "antecedent", "antecedent_name"})  # of files that have a header


def read_vocabulary(
    path: str | Path,
    *,
    site: str | None = None,
    implications: str | Path | None = None,
    translations: str | Path | None = None,
) -> Vocabulary:
    """Read a vocabulary in the tagcomplete form: name, category number, count, "alias,alias"; no header.

    Parameters
    ----------
    path
        The CSV file (UTF-8).
    site
        Whose category numbers it carries, ``danbooru`` or ``e621``: they collide. None takes e621 where the
        file is named so, else danbooru.
    implications
        A CSV file of child, parent: ``cat_ears,animal_ears``.
    translations
        A CSV file of tag, translation; a third column is read like the second.

    Raises
    ------
    ConfigError
        When a file cannot be read or a line is not of its form; the message names file and line.
    """
    files = [None if file is None else Path(file).expanduser() for file in (path, implications, translations)]
    scheme = site or ("e621" if Path(path).stem.lower().startswith("e621") else "danbooru")
    return _read(scheme, *((file, _state(file)) for file in files))


def _state(path: Path | None) -> int:
    """Return when a file was last changed."""
    if path is None:
        return 0
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> ConfigError:
    return ConfigError(f"cannot read the tag vocabulary {path}: {error}")


@lru_cache(maxsize=4)  # once per state of the files: 140,000 lines take most of a second
def _read(site: str, *files: tuple[Path | None, int]) -> Vocabulary:
    (names, _), (parents, _), (words, _) = files
    entries = {} if names is None else _entries(names, site)
    for name, translation in () if words is None else _translations(words):
        entry = entries.get(name)
        if entry is not None:
            entries[name] = replace(entry, translations=(*entry.translations, translation))
    implied: dict[str, list[str]] = {}
    for child, parent in () if parents is None else _implied(parents):
        if child != parent:
            implied.setdefault(child, []).append(parent)
    return Vocabulary(entries.values(), Implications(implied))


def _entries(path: Path, site: str) -> dict[str, VocabularyEntry]:
    entries: dict[str, VocabularyEntry] = {}

    def take(row: list[str]) -> None:
        name, category = canonical(row[0]), category_from_site(site, int(row[1]))
        aliases = row[_COLUMNS - 1].split(",") if len(row) >= _COLUMNS else []
        known = tuple(alias for alias in map(canonical, aliases) if alias)
        entries.setdefault(name, VocabularyEntry(name, category, int(row[2] or 0), known))

    _each(path, take, "'name,category,count,aliases': give a tagcomplete CSV")
    return entries


def _implied(path: Path) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []

    def take(row: list[str]) -> None:
        pairs.append((canonical(row[0]), canonical(row[1])))

    _each(path, take, "'child,parent': give a CSV of implications")
    return pairs


def _translations(path: Path) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []

    def take(row: list[str]) -> None:
        found = [word for cell in [row[1], *row[2:]] for word in map(canonical, cell.split(",")) if word]
        pairs.extend((canonical(row[0]), word) for word in found)

    _each(path, take, "'tag,translation': give a CSV of translations")
    return pairs


def _each(path: Path, take: Callable[[list[str]], None], form: str) -> None:
    """Hand over the rows of a file; a line of another form is named."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, row in _rows(csv.reader(file)):
                try:
                    take(row)
                except (IndexError, ValueError) as error:
                    raise ConfigError(f"line {line} of {path} is not {form}") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, error) from error


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    for line, row in enumerate(reader, 1):
        if row and not (line == 1 and row[0].strip().lower() in _HEADS and not _numbered(row)):
            yield line, row


def _numbered(row: list[str]) -> bool:
    """Whether the second column is a number, as in a list of tags: `tag` is a tag, too."""
    return len(row) > 1 and row[1].strip().isdecimal()
