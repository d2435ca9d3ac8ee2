"""Sentences of a caption: where they stand, when two say the same, and a text without some of them."""

# ruff: noqa: RUF001 - marks as they are written in many languages

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    Span = tuple[int, int]

_END = re.compile(r"(?:[.!?…]+[\"'”’)\]»]*(?=\s|$))|(?:[。！？]+[」』”’）]*)")
_ABBREVIATION = re.compile(
    r"(?:mrs?|ms|dr|prof|st|mt|ft|vs|etc|e\.g|i\.e|cf|al|approx|ca|fig|no|vol|[js]r|inc|ltd|co|dept|"
    r"jan|feb|mar|apr|ju[nl]|aug|sept?|oct|nov|dec|u\.[sk]|[ap]\.m)",
    re.IGNORECASE,
)
_OPENING = "([\"'“‘«"
_INITIAL = re.compile(r"[A-Z](?:\.[A-Z])*")
_OPEN, _CLOSED = "“«「『", "”»」』"
_EDGES = " \t\r\n\"'“”‘’«»「」『』()[]*_.,;:!?…。！？"


def spans(text: str) -> list[Span]:
    """Return where the sentences of a text begin and end.

    A line end ends one, too. Abbreviations, initials, numbers and marks inside a quotation do not.
    """
    found: list[Span] = []
    place = 0
    for line in text.splitlines(keepends=True):
        start = place
        for end in _ends(line):
            _take(found, text, start, place + end)
            start = place + end
        place += len(line)
        _take(found, text, start, place)
    return found


def split(text: str) -> list[str]:
    """Return the sentences of a text, in order."""
    return [text[start:end] for start, end in spans(text)]


def _take(found: list[Span], text: str, start: int, end: int) -> None:
    said = text[start:end]
    start += len(said) - len(said.lstrip())
    end -= len(said) - len(said.rstrip())
    if start < end:
        found.append((start, end))


def _ends(line: str) -> list[int]:
    straight = line.count('"') % 2 == 0  # an inch mark opens nothing
    quoted = '"' in line or any(mark in line for mark in _OPEN)
    ends = []
    for mark in _END.finditer(line):
        before, after = line[: mark.start()], line[mark.end() :].lstrip()
        if mark[0][0] == "." and _shortened(before, mark[0], after):
            continue
        if mark[0][0] in "。！？":
            if after and mark[0][-1] in _CLOSED:  # what is quoted ends, and the sentence goes on
                continue
        elif after[:1].islower():
            continue
        if quoted and _inside(line[: mark.end()], straight=straight):
            continue
        ends.append(mark.end())
    return ends


def _shortened(before: str, mark: str, after: str) -> bool:
    """Whether a full stop belongs to a word."""
    if not after or len(mark.rstrip("\"'”’)]»")) > 1:
        return False
    word = before[max(before.rfind(" "), before.rfind("\t")) + 1 :].lstrip(_OPENING)
    return (_ABBREVIATION.fullmatch(word) or _INITIAL.fullmatch(word)) is not None


def _inside(text: str, *, straight: bool) -> bool:
    """Whether a quotation is open at the end of a text."""
    if straight and text.count('"') % 2:
        return True
    opened = sum(map(text.count, _OPEN))
    return opened > sum(map(text.count, _CLOSED))


def key(sentence: str) -> str:
    """Return what sentences that say the same have in common: their words, without case and end marks."""
    plain = sentence if sentence.isascii() else unicodedata.normalize("NFKC", sentence)
    return " ".join(plain.casefold().split()).strip(_EDGES)


def without(text: str, gone: Collection[str]) -> str:
    """Return a text without the sentences of these keys."""
    parts = spans(text)
    return cut(text, [part for part in parts if key(text[part[0] : part[1]]) in gone]) if gone else text


def cut(text: str, gone: Sequence[Span]) -> str:
    """Return a text without some of its parts, and without the blanks that are left over."""
    if not gone:
        return text
    place, kept = 0, []
    for start, end in sorted(gone):
        kept.append(text[place:start])
        place = max(place, end)
    kept.append(text[place:])
    joined = kept[0]
    for part in kept[1:]:
        if joined[-1:].isspace() or not joined:
            part = part.lstrip(" \t") if "\n" not in joined[-1:] else part.lstrip()  # noqa: PLW2901 - what is left of it
        joined += part
    return joined.strip()
