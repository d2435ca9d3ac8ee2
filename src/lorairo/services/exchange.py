"""What services have in common on the wire: connections, keys, waits, and bodies that are none of theirs."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from lorairo.masking import hide, masked, masked_values
from lorairo.services.calls import RETRYABLE, Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx2

    from lorairo.services.endpoint import Endpoint

_PATIENCE = 10.0  # seconds to be let in; an answer takes as long as the settings say
_SENDABLE = re.compile(r"[!-~]+")  # what may stand in a header
_SHOWN = 400  # characters of what a service says


def key_of(endpoint: Endpoint) -> str | None:
    """Return the key as it is sent; None where there is none, or none that a header takes."""
    if endpoint.key is None:
        return None
    key = endpoint.key.get_secret_value().strip()
    hide(key)
    return key if _SENDABLE.fullmatch(key) else None


def keyless(endpoint: Endpoint) -> Outcome:
    """Say why nothing was sent."""
    lacks = "has no key" if endpoint.key is None else "has a key with characters that no key has"
    return Outcome("auth", message=f"{endpoint.provider} {lacks}: nothing was sent", code="no_key")


def connections(endpoint: Endpoint) -> httpx2.AsyncClient:
    """Open the way to a service. Redirects are not followed: pictures and keys go where the settings say."""
    import httpx2  # noqa: PLC0415 - comes with the libraries of Anthropic and Google

    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(endpoint.timeout, connect=min(_PATIENCE, endpoint.timeout)),
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=endpoint.concurrency),
        follow_redirects=False,
    )


def wait_of(headers: Mapping[str, str]) -> float | None:
    """Return the seconds a service asks to wait by its headers; None where it does not."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    said = headers.get("retry-after")
    seconds = _number(said)
    if seconds is not None or said is None:
        return seconds
    try:
        return until(parsedate_to_datetime(said), headers)
    except ValueError:
        return None


def until(moment: datetime, headers: Mapping[str, str]) -> float:
    """Return the seconds to a moment by the service's own clock, where its headers tell it."""
    try:
        now = parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        now = datetime.now(UTC)
    return max(0.0, (_aware(moment) - _aware(now)).total_seconds())


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _number(said: str | None) -> float | None:
    try:
        number = float(said or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def foreign(provider: str, body: str) -> Outcome:
    """Tell of an answer that a service does not give: a page of a proxy, or JSON that breaks off."""
    start = body.lstrip()[:1]
    what = {"<": "a page", "{": "JSON that breaks off or lacks what an answer has", "": "nothing"}.get(start)
    words = (
        f"{provider} answered with {what or 'what is no JSON'}; something on the way may have answered for it"
    )
    return Outcome("server", message=words, code="not_an_answer")


def moved(provider: str, status: int) -> Outcome:
    """Tell of an address that sends elsewhere."""
    words = (
        f"{provider} sends elsewhere (status {status}), where nothing is sent: set its base_url to the place"
    )
    return Outcome("not_found", message=words, code=str(status))


def shown(outcome: Outcome) -> Outcome:
    """Return an outcome as it may be stored: without a key, with words of a length that is read."""
    return replace(
        outcome,
        message=_shortened(masked(outcome.message)),
        code=_shortened(masked(outcome.code)),
        text=masked_values(outcome.text),
        retry_after=outcome.retry_after if outcome.ending in RETRYABLE else None,
    )


def _shortened(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "…"
