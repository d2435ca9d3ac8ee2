"""Files that describe many pictures: `metadata.jsonl` and the metadata JSON of sd-scripts."""

from __future__ import annotations

import io
import json
import os
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lorairo.captions import TEXT_KEYS, members
from lorairo.importers.sidecars import MAX_TEXT, Reading, Said, decode, named_tags
from lorairo.tags import looks_like_tags, split_tag_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from lorairo.importers.offered import Item, Table

MAX_TABLE: Final = 256 * 2**20
"""Largest table, in bytes; it is read line by line."""

MAX_JSON: Final = 64 * 2**20
"""Largest table that is one JSON value, in bytes: parsed, it may take twenty times as much memory."""

_LONGEST_NAME: Final = 120  # characters of it in a warning
_MOST_WARNINGS: Final = 100  # per table; what is wrong with a million lines is wrong with a hundred

_FILE_KEYS: Final = ("file_name", "image_path", "image", "file")


@dataclass(frozen=True, slots=True)
class _Entry:
    place: str
    key: str
    caption: Any
    tags: Any
    raw: bytes


def read_table(table: Table, items: Sequence[Item], reading: Reading) -> tuple[dict[str, Said], list[str]]:
    """Read a table.

    Parameters
    ----------
    table
        The file.
    items
        Pictures of the same source: entries for others are named in a warning, as are names that lead out.
    reading
        How captions are understood; fields named tags always are tags.

    Returns
    -------
    said, warnings
        By path of the picture.
    """
    limit = MAX_TABLE if table.kind == "metadata.jsonl" else MAX_JSON
    if table.bytes > limit:
        return {}, [f"table of {table.bytes:,} bytes is over the limit of {limit:,}: not read"]
    try:
        raw = table.read()
    except OSError as error:
        return {}, [f"table cannot be read: {error.strerror or error}"]
    if not raw.strip():
        return {}, ["empty table"]
    warnings = _Warnings()
    entries = _lines(raw, warnings) if table.kind == "metadata.jsonl" else _kohya(raw, warnings)
    find = _finder(table.base, items)
    found: dict[str, Said] = {}
    for entry in entries:
        path = find(entry.key)
        if path is None:
            warnings.add(f"{entry.place}: there is no picture {_named(entry.key)} beside this table")
        elif path in found:
            warnings.add(f"{entry.place}: {_named(entry.key)} stands here twice, the first is kept")
        else:
            said, odd = _understood(table, entry, reading)
            for reason in odd:
                warnings.add(f"{entry.place}: {reason}")
            if said is not None:
                found[path] = said
    return found, warnings.told()


class _Warnings:
    """The first warnings about one table, and how many there were."""

    def __init__(self) -> None:
        self._first: list[str] = []
        self._count = 0

    def add(self, text: str) -> None:
        """Keep one, or only count it."""
        self._count += 1
        if len(self._first) < _MOST_WARNINGS:
            self._first.append(text)

    def told(self) -> list[str]:
        """Return what is to be said."""
        more = self._count - len(self._first)
        return [*self._first, *([f"{more:,} more lines or entries have faults"] if more else [])]


def _finder(base: str, items: Sequence[Item]) -> Callable[[str], str | None]:
    """Return what finds the picture of a key: by path, by path from the table, by name without ending."""
    paths = {item.path for item in items if item.path.startswith(base)}
    separator = base[-1:] or "/"
    stems: dict[str, str] | None = None

    def find(key: str) -> str | None:
        nonlocal stems
        if key in paths:
            return key
        inner = posixpath.normpath(key.replace("\\", "/"))
        if inner.startswith(("/", "..")):
            return None
        path = base + inner.replace("/", separator)
        if path in paths:
            return path
        if stems is None:
            stems = _unique_stems(paths)
        return stems.get(path)

    return find


def _unique_stems(paths: Collection[str]) -> dict[str, str]:
    """Older sd-scripts wrote names without ending: they count where only one picture can be meant."""
    stems: dict[str, str] = {}
    double: set[str] = set()
    for path in paths:
        stem = os.path.splitext(path)[0]  # noqa: PTH122 - text paths, and of archives too
        if stem in stems:
            double.add(stem)
        stems[stem] = path
    return {stem: path for stem, path in stems.items() if stem not in double}


def _lines(raw: bytes, warnings: _Warnings) -> Iterator[_Entry]:
    """Read JSON lines; each bad one is named by its number, the others count."""
    for number, whole in enumerate(io.BytesIO(raw), 1):
        line = whole.rstrip(b"\n")
        if not line.strip():
            continue
        place = f"line {number}"
        if len(line) > MAX_TEXT:
            warnings.add(f"{place}: {len(line):,} bytes are no caption (limit {MAX_TEXT:,}): not read")
            continue
        row = _json(line)
        if not isinstance(row, dict):
            warnings.add(f"{place}: not a JSON object")
            continue
        key = next((row[name] for name in _FILE_KEYS if isinstance(row.get(name), str)), None)
        if key is None:
            warnings.add(f"{place}: names no file (file_name)")
            continue
        caption = next((row[name] for name in TEXT_KEYS if name in row), None)
        yield _Entry(place, key, caption, row.get("tags"), line)


def _kohya(raw: bytes, warnings: _Warnings) -> Iterator[_Entry]:
    """Read sd-scripts' object of entries; other JSON under such a name is passed over in silence."""
    data = _json(raw)
    if data is None:
        warnings.add("not valid JSON: not read")
        return
    text = raw.decode("utf-8-sig")
    for key, member in (members(text) if isinstance(data, dict) else {}).items():
        entry = member.value
        if isinstance(entry, dict) and ("caption" in entry or "tags" in entry):
            whole = text[member.start : member.end].encode()
            yield _Entry(f"entry {_named(key)}", key, entry.get("caption"), entry.get("tags"), whole)


def _named(key: str) -> str:
    """Quote a name somebody wrote, on one line and not endlessly."""
    return repr(key if len(key) <= _LONGEST_NAME else key[:_LONGEST_NAME] + "...")


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return None


def _understood(table: Table, entry: _Entry, reading: Reading) -> tuple[Said | None, list[str]]:
    if len(entry.raw) > MAX_TEXT:
        return None, [f"entry of {len(entry.raw):,} bytes is no caption (limit {MAX_TEXT:,}): not read"]
    caption, tags = entry.caption, entry.tags
    if isinstance(tags, list) and all(isinstance(tag, str) for tag in tags):
        tags = ", ".join(tags)
    odd = [
        f"{name} is no text"
        for name, value in (("caption", caption), ("tags", tags))
        if not _text_or_none(value)
    ]
    caption, tags = _clean(caption, odd), _clean(tags, odd)
    parts = split_tag_text(tags) if tags else []
    if caption and (reading == "tags" or (reading == "auto" and looks_like_tags(caption))):
        parts, caption = split_tag_text(caption) + parts, None
    names, long = named_tags(parts)
    text = "\n".join(part for part in (caption, tags or ", ".join(parts)) if part)
    said = Said(table.path, table.kind, entry.raw, text, caption, names, table.bytes, table.mtime_ns)
    return (said if text else None), odd + long


def _text_or_none(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _clean(value: Any, odd: list[str]) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    # JSON may spell out lone surrogates, which no database and no caption file can hold.
    text, warnings = decode(value.encode("utf-8", "replace"))
    odd += warnings
    return text.strip() if text else None
