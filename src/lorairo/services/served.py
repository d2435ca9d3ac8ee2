"""Which models a server has: it is asked, which costs nothing and sends no picture."""

from __future__ import annotations

from typing import Protocol, cast

from lorairo.config import nearest
from lorairo.errors import ModelError, NotFoundError
from lorairo.services import loop, offered
from lorairo.services.calls import Client
from lorairo.services.endpoint import Endpoint, backend_of, client_of, endpoint_of


class Listing(Client, Protocol):
    """A client whose service says which models it has."""

    async def models(self) -> list[str]:
        """Name its models; raises `CallError`."""


def served(provider: str) -> list[str]:
    """Name the models of a server, but for those it says of that they do not look at pictures.

    Raises
    ------
    NotFoundError
        When the settings know no such provider.
    ModelError
        When its service does not say, or a key is missing.
    CallError
        When it does not answer; the message says why.
    """
    known = offered.providers()
    if provider not in known:
        raise NotFoundError(f"there is no provider {provider!r}: {nearest(provider, known)}")
    if backend_of(provider) != "openai":
        raise ModelError(f"{provider} is not asked for its models: lr.models() lists those that have a row")
    return loop.call(_listed(endpoint_of(provider, "openai")))


async def _listed(endpoint: Endpoint) -> list[str]:
    client = cast("Listing", client_of(endpoint))
    try:
        return await client.models()
    finally:
        await client.close()
