"""Where a service is, with which key, and how much it may be asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any, cast

from lorairo import keys
from lorairo.config import load
from lorairo.errors import MissingExtra, ModelError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lorairo.config.secret import Secret
    from lorairo.services.calls import Batching, Client, Outcome

ADAPTERS: dict[str, EntryPoint] = {
    name: EntryPoint(name, value, "lorairo.services")
    for name, value in {
        "openai": "lorairo.annotators.openai:OpenAI",
        "anthropic": "lorairo.annotators.anthropic:Anthropic",
        "google": "lorairo.annotators.google:Google",
    }.items()
}
"""Adapters by backend; each is called with the `Endpoint`, imported when one is asked."""

BATCHING: dict[str, EntryPoint] = {
    name: EntryPoint(name, value, "lorairo.services")
    for name, value in {
        "openai": "lorairo.annotators.openai_batches:OpenAIBatches",
        "anthropic": "lorairo.annotators.anthropic_batches:AnthropicBatches",
        "google": "lorairo.annotators.google_batches:GoogleBatches",
    }.items()
}
"""Adapters that also hand over many questions together, `lorairo.services.calls.Batching`."""

EXTRAS = {
    "openai": ("openai", "openai"),
    "anthropic": ("anthropic", "anthropic"),
    "google": ("google.genai", "google"),
}
"""By backend: the module an adapter needs, and the extra that brings it."""


@dataclass(frozen=True)
class Endpoint:
    """A service as it is asked from here.

    Attributes
    ----------
    provider
        As the settings call it.
    backend
        Which adapter speaks with it: ``openai`` (and every server that speaks like it), ``anthropic`` or
        ``google``.
    base_url
        Its address; None for the provider's own.
    key
        None for servers that ask for none.
    timeout
        Seconds to wait for an answer.
    attempts
        Times a failed request is sent again.
    requests_per_minute, tokens_per_minute
        Limits; None for none.
    concurrency
        Requests under way at once, at most.
    """

    provider: str
    backend: str
    base_url: str | None = None
    key: Secret | None = field(default=None, repr=False)
    timeout: float = 60.0
    attempts: int = 3
    requests_per_minute: int = 60
    tokens_per_minute: int | None = None
    concurrency: int = 8

    @property
    def own(self) -> bool:
        """Whether it is one of the providers the settings know by themselves, at its own address."""
        return self.provider == self.backend and self.base_url is None


def backend_of(provider: str) -> str:
    """Return which adapter speaks with a provider: one of its name, or that of OpenAI."""
    return provider if provider in ADAPTERS else "openai"


def endpoint_of(provider: str, backend: str, folder: Path | None = None) -> Endpoint:
    """Put together what the settings say of a provider, and its key.

    Parameters
    ----------
    folder
        Of the project, whose settings count too.

    Raises
    ------
    ModelError
        When it needs a key and there is none; the message says where to put one.
    ConfigError
        When the settings name no such provider.
    """
    settings = load(folder).providers.get(provider)
    found = keys.find(provider)
    base_url = None if settings is None else settings.base_url
    if found is None and (settings is None or base_url is None or settings.api_key_env):
        raise ModelError(f"{provider} needs a key: {keys.advice(provider)}")
    key = None if found is None else found.value
    if settings is None:
        return Endpoint(provider, backend, key=key)
    return Endpoint(
        provider,
        backend,
        base_url,
        key,
        timeout=settings.timeout,
        attempts=settings.retry_attempts,
        requests_per_minute=settings.rate_limit_requests_per_minute,
        tokens_per_minute=settings.rate_limit_tokens_per_minute,
        concurrency=settings.concurrency,
    )


def client_of(endpoint: Endpoint) -> Client:
    """Return what speaks with a service; call it in the event loop that uses it.

    Raises
    ------
    MissingExtra
        When the provider's library is not installed.
    """
    return cast("Client", _adapter(ADAPTERS, endpoint.backend)(endpoint))


def batching_of(endpoint: Endpoint) -> Batching:
    """Return what hands many questions over together, as `client_of` does."""
    return cast("Batching", _adapter(BATCHING, endpoint.backend)(endpoint))


def reader_of(backend: str) -> Callable[[bytes], tuple[str, Outcome]]:
    """Return what reads lines of a provider's results; needs no key, and asks nobody."""
    return cast("Callable[[bytes], tuple[str, Outcome]]", _adapter(BATCHING, backend).read)


def _adapter(points: dict[str, EntryPoint], backend: str) -> Any:
    module, extra = EXTRAS[backend]
    try:
        return points[backend].load()
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name.split(".")[0]):
            raise
        raise MissingExtra(module, extra=extra) from error
