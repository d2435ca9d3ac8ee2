"""Prompts: named, versioned texts that a service is asked with, and what is asked for."""

from __future__ import annotations

import hashlib
import tomllib
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lorairo.config import nearest, user_file
from lorairo.errors import ConfigError, NotFoundError

OWN = "own"
"""What a prompt is called that somebody wrote into the call."""

_DIGITS = 12


class Prompt(BaseModel):
    """What a service is asked.

    Attributes
    ----------
    name, version
        What it is called; another text is another version.
    target
        Profile of the base model whose captions it is tuned for, such as ``flux``; empty for any.
    system, text
        What the model is told before, and about, the picture; a `lorairo.Template` each.
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
    target: str = ""
    system: str = ""
    text: str = Field(min_length=1)
    captions: tuple[str, ...] = ("default",)
    tags: bool = False
    rating: bool = False
    score: str = ""
    document: bool = False


def prompt_of(said: str) -> Prompt:
    """Return the prompt of a name; a text with a space in it is a prompt of one's own.

    Raises
    ------
    NotFoundError
        When no prompt is called so; the nearest is named.
    """
    known = prompts()
    if found := known.get(said):
        return found
    if any(letter.isspace() for letter in said.strip()):
        digest = hashlib.sha256(said.encode()).hexdigest()[:_DIGITS]
        return Prompt(name=OWN, version=digest, text=said)
    raise NotFoundError(f"there is no prompt {said!r}: {nearest(said, list(known))}")


def prompts() -> dict[str, Prompt]:
    """Return every prompt by name; the user's own override ours."""
    own = user_file().parent / "prompts.toml"
    found = {prompt.name: prompt for prompt in _shipped()}
    if own.is_file():
        found.update({prompt.name: prompt for prompt in _read(own)})
    return found


@cache
def _shipped() -> list[Prompt]:
    return _read(Path(str(resources.files("lorairo.services") / "prompts.toml")))


def _read(file: Path) -> list[Prompt]:
    try:
        rows = tomllib.loads(file.read_text(encoding="utf-8")).get("prompt", [])
        return [Prompt.model_validate(row) for row in rows]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not TOML: {error}") from error
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise ConfigError(f"{file}: {place}: {problem['msg']}") from None
