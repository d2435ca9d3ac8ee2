"""What a run of services would send, what it takes, what leaves this machine: said before anything does."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Self

from lorairo.plaintext import markup, printable
from lorairo.services.prices import dollars

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from lorairo.services.prices import Price

_HEADS = ("model", "to send", "left out", "tokens in", "tokens out", "about", "at most", "time")
_MINUTE, _HOUR, _LONG = 60, 3600, 5400  # seconds


@dataclass(frozen=True)
class Figures:
    """What one model, or all of them, would take.

    Attributes
    ----------
    answered, stored, claimed, withheld, prohibited, unknown, refused, send
        Images by what becomes of them, see `lorairo.services.left.Left`.
    tokens_in, tokens_out
        What is read and written, about; None where nobody knows.
    cost, at_most
        USD: about, and where every answer is as long as it may be and the words count for more than they
        seem to. None where a price is unknown.
    seconds
        At the limits of the settings; None where nobody knows.
    refusals
        How many of the pictures will be refused, by the share of those before; None where there were few.
    """

    answered: int = 0
    stored: int = 0
    claimed: int = 0
    withheld: int = 0
    prohibited: int = 0
    unknown: int = 0
    refused: int = 0
    send: int = 0
    tokens_in: int | None = 0
    tokens_out: int | None = 0
    cost: float | None = 0.0
    at_most: float | None = 0.0
    seconds: float | None = 0.0
    refusals: int | None = 0


@dataclass(frozen=True, kw_only=True)
class ModelQuote(Figures):
    """What one model would take.

    Attributes
    ----------
    id, provider
        As ``lr.models()`` calls them.
    place
        Where pictures go: the provider, or the host of an address of one's own; empty for this machine.
    price
        None where nobody has said.
    hours
        Within which answers come that are asked for together; None for others.
    long_edge
        Longer side of the pictures that are sent, at most, pixels.
    prompt
        What it is called; empty for one that was written into the call.
    says
        What the prompt tells of an image besides its picture, in words.
    trigger
        Whether the prompt names the trigger.
    measured
        Earlier questions that the figures come from; 0 where they come from formulas.
    refused_images
        Ids of those this model refused before, sent again or not.
    unknown_images
        Ids of those that were under way when a kernel died, sent again or not.
    unrated
        Images that are sent though they have no rating; 0 where no rating is withheld.
    obstacle
        What keeps it from running here, and what helps.
    """

    id: str
    provider: str
    place: str = ""
    price: Price | None = None
    hours: float | None = None
    long_edge: int = 0
    prompt: str = ""
    says: tuple[str, ...] = ()
    trigger: bool = False
    measured: int = 0
    refused_images: tuple[int, ...] = field(default=(), repr=False)
    unknown_images: tuple[int, ...] = field(default=(), repr=False)
    unrated: int = 0
    obstacle: str = ""

    @property
    def local(self) -> bool:
        """Whether it runs on this machine, so that nothing leaves it."""
        return not self.place

    @property
    def left_out(self) -> str:
        """Say which images are left out, and why."""
        parts = (
            (self.answered + self.stored, "answered"),
            (self.prohibited, "prohibited"),
            (self.refused, "refused"),
            (self.unknown, "outcome unknown"),
            (self.withheld, "withheld"),
            (self.claimed, "being asked already"),
        )
        return ", ".join(f"{count:,} {why}" for count, why in parts if count)

    def notes(self) -> list[str]:
        """Say what the figures are to be read with, one sentence each."""
        told = [f"Cannot run here: {self.id}. {self.obstacle}"] if self.obstacle else []
        if self.refused_images:
            told.append(
                f"Refused before by {self.id}: {_images(len(self.refused_images))}, "
                f'view.where("refused:{self.id}"). {_again(self.refused, "refused")}'
            )
        if self.prohibited:
            told.append(f"Prohibited by {self.provider}: {_images(self.prohibited)}, never sent there again")
        if self.unknown_images:
            told.append(
                f"Under way to {self.id} when a kernel died, so nobody knows whether they were answered: "
                f"{_images(len(self.unknown_images))}. {_again(self.unknown, 'unknown')}"
            )
        if self.unrated:
            told.append(f"Sent without a rating: {_images(self.unrated)}. Run a model that rates here first")
        if self.refusals:
            told.append(f"At the rate of before {self.id} will refuse about {_images(self.refusals)}")
        if self.send and not self.local and self.price is None:
            told.append(f"Nobody has said what {self.id} costs: a row in prices.toml beside config.toml does")
        return told


@dataclass(frozen=True, repr=False, kw_only=True)
class Quote(Figures):
    """What a run would send and take, in total and by model.

    Attributes
    ----------
    images
        In the view.
    models
        One part for each model, in their order.
    """

    images: int
    models: tuple[ModelQuote, ...]

    @classmethod
    def of(cls, images: int, models: Iterable[ModelQuote]) -> Self:
        """Put the parts together; what one of them does not know, nobody knows in all."""
        some = tuple(models)
        columns = {each.name: [getattr(one, each.name) for one in some] for each in fields(Figures)}
        total: dict[str, Any] = {
            name: None if None in values else sum(values) for name, values in columns.items()
        }
        return cls(images=images, models=some, **total)

    @property
    def as_of(self) -> dt.date | None:
        """When the oldest of the prices was read; None where none is known."""
        return min((model.price.as_of for model in self.models if model.price is not None), default=None)

    @property
    def refused_images(self) -> tuple[int, ...]:
        """Ids of the images that one of the models refused before, sent again or not."""
        return tuple(sorted({image_id for model in self.models for image_id in model.refused_images}))

    @property
    def leaves(self) -> str:
        """What leaves this machine, and to whom."""
        sent = [model for model in self.models if model.send and not model.local]
        if not sent:
            return "Nothing leaves this machine"
        return "; ".join(dict.fromkeys(map(_leaving, sent))) + "; no file names"

    @property
    def notes(self) -> tuple[str, ...]:
        """What the quote is to be read with, one sentence each."""
        told = [note for model in self.models for note in model.notes()]
        asked = [model for model in self.models if model.send and not model.local]
        if guessed := tuple(model.id for model in asked if not model.measured):
            told.append(f"Tokens of {_listed(guessed)} by formula: too little was answered here to measure")
        if self.as_of is not None:
            told.append(f"Prices as of {self.as_of}; tokens, cost and time are estimates")
        return tuple(told)

    def _rows(self) -> list[tuple[str, ...]]:
        rows = [_row(model.id, model, model.left_out, _lasts(model)) for model in self.models]
        if len(self.models) > 1:
            rows.append(_row("all", self, "", _lasting(self.seconds)))
        return rows

    def __repr__(self) -> str:
        """Print a table, what leaves the machine, and what to read it with."""
        table = [_HEADS, *(tuple(map(printable, row)) for row in self._rows())]
        widths = [max(len(row[place]) for row in table) for place in range(len(_HEADS))]
        text = (0, 2)  # columns of words stand on the left
        lines = [
            "  ".join(
                cell.ljust(width) if place in text else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in table
        ]
        told = [printable(f"{line}.") for line in (self.leaves, *self.notes)]
        return "\n".join([f"Quote for {_images(self.images)}", *lines, *told])

    def _repr_html_(self) -> str:
        left = ' style="text-align:left"'
        head = "".join(f"<th{left}>{markup(name)}</th>" for name in _HEADS)
        body = "".join(
            f"<tr>{''.join(f'<td{left}>{markup(cell)}</td>' for cell in row)}</tr>" for row in self._rows()
        )
        told = "".join(f"<li>{markup(f'{line}.')}</li>" for line in (self.leaves, *self.notes))
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f"<p>{markup(f'Quote for {_images(self.images)}')}</p>{table}<ul>{told}</ul>"


def _row(name: str, figures: Figures, left_out: str, lasts: str) -> tuple[str, ...]:
    return (
        name,
        f"{figures.send:,}",
        left_out,
        _count(figures.tokens_in),
        _count(figures.tokens_out),
        _cost(figures.cost),
        _cost(figures.at_most),
        lasts,
    )


def _leaving(model: ModelQuote) -> str:
    pictures = f"{model.send:,} {'picture' if model.send == 1 else 'pictures'}"
    told = ["the trigger"] if model.trigger else []
    told += [f"{_listed(model.says)} of each image"] if model.says else []
    says = f" with {' and '.join(told)}" if told else ""
    prompt = f"the prompt {model.prompt!r}" if model.prompt else "your prompt"
    stay = "" if model.hours is None else ", where they stay until the answers are fetched"
    return f"{pictures}, {model.long_edge:,} px at most, and {prompt}{says} go to {model.place}{stay}"


def _again(left_out: int, wish: str) -> str:
    return f'They are left out; {wish}="send" sends them' if left_out else "They are sent again"


def _listed(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _images(count: int) -> str:
    return f"{count:,} {'image' if count == 1 else 'images'}"


def _count(tokens: int | None) -> str:
    return "unknown" if tokens is None else f"{tokens:,}"


def _cost(value: float | None) -> str:
    return "unknown" if value is None else dollars(value)


def _lasts(model: ModelQuote) -> str:
    return _lasting(model.seconds) if model.hours is None else f"within {model.hours:g} h"


def _lasting(seconds: float | None) -> str:
    """Say a time as roughly as it is known: ``40 s``, ``3 min``, ``2.5 h``."""
    if seconds is None:
        return "unknown"
    if seconds < _MINUTE:
        return f"{math.ceil(seconds)} s"
    return f"{seconds / _MINUTE:.0f} min" if seconds < _LONG else f"{seconds / _HOUR:.1f} h"
