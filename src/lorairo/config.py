"""Layered settings: defaults < user's file < project's ``config.toml`` < environment < argument.

The module is the object: ``lr.config.workers`` is a value, ``lr.config.explain("workers")`` says where from.
"""

from __future__ import annotations

import difflib
import getpass
import os
import sys
import tomllib
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from platformdirs import user_cache_path, user_config_path
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from lorairo.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

__all__ = ["Settings", "api_key", "config", "explain", "load", "nearest", "table", "user_file"]

_PREFIX = "LORAIRO_"


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # containers run under user ids that no account has
        return "someone"


class Settings(BaseSettings):
    """Every setting there is, with its default."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        extra="forbid",
        frozen=True,
        validate_default=True,
        protected_namespaces=("settings_",),  # early pydantic-settings keeps `model_` for itself
    )

    author: str = Field(default_factory=_user_name, min_length=1, description="name in the history")
    workers: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        ge=1,
        le=1024,
        description="images worked on at the same time",
    )
    vocabulary: Path | None = Field(
        None, description="tagcomplete csv with tag names, categories, counts and aliases"
    )
    tokenizer: Path | None = Field(
        None, description="tokenizer.json of the text encoder; without it token counts are unknown"
    )
    model_dir: Path = Field(
        default_factory=lambda: user_cache_path("lorairo", appauthor=False) / "models",
        description="folder for downloaded models",
    )
    theme: Literal["auto", "light", "dark"] = Field(
        "auto", description="of the widgets; auto: the notebook's"
    )
    thumbnail_size: int = Field(256, ge=64, le=1024, description="longer side of a thumbnail, pixels")
    max_bytes: int = Field(50 * 2**20, ge=1, description="largest file that is read, bytes")
    max_pixels: int = Field(200_000_000, ge=1, description="largest picture that is decoded, pixels")
    keys: dict[str, SecretStr] = Field(default_factory=dict, description="API keys; user's file only")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take values from `load` alone: it has put the layers together, and knows which gave what."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


class _Layer(NamedTuple):
    name: str
    given: Mapping[str, Any]


def user_file() -> Path:
    """Path of the user's own settings, which need not exist (``LORAIRO_CONFIG`` names another)."""
    named = os.environ.get(f"{_PREFIX}CONFIG")
    return Path(named) if named else user_config_path("lorairo", appauthor=False) / "config.toml"


def load(project: Path | str | None = None, **arguments: object) -> Settings:
    """Read all layers and check every value.

    Parameters
    ----------
    project
        A project's folder; its ``config.toml`` overrides the user's file.
    **arguments
        The strongest layer. ``None`` means "not given".

    Raises
    ------
    ConfigError
        For an unknown key (the nearest is named) or a value that does not fit, with the place it came from.
    """
    merged: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for layer in _layers(project, arguments):
        for key, value in layer.given.items():
            merged[key], origin[key] = value, layer.name
    try:
        return Settings(**merged)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        key = str(problem["loc"][0])
        message = f"{key} from {origin.get(key, 'the defaults')}: {problem['msg']}"
        raise ConfigError(message) from None  # pydantic's text repeats the input, which may be a key


def explain(key: str, project: Path | str | None = None, **arguments: object) -> str:
    """Say what a setting is, which layer gave it, and what the weaker layers said.

    >>> print(lr.config.explain("workers"))        # doctest: +SKIP
    workers = 2, from LORAIRO_WORKERS
      default: 16
    """
    _known(key, "the question")
    value = getattr(load(project, **arguments), key)
    found = [layer for layer in _layers(project, arguments) if key in layer.given]
    source = found[-1].name if found else "the default"
    if found and found[-1].name == "the environment":
        source = f"{_PREFIX}{key.upper()}"
    lines = [f"{key} = {_shown(value)}, from {source}"]
    lines += [f"  {layer.name}: {_shown(layer.given[key])}" for layer in reversed(found[:-1])]
    if found:
        default = Settings.model_fields[key].get_default(call_default_factory=True, validated_data={})
        lines.append(f"  default: {_shown(default)}")
    lines.append(f"  {Settings.model_fields[key].description}")
    return "\n".join(lines)


