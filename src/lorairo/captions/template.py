"""Templates: captions put together from trigger, prose, tags and words for scores."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lorairo.captions.pieces import USUAL, Caption, Facts, Piece, Rating, Said, Score, Tags, Trigger
from lorairo.errors import ArgumentError, TemplateError
from lorairo.keywords import checked_class
from lorairo.tags import CATEGORIES, TARGETS, category_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from lorairo.tags.render import Target

_PART = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[^{}]+")
_SEPARATOR = r"[\s,;.:|/&+–—-]"  # noqa: RUF001 - a dash is what people separate with
_EDGES = re.compile(rf"(?s)({_SEPARATOR}*)(.*?)({_SEPARATOR}*)")
_LIMIT = re.compile(r"(?:(?P<categories>.*?)\s+)?limit\s+(?P<limit>\S+)", re.DOTALL)
_SCORED = re.compile(r"\s*(?P<name>[^<>=?|\s]+)\s*(?P<rest>[<>=].*)", re.DOTALL)
_WORD = re.compile(
    r"\s*(?P<sign>>=|<=|>|<|=)\s*(?P<number>[-+]?(?:\d+\.?\d*|\.\d+))\s*\?(?P<text>.*)", re.DOTALL
)


@checked_class
@dataclass(frozen=True)
class Template:
    """A pattern of captions: ``lr.Template("{trigger}, {caption}, {tags:general limit 20}")``.

    ``{trigger}``; ``{caption}`` or ``{caption:long}``; ``{tags}``, ``{tags:character,copyright}``,
    ``{tags:all limit 20}``; ``{rating}``; ``{score:aesthetic>=0.8?masterpiece|>=0.6?best quality|normal}``.
    What is empty vanishes with its separator; a tag is said once, and so is the trigger. ``{{`` and ``}}``
    stand for braces.

    Attributes
    ----------
    text
        The pattern.
    target
        How tags are written: one of `lorairo.tags.TARGETS`.

    Raises
    ------
    TemplateError
        Where the pattern has a mistake; it says where and what was expected.
    """

    text: str
    target: Target = "kohya"
    parts: tuple[str | Piece, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.text, str):
            raise ArgumentError(f"a template is a text, not {type(self.text).__name__}")
        if self.target not in TARGETS:
            raise ArgumentError(f"unknown tag target {self.target!r}: use one of {', '.join(TARGETS)}")
        object.__setattr__(self, "parts", _parsed(self.text))

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What stands in braces, in order."""
        return tuple(part for part in self.parts if not isinstance(part, str))

    @property
    def variants(self) -> frozenset[str]:
        """Caption variants it takes."""
        return frozenset(piece.variant for piece in self.pieces if isinstance(piece, Caption))

    @property
    def scores(self) -> frozenset[str]:
        """Scores it asks for."""
        return frozenset(piece.name for piece in self.pieces if isinstance(piece, Score))

    def render(self, facts: Facts) -> str:
        """Put the caption of one image together; empty where every piece is."""
        said = Said(facts, self.target, self.pieces)
        line = _Line()
        for part in self.parts:
            if isinstance(part, str):
                line.literal(part)
            else:
                line.piece(part.say(said))
        return line.finished()


class _Line:
    """A caption under way: between two texts stands the separator that followed the first of them."""

    def __init__(self) -> None:
        self._start = ""
        self._text = ""
        self._waiting: str | None = None
        self._begun = False  # whether anything came: marks that stand before it separate nothing
        self._said: bool | None = None  # whether any piece said something; None where none came
        self._last = True  # whether the last piece did

    def literal(self, text: str) -> None:
        edges = _EDGES.fullmatch(text)
        assert edges is not None
        before, words, after = edges.groups()
        if not self._begun:
            self._start += before
        else:
            self._wait(before)
        if words:
            self._begun = self._last = True
            self._append(words)
        self._wait(after)

    def piece(self, text: str) -> None:
        self._begun = True
        self._last = bool(text)
        self._said = self._said or self._last
        if text:
            self._append(text)

    def _wait(self, separator: str) -> None:
        if separator and self._text and self._waiting is None:
            self._waiting = separator

    def _append(self, text: str) -> None:
        self._text += (self._waiting or "") + text
        self._waiting = None

    def finished(self) -> str:
        if self._said is False:
            return ""
        end = self._waiting if self._last and self._waiting else ""
        return (self._start + self._text + end).strip()


