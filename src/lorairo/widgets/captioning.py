"""Requests about captions under way: how long they are, and what a template would make of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from lorairo.captioning.composing import composed
from lorairo.captions.template import Template
from lorairo.datasets import countings_for, dataset_for
from lorairo.widgets.editing import target_view
from lorairo.widgets.wire import Answer, Route, WireError

if TYPE_CHECKING:
    from lorairo.captions.counting import Counting
    from lorairo.datasets import Dataset
    from lorairo.widgets.session import Session

MOST_COMPOSED = 5
_LONGEST = 20_000  # characters; what is longer is counted when it is written


def routes(session: Session) -> dict[str, Route]:
    """Return the handlers, bound to a session."""
    return {
        "captions.tokens": Route(partial(_tokens, session)),
        "captions.compose": Route(partial(_compose, session)),
    }


def _dataset(session: Session, payload: dict[str, Any]) -> Dataset | None:
    name = payload.get("dataset")
    return session.view.project.dataset(str(name)) if name else dataset_for(session.view)


def _tokens(session: Session, payload: dict[str, Any]) -> Answer:
    text = str(payload.get("text") or "")
    if len(text) > _LONGEST:
        raise WireError(f"a text of {len(text):,} characters is too long to be counted while it is written")
    counted = countings_for(session.view, _dataset(session, payload))
    return Answer({"version": session.version, "tokens": [count_of(counting, text) for counting in counted]})


def count_of(counting: Counting, text: str) -> dict[str, Any]:
    """Return how an encoder reads a text; where it ends in the browser's characters."""
    found = counting.count(text)
    read = len(text[: counting.fits(text)].encode("utf-16-le", "surrogatepass")) // 2 if found.over else None
    return {
        "count": found.count,
        "limit": found.limit,
        "exact": found.exact,
        "encoder": found.encoder,
        "cut": read,
    }


def _compose(session: Session, payload: dict[str, Any]) -> Answer:
    template = Template(str(payload.get("template") or ""))
    dataset = _dataset(session, payload)
    ids = payload.get("ids") or []
    if not isinstance(ids, list) or len(ids) > MOST_COMPOSED:
        raise WireError(f"a template is shown for a list of at most {MOST_COMPOSED} images")
    view = target_view(session, {"ids": ids})
    before = view.captions(str(payload.get("variant") or "default"))
    counting = countings_for(view, dataset)[0]
    samples = [
        {"id": image_id, "before": before.get(image_id), "after": after, "tokens": count_of(counting, after)}
        for image_id, after in composed(view, template, None if dataset is None else dataset.trigger).items()
    ]
    return Answer({"version": session.version, "samples": samples})
