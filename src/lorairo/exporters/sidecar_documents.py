"""Files that speak of many pictures, put together again from what each picture's row shall be."""

from __future__ import annotations

import codecs
import json
import posixpath
from typing import TYPE_CHECKING

from lorairo.captions import members
from lorairo.errors import Error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lorairo.captions import Member
    from lorairo.exporters.beside import Document


def document(source: Document, rows: Mapping[str, bytes]) -> tuple[bytes, bool]:
    """Put a document together.

    Parameters
    ----------
    source
        As it was imported.
    rows
        What its rows shall be, by the picture's path in `Place.file`; rows of other pictures of the project
        are left out.

    Returns
    -------
    data, whole
        Its bytes; whether the file itself could be taken, with all that stands between the rows.
    """
    try:
        whole = source.read()
    except (OSError, Error):
        whole = None  # gone, or another by now: the rows were kept
    build = _lines if source.kind == "metadata.jsonl" else _entries
    data = None if whole is None else build(whole, source, rows)
    if data is not None:
        return data, True
    return (_fresh_lines if source.kind == "metadata.jsonl" else _fresh_entries)(source, rows), False


def _lines(whole: bytes, source: Document, rows: Mapping[str, bytes]) -> bytes | None:
    lines = whole.split(b"\n")
    at: dict[bytes, int] = {}
    for number, line in enumerate(lines):
        at.setdefault(line, number)
    if any(raw not in at for raw in source.rows.values()):
        return None  # it was changed since
    for file, raw in rows.items():
        lines[at[source.rows[file]]] = raw
    dropped = {at[raw] for file, raw in source.rows.items() if file not in rows}
    return b"\n".join(line for number, line in enumerate(lines) if number not in dropped)


def _fresh_lines(_source: Document, rows: Mapping[str, bytes]) -> bytes:
    return b"".join(rows[file].removeprefix(codecs.BOM_UTF8) + b"\n" for file in sorted(rows))


def _entries(whole: bytes, source: Document, rows: Mapping[str, bytes]) -> bytes | None:
    try:
        text = whole.decode("utf-8-sig")
        found = members(text)
    except (ValueError, RecursionError):
        return None
    keys = _keys(found, source)
    slices = {file: text[found[key].start : found[key].end] for file, key in keys.items()}
    if any(slices.get(file, "").encode() != raw for file, raw in source.rows.items()):
        return None  # it was changed since
    if len(rows) < len(source.rows):
        out = {keys[file] for file in source.rows if file not in rows}
        now = {key: rows[file].decode() for file, key in keys.items() if file in rows}
        kept = {key: now.get(key, text[at.start : at.end]) for key, at in found.items() if key not in out}
        return _object(kept)
    for file in sorted(rows, key=lambda file: found[keys[file]].start, reverse=True):
        at = found[keys[file]]
        text = text[: at.start] + rows[file].decode() + text[at.end :]
    return whole[: len(whole) - len(whole.removeprefix(codecs.BOM_UTF8))] + text.encode()


def _keys(found: Mapping[str, Member], source: Document) -> dict[str, str]:
    """Return which entry speaks of which picture: by its path, or the end of it, with ending or without."""
    ends: dict[str, dict[str, str]] = {}
    for key in found:
        plain = posixpath.normpath(key.replace("\\", "/"))
        ends.setdefault(posixpath.basename(plain), {}).setdefault(f"/{plain}", key)
    keys: dict[str, str] = {}
    for file in source.rows:
        inner = posixpath.relpath(file, posixpath.dirname(source.file) or ".")
        for name in (inner, posixpath.splitext(inner)[0]):
            alike = ends.get(posixpath.basename(name), {})
            found_key = alike.get(f"/{name}") or next(
                (alike[end] for end in alike if end.endswith(f"/{name}")), None
            )
            if found_key is not None:
                keys[file] = found_key
                break
    return keys


def _fresh_entries(source: Document, rows: Mapping[str, bytes]) -> bytes:
    base = posixpath.dirname(source.file) or "."
    return _object({posixpath.relpath(file, base): rows[file].decode() for file in sorted(rows)})


def _object(entries: Mapping[str, str]) -> bytes:
    def lines() -> Iterable[str]:
        for key, value in entries.items():
            yield f"  {json.dumps(key, ensure_ascii=False)}: {value}"

    return ("{\n" + ",\n".join(lines()) + "\n}\n").encode()
