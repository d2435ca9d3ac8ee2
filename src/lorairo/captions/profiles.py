"""Target profiles: which text encoders a base model reads captions with, and how much of them it reads."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal

from lorairo.errors import ArgumentError

Family = Literal["clip", "t5", "umt5", "qwen", "mistral", "gemma"]
"""Encoders of one family share a vocabulary, and so a tokenizer."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """A text encoder as a base model uses it.

    Attributes
    ----------
    name
        As people call it.
    family
        Whose tokenizer it has.
    limit
        Tokens it reads, begin and end marks left out.
    chunks
        Larger limits that trainers offer by reading in pieces.
    """

    name: str
    family: Family
    limit: int
    chunks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """A base model that captions are written for.

    Attributes
    ----------
    name
        As datasets and exporters name it.
    encoders
        The one that is meant to read the whole caption first; what others lose counts less.
    """

    name: str
    encoders: tuple[Encoder, ...]

    @property
    def encoder(self) -> Encoder:
        """The encoder whose limit is the caption's."""
        return self.encoders[0]


_CLIP = Encoder("CLIP", "clip", 75, (150, 225))
_CLIP_CUT = Encoder("CLIP", "clip", 75)
_SDXL = ("sdxl", "pony", "illustrious", "noobai", "animagine")

PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        *(Profile(name, (_CLIP,)) for name in ("sd15", *_SDXL)),
        Profile("sd3", (Encoder("T5", "t5", 256), _CLIP_CUT)),
        Profile("flux", (Encoder("T5", "t5", 512), _CLIP_CUT)),
        Profile("flux-schnell", (Encoder("T5", "t5", 256), _CLIP_CUT)),
        Profile("chroma", (Encoder("T5", "t5", 512),)),
        Profile("hidream", (Encoder("T5", "t5", 128), _CLIP_CUT)),
        Profile("flux2", (Encoder("Mistral", "mistral", 512),)),
        Profile("z-image", (Encoder("Qwen3", "qwen", 512),)),
        Profile("qwen-image", (Encoder("Qwen2.5-VL", "qwen", 512),)),
        Profile("wan", (Encoder("umT5", "umt5", 512),)),
        Profile("lumina", (Encoder("Gemma 2", "gemma", 256),)),
        Profile("anima", (Encoder("Qwen3", "qwen", 512), Encoder("T5", "t5", 512))),
    )
}
"""Profiles by name. Limits are those of the usual trainers; a template that a trainer adds does not count."""

DEFAULT_ENCODERS: dict[Family, Encoder] = {
    "clip": _CLIP,
    "t5": Encoder("T5", "t5", 512),
    "umt5": Encoder("umT5", "umt5", 512),
    "qwen": Encoder("Qwen", "qwen", 512),
    "mistral": Encoder("Mistral", "mistral", 512),
    "gemma": Encoder("Gemma", "gemma", 256),
}
"""The encoder of a family where no profile is named."""


def profile_named(name: str) -> Profile:
    """Return a profile.

    Raises
    ------
    ArgumentError
        When there is none of that name; the message names the nearest.
    """
    found = PROFILES.get(name)
    if found is None:
        near = difflib.get_close_matches(name, PROFILES, 1, 0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(PROFILES)}"
        raise ArgumentError(f"there is no target profile {name!r}: {hint}")
    return found
