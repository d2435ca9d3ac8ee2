"""Working out what a service would be sent and take: from what was measured here, else from formulas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lorairo.captions.pieces import Trigger
from lorairo.services import tokens
from lorairo.services.answer import schema_of
from lorairo.services.calls import Usage
from lorairo.services.left import left_to_ask
from lorairo.services.prices import price_of
from lorairo.services.prompts import prompts
from lorairo.services.quote import ModelQuote
from lorairo.store import measured
from lorairo.store.searching import ratings

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.captions.pieces import Facts, Piece
    from lorairo.config.schema import Provider
    from lorairo.services.asking import Service
    from lorairo.services.left import Left
    from lorairo.services.prices import Price
    from lorairo.services.run import FactsSource
    from lorairo.services.wishes import Wishes

ENOUGH = 5
"""Questions after which what was measured here counts more than what formulas say."""

_LEFT_OUT = ("answered", "stored", "claimed", "withheld", "prohibited")
_SAMPLE = 24  # images whose words are put together to see how many they are
_SECONDS = 5.0  # an answer about a picture takes so long where none was measured
_DAY = 24.0
# What answers are assumed to be before any was measured, in tokens.
_CAPTION, _TAGS, _SMALL, _SHAPE = 90, 150, 8, 20
_THOUGHTS = {"low": 150, "medium": 600, "high": 1500, "xhigh": 3000, "max": 3000}


@dataclass(frozen=True)
class Asked:
    """A model of a service that is to be asked.

    Attributes
    ----------
    model
        As the service calls it.
    model_id
        Its row in the project, asked this way; None where it never ran so.
    limits
        What the settings say of the provider.
    """

    id: str
    provider: str
    model: str
    place: str
    service: Service
    model_id: int | None
    limits: Provider
    obstacle: str = ""


def quoted(  # noqa: PLR0917 - who asks whom about what, as a sentence
    c: Connection,
    ids: NDArray[np.int64],
    widths: NDArray[np.int64],
    heights: NDArray[np.int64],
    asked: Asked,
    wishes: Wishes,
    facts: FactsSource | None = None,
) -> ModelQuote:
    """Work out what a model of a service would be sent and take. Reads no picture and asks nobody.

    Parameters
    ----------
    ids, widths, heights
        Images, and the pixels of their pictures.
    facts
        Gives what the prompt says of images; some of them are enough.
    """
    left = left_to_ask(c, ids, asked.model_id, wishes, asked.provider, asked.model)
    count = len(left.send)
    pick = np.isin(ids, left.send)
    service = asked.service
    batch = wishes.batch
    price = price_of(asked.provider, asked.model)
    each = _Each.of(c, asked, left, widths[pick], heights[pick], facts)
    return ModelQuote(
        **{name: len(getattr(left, name)) for name in _LEFT_OUT},
        unknown=len(left.unknown),
        refused=len(left.refused),
        send=count,
        tokens_in=round(each.tokens_in),
        tokens_out=round(each.tokens_out),
        cost=each.cost(price, batch=batch),
        at_most=each.at_most(price, batch=batch),
        seconds=None if batch else _lasting(count, each, asked.limits),
        hours=_DAY if batch else None,
        refusals=_refusals(c, asked, count),
        id=asked.id,
        provider=asked.provider,
        place=asked.place,
        price=price,
        long_edge=service.long_edge,
        prompt=service.prompt.name if service.prompt.name in prompts() else "",
        says=_says(service),
        trigger=bool(service.trigger) and any(isinstance(piece, Trigger) for piece in _pieces(service)),
        measured=each.measured,
        refused_images=tuple(np.union1d(left.refused, left.refused_sent).tolist()),
        unknown_images=tuple(np.union1d(left.unknown, left.unknown_sent).tolist()),
        unrated=_unrated(c, left, wishes),
        obstacle=asked.obstacle,
    )


def _unrated(c: Connection, left: Left, wishes: Wishes) -> int:
    """Count images that are sent though nobody knows whether their rating is withheld."""
    if not wishes.withhold or not len(left.send):
        return 0
    return int((~np.isin(left.send, np.array(list(ratings(c)), dtype=np.int64))).sum())


@dataclass(frozen=True)
class _Each:
    """What the questions take together; `spent` is what the service itself called the cost of one."""

    count: int
    tokens_in: float
    tokens_out: float
    most_in: float
    most_out: float
    latency: float
    measured: int
    spent: float | None

    @classmethod
    def of(  # noqa: PLR0917 - as of `quoted`
        cls,
        c: Connection,
        asked: Asked,
        left: Left,
        widths: NDArray[np.int64],
        heights: NDArray[np.int64],
        facts: FactsSource | None,
    ) -> _Each:
        service, count = asked.service, len(widths)
        pictures = float(tokens.of_pictures(widths, heights, service).sum())
        words = _words(service, left.send, facts)
        most = service.model_copy(update={"detail": None})
        worst = float(tokens.of_pictures(widths, heights, most).sum()) + tokens.MARGIN * words * count
        tokens_in, tokens_out = pictures + words * count, float(count * _answer(service))
        here = measured.measured(c, [] if asked.model_id is None else [asked.model_id])
        before = here if len(here) >= ENOUGH else _otherwise(c, asked)
        if len(here) >= ENOUGH:
            guessed = tokens.of_pictures(here.widths, here.heights, service).sum() + words * len(here)
            tokens_in *= float(here.tokens_in.sum() / guessed)
            worst = max(worst, tokens_in)
        if len(before) >= ENOUGH and not np.isnan(before.tokens_out).all():
            tokens_out = count * float(np.nanmean(before.tokens_out))
        timed = before.seconds[~np.isnan(before.seconds)]
        paid = here.cost[~np.isnan(here.cost)]
        return cls(
            count,
            tokens_in,
            tokens_out,
            worst,
            float(count * service.max_tokens),
            float(timed.mean()) if len(timed) >= ENOUGH else _SECONDS,
            len(here) if len(here) >= ENOUGH else 0,
            float(paid.mean()) if len(paid) >= ENOUGH else None,
        )

    def cost(self, price: Price | None, *, batch: bool) -> float | None:
        if price is not None:
            return price.cost(Usage(round(self.tokens_in), None, round(self.tokens_out)), batch=batch)
        if not self.count:
            return 0.0
        return None if self.spent is None else self.spent * self.count

    def at_most(self, price: Price | None, *, batch: bool) -> float | None:
        if price is None:
            return None if self.count else 0.0
        most = round(self.most_in)
        return price.cost(Usage(most, None, round(self.most_out), kept=most), batch=batch)


def _otherwise(c: Connection, asked: Asked) -> measured.Measured:
    """Return what questions of this model took, however it was asked."""
    return measured.measured(c, measured.same_asked(c, asked.provider, asked.model))


def _words(service: Service, ids: NDArray[np.int64], facts: FactsSource | None) -> float:
    """Return about how many tokens of a question are no picture, in the mean of some images."""
    fixed = float(tokens.FRAME)
    if service.structured in {"schema", "tool"}:
        fixed += tokens.of_schema(schema_of(service.prompt, service.structured))
    if facts is None or not service.templates or not len(ids):
        return fixed + _said(service)
    some = ids[np.linspace(0, len(ids) - 1, min(_SAMPLE, len(ids))).astype(np.int64)].tolist()
    said = [_said(service, each) for each in facts(service.templates, some).values()]
    return fixed + (float(np.mean(said)) if said else 0.0)


def _said(service: Service, facts: Facts | None = None) -> int:
    return sum(map(tokens.of_text, service.words(facts)))


def _answer(service: Service) -> int:
    """Return how many tokens an answer is assumed to be before any was measured."""
    prompt = service.prompt
    long = len(prompt.captions) * _CAPTION + bool(prompt.tags) * _TAGS
    small = (bool(prompt.rating) + bool(prompt.score)) * _SMALL
    effort = service.effort or ""
    thoughts = int(effort) if effort.isdecimal() else _THOUGHTS.get(effort, 0)
    return min(service.max_tokens, _SHAPE + long + small + thoughts)


def _lasting(count: int, each: _Each, limits: Provider) -> float:
    """Return the seconds that questions take at the limits of the settings."""
    if not count:
        return 0.0
    a_minute = 60 * count / limits.rate_limit_requests_per_minute
    at_once = each.latency * count / limits.concurrency
    most_tokens = limits.rate_limit_tokens_per_minute
    by_tokens = 60 * (each.tokens_in + each.tokens_out) / most_tokens if most_tokens else 0.0
    return max(a_minute, at_once, by_tokens, each.latency)


def _refusals(c: Connection, asked: Asked, count: int) -> int | None:
    share, of = measured.refusal_rate(c, asked.provider, asked.model)
    return round(share * count) if of >= ENOUGH else None


def _pieces(service: Service) -> list[Piece]:
    return [piece for template in service.templates for piece in template.pieces]


def _says(service: Service) -> tuple[str, ...]:
    """Name what a prompt tells of an image, each once; a trigger is the same for all."""
    named = (_named(piece) for piece in _pieces(service) if not isinstance(piece, Trigger))
    return tuple(dict.fromkeys(named))


def _named(piece: Piece) -> str:
    kind = type(piece).__name__.lower()
    name = getattr(piece, "variant", None) or getattr(piece, "name", None)
    return f"{kind} {name}" if name and name != "default" else kind