def table(project: Path | str | None = None) -> pd.DataFrame:
    """Every setting as a row: key, value, where from, meaning."""
    import pandas as pd  # noqa: PLC0415 - reading a setting must not cost the import of pandas

    settings = load(project)
    origin: dict[str, str] = {key: layer.name for layer in _layers(project, {}) for key in layer.given}
    return pd.DataFrame(
        [
            (key, _shown(getattr(settings, key)), origin.get(key, "default"), field.description)
            for key, field in Settings.model_fields.items()
        ],
        columns=["key", "value", "from", "meaning"],
    )


def api_key(name: str) -> str | None:
    """Give the key called `name` (such as ``openai``) of the user's file, or None. Never print it."""
    secret = load().keys.get(name)
    return secret.get_secret_value() if secret else None


def nearest(word: str, known: list[str]) -> str:
    """Say which of `known` the misspelt `word` was meant to be: ``did you mean 'workers'?``."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(sorted(known))}"


def _layers(project: Path | str | None, arguments: Mapping[str, object]) -> list[_Layer]:
    layers = [_file_layer(user_file())]
    if project is not None:
        layers.append(_file_layer(Path(project) / "config.toml"))
        if "keys" in layers[-1].given:
            raise ConfigError(
                f"{layers[-1].name} holds API keys. A project is handed on to others: "
                f"move [keys] to {user_file()}"
            )
    layers.append(_environment_layer())
    given = {key: value for key, value in arguments.items() if value is not None}
    for key in given:
        _known(key, "the argument")
    layers.append(_Layer("the argument", given))
    return layers


def _file_layer(file: Path) -> _Layer:
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _Layer(str(file), {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not TOML: {error}") from error
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error
    for key in values:
        _known(key, str(file))
    return _Layer(str(file), values)


def _environment_layer() -> _Layer:
    own = EnvSettingsSource(Settings, env_prefix=_PREFIX)
    values = {key: value for key, value in own().items() if key != "keys"}
    fields = list(Settings.model_fields)
    for variable in (name for name in os.environ if name.startswith(_PREFIX)):
        key = variable.removeprefix(_PREFIX).lower()
        # Other things of ours are called LORAIRO_ too, so only what looks like a slip is worth a word.
        if key not in fields and difflib.get_close_matches(key, fields, 1, 0.8):
            warnings.warn(f"{variable} is no setting: {nearest(key, fields)}", stacklevel=4)
    return _Layer("the environment", values)


def _known(key: str, place: str) -> None:
    fields = list(Settings.model_fields)
    if key not in fields:
        raise ConfigError(f"unknown setting {key!r} in {place}: {nearest(key, fields)}")


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return (
            f"{len(value)} ({', '.join(sorted(value))})" if value else "none"
        )  # names of keys, never their values
    return "none" if value is None else str(value)


def __getattr__(name: str) -> Any:
    if name in Settings.model_fields:
        return getattr(load(), name)
    if name.startswith("__"):  # the import machinery and inspect ask for dunders
        raise AttributeError(name)
    raise AttributeError(f"unknown setting {name!r}: {nearest(name, list(Settings.model_fields))}")


if TYPE_CHECKING:

    class _Live(Settings):
        """How the module looks to a type checker: every setting, as it is now."""

        def explain(self, key: str) -> str: ...
        def load(self, project: Path | str | None = None, **arguments: object) -> Settings: ...
        def table(self, project: Path | str | None = None) -> pd.DataFrame: ...


# Importing this module makes `lr.config` the module, whatever the package says: so the two are one.
config = cast("_Live", sys.modules[__name__])
