"""Reading the list of tags a tagger answers with: ``.csv``, ``.txt`` or ``.json``, as each family has it."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lorairo.errors import ModelError
from lorairo.inference.labels import RATING, Labels
from lorairo.tags import CATEGORIES, canonical, category_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

_COLUMNS = ("name", "category")
_RATED = "rating:"


class _Label(NamedTuple):
    """One label as the file has it: where, its name, and the word or number of its category."""

    place: str
    name: str
    category: str


def read_labels(file: Path, categories: Mapping[str, str], characters: Path | None = None) -> Labels:
    """Read the meaning of the columns of a tagger's output.

    Parameters
    ----------
    file
        ``.csv`` with a header and at least the columns ``name`` and ``category``; ``.txt`` with one name a
        line, where ``rating:`` marks a rating; or ``.json``: a list of names, names with their numbers,
        numbers with ``tag`` and ``category``, or ``idx_to_tag`` beside ``tag_to_category``.
    categories
        What the categories in the file mean, by number or word; our own words need no entry.
    characters
        A ``.txt`` of those labels that are characters, for a list without categories.

    Raises
    ------
    ModelError
        When the file is none of these, a category has no meaning, or a name is empty.
    """
    reader = _READERS.get(file.suffix.lower())
    if reader is None:
        raise ModelError(f"{file} is no list of tags: {', '.join(_READERS)} are known")
    named = {label.name for label in _of_txt(characters)} if characters else set()
    names: list[str] = []
    numbers: list[int] = []
    for label in reader(file):
        number = _category(label, categories, file)
        if label.name in named and number != RATING:
            number = CATEGORIES["character"]
        name = canonical(label.name)
        if number == RATING:
            name = name.removeprefix("rating").lstrip(":_")
        if not name:
            raise ModelError(f"{file}, {label.place}: the name is empty")
        names.append(name)
        numbers.append(number)
    if not names:
        raise ModelError(f"{file} names no tags: it should be the model's tag list")
    return Labels(tuple(names), np.array(numbers, dtype=np.uint8))


def _category(label: _Label, categories: Mapping[str, str], file: Path) -> int:
    said = label.category
    word = categories.get(said) or categories.get(said.lower())
    if word is None and said.lower() in CATEGORIES:
        word = said.lower()
    if word is None:
        known = ", ".join(f"{key} {meaning}" for key, meaning in categories.items())
        raise ModelError(
            f"{file}, {label.place}: category {said!r} of {label.name} has no meaning; known are {known}"
        )
    return category_number(word)


def _of_csv(file: Path) -> list[_Label]:
    try:
        with file.open(newline="", encoding="utf-8-sig") as stream:
            rows = list(csv.DictReader(stream))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ModelError(f"{file} is no table of tags: {error}") from error
    missing = [name for name in _COLUMNS if not rows or name not in rows[0]]
    if missing:
        raise ModelError(
            f"{file} has no column {' and no column '.join(missing)}: it should be the model's tag list"
        )
    return [
        _Label(f"line {line}", row["name"] or "", (row["category"] or "").strip())
        for line, row in enumerate(rows, start=2)
    ]


def _of_txt(file: Path) -> list[_Label]:
    lines = _text(file).splitlines()
    while lines and not lines[-1].strip():
        lines.pop()
    return [
        _Label(f"line {line}", name.strip(), "rating" if name.strip().startswith(_RATED) else "general")
        for line, name in enumerate(lines, start=1)
    ]


def _of_json(file: Path) -> list[_Label]:
    try:
        entries = dict(_numbered(json.loads(_text(file))))
    except json.JSONDecodeError as error:
        raise ModelError(f"{file} is no JSON: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{file} holds no list of tags that is known: {error!r}") from error
    gap = next((number for number in range(len(entries)) if number not in entries), None)
    if gap is not None:
        raise ModelError(f"{file} names no tag {gap}, though it names {max(entries)}: the file is not whole")
    return [_Label(f"tag {number}", *entries[number]) for number in range(len(entries))]


def _numbered(document: Any) -> Iterable[tuple[int, tuple[str, str]]]:
    """Give number, name and category of each label, in whichever way the document has them."""
    if isinstance(document, dict) and "dataset_info" in document:
        document = document["dataset_info"]["tag_mapping"]
    if isinstance(document, list):
        return ((number, (str(name), "general")) for number, name in enumerate(document))
    if "idx_to_tag" in document:
        names = document["idx_to_tag"]
        pairs = enumerate(names) if isinstance(names, list) else names.items()
        told = document["tag_to_category"]
        return ((int(number), (str(name), str(told.get(name, "general")))) for number, name in pairs)
    if all(isinstance(number, int) for number in document.values()):
        return ((number, (name, "general")) for name, number in document.items())
    return ((int(number), (str(entry["tag"]), str(entry["category"]))) for number, entry in document.items())


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ModelError(f"{file} is no list of tags: {error}") from error


_READERS: dict[str, Callable[[Path], list[_Label]]] = {".csv": _of_csv, ".txt": _of_txt, ".json": _of_json}
