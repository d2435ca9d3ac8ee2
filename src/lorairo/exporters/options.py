"""What can be said to every exporter, and how keywords are checked."""

from __future__ import annotations

import difflib
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from lorairo.captions.profiles import profile_named
from lorairo.errors import ArgumentError

PROSE_PROFILES = frozenset(
    {"sd3", "flux", "flux-schnell", "flux2", "chroma", "hidream", "z-image", "qwen-image", "wan"}
)
"""Base models that read sentences; the others were trained on tags, or take both."""

Form = Literal["tags", "prose", "both"]


def one_line(text: str | None) -> str | None:
    """Trim a text that must stand on one line; an empty one is none."""
    text = text.strip() if text is not None else None
    if text and not text.isprintable():
        raise ValueError("must be one line of text")
    return text or None


def _dotted(extension: str) -> str:
    if extension.strip(".") in {"png", "jpg", "jpeg", "webp", "bmp", "npz", "json"}:
        raise ValueError("is the extension of another kind of file; .txt and .caption are usual")
    return f".{extension.lstrip('.')}"


Extension = Annotated[str, Field(pattern=r"^\.?[a-z0-9_]+$"), AfterValidator(_dotted)]
"""Of caption files, with its dot."""


class ExportOptions(BaseModel):
    """Options every exporter has.

    Attributes
    ----------
    profile
        Base model; chooses the form of captions.
    trigger
        Put first in every caption.
    variant
        Caption variant the captions come from.
    overwrite
        Replace an earlier export of ours.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    profile: str | None = None
    trigger: str | None = None
    variant: str = "default"
    overwrite: bool = False

    @field_validator("trigger")
    @classmethod
    def _trigger(cls, trigger: str | None) -> str | None:
        return one_line(trigger)

    @field_validator("profile")
    @classmethod
    def _profile(cls, profile: str | None) -> str | None:
        if profile is not None:
            profile_named(profile)
        return profile

    def form_of(self, asked: Form | None) -> Form:
        """Say what captions are made of; by the profile when not asked for."""
        return asked or ("prose" if self.profile in PROSE_PROFILES else "tags")


Options = TypeVar("Options", bound=ExportOptions)


def read_options(kind: type[Options], exporter: str, given: dict[str, Any]) -> Options:
    """Check keywords.

    Raises
    ------
    ArgumentError
        For an unknown keyword (the nearest is named) or a value that does not fit.
    """
    known = list(kind.model_fields)
    for key in given:
        if key not in known:
            raise ArgumentError(f"the {exporter} exporter has no option {key!r}: {_near(key, known)}")
    try:
        return kind(**given)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        key = str(problem["loc"][0])
        choices = _choices(kind, key, given[key])
        raise ArgumentError(f"{key}={given[key]!r}: {problem['msg']}{choices}") from None


def _near(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, 1, 0.5)
    return f"did you mean {close[0]!r}?" if close else f"it has {', '.join(known)}"


def _choices(kind: type[ExportOptions], key: str, value: object) -> str:
    """Name the nearest of a fixed set of words."""
    annotation = kind.model_fields[key].annotation
    words = [word for part in (annotation, *get_args(annotation)) for word in get_args(part)]
    words = [word for word in words if isinstance(word, str)]
    return f"; {_near(str(value), words)}" if words and isinstance(value, str) else ""
