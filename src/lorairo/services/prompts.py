"""Prompts: named, versioned texts that a service is asked with, and what is asked for."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from lorairo.captions.template import Template
from lorairo.config import nearest, user_file
from lorairo.config.tables import read_tables
from lorairo.errors import ConfigError, NotFoundError, TemplateError

if TYPE_CHECKING:
    from lorairo.captions.pieces import Facts

FILE = "prompts.toml"
_OWN = "own"
_DIGITS = 12


class Prompt(BaseModel):
    """What a service is asked.

    Attributes
    ----------
    name, version
        What it is called; another text is another version.
    targets
        Profiles of the base models whose captions it is tuned for, such as ``flux``; it is found by them
        too. Empty for any.
    system, text
        What the model is told before, and about, the picture; each line is a `lorairo.Template`, and one
        whose pieces are all empty is left out.
    captions
        Variants it writes, by name.
    tags, rating
        Whether it names tags, and one of `lorairo.tags.RATINGS`.
    score
        What the number it gives is called in searches; empty where it gives none.
    document
        Whether its one caption is itself a JSON object, as some models are trained with.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=64)
    version: str = Field(default="1", min_length=1, max_length=32)
    targets: tuple[str, ...] = ()
    system: str = ""
    text: str = Field(min_length=1)
    captions: tuple[str, ...] = ("default",)
    tags: bool = False
    rating: bool = False
    score: str = Field(default="", max_length=64)
    document: bool = False

    @field_validator("system", "text")
    @classmethod
    def _lines(cls, value: str) -> str:
        for number, line in enumerate(value.splitlines(), 1):
            try:
                Template(line)
            except TemplateError as error:
                raise ValueError(f"line {number}: {error}") from None
        return value

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if not (self.captions or self.tags or self.rating or self.score):
            raise ValueError("it asks for nothing: name captions, tags, a rating or a score")
        if len(set(self.captions)) < len(self.captions) or not all(map(str.strip, self.captions)):
            raise ValueError("captions are names of variants, each once")
        if self.document and (len(self.captions) != 1 or self.tags or self.rating or self.score):
            raise ValueError("a document is one caption and nothing else")
        return self

    @property
    def target(self) -> str:
        """The first of its targets; empty where it has none."""
        return next(iter(self.targets), "")

    @property
    def writes(self) -> str:
        """What it asks for, in words."""
        parts = ["caption" if name == "default" else f"caption {name}" for name in self.captions]
        parts += ["tags"] if self.tags else []
        parts += ["rating"] if self.rating else []
        parts += [f"score {self.score}"] if self.score else []
        return ", ".join(parts)


def templates_of(*texts: str) -> list[Template]:
    """Return the lines that say something of an image."""
    found = [Template(line) for text in texts for line in text.splitlines()]
    return [template for template in found if template.pieces]


def filled(text: str, facts: Facts) -> str:
    """Return what a text says of an image; lines whose pieces are all empty are left out."""
    lines = []
    for line in text.strip().splitlines():
        template = Template(line)
        if not template.pieces:
            lines.append("".join(map(str, template.parts)))
        elif said := template.render(facts):
            lines.append(said)
    return "\n".join(lines)


def prompt_of(said: str) -> Prompt:
    """Return the prompt of a name, or of a target; a text with a blank in it is a prompt of one's own.

    Raises
    ------
    NotFoundError
        When no prompt is called so; the nearest is named.
    """
    known = prompts()
    if found := known.get(said) or for_target(said):
        return found
    if any(letter.isspace() for letter in said.strip()):
        digest = hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:_DIGITS]
        return Prompt(name=_OWN, version=digest, text=said)
    targets = [target for prompt in known.values() for target in prompt.targets]
    raise NotFoundError(f"there is no prompt {said!r}: {nearest(said, sorted({*known, *targets}))}")


def for_target(target: str) -> Prompt | None:
    """Return the prompt that is tuned for a target; the user's own before ours."""
    return next((prompt for prompt in reversed(prompts().values()) if target in prompt.targets), None)


def omission_of(said: str) -> str:
    """Return what captions are told to leave out; a text with a blank in it stands for itself.

    Raises
    ------
    NotFoundError
        When there is nothing of the name; the nearest is named.
    """
    said = said.strip()
    if not said or any(letter.isspace() for letter in said):
        return said
    known = {**_shipped().omit, **_own().omit}
    if said not in known:
        raise NotFoundError(f"there is nothing to omit called {said!r}: {nearest(said, list(known))}")
    return known[said].strip()


def prompts() -> dict[str, Prompt]:
    """Return every prompt by name; the user's own override ours, and come last."""
    own = own_prompts()
    return {name: prompt for name, prompt in _shipped().prompts.items() if name not in own} | own


def own_prompts() -> dict[str, Prompt]:
    """Return the user's own prompts by name."""
    return _own().prompts


def own_file() -> Path:
    """Return where the user's own prompts are kept; it need not be there."""
    return user_file().parent / FILE


class _Read(NamedTuple):
    prompts: dict[str, Prompt]
    omit: dict[str, str]


@cache
def _shipped() -> _Read:
    return _read(Path(str(resources.files("lorairo.services") / FILE)))


def _own() -> _Read:
    file = own_file()
    return _read(file) if file.is_file() else _Read({}, {})


def _read(file: Path) -> _Read:
    document = read_tables(file, ["prompt", "omit"])
    rows, omit = document.get("prompt", []), document.get("omit", {})
    if not isinstance(rows, list):
        raise ConfigError(f"{file}: write each prompt as [[prompt]], with two brackets")
    if not isinstance(omit, dict) or not all(isinstance(said, str) for said in omit.values()):
        raise ConfigError(f"{file}: omit holds texts by name")
    found = [checked(row, str(file)) for row in rows]
    return _Read({prompt.name: prompt for prompt in found}, omit)


def checked(row: dict[str, Any], where: str) -> Prompt:
    """Return a row as a prompt.

    Raises
    ------
    ConfigError
        When a key is unknown, which names the nearest, or a value does not fit.
    """
    try:
        return Prompt.model_validate(row)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in problem["loc"])
        name = f"{where}: {row.get('name', 'a prompt without a name')}"
        if problem["type"] == "extra_forbidden":
            known = nearest(place, list(Prompt.model_fields))
            raise ConfigError(f"{name}: unknown key {place!r}: {known}") from None
        said = problem["msg"].removeprefix("Value error, ")
        raise ConfigError(f"{name}: {place + ': ' if place else ''}{said}") from None
