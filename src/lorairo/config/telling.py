"""Saying what is set, where it was set, and what to do where nothing is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lorairo.config.layers import DEFAULTS, layers, load, merged, source_of, user_file
from lorairo.config.names import default_of, field_of, is_secret, known_keys, provider_of
from lorairo.config.schema import ALIASES, PREFIX, Provider, Settings
from lorairo.errors import ConfigError
from lorairo.masking import mask

if TYPE_CHECKING:
    import pandas as pd


def explain(key: str, project: Path | str | None = None, **arguments: object) -> str:
    """Say what a setting is, which layer gave it, and what the weaker layers said.

    >>> print(lr.config.explain("limits.workers"))        # doctest: +SKIP
    limits.workers = 2, from LORAIRO_MAX_WORKERS
      default: 16
      images worked on at the same time
    """
    field = field_of(key, "the question")
    found = layers(project, arguments)
    value = value_of(merged(found), key)
    said = [layer for layer in found if key in layer.given]
    lines = [f"{key} = {shown(value)}, from {source_of(key, found).replace(DEFAULTS, 'the default')}"]
    for layer in reversed(said[:-1]):
        given = layer.given[key]
        name = "default" if layer.name == DEFAULTS else layer.place(key)
        lines.append(f"  {name}: {mask(str(given)) if is_secret(field) else shown(given)}")
    if said and said[0].name != DEFAULTS:
        lines.append(f"  default: {shown(default_of(field))}")
    return "\n".join([*lines, f"  {field.description}"])


def table(project: Path | str | None = None) -> pd.DataFrame:
    """Every setting as a row: key, value, where from, meaning."""
    import pandas as pd  # noqa: PLC0415 - reading a setting must not cost the import of pandas

    found = layers(project, {})
    settings = merged(found)
    rows = [
        (
            key,
            shown(value_of(settings, key)),
            source_of(key, found).replace(DEFAULTS, "default"),
            field.description,
        )
        for key, field in known_keys(list(settings.providers)).items()
    ]
    return pd.DataFrame(rows, columns=["key", "value", "from", "meaning"])


def required(key: str, project: Path | str | None = None) -> Any:
    """Return a setting that something cannot do without.

    Raises
    ------
    ConfigError
        When it has no value; the message says how to set it.
    """
    field = field_of(key, "the question")
    value = value_of(load(project), key)
    if value is None:
        raise ConfigError(
            f"{key} is not set ({field.description}): lr.config.set({key!r}, ...), "
            f"or {variable_of(key)} in the environment, or {key} in {user_file()}"
        )
    return value


def folder(key: str, project: Path | str | None = None) -> Path:
    """Return a folder of the settings, made when missing, after checking that one can write into it.

    Raises
    ------
    ConfigError
        When it is not set, cannot be made, or cannot be written; the message says where it was set.
    """
    place = Path(required(key, project))
    said = f"{key} from {source_of(key, layers(project, {}))}"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise ConfigError(f"{said}: {place} is a file: name a folder") from None
    except OSError as error:
        raise ConfigError(f"{said}: {place} cannot be made: {error.strerror}: name another folder") from error
    if not os.access(place, os.W_OK | os.X_OK):
        raise ConfigError(f"{said}: nothing can be written into {place}: name another folder")
    return place


def variable_of(key: str) -> str:
    """Name the environment variable of a setting."""
    named = [variable for variable, alias in ALIASES.items() if alias == key]
    return named[0] if named else PREFIX + key.upper().replace(".", "__")


def value_of(settings: Settings, key: str) -> Any:
    """Return the value of a dotted name; of a provider that nobody named, what it would be."""
    provider = provider_of(key)
    if provider is not None:
        return getattr(
            settings.providers.get(provider) or Provider.model_validate({}), key.rpartition(".")[2]
        )
    value: Any = settings
    for part in key.split("."):
        value = getattr(value, part)
    return value


def shown(value: object) -> str:
    """Show a value; of a key its ends."""
    return "none" if value is None else str(value)
