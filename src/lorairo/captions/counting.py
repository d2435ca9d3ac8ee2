"""Token counts as a target's text encoder makes them: exact where its tokenizer is here, else an estimate."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from lorairo.captions.estimate import estimate, estimated_fit
from lorairo.captions.finding import FILE, family_of, tokenizer_of
from lorairo.captions.profiles import DEFAULT_ENCODERS, Encoder, profile_named
from lorairo.captions.tokens import tokenizer_at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lorairo.captions.tokens import TokenCounter


@dataclass(frozen=True, slots=True)
class TokenCount:
    """The tokens of one text.

    Attributes
    ----------
    count
        Begin and end marks left out.
    limit
        Tokens the encoder reads.
    exact
        Whether the encoder's own tokenizer counted; otherwise it is an estimate.
    encoder
        As people call it.
    """

    count: int
    limit: int
    exact: bool
    encoder: str

    @property
    def over(self) -> bool:
        """Whether the end is not read."""
        return self.count > self.limit

    def __str__(self) -> str:
        return f"{'' if self.exact else '≈'}{self.count} / {self.limit}"


@dataclass(frozen=True, slots=True)
class Counting:
    """Counts as one encoder does. Made by `counting`.

    Attributes
    ----------
    encoder
        Which one.
    """

    encoder: Encoder
    _tokenizer: TokenCounter | None

    @property
    def exact(self) -> bool:
        """Whether the encoder's own tokenizer counts."""
        return self._tokenizer is not None

    def many(self, texts: Sequence[str]) -> list[int]:
        """Return the tokens of many texts."""
        if self._tokenizer is not None:
            return self._tokenizer.count_many(texts)
        return [estimate(text, self.encoder.family) for text in texts]

    def count(self, text: str) -> TokenCount:
        """Count one text."""
        return TokenCount(self.many([text])[0], self.encoder.limit, self.exact, self.encoder.name)

    def fits(self, text: str) -> int:
        """Return how many characters of a text the encoder reads."""
        if self._tokenizer is not None:
            return self._tokenizer.fits(text, self.encoder.limit)
        return estimated_fit(text, self.encoder.family, self.encoder.limit)


def counting(profile: str | None = None, *, tokenizer: Path | None = None) -> Counting:
    """Return the counting of the encoder whose limit is the caption's.

    Parameters
    ----------
    profile
        The target; None for what `tokenizer` belongs to, which is CLIP where that cannot be told.
    tokenizer
        What the setting ``tokenizer`` names.

    Raises
    ------
    ArgumentError
        For an unknown profile.
    ConfigError
        When `tokenizer` names nothing, or no tokenizer.
    """
    return countings(profile, tokenizer=tokenizer)[0]


def countings(profile: str | None = None, *, tokenizer: Path | None = None) -> tuple[Counting, ...]:
    """Return the countings of every encoder of a target, the one whose limit is the caption's first."""
    encoders = (_default(tokenizer),) if profile is None else profile_named(profile).encoders
    return tuple(_counting(encoder, tokenizer) for encoder in encoders)


def _default(tokenizer: Path | None) -> Encoder:
    file = None if tokenizer is None else tokenizer.expanduser()
    if file is not None and file.is_dir():
        file = file / FILE
    family = family_of(file) if file is not None and file.is_file() else None
    return DEFAULT_ENCODERS[family or "clip"]


def _counting(encoder: Encoder, setting: Path | None) -> Counting:
    file = tokenizer_of(encoder.family, setting)
    if file is None or find_spec("tokenizers") is None:
        return Counting(encoder, None)
    return Counting(encoder, tokenizer_at(file))
