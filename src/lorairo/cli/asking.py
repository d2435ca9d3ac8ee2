"""Runs of services from a terminal: the quote first, then the question whether to go on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lorairo.cli.output import say
from lorairo.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lorairo.services.quote import Quote
    from lorairo.view import View

API = "api"

Batch = Annotated[
    str | None,
    typer.Option(
        help=f"Images per model call; {API!r} hands questions to services over together, "
        "for half the price, within a day."
    ),
]
Prompt = Annotated[str | None, typer.Option(help="Name of a prompt, or a text of your own.")]
Budget = Annotated[float | None, typer.Option(help="USD that services stop before.")]
Again = Annotated[str, typer.Option(help="Pictures that the model refused before: skip or send.")]
Unknown = Annotated[
    str, typer.Option(help="Pictures that were under way when a run died, outcome unknown: skip or send.")
]
Withhold = Annotated[
    list[str] | None, typer.Option(help="A rating whose pictures are not sent to services; may be repeated.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Send pictures to services without asking.")]


def told(
    batch: str | None, prompt: str | None, refused: str, unknown: str, withhold: Sequence[str] | None
) -> dict[str, Any]:
    """Return what ``view.quote`` and ``view.annotate`` both take; what was not said is left out.

    Raises
    ------
    ArgumentError
        When ``--batch`` is neither a number nor `API`.
    """
    said: dict[str, Any] = {"refused": refused, "unknown": unknown, "withhold": tuple(withhold or ())}
    if prompt is not None:
        said["parameters"] = {"prompt": prompt}
    if batch is not None:
        said["batch"] = _batch(batch)
    return said


def _batch(word: str) -> int | bool:
    if word == API:
        return True
    if not word.isdecimal():
        raise ArgumentError(f"--batch {word} means nothing: give a number of images, or {API}")
    return int(word)


def agreed(view: View, models: Sequence[str], options: dict[str, Any], *, yes: bool) -> bool:
    """Print what services would be sent, and ask whether to go on; models of this machine ask nothing.

    Raises
    ------
    ArgumentError
        When nobody is there to ask, and it may cost something.
    """
    from lorairo.inference.registry import find  # noqa: PLC0415 - as every command

    if not any(find(model).service for model in models):
        return True
    quote = view.quote(list(models), **options)
    say(repr(quote))
    sent = sum(model.send for model in quote.models if not model.local)
    if yes or not sent or _free(quote) or any(model.obstacle for model in quote.models):
        return True  # what keeps a model from running is said by the run
    if not answers():
        raise ArgumentError("nothing was sent: add --yes to agree to this, or answer in a terminal")
    return typer.confirm(f"Send {sent:,} pictures?")


def answers() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def _free(quote: Quote) -> bool:
    return all(model.local or (model.price is not None and model.price.free) for model in quote.models)
