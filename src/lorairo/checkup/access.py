"""Settings, keys - which there are and where from, never one itself - and notebook servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lorairo import keys
from lorairo.checkup.report import Row
from lorairo.config import load
from lorairo.errors import ArgumentError, ConfigError, ModelError
from lorairo.servers import running_servers
from lorairo.services import reach
from lorairo.services.seeing import unseen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lorairo.config.schema import Provider


def settings() -> Iterator[Row]:
    """Look at the settings and the keys of providers."""
    try:
        loaded = load()
        names = keys.names()
    except ConfigError as error:
        yield Row("settings", "problem", str(error), "correct the setting that is named")
        return
    yield Row("models folder", "ok", str(loaded.model_dir))
    for name in names:
        where = keys.where(name)
        if where is None:
            yield Row(f"key: {name}", "missing", "not set", keys.advice(name))
        else:
            yield Row(f"key: {name}", "ok", f"from {where}")
    yield from _providers(loaded.providers)


def _providers(known: Mapping[str, Provider]) -> Iterator[Row]:
    """Look at services: what they may be asked, and whether those at an address of one's own listen."""
    silent = reach.silent(known)
    for name, limits in known.items():
        parts = [f"{limits.rate_limit_requests_per_minute:,} requests a minute"]
        if limits.rate_limit_tokens_per_minute is not None:
            parts.append(f"{limits.rate_limit_tokens_per_minute:,} tokens a minute")
        parts.append(f"{limits.concurrency} at once")
        found = f"{reach.place_of(name)}: {', '.join(parts)}"
        if name in silent:
            yield Row(f"service: {name}", "missing", f"{found}; nothing listens", f"start {limits.base_url}")
        else:
            yield Row(f"service: {name}", "ok", found)


def seeing(name: str) -> Row:
    """Show a model of a service a red square, which takes some tokens.

    Raises
    ------
    ArgumentError
        When it is no model of a service.
    """
    from lorairo.inference.registry import find  # noqa: PLC0415 - models load on use

    spec = find(name)
    if spec.service is None:
        raise ArgumentError(f"{spec.id} is asked at no service: it runs here, and sees what it is given")
    part = f"model: {spec.id}"
    try:
        why_not = unseen(spec.provider, spec.name, spec.backend, spec.service)
    except ModelError as error:
        why_not = str(error)
    if why_not:
        return Row(part, "problem", why_not, "take another model; lr.models() lists them")
    return Row(part, "ok", "looks at pictures")


def servers() -> Iterator[Row]:
    """Ask the servers of this user for the parts that widgets need."""
    for server in running_servers():
        part = f"server {server.url}"
        if server.missing is None:
            yield Row(part, "problem", "does not answer", "start it again, or reload the page")
        elif server.missing:
            found = f"does not serve {', '.join(server.missing)}"
            remedy = "pip install lorairo in the environment JupyterLab was started from, and reload the page"
            yield Row(part, "problem", found, remedy)
        else:
            yield Row(part, "ok", "serves the parts that widgets need")
