"""Phrases that captions are better without: which there are, where they stand, and a text without them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import TYPE_CHECKING, Literal, get_args

from lorairo.config import nearest
from lorairo.errors import ArgumentError
from lorairo.sentences import cut, spans
from lorairo.tags import looks_like_tags, tag_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Span = tuple[int, int]

Takes = Literal["sentence", "clause", "words"]
"""What goes with a phrase: the sentence it stands in, the part between commas, or its own words."""

OWN = "own"
"""Kind of the phrases that a user names."""

_CLAUSE = re.compile(r"\s*[,;:]\s*|\s+(?=(?:with|and|while|which|featuring)\s)")
_WORD = re.compile(r"[ \t]*(\w+)")
_ARTICLE = re.compile(r"\b(an?)(\s+)$", re.IGNORECASE)
_VOWELS = "aeiou"


@dataclass(frozen=True)
class Phrases:
    """Phrases of one kind.

    Attributes
    ----------
    kind
        Such as ``watermark``.
    phrases
        As people write them; a star stands for the end of a word.
    takes
        What goes with one.
    instead
        What stands in the place of words that go.
    """

    kind: str
    phrases: tuple[str, ...]
    takes: Takes = "sentence"
    instead: str = ""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What finds them, longer ones first, as words of their own, in any case."""
        longest = sorted(self.phrases, key=len, reverse=True)
        return re.compile("|".join(map(_pattern, longest)) or r"(?!)", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """A phrase in a text.

    Attributes
    ----------
    kind
        Of the phrase.
    phrase
        As it stands there.
    part
        The sentence, or the tag, that it stands in.
    """

    kind: str
    phrase: str
    part: str


def _pattern(phrase: str) -> str:
    words = [re.escape(word).replace(r"\*", r"\w*") for word in phrase.split()]
    text = r"\s+".join(words)
    before = r"(?<!\w)" if phrase[:1].isalnum() else ""
    after = r"(?!\w)" if phrase[-1:].isalnum() else ""
    return f"{before}{text}{after}"


@cache
def shipped() -> dict[str, Phrases]:
    """Return the phrases lorairo knows, by kind."""
    text = resources.files("lorairo.captions").joinpath("phrases.toml").read_text("utf-8")
    return {
        kind: Phrases(kind, tuple(row["phrases"]), row["takes"], row.get("instead", ""))
        for kind, row in tomllib.loads(text).items()
    }


def chosen(kinds: Iterable[str] | None, own: Sequence[str] = (), takes: Takes | None = None) -> list[Phrases]:
    """Return phrases of some kinds, and some of a user's own.

    Parameters
    ----------
    kinds
        Of `shipped`, or `OWN`; None for all.
    own
        Phrases a user names.
    takes
        What goes with each, instead of what its kind says.

    Raises
    ------
    ArgumentError
        For a kind that is not known, a phrase that is none, or another `takes`.
    """
    if takes is not None and takes not in get_args(Takes):
        raise ArgumentError(f"there is no takes={takes!r}: {nearest(str(takes), list(get_args(Takes)))}")
    for phrase in own:
        if not isinstance(phrase, str) or not phrase.strip(" *"):
            raise ArgumentError(f"a phrase is a text with a word in it, not {phrase!r}")
    known = {**shipped(), OWN: Phrases(OWN, tuple(own))}
    named = list(known) if kinds is None else list(kinds)
    for kind in named:
        if kind not in known:
            raise ArgumentError(f"there is no kind of phrases {kind!r}: {nearest(kind, list(known))}")
    if own and OWN not in named:
        named.append(OWN)
    found = [known[kind] for kind in named]
    return [Phrases(one.kind, one.phrases, takes or one.takes, one.instead) for one in found if one.phrases]


def find(text: str, wanted: Sequence[Phrases]) -> list[Found]:
    """Return the phrases that stand in a text, in order."""
    if not any(one.pattern.search(text) for one in wanted):  # most captions, cheaply
        return []
    rows = [
        (match.start(), Found(one.kind, match[0], text[start:end]))
        for start, end in _parts(text)
        for one in wanted
        for match in one.pattern.finditer(text, start, end)
    ]
    return [found for _, found in sorted(rows, key=lambda row: row[0])]


def cleaned(text: str, wanted: Sequence[Phrases]) -> str:
    """Return a text without phrases and what goes with them; it may be empty."""
    for one in wanted:
        if one.pattern.search(text):
            text = _without_words(text, one) if one.takes == "words" else _without_parts(text, one)
    return text


def _parts(text: str) -> list[Span]:
    return tag_spans(text) if looks_like_tags(text) else spans(text)


def _without_parts(text: str, one: Phrases) -> str:
    if looks_like_tags(text):
        tags = [text[start:end] for start, end in tag_spans(text)]
        return ", ".join(tag for tag in tags if not one.pattern.search(tag))
    gone = [span for span in spans(text) if one.pattern.search(text, *span)]
    if one.takes == "sentence":
        return cut(text, gone)
    for start, end in reversed(gone):
        said = _without_clauses(text[start:end], one)
        text = text[:start] + said + text[end:] if said else cut(text, [(start, end)])
    return text.strip()


def _without_clauses(sentence: str, one: Phrases) -> str:
    """Return a sentence without its clauses that hold a phrase; nothing where its first one does."""
    edges = [match.start() for match in _CLAUSE.finditer(sentence)]
    starts, ends = [0, *edges], [*edges, len(sentence)]
    clauses = [sentence[start:end] for start, end in zip(starts, ends, strict=True)]
    kept = [clause for clause in clauses if not one.pattern.search(clause)]
    if not kept or one.pattern.search(clauses[0]):
        return ""
    said = "".join(kept)
    last = sentence.rstrip()[-1:]
    return said if said.endswith(last) or last.isalnum() else said.rstrip(" ,;:") + last


def _without_words(text: str, one: Phrases) -> str:
    """Take words away where the sentence stands without them, and mend its beginning and its articles."""
    for match in reversed(list(one.pattern.finditer(text))):
        before, after = text[: match.start()], text[match.end() :]
        if one.instead:
            text = before + one.instead + after
            continue
        following = _WORD.match(after)
        if following is None:  # nothing it could have stood before: "the view is stunning"
            continue
        begins = not before.strip() or before.rstrip()[-1:] in ".!?\n"
        after = after.lstrip(" \t")
        if begins:
            after = after[:1].upper() + after[1:]
        elif (article := _ARTICLE.search(before)) is not None:
            right = "an" if following[1][0].lower() in _VOWELS else "a"
            word = right.capitalize() if article[1][0].isupper() else right
            before = before[: article.start()] + word + article[2]
        text = before + after
    return text
