"""What services have in common on the wire: connections, keys, and bodies that are none of theirs."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from lorairo.masking import hide, masked, masked_values
from lorairo.services.answer import storable
from lorairo.services.calls import RETRYABLE, Outcome

if TYPE_CHECKING:
    import httpx2

    from lorairo.services.calls import Ending
    from lorairo.services.endpoint import Endpoint

_PATIENCE = 10.0  # seconds to be let in; an answer takes as long as the settings say
_SENDABLE = re.compile(r"[!-~]+")  # what may stand in a header
_CHILDREN = re.compile(r"\bcsa[em]\b|\bchild(?:ren)?\b|\bminors?\b", re.IGNORECASE)
_SHOWN = 400  # characters of what a service says
_ERRORS: dict[Ending, tuple[str, str]] = {
    "auth": ("{} does not let this key ask", ""),
    "quota_exhausted": ("the credit at {} is used up", ". Top it up there, then resume"),
    "not_found": ("{} does not have it", ". Check the model's name, and the address if you set one"),
    "policy_block": ("{} does not answer about this picture", ""),
    "prohibited": ("{} prohibits this picture", ". It is not sent there again"),
    "invalid_image": ("{} cannot take the picture", ""),
    "rate_limited": ("{} asks to wait", ""),
    "bad_request": ("{} does not take the question", ""),
}


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


def foreign(provider: str, body: str) -> Outcome:
    """Tell of an answer that a service does not give: a page of a proxy, or JSON that breaks off."""
    start = body.lstrip()[:1]
    what = {"<": "a page", "{": "JSON that breaks off or lacks what an answer has", "": "nothing"}.get(start)
    words = f"{provider} answered with {what or 'what is no answer'}: a proxy may have answered instead"
    return Outcome("server", message=words, code="not_an_answer")


def block_of(words: str) -> Ending:
    """Say what kind of block it is by what the service says of it: one that concerns children is for good."""
    return "prohibited" if _CHILDREN.search(words) else "policy_block"


def error_of(provider: str, ending: Ending, words: str) -> str:
    """Say what happened, and what helps.

    Parameters
    ----------
    words
        The service's own.
    """
    before, after = _ERRORS.get(ending, ("{} failed", ""))
    return f"{before.format(provider)}: {words}{after}"


def late(provider: str, endpoint: Endpoint) -> Outcome:
    """Tell of an answer that did not come in time."""
    words = (
        f"{provider} did not answer within {endpoint.timeout:g} s; it may be billed all the same. "
        f"A longer wait: providers.{endpoint.provider}.timeout"
    )
    return Outcome("timeout", message=words)


def lost(provider: str, reason: BaseException) -> Outcome:
    """Tell of a connection that failed, before the answer or amidst it."""
    words = str(reason) or type(reason).__name__
    return Outcome("connection", message=f"the connection to {provider} failed: {words}")


def moved(provider: str, status: int) -> Outcome:
    """Tell of an address that sends elsewhere."""
    words = (
        f"{provider} sends elsewhere (status {status}), where nothing is sent: set its base_url to the place"
    )
    return Outcome("not_found", message=words, code=str(status))


def shown(outcome: Outcome) -> Outcome:
    """Return an outcome as it may be stored and shown: without a key, with words of a length that is read."""
    return replace(
        outcome,
        message=_shortened(masked(storable(outcome.message))),
        code=_shortened(masked(storable(outcome.code))),
        text=masked_values(storable(outcome.text)),
        retry_after=outcome.retry_after if outcome.ending in RETRYABLE else None,
    )


def _shortened(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "…"
