"""Texts beside pictures: bytes kept as they are, decoded with care, understood as tags or as a caption."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from lorairo.captions import encoding_of, tag_names
from lorairo.tags import LONGEST_NAME, canonical, looks_like_tags, split_tag_text

if TYPE_CHECKING:
    from lorairo.importers.offered import Readable

Reading = Literal["auto", "tags", "prose"]
"""How text is understood: as tags, as prose, or by its form."""

MAX_TEXT: Final = 64 * 2**10
"""Largest text of one picture, in bytes; no trainer reads a hundredth of it."""

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LONE: Final = re.compile("[\ud800-\udfff]")
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
        return _said(readable, raw, None, None, ()), warnings
    if not text.strip():
        return _said(readable, raw, text, None, ()), [*warnings, "empty text"]
    tags_wanted = reading == "tags" or readable.kind == "frame.tags"
    if tags_wanted or (reading == "auto" and readable.kind != "frame.caption" and looks_like_tags(text)):
        tags, odd = named_tags(split_tag_text(text))
        return _said(readable, raw, text, None, tags), warnings + odd
    return _said(readable, raw, text, text.strip(), ()), warnings


def _said(
    readable: Readable, raw: bytes, text: str | None, caption: str | None, tags: tuple[str, ...]
) -> Said:
    return Said(readable.path, readable.kind, raw, text, caption, tags, readable.bytes, readable.mtime_ns)


def decode(raw: bytes) -> tuple[str | None, list[str]]:
    """Decode text of unknown encoding; a guess is told.

    Returns
    -------
    text, warnings
        None when it is no text.
    """
    warnings: list[str] = []
    encoding = encoding_of(raw)
    text = encoding.decode(raw)
    if encoding.name == "UTF-16":
        warnings.append("UTF-16: trainers expect UTF-8")
    elif encoding.name != "UTF-8":
        warnings.append(f"not UTF-8: read as {encoding.name}, check accents and other letters")
    if _LONE.search(text) or (encoding.name == "UTF-16" and len(raw) % 2):
        text = _LONE.sub("\ufffd", text)
        warnings.append(f"damaged {encoding.name}: unreadable characters were replaced")
    odd = len(_CONTROL.findall(text))
    if odd > (_BINARY_SHARE_GUESSED if encoding.codec == "cp1252" else _BINARY_SHARE) * len(text):
        return None, ["not text: kept, not understood"]
    if odd:
        text = _CONTROL.sub("", text)
        warnings.append("control characters were left out")
    return text, warnings


def named_tags(parts: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """Bring tags to their canonical form, as `tag_names` does; say how many cannot be tags."""
    long = {name for name in map(canonical, parts) if len(name) > LONGEST_NAME}
    warnings = [f"{len(long)} tags longer than {LONGEST_NAME} characters were left out"] if long else []
    return tag_names(parts), warnings
