"""Prompts of the user's own: written back into their file, with a version for each text."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from lorairo.config.writing import contents, replace
from lorairo.errors import ConfigError
from lorairo.services.prompts import Prompt, checked, own_file, prompts

if TYPE_CHECKING:
    from pathlib import Path

_LAST_NUMBER = re.compile(r"\d+$")
_writing = threading.Lock()


@dataclass(frozen=True)
class SavedPrompt:
    """What was written.

    Attributes
    ----------
    prompt
        As it is from now on.
    file
        Where it is kept.
    message
        What happened.
    """

    prompt: Prompt
    file: Path
    message: str

    def __repr__(self) -> str:
        return self.message


def save(name: str, given: dict[str, Any]) -> SavedPrompt:
    """Change a prompt, or add one; what is not given stays as it is.

    Parameters
    ----------
    name
        Of one that is there, the user's or ours, or a new one.
    given
        Fields of `Prompt`.

    Raises
    ------
    ConfigError
        When a value does not fit, or the file cannot be written. Nothing is changed then.
    """
    with _writing:
        before, file = prompts().get(name), own_file().resolve()
        fields = {} if before is None else before.model_dump(mode="json")
        prompt = checked({**fields, "name": name, **given}, "the call")
        if before is not None:
            if prompt == before:
                return SavedPrompt(before, file, f"Prompt {name} is as it was, version {before.version}")
            if "version" not in given:
                prompt = prompt.model_copy(update={"version": _after(before.version)})
        text = contents(file)
        replace(file, _edited(file, text, prompt), private=True)
    return SavedPrompt(prompt, file, f"Prompt {name}, version {prompt.version}, in {file}")


def _after(version: str) -> str:
    found = _LAST_NUMBER.search(version)
    return f"{version}.2" if found is None else f"{version[: found.start()]}{int(found[0]) + 1}"


def _edited(file: Path, text: str, prompt: Prompt) -> str:
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(f"{file} is not TOML: {error}") from None
    told = prompt.model_dump(mode="json", exclude_defaults=True) | {"version": prompt.version}
    rows: Any = document.setdefault("prompt", tomlkit.aot())
    row = next((one for one in rows if one.get("name") == prompt.name), None)
    if row is None:
        row = tomlkit.table()
        rows.append(row)
        row = rows[-1]
    for key in [key for key in row if key not in told]:
        row.remove(key)
    for key in Prompt.model_fields:
        if key in told and row.get(key) != told[key]:
            row[key] = _item(told[key])
    return tomlkit.dumps(document)


def _item(value: Any) -> Any:
    return tomlkit.string(value, multiline=True) if isinstance(value, str) and "\n" in value else value
