"""Which services there are, and what keeps one from being asked here."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from lorairo import keys
from lorairo.config import load
from lorairo.services.endpoint import BATCHING, EXTRAS

if TYPE_CHECKING:
    from lorairo.services.asking import Service


def providers() -> list[str]:
    """Name the providers that the settings know."""
    return list(load().providers)


def configured() -> list[tuple[str, str]]:
    """Return provider and model of those whose settings name a model."""
    return [(name, told.model) for name, told in load().providers.items() if told.model is not None]


def takes_batches(provider: str, service: Service) -> bool:
    """Whether many questions can be handed over together."""
    return service.batch or provider in BATCHING


def obstacle(provider: str, backend: str) -> tuple[str, str]:
    """Say what keeps a service from being asked here, and what helps; two empty texts when nothing does."""
    module, extra = EXTRAS[backend]
    if not _there(module):
        return f"Needs {module}", f'pip install "lorairo[{extra}]"'
    settings = load().providers.get(provider)
    if settings is None:
        return (
            f"The settings know no provider {provider!r}",
            f"lr.config.set('providers.{provider}.base_url', ...)",
        )
    if settings.base_url is not None and settings.api_key_env is None:
        return "", ""
    if keys.where(provider) is not None:
        return "", ""
    variable = settings.api_key_env
    advice = keys.advice(provider)
    return (f"Needs {variable}" if variable else "Needs a key"), advice[0].upper() + advice[1:]


def _there(module: str) -> bool:
    """Whether a module could be imported; a parent that is not there is no error."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
