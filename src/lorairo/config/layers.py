"""The layers: defaults < user's file < project's ``config.toml`` < environment < arguments."""

from __future__ import annotations

import contextlib
import difflib
import os
import tomllib
import warnings
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from platformdirs import user_config_path
from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource

from lorairo.config.names import field_of, flat, is_secret, known_keys, nearest, nested, provider_of
from lorairo.config.schema import ALIASES, PREFIX, PROVIDERS, Settings
from lorairo.errors import ConfigError
from lorairo.masking import hide

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DEFAULTS = "the defaults"
ARGUMENT = "the argument"
FILE = "config.toml"

_MOST_LOADED = 8
_loaded: dict[tuple[object, ...], Settings] = {}  # by all they were read from, so that none is ever stale
_project: ContextVar[Path | None] = ContextVar("lorairo.project", default=None)
_HERE = ("localhost", "127.0.0.1", "::1")


class Layer(NamedTuple):
    """Values of one place by dotted name, and where exactly each stands."""

    name: str
    given: Mapping[str, Any]
    places: Mapping[str, str] = {}

    def place(self, key: str) -> str:
        """Say where a value stands: the file, the variable, ``the argument``."""
        return self.places.get(key, self.name)


def user_file() -> Path:
    """Path of the user's own settings, which need not exist (``LORAIRO_CONFIG`` names another)."""
    named = os.environ.get(f"{PREFIX}CONFIG")
    return Path(named).expanduser() if named else user_config_path("lorairo", appauthor=False) / FILE


def load(project: Path | str | None = None, **arguments: object) -> Settings:
    """Read all layers and check every value.

    Parameters
    ----------
    project
        A project's folder; its ``config.toml`` overrides the user's file.
    **arguments
        The strongest layer: names, or tables as dictionaries. ``None`` means "not given".

    Raises
    ------
    ConfigError
        For an unknown key (the nearest is named) or a value that does not fit, with the place it came from.
    """
    if arguments:
        return merged(layers(project, arguments))
    place = project or _project.get()
    files = [user_file(), *([Path(place) / FILE] if place else [])]
    state = (tuple(os.environ.items()), *((file, _contents(file)) for file in files))
    found = _loaded.get(state)
    if found is None:
        found = merged(layers(project, {}))
        while len(_loaded) >= _MOST_LOADED:
            _loaded.pop(next(iter(_loaded)), None)
        _loaded[state] = found
    return found


def _contents(file: Path) -> bytes | int | None:
    """Read what a file holds, or which error there is: comparing is faster than reading settings anew."""
    try:
        return file.read_bytes()
    except OSError as error:
        return error.errno


@contextlib.contextmanager
def within(project: Path) -> Iterator[None]:
    """Let settings that are read in this block be those of a project, for who knows of no project."""
    token = _project.set(project)
    try:
        yield
    finally:
        _project.reset(token)


def layers(project: Path | str | None, arguments: Mapping[str, object]) -> list[Layer]:
    """Read every layer, the weakest first."""
    project = project or _project.get()
    found = [Layer(DEFAULTS, PROVIDERS), file_layer(user_file())]
    if project is not None:
        found.append(project_layer(Path(project)))
    given = {key: value for key, value in flat(arguments).items() if value is not None}
    return [*found, _environment_layer(), checked(Layer(ARGUMENT, given))]


def merged(found: list[Layer]) -> Settings:
    """Put layers together; what a stronger one gives counts."""
    values = {key: value for layer in found for key, value in layer.given.items()}
    try:
        return Settings(**nested(values))
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
        key = _key_of(problem["loc"], values)
        place = source_of(key, found)
        reason = str(problem["msg"]).removeprefix("Value error, ")
        # pydantic's own text repeats the input, which may be a key
        raise ConfigError(f"{key} from {place}: {reason}") from None


def source_of(key: str, found: list[Layer]) -> str:
    """Say where the value of a setting stands that counts."""
    return next((layer.place(key) for layer in reversed(found) if key in layer.given), DEFAULTS)


def _key_of(location: tuple[int | str, ...], values: Mapping[str, Any]) -> str:
    """Turn pydantic's place of a mistake into a name; it goes on into the parts of a union."""
    parts = [str(part) for part in location]
    names = [".".join(parts[:end]) for end in range(len(parts), 0, -1)]
    return next((name for name in names if name in values), names[-1])


def file_layer(file: Path) -> Layer:
    """Read a file; one that is not there gives nothing."""
    try:
        return read_text(file, file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Layer(str(file), {})
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file} is not TOML: {error}") from None
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}") from error


def read_text(file: Path, text: str) -> Layer:
    """Read what a file says, or would say."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} is not TOML: {error}") from None
    return checked(Layer(str(file), flat(values)))


def project_layer(project: Path) -> Layer:
    """Read a project's file, which came with the project, maybe from somebody else."""
    return decent(file_layer(project / FILE))


def decent(layer: Layer) -> Layer:
    """Refuse what a project must not say: keys, other people's servers and code, files outside of it."""
    for key, value in layer.given.items():
        if is_secret(field_of(key, layer.name)):
            raise ConfigError(
                f"{layer.name} holds {key}. A project is handed on to others: move it to {user_file()}"
            )
        if key.endswith(".base_url") and urlsplit(str(value)).hostname not in _HERE:
            raise ConfigError(
                f"{key} from {layer.name} names a server elsewhere, which would be sent your key: "
                f"set it in {user_file()}"
            )
        if key == "models.allow_remote_code":
            raise ConfigError(
                f"{key} from {layer.name} would run code of others on this machine: set it in {user_file()}"
            )
        if key == "log.file_path" and (
            ".." in Path(str(value)).parts or Path(str(value)).expanduser().is_absolute()
        ):
            raise ConfigError(
                f"{key} from {layer.name} lies outside the project: name a relative path, "
                f"or set it in {user_file()}"
            )
    return layer


def checked(layer: Layer) -> Layer:
    """Refuse names that mean nothing; what is a key is masked from now on."""
    for key, value in layer.given.items():
        if is_secret(field_of(key, layer.name)) and isinstance(value, str):
            hide(value)
    return layer


def _environment_layer() -> Layer:
    try:
        own = EnvSettingsSource(Settings, env_prefix=PREFIX, env_nested_delimiter="__")()
    except ValueError as error:  # a table that is no JSON
        raise ConfigError(f"the environment: {error}") from None
    given, places = flat(own), {}
    for variable in (name for name in os.environ if name.upper().startswith(PREFIX)):
        key = ALIASES.get(variable.upper()) or variable[len(PREFIX) :].lower().replace("__", ".")
        if variable.upper() in ALIASES and key not in given:
            given[key] = os.environ[variable]
        for name in given:
            if name == key or name.startswith(f"{key}."):
                places[name] = variable
        _warn_of_slip(variable, key)
    return checked(Layer("the environment", given, places))


def _warn_of_slip(variable: str, key: str) -> None:
    # Other things of ours are called LORAIRO_ too, so only what looks like a slip is worth a word.
    known = list(known_keys([provider_of(key) or "NAME"]))
    tables = {name.partition(".")[0] for name in known}  # a slip inside one of them is an error anyway
    if key.partition(".")[0] not in tables and difflib.get_close_matches(key, known, 1, 0.8):
        warnings.warn(f"{variable} is no setting: {nearest(key, known)}", stacklevel=5)
