"""Change the tags or the words of a text somebody wrote, and nothing else of it."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from lorairo.tags import LONGEST_NAME, canonical, is_literal, render_tag, split_tag_text, tag_spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lorairo.tags.render import Target

_LINE_END = re.compile(r"\r\n|\r|\n")
_LONE = re.compile("[\ud800-\udfff]")  # bytes that no letter has in this encoding: `Encoding.decode`
_COMMA = ", "


def tag_names(parts: Sequence[str]) -> tuple[str, ...]:
    """Bring parts of a tag list to their canonical form, each once, in its first place."""
    names = dict.fromkeys(canonical(part) for part in parts)
    return tuple(name for name in names if _is_name(name))


def rewrite_tags(
    text: str, names: Sequence[str], *, target: Target = "kohya", separator: str = _COMMA
) -> str:
    """Make a text list other tags.

    A tag that stays keeps its spelling; separators, line ends, what follows the last tag, and parts that are
    no tags stay as well. New tags are written as the others are: with blanks or underscores, with or without
    backslashes before parentheses.

    Parameters
    ----------
    text
        A tag list as somebody wrote it.
    names
        Canonical names that it shall list, in this order.
    target, separator
        How new tags are written and parted where the text does not show it.

    Returns
    -------
    str
        The text; the same where it listed these tags before.
    """
    written = _Written(text)
    parts = written.arranged(names, target)
    expected = tag_names([part for part, _ in parts])
    joined = written.joined(parts, separator)
    if tag_names(split_tag_text(joined)) == expected:
        return joined
    # Blanks parted the tags of a line, and those that are left would be read as one.
    plain = _COMMA.join(part for part, _ in parts)
    return plain if tag_names(split_tag_text(plain)) == expected else f"{plain},"


def rewrite_prose(text: str, caption: str | None) -> str:
    """Put another caption into a text: white space around it and the kind of its line ends stay."""
    caption = (caption or "").strip()
    ends = _LINE_END.findall(text)
    if ends:
        caption = _LINE_END.sub(lambda _: ends[0], caption)
    body = text.strip()
    if not body:
        return caption + _last_line_ends(text)
    start = text.index(body)
    return text[:start] + caption + text[start + len(body) :]


class _Written:
    """A tag list taken apart: the tags as written, what stands between them, before and behind."""

    def __init__(self, text: str) -> None:
        spans = tag_spans(text)
        self.cores = [text[start:end] for start, end in spans]
        self.names = [canonical(_LONE.sub("\ufffd", core)) for core in self.cores]
        self.gaps = [text[end:start] for (_, end), (start, _) in pairwise(spans)]
        self.head = text[: spans[0][0]] if spans else ""
        self.tail = text[spans[-1][1] :] if spans else text

    def arranged(self, names: Sequence[str], target: Target) -> list[tuple[str, int | None]]:
        """Return the parts the text shall have, each with the place it had."""
        present, wanted = dict.fromkeys(self.names), set(names)
        moved = [n for n in present if n in wanted] != [n for n in dict.fromkeys(names) if n in present]
        groups: dict[str, list[int]] = {"": []}  # what is no tag, and repeats, stay behind the tag before
        current = ""
        for place, name in enumerate(self.names):
            if name in wanted and name not in groups:
                groups[name] = [place]
                current = name
            elif name in wanted:
                groups[name if moved else current].append(place)
            elif not _is_name(name):
                groups[current].append(place)
        parts: list[tuple[str, int | None]] = [(self.cores[place], place) for place in groups[""]]
        for name in dict.fromkeys(names):
            if name in groups:
                parts += [(self.cores[place], place) for place in groups[name]]
            else:
                parts.append((self._spelt(name, target), None))
        return parts

    def joined(self, parts: Sequence[tuple[str, int | None]], separator: str) -> str:
        """Write parts in the manner of the text."""
        if not parts and not self.cores:
            return self.tail
        if not parts:
            return _last_line_ends(self.tail)
        usual = Counter(self.gaps).most_common(1)[0][0] if self.gaps else separator
        text = self.head + parts[0][0]
        for (_, before), (part, place) in pairwise(parts):
            text += self._gap(before, place, usual) + part
        return text + self.tail

    def _gap(self, before: int | None, place: int | None, usual: str) -> str:
        if before is None or place is None or place <= before:
            return usual
        between = self.gaps[before:place]
        return next((gap for gap in between if _LINE_END.search(gap)), between[-1])

    def _spelt(self, name: str, target: Target) -> str:
        escaped = any("\\(" in core for core in self.cores) or target == "prompt"
        broad = [
            core
            for core, known in zip(self.cores, self.names, strict=True)
            if "_" in known and not is_literal(known)
        ]
        underscores = all("_" in core for core in broad) if broad else target == "underscores"
        text = name if underscores else render_tag(name, "kohya")
        return text.replace("(", r"\(").replace(")", r"\)") if escaped else text


def _is_name(name: str) -> bool:
    return 0 < len(name) <= LONGEST_NAME


def _last_line_ends(text: str) -> str:
    return text[len(text.rstrip("\r\n")) :]
