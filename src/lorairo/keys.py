"""Where API keys come from: environment, secrets of Colab and Kaggle, system keyring, the user's settings."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lorairo.config import load, nearest, user_file
from lorairo.config.layers import FILE, layers, merged, source_of
from lorairo.config.secret import Secret
from lorairo.config.telling import value_of
from lorairo.errors import ConfigError
from lorairo.log import logger
from lorairo.masking import hide, mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["KEYRING_SERVICE", "FoundKey", "advice", "find", "mask", "names"]

KEYRING_SERVICE = "lorairo"
_PATIENCE = 3.0  # seconds; a locked keyring waits for somebody to type a password


@dataclass(frozen=True)
class FoundKey:
    """A key, and where it was found.

    Attributes
    ----------
    value
        The key; ``value.get_secret_value()`` is the only way to see it.
    where
        In words, such as ``OPENAI_API_KEY`` or ``system keyring``.
    """

    value: Secret
    where: str


class _Known(NamedTuple):
    """What a key is called: variables (secrets of hosts have the same names), and the setting."""

    variables: tuple[str, ...]
    setting: str | None


_KEYS = {
    "openai": _Known(("OPENAI_API_KEY",), "api.openai_key"),
    "anthropic": _Known(("ANTHROPIC_API_KEY",), "api.claude_key"),
    "google": _Known(("GOOGLE_API_KEY", "GEMINI_API_KEY"), "api.google_key"),
    "huggingface": _Known(("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"), "huggingface.token"),
    "replicate": _Known(("REPLICATE_API_TOKEN",), "api.replicate_key"),
}


def names() -> list[str]:
    """Name every key that may be looked for: ours, and one for each provider in the settings."""
    return list(dict.fromkeys([*_KEYS, *load().providers]))


def find(name: str) -> FoundKey | None:
    """Find a key; None when there is none.

    Looked for in the environment, in the secrets of Colab and Kaggle, in the system keyring (service
    ``lorairo``, the name as the user) and in the user's settings, in this order. It is masked from then on
    in all that lorairo shows or writes.

    Parameters
    ----------
    name
        ``openai``, ``anthropic``, ``google``, ``huggingface``, ``replicate``, or a provider of the settings.

    Raises
    ------
    ConfigError
        When nothing is called so; the nearest name is in the message.
    """
    known = _known(name)
    for value, where in _places(name, known):
        if value:
            hide(value)
            return FoundKey(Secret(value), where)
    return None


def advice(name: str) -> str:
    """Say how to give a key that was not found."""
    variables = _known(name).variables
    if not variables:
        return f"where it asks for one: lr.config.set('providers.{name}.api_key_env', 'ITS_VARIABLE')"
    return f"set {variables[0]}; never write it into a notebook"


def _known(name: str) -> _Known:
    known = _KEYS.get(name, _Known((), None))
    provider = load().providers.get(name)
    if provider is None and name not in _KEYS:
        raise ConfigError(f"there is no key called {name!r}: {nearest(name, names())}")
    own = (provider.api_key_env,) if provider is not None and provider.api_key_env else ()
    return _Known(tuple(dict.fromkeys([*own, *known.variables])), known.setting)


def _places(name: str, known: _Known) -> Iterator[tuple[str | None, str]]:
    for variable in known.variables:
        yield os.environ.get(variable), variable
    for variable in known.variables:
        yield _from_colab(variable), f"Colab secret {variable}"
    for variable in known.variables:
        yield _from_kaggle(variable), f"Kaggle secret {variable}"
    yield _from_keyring(name), "system keyring"
    if known.setting is not None:
        found = layers(None, {})
        secret: Secret | None = value_of(merged(found), known.setting)
        where = source_of(known.setting, found)
        yield secret.get_secret_value() if secret else None, FILE if where == str(user_file()) else where


def _from_colab(variable: str) -> str | None:
    try:
        from google.colab import userdata  # noqa: PLC0415 - only there, and it starts to talk to the page
    except ImportError:
        return None
    return _asked(f"the Colab secret {variable}", lambda: userdata.get(variable))


def _from_kaggle(variable: str) -> str | None:
    try:
        from kaggle_secrets import UserSecretsClient  # noqa: PLC0415 - only there
    except ImportError:
        return None
    return _asked(f"the Kaggle secret {variable}", lambda: UserSecretsClient().get_secret(variable))


def _from_keyring(name: str) -> str | None:
    try:
        import keyring  # noqa: PLC0415 - optional, and it looks for its backends on import
    except ImportError:
        return None
    answer: list[str | None] = [None]

    def ask() -> None:
        answer[0] = _asked("the system keyring", lambda: keyring.get_password(KEYRING_SERVICE, name))

    asking = threading.Thread(target=ask, name="lorairo-keyring", daemon=True)
    asking.start()
    asking.join(_PATIENCE)
    if asking.is_alive():
        logger.warning(
            "the system keyring did not answer within {:.0f} s; unlock it, or use another place", _PATIENCE
        )
    return answer[0]


def _asked(place: str, ask: Callable[[], object]) -> str | None:
    """Ask a place that has errors of its own for "not there", "no access" and "nobody answers"."""
    try:
        value = ask()
    except Exception as error:  # noqa: BLE001 - each means that there is no key here; the next place is asked
        logger.info("{} gave no key: {}: {}", place, type(error).__name__, error)
        return None
    return value if isinstance(value, str) else None
