"""The pieces of a caption template: what stands between its braces, and what each says about an image."""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lorairo.captions.render import has_trigger, single_line
from lorairo.tags import CATEGORIES, canonical, render_tag

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lorairo.tags.render import Target

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
USUAL = frozenset(CATEGORIES[name] for name in ("general", "copyright", "character"))
"""Categories that `{tags}` without more says; artists, meta tags and ratings have to be asked for."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a template can say about one image.

    Attributes
    ----------
    trigger
        The dataset's trigger, as written.
    captions
        Texts by variant.
    tags
        Effective tags in order: canonical name and category number.
    rating
        One of `lorairo.tags.RATINGS`, or None.
    scores
        Values by name; those that are unknown are left out.
    """

    trigger: str = ""
    captions: Mapping[str, str] = field(default_factory=dict)
    tags: Sequence[tuple[str, int]] = ()
    rating: str | None = None
    scores: Mapping[str, float] = field(default_factory=dict)


class Said:
    """What one caption says so far: each tag, and the trigger, is said once."""

    def __init__(self, facts: Facts, target: Target, pieces: Sequence[Piece]) -> None:
        self.facts = facts
        self.target: Target = target
        self.trigger = single_line(facts.trigger)
        self._names: set[str] = set()
        if self.trigger and any(isinstance(piece, Trigger) for piece in pieces):
            self._names = {canonical(part) for part in self.trigger.split(",")}
            prose = (piece.say(self) for piece in pieces if isinstance(piece, Caption))
            if any(has_trigger(text, self.trigger) for text in prose):
                self.trigger = ""

    def tags(self, categories: frozenset[int], limit: int | None) -> list[str]:
        """Take tags that were not said before."""
        names = dict.fromkeys(name for name, category in self.facts.tags if category in categories)
        chosen = [name for name in names if name not in self._names][:limit]
        self._names.update(chosen)
        return chosen


@dataclass(frozen=True, slots=True)
class Trigger:
    """``{trigger}``."""

    def say(self, said: Said) -> str:
        """Return the trigger, unless a caption of the same template has it."""
        return said.trigger


@dataclass(frozen=True, slots=True)
class Caption:
    """``{caption}`` or ``{caption:long}``."""

    variant: str = "default"

    def say(self, said: Said) -> str:
        """Return the caption on one line."""
        return single_line(said.facts.captions.get(self.variant, ""))


@dataclass(frozen=True, slots=True)
class Tags:
    """``{tags}``, ``{tags:character,copyright}`` or ``{tags:general limit 20}``."""

    categories: frozenset[int] = USUAL
    limit: int | None = None

    def say(self, said: Said) -> str:
        """Return tags that no earlier piece has said."""
        return ", ".join(render_tag(name, said.target) for name in said.tags(self.categories, self.limit))


@dataclass(frozen=True, slots=True)
class Rating:
    """``{rating}``."""

    def say(self, said: Said) -> str:
        """Return the rating."""
        return said.facts.rating or ""


@dataclass(frozen=True, slots=True)
class Score:
    """``{score:aesthetic>=0.8?masterpiece|>=0.6?best quality|normal quality}``.

    Attributes
    ----------
    name
        Of the score.
    words
        Comparison, number and what is said where it holds; the first that holds counts.
    otherwise
        What is said where none does.
    """

    name: str
    words: tuple[tuple[str, float, str], ...]
    otherwise: str = ""

    def say(self, said: Said) -> str:
        """Return the word for the score; nothing where it is unknown."""
        value = said.facts.scores.get(self.name)
        if value is None:
            return ""
        held = (text for sign, number, text in self.words if COMPARISONS[sign](value, number))
        return next(held, self.otherwise)


Piece = Trigger | Caption | Tags | Rating | Score
