"""Where API keys come from: environment, secrets of Colab and Kaggle, system keyring, the user's settings."""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from lorairo.config import load, nearest, user_file
from lorairo.config.layers import FILE, layers, merged, source_of
from lorairo.config.secret import Secret
from lorairo.config.telling import value_of
from lorairo.errors import ConfigError
from lorairo.log import logger
from lorairo.masking import hide, mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["KEYRING_SERVICE", "FoundKey", "advice", "find", "forget", "mask", "names", "where"]

KEYRING_SERVICE = "lorairo"
_PATIENCE = 3.0  # seconds; a locked keyring waits for somebody to type a password
_LATELY = 15.0  # seconds
_RING = "system keyring"


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


class _Lately(NamedTuple):
    """Whether a place had a key, when it was asked, and what answered for it."""

    at: float
    of: tuple[object, ...]
    there: bool


class _Place(NamedTuple):
    """Where a key may be; `slow` where somebody else has to be asked."""

    ask: Callable[[], str | None]
    where: str
    slow: bool = False


class _Known(NamedTuple):
    """What a key is called: variables (secrets of hosts have the same names), and the setting."""

    variables: tuple[str, ...]
    setting: str | None


_asked_lately: dict[tuple[str, str], _Lately] = {}
_silent_ring: list[Any] = [None, 0.0]  # the keyring that kept silent last, and since when
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
    for place in _places(name, _known(name)):
        if value := place.ask():
            hide(value)
            return FoundKey(Secret(value), place.where)
    return None


def where(name: str) -> str | None:
    """Say where a key is; None when there is none.

    For lists of what could be used: places that take their time (secrets of hosts, the keyring) are not
    asked again for some seconds, and none of them for every name while it keeps silent.

    Raises
    ------
    ConfigError
        When nothing is called so; the nearest name is in the message.
    """
    sources, now = _sources(), time.monotonic()
    for place in _places(name, _known(name)):
        known = _asked_lately.get((name, place.where))
        if not place.slow:
            there = bool(place.ask())
        elif known is not None and now - known.at < _LATELY and known.of == sources:
            there = known.there
        elif place.where == _RING and _ring_is_silent(now):
            there = False
        else:
            there = bool(place.ask())
            sources = _sources()  # asking may have brought the one that answers
            _asked_lately[name, place.where] = _Lately(time.monotonic(), sources, there)
        if there:
            return place.where
    return None


def forget() -> None:
    """Let `where` look everywhere again: somebody may have put a key there since."""
    _asked_lately.clear()
    _silent_ring[:] = [None, 0.0]


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


def _places(name: str, known: _Known) -> Iterator[_Place]:
    for variable in known.variables:
        yield _Place(partial(os.environ.get, variable), variable)
    for variable in known.variables:
        yield _Place(partial(_from_colab, variable), f"Colab secret {variable}", slow=True)
    for variable in known.variables:
        yield _Place(partial(_from_kaggle, variable), f"Kaggle secret {variable}", slow=True)
    yield _Place(partial(_from_keyring, name), _RING, slow=True)
    if known.setting is not None:
        found = layers(None, {})
        secret: Secret | None = value_of(merged(found), known.setting)
        where = source_of(known.setting, found)
        place = FILE if where == str(user_file()) else where
        yield _Place(lambda: secret.get_secret_value() if secret else None, place)


def _sources() -> tuple[object, ...]:
    """Return what answers for slow places now: another keyring, say, is asked at once."""
    ring = sys.modules.get("keyring")
    hosts = (sys.modules.get("google.colab.userdata"), sys.modules.get("kaggle_secrets"))
    return (None if ring is None else ring.get_keyring(), *hosts)


def _ring_is_silent(now: float) -> bool:
    ring, at = _silent_ring
    return now - at < _LATELY and ring is not None and ring is _sources()[0]


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
        _silent_ring[:] = [keyring.get_keyring(), time.monotonic()]
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
