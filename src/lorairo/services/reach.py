"""Whether servers at an address of one's own listen: a question that costs nothing and shows no key."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from lorairo.config import load

if TYPE_CHECKING:
    from collections.abc import Iterable

_PATIENCE = 1.5  # seconds; whoever asks shows a list meanwhile
_AT_ONCE = 8
_NAMES = {"openai": "OpenAI", "anthropic": "Anthropic", "google": "Google"}
_PORTS = {"http": 80, "https": 443}
_HERE = ("localhost", "127.0.0.1", "::1")


def place_of(provider: str) -> str:
    """Say where a provider is: ``studio:1234`` for an address of one's own, else its name."""
    address = _address(provider)
    if address is None:
        return _NAMES.get(provider, provider)
    parts = urlsplit(address)
    return parts.hostname or provider if parts.port is None else f"{parts.hostname}:{parts.port}"


def is_own(provider: str) -> bool:
    """Whether the settings give a provider an address."""
    return _address(provider) is not None


def is_here(provider: str) -> bool:
    """Whether its address is this machine."""
    return (address := _address(provider)) is not None and urlsplit(address).hostname in _HERE


def silent(providers: Iterable[str]) -> list[str]:
    """Name those of some providers at whose own address nothing listens; asked all at once, not for long."""
    own = [name for name in providers if is_own(name)]
    if not own:
        return []
    with ThreadPoolExecutor(min(_AT_ONCE, len(own)), thread_name_prefix="lorairo-reach") as pool:
        return [name for name, there in zip(own, pool.map(_listens, own), strict=True) if not there]


def _listens(provider: str) -> bool:
    parts = urlsplit(_address(provider) or "")
    host = parts.hostname or ""
    if host not in _HERE and parts.scheme in getproxies() and not proxy_bypass(host):
        return True  # only the proxy could tell
    try:
        with closing(socket.create_connection((host, parts.port or _PORTS[parts.scheme]), _PATIENCE)):
            return True
    except OSError:
        return False


def _address(provider: str) -> str | None:
    settings = load().providers.get(provider)
    return None if settings is None else settings.base_url
