"""Requests about what services take: prices for a view, a quote before a run, servers that are silent."""

from __future__ import annotations

from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Any

from lorairo.inference import registry
from lorairo.services import reach
from lorairo.services.prices import own_prices
from lorairo.services.quote import Figures
from lorairo.widgets.asking import Asked, target_of
from lorairo.widgets.wire import Answer, Route, WireError

if TYPE_CHECKING:
    from lorairo.inference.specs import ModelSpec
    from lorairo.services.quote import ModelQuote, Quote
    from lorairo.widgets.session import Session

_FIGURES = tuple(each.name for each in fields(Figures))


def routes(session: Session) -> dict[str, Route]:
    """Return the handlers, bound to a session."""
    return {
        "models.prices": Route(partial(_prices, session)),
        "models.silent": Route(partial(_silent, session)),
        "models.quote": Route(partial(_quote, session)),
    }


def agreed(now: int, quoted: object) -> None:
    """Refuse a run that would send more than its button said: meanwhile images came, or answers went.

    Parameters
    ----------
    now
        Questions that it would send.
    quoted
        Those that the button spoke of.

    Raises
    ------
    WireError
        When it would, as a new quote says what that costs; and when no button said anything.
    """
    if isinstance(quoted, bool) or not isinstance(quoted, int):
        raise WireError("a run of services names how many questions its button spoke of")
    if now > quoted:
        raise WireError(
            f"{now - quoted:,} more would be sent than the button said: look at the new price", kind="stale"
        )


def _quote(session: Session, payload: dict[str, Any]) -> Answer:
    calls = [call for call in Asked.of(payload).calls() if call.sends]
    view, _ = target_of(session, payload)
    if not calls:
        raise WireError("none of these models is asked at a service: nothing is sent")
    quotes = [call.quote(view) for call in calls]
    models = [model for quote in quotes for model in quote.models]
    return Answer({"version": session.version, **_told(type(quotes[0]).of(len(view), models))})


def _told(quote: Quote) -> dict[str, Any]:
    models = [_model(model) for model in quote.models]
    together = {name: [model[name] for model in models] for name in _FIGURES}
    return {
        "images": quote.images,
        **{name: None if None in values else sum(values) for name, values in together.items()},
        "models": models,
    }


def _model(model: ModelQuote) -> dict[str, Any]:
    figures = {name: getattr(model, name) for name in _FIGURES}
    return {
        **figures,
        "id": model.id,
        "provider": model.provider,
        "place": model.place,
        "answered": model.answered + model.stored,
        # those of before, whether or not they are sent again
        "refused": len(model.refused_images),
        "unknown": len(model.unknown_images),
        "unrated": model.unrated,
        "measured": model.measured,
        "hours": model.hours,
        "long_edge": model.long_edge,
        "says": list(model.says),
    }


def _prices(session: Session, payload: dict[str, Any]) -> Answer:
    view, _ = target_of(session, payload)
    named = {spec.id: spec for spec in _services() if registry.row_of(spec).available}
    told: dict[str, Any] = {"version": session.version, "prices": {}, "from": None}
    if named and len(view):
        quote = view.quote(list(named))
        told["prices"] = {
            model.id: {"cost": model.cost, "seconds": model.seconds, "send": model.send}
            for model in quote.models
        }
        if quote.as_of is not None:
            told["from"] = f"Prices as of {quote.as_of}, from {_source(quote)}."
    return Answer(told)


def _source(quote: Quote) -> str:
    own = own_prices()
    known = {
        model.id in own or f"{model.provider}/*" in own for model in quote.models if model.price is not None
    }
    if known == {True}:
        return "your price file"
    return "your price file and the list lorairo brings" if True in known else "the list lorairo brings"


def _silent(session: Session, _payload: dict[str, Any]) -> Answer:
    own = [spec for spec in _services() if reach.is_own(spec.provider) and registry.row_of(spec).available]
    nobody = set(reach.silent({spec.provider for spec in own}))
    return Answer(
        {"version": session.version, "silent": [spec.id for spec in own if spec.provider in nobody]}
    )


def _services() -> list[ModelSpec]:
    return [spec for spec in registry.specs().values() if spec.service is not None]
