"""Texts beside pictures: bytes kept as they are, decoded with care, understood as tags or as a caption."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from lorairo.tags import canonical, looks_like_tags, split_tag_text

if TYPE_CHECKING:
    from lorairo.importers.offered import Readable

Reading = Literal["auto", "tags", "prose"]
"""How text is understood: as tags, as prose, or by its form."""

MAX_TEXT: Final = 64 * 2**10
"""Largest text of one picture, in bytes; no trainer reads a hundredth of it."""

_LONGEST_TAG: Final = 255
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BINARY_SHARE: Final = 0.3  # of control characters in what is UTF-8 by chance
_BINARY_SHARE_GUESSED: Final = 0.05  # in what was decoded by a guess, which accepts any bytes


@dataclass(frozen=True, slots=True)
class Said:
    """What one text says about one picture.

    Parameters
    ----------
    source
        Where it stands.
    kind
        ``txt``, ``caption``, ``metadata.jsonl``, ``kohya.json``, ``frame.caption``, ``frame.tags``.
    raw
        Byte for byte; of a table the line or entry.
    text
        Decoded; None when it cannot be.
    caption
        Prose in it.
    tags
        Canonical names, in order, each once.
    bytes, mtime_ns
        Of the file it stands in.
    """

    source: str
    kind: str
    raw: bytes
    text: str | None
    caption: str | None
    tags: tuple[str, ...]
    bytes: int
    mtime_ns: int


def read_sidecar(readable: Readable, reading: Reading) -> tuple[Said | None, list[str]]:
    """Read one text.

    Returns
    -------
    said, warnings
        None when nothing of it is kept, and then why.
    """
    if readable.bytes > MAX_TEXT:
        return None, [f"text of {readable.bytes:,} bytes is no caption (limit {MAX_TEXT:,}): not read"]
    try:
        raw = readable.read()
    except OSError as error:
        return None, [f"text cannot be read: {error.strerror or error}"]
    text, warnings = decode(raw)
    if text is None:
        return None, warnings
    if not text.strip():
        return _said(readable, raw, text, None, ()), [*warnings, "empty text"]
    tags_wanted = reading == "tags" or readable.kind == "frame.tags"
    if tags_wanted or (reading == "auto" and readable.kind != "frame.caption" and looks_like_tags(text)):
        tags, odd = tag_names(split_tag_text(text))
        return _said(readable, raw, text, None, tags), warnings + odd
    return _said(readable, raw, text, text.strip(), ()), warnings


def _said(readable: Readable, raw: bytes, text: str, caption: str | None, tags: tuple[str, ...]) -> Said:
    return Said(readable.path, readable.kind, raw, text, caption, tags, readable.bytes, readable.mtime_ns)


def decode(raw: bytes) -> tuple[str | None, list[str]]:
    """Decode text of unknown encoding: UTF-8, UTF-16 by its mark, else Windows-1252 as a guess that is told.

    Returns
    -------
    text, warnings
        None when it is no text.
    """
    warnings: list[str] = []
    most = _BINARY_SHARE
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = raw.decode("utf-16", "replace")
        warnings.append("UTF-16: trainers expect UTF-8")
        if "\ufffd" in text:
            warnings.append("damaged UTF-16: unreadable characters were replaced")
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("cp1252", "replace")
            most = _BINARY_SHARE_GUESSED
            warnings.append("not UTF-8: read as Windows-1252, check accents and other letters")
    odd = len(_CONTROL.findall(text))
    if odd > most * len(text):
        return None, ["not text: not read"]
    if odd:
        text = _CONTROL.sub("", text)
        warnings.append("control characters were left out")
    return text, warnings


def tag_names(parts: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """Bring tags to their canonical form, each once, first place kept; say which cannot be tags."""
    names = dict.fromkeys(canonical(part) for part in parts)
    long = [name for name in names if len(name) > _LONGEST_TAG]
    warnings = [f"{len(long)} tags longer than {_LONGEST_TAG} characters were left out"] if long else []
    return tuple(name for name in names if name and len(name) <= _LONGEST_TAG), warnings
