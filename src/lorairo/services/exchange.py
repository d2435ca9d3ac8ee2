"""What services have in common on the wire: connections, keys, and bodies that are none of theirs."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import httpx2

from lorairo.masking import hide, masked, masked_values
from lorairo.services.answer import storable
from lorairo.services.calls import RETRYABLE, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from lorairo.services.calls import Ending
    from lorairo.services.endpoint import Endpoint

_PATIENCE = 10.0  # seconds to be let in; an answer takes as long as the settings say
_SENDABLE = re.compile(r"[!-~]+")  # what may stand in a header
_CHILDREN = re.compile(r"\bcsa[em]\b|\bchild(?:ren)?\b|\bminors?\b", re.IGNORECASE)
_SHOWN = 500  # characters of what is said of an outcome
_UNREACHED = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError, httpx2.UnsupportedProtocol)
_BILLED = "It may be billed all the same"
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


def headers_of(key: str, variable: str, omit: object) -> Mapping[str, str]:
    """Return the header of a key, and keep back those that a library takes from the environment.

    One of them may hold another key, or be meant for another server.

    Parameters
    ----------
    variable
        Where the library finds them.
    omit
        What it knows a header by that is not sent.
    """
    lines = os.environ.get(variable, "").split("\n")
    kept_back = {line.partition(":")[0].strip(): omit for line in lines if ":" in line}
    return cast("Mapping[str, str]", {**kept_back, "Authorization": f"Bearer {key}"})


def keyless(endpoint: Endpoint) -> Outcome:
    """Say why nothing was sent."""
    lacks = (
        "has no key"
        if endpoint.key is None
        else "has a key with characters that no key has, copy it once more"
    )
    return Outcome("auth", message=f"{endpoint.provider} {lacks}: nothing was sent", code="no_key")


def connections(endpoint: Endpoint) -> httpx2.AsyncClient:
    """Open the way to a service. Redirects are not followed: pictures and keys go where the settings say."""
    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(endpoint.timeout, connect=min(_PATIENCE, endpoint.timeout)),
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=endpoint.concurrency),
        follow_redirects=False,
    )


def parsed(content: str | bytes) -> Any:
    """Return what JSON says; None where it is no JSON."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def read_answer(
    provider: str, body: str, answer: Callable[[Any], Outcome], error: Callable[[Any], Outcome]
) -> Outcome:
    """Read the body of an answer with status 200, which may be an error all the same, or none of the service.

    Parameters
    ----------
    answer, error
        What reads either.
    """
    said = parsed(body)
    if said is None:
        return foreign(provider, body)
    if isinstance(said, dict) and (said.get("error") or said.get("type") == "error"):
        return error(said)
    return answer(said)


def lines_of(content: bytes) -> Iterator[bytes]:
    """Give the lines of a file of results; what Unicode calls the end of a line is none."""
    return (line for line in content.split(b"\n") if line.strip())


def result_of(provider: str, line: bytes, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return what a line of results says.

    Parameters
    ----------
    fits
        Whether an object is a result of the service.

    Raises
    ------
    ValueError
        When it is none.
    """
    said = json.loads(line)
    if isinstance(said, dict) and fits(said):
        return said
    raise ValueError(f"this is no line of results of {provider}")


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


def unanswered(provider: str, endpoint: Endpoint, error: Exception) -> Outcome:
    """Tell of an answer that did not come: nobody was there, it took too long, or the connection broke off.

    Parameters
    ----------
    provider
        What it is called in the message.
    error
        Of the connection, or of a library with that as its cause.
    """
    reasons = (error, error.__cause__)
    if reason := next((one for one in reasons if isinstance(one, _UNREACHED)), None):
        at = f" at {endpoint.base_url}" if endpoint.base_url else ""
        why = _shortened(str(reason) or type(reason).__name__)
        words = f"{provider} cannot be reached{at} ({why}): is the network there, and the server?"
        return Outcome("connection", message=words)
    if any(isinstance(one, httpx2.TimeoutException | TimeoutError) for one in reasons):
        words = f"{provider} did not answer within {endpoint.timeout:g} s. {_BILLED}"
        return Outcome("timeout", message=f"{words}. A longer wait: providers.{endpoint.provider}.timeout")
    return Outcome("connection", message=f"{provider} hung up before the answer was there. {_BILLED}")


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
