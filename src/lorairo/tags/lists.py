"""Lists of words in files: CSV in the tagcomplete form, JSON, or a tag a line."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from lorairo.errors import ArgumentError, ConfigError
from lorairo.tags.canonical import canonical
from lorairo.tags.categories import category_name, category_number
from lorairo.tags.reading import read_vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Word:
    """A tag as a list has it: canonical name, our category number, images, other words for it, pinned."""

    name: str
    category: int = 0
    count: int = 0
    aliases: tuple[str, ...] = ()
    pinned: bool = False


def write_words(words: Iterable[Word], path: Path) -> Path:
    """Write words in the form the ending says, and return the path.

    JSON keeps everything, CSV all but what is pinned, txt the names.
    """
    write = {".csv": _csv, ".json": _json, ".txt": _txt}.get(_ending(path))
    if write is not None:
        path.write_text(write(words), encoding="utf-8", newline="")
    return path


def _ending(path: Path) -> str:
    ending = path.suffix.lower()
    if ending not in {".csv", ".json", ".txt"}:
        raise ArgumentError(f"a vocabulary is a .csv, .json or .txt file, not {path.name!r}")
    return ending


def _csv(words: Iterable[Word]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for word in words:
        writer.writerow([word.name, word.category, word.count, ",".join(word.aliases)])
    return text.getvalue()


def _json(words: Iterable[Word]) -> str:
    rows = [{**asdict(word), "category": category_name(word.category)} for word in words]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def _txt(words: Iterable[Word]) -> str:
    return "".join(f"{word.name}\n" for word in words)


def read_words(path: Path) -> list[Word]:
    """Read what `write_words` wrote, or a list of the same form made elsewhere.

    Raises
    ------
    ConfigError
        When the file cannot be read or is of another form.
    """
    if _ending(path) == ".csv":
        entries = read_vocabulary(path).entries.values()
        return [Word(entry.name, entry.category, entry.count, entry.aliases) for entry in entries]
    try:
        text = path.read_text(encoding="utf-8-sig")
        words = map(_word, json.loads(text)) if _ending(path) == ".json" else _lines(text)
        return list({word.name: word for word in words if word.name}.values())
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the tag vocabulary {path}: {error}") from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ConfigError(
            f"{path} is not a list of words: give a JSON list of objects with a name each, "
            f"as project.vocabulary.to_file() writes it ({error})"
        ) from error


def _lines(text: str) -> Iterable[Word]:
    return (Word(canonical(line)) for line in text.splitlines())


def _word(row: dict[str, Any]) -> Word:
    aliases = tuple(alias for alias in map(canonical, row.get("aliases", ())) if alias)
    return Word(
        canonical(row["name"]),
        category_number(row.get("category", 0)),
        int(row.get("count", 0)),
        aliases,
        bool(row.get("pinned", False)),
    )
