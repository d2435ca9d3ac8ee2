"""Names of settings: dotted, as ``limits.workers``; a provider's own name stands in the middle of its."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

from lorairo.config.schema import Provider, Section, Settings
from lorairo.config.secret import Secret
from lorairo.errors import ConfigError

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

_PROVIDER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]*")


def nearest(word: str, known: list[str]) -> str:
    """Say which of `known` the misspelt `word` was meant to be: ``did you mean 'theme'?``."""
    last = {name.rpartition(".")[2]: name for name in known}
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    close = close or [last[name] for name in difflib.get_close_matches(word, list(last), n=1, cutoff=0.6)]
    return f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(sorted(known))}"


def sections() -> dict[str, type[Section]]:
    """Tables of the file by name, without the providers'."""
    found = {name: field.annotation for name, field in Settings.model_fields.items()}
    return {
        name: kind for name, kind in found.items() if isinstance(kind, type) and issubclass(kind, Section)
    }


def known_keys(providers: list[str]) -> dict[str, FieldInfo]:
    """Every setting by its dotted name, with those of these providers."""
    tables: dict[str, type[Section]] = {f"providers.{name}": Provider for name in providers}
    keys = {
        name: field
        for name, field in Settings.model_fields.items()
        if name not in sections() and name != "providers"
    }
    for table, kind in (sections() | tables).items():
        keys |= {f"{table}.{name}": field for name, field in kind.model_fields.items()}
    return keys


def field_of(key: str, place: str) -> FieldInfo:
    """Return what a setting is.

    Raises
    ------
    ConfigError
        When nothing is called so; the nearest name is in the message.
    """
    named = provider_of(key)
    known = known_keys([named or "NAME"])
    if key in sections() or key == "providers":
        raise ConfigError(f"{key!r} in {place} is a table: its settings are called {key}.NAME")
    if key not in known:
        raise ConfigError(f"unknown setting {key!r} in {place}: {nearest(key, list(known))}")
    return known[key]


def provider_of(key: str) -> str | None:
    """Return the provider a dotted name is about, if any."""
    table, _, rest = key.partition(".")
    name = rest.partition(".")[0]
    return name if table == "providers" and _PROVIDER_NAME.fullmatch(name) else None


def default_of(field: FieldInfo) -> Any:
    """Return what a setting is when nothing says otherwise."""
    factory: Any = field.default_factory
    return factory() if factory else field.default


def is_secret(field: FieldInfo) -> bool:
    """Whether a setting is a key."""
    return Secret in get_args(field.annotation)


def flat(values: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Turn nested tables into dotted names."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{above}{key}"
        if isinstance(value, Mapping):
            found |= flat(value, f"{name}.")
        else:
            found[name] = value
    return found


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn dotted names into nested tables."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        *tables, last = key.split(".")
        table = found
        for name in tables:
            table = table.setdefault(name, {})
        table[last] = value
    return found