def _parsed(text: str) -> tuple[str | Piece, ...]:
    parts: list[str | Piece] = []
    place = 0
    while place < len(text):
        found = _PART.match(text, place)
        if found is None:
            raise _brace(text, place)
        part = found[0]
        if part in {"{{", "}}"} or not part.startswith("{"):
            literal = part[0] if part in {"{{", "}}"} else part
            if parts and isinstance(parts[-1], str):
                parts[-1] += literal
            else:
                parts.append(literal)
        else:
            parts.append(_piece(part, place))
        place = found.end()
    return tuple(parts)


def _brace(text: str, place: int) -> TemplateError:
    brace = text[place]
    if brace == "{":
        return TemplateError(
            "this brace is not closed: end the piece with }, or write {{ for a brace",
            position=place,
            length=len(text) - place,
        )
    return TemplateError("this brace was not opened: write }} for a brace", position=place, length=1)


def _piece(part: str, place: int) -> Piece:
    name, colon, rest = part[1:-1].partition(":")
    kind = name.strip()
    if not colon:  # {tags limit 5}
        kind, _, rest = kind.partition(" ")
    start = place + len(part) - 1 - len(rest)
    read = _PIECES.get(kind)
    if read is None:
        near = difflib.get_close_matches(kind, _PIECES, 1, 0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(_PIECES)}"
        raise TemplateError(f"there is no piece {kind!r}: {hint}", position=place, length=len(part))
    return read(rest.strip(), start)


def _plain(piece: Piece, name: str) -> Callable[[str, int], Piece]:
    def read(rest: str, place: int) -> Piece:
        if rest:
            raise TemplateError(f"{{{name}}} takes nothing more", position=place, length=len(rest))
        return piece

    return read


def _caption(rest: str, _place: int) -> Piece:
    return Caption(rest or "default")


def _tags(rest: str, place: int) -> Piece:
    found = _LIMIT.fullmatch(rest)
    limit = None
    named = rest
    if found is not None:
        named = (found["categories"] or "").strip()
        if not found["limit"].isdecimal() or not int(found["limit"]):
            raise TemplateError(
                f"the limit is a number of tags, not {found['limit']!r}", position=place, length=len(rest)
            )
        limit = int(found["limit"])
    if named in {"", "all"}:
        return Tags(USUAL if not named else frozenset(CATEGORIES.values()), limit)
    try:
        categories = frozenset(category_number(part.strip()) for part in named.split(","))
    except ArgumentError as error:
        raise TemplateError(str(error), position=place, length=len(rest)) from error
    return Tags(categories, limit)


def _score(rest: str, place: int) -> Piece:
    found = _SCORED.fullmatch(rest)
    if found is None:
        raise TemplateError(
            "a score needs a comparison and a word, such as {score:aesthetic>=0.6?masterpiece}",
            position=place,
            length=max(1, len(rest)),
        )
    words: list[tuple[str, float, str]] = []
    alternatives = found["rest"].split("|")
    for number, alternative in enumerate(alternatives):
        word = _WORD.fullmatch(alternative)
        if word is not None:
            words.append((word["sign"], float(word["number"]), word["text"].strip()))
        elif number and number == len(alternatives) - 1:
            return Score(found["name"], tuple(words), alternative.strip())
        else:
            raise TemplateError(
                f"expected a comparison and a word, such as >=0.6?masterpiece, got {alternative!r}",
                position=place,
                length=len(rest),
            )
    return Score(found["name"], tuple(words))


_PIECES: dict[str, Callable[[str, int], Piece]] = {
    "trigger": _plain(Trigger(), "trigger"),
    "caption": _caption,
    "tags": _tags,
    "rating": _plain(Rating(), "rating"),
    "score": _score,
}
