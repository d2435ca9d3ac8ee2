"""What people decide about sentences of models' captions: some are accepted, some are struck.

Of each image a list of pairs is kept: the sentence, and the variant whose caption it is accepted for, or None
where it is struck. A decision holds for every sentence that says the same, whoever says it again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

from sqlalchemy import select

from lorairo.errors import ArgumentError
from lorairo.sentences import key, split, without
from lorairo.store import wording
from lorairo.store.cells import existing, field_named
from lorairo.store.deltas import CellDelta
from lorairo.store.journal import Outcome, Told, written
from lorairo.store.schema import annotation, model, ruling
from lorairo.store.statements import as_ids, fetch_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.store.database import Database

    Ids = NDArray[np.int64]
    Pairs = list[list[str | None]]
    Heard = dict[str, tuple[str, str]]  # by key: as it was said, and in which variant

FIELD = "sentences"


class Decided:
    """What was decided about the sentences of one image."""

    def __init__(self, pairs: Pairs) -> None:
        self._by_key = {key(text or ""): (text or "", variant) for text, variant in pairs}
        self._struck = {name for name, (_, variant) in self._by_key.items() if variant is None}

    def state(self, text: str) -> str:
        """Return ``accepted``, ``struck``, or an empty text where nothing was decided."""
        found = self._by_key.get(key(text))
        return "" if found is None else "struck" if found[1] is None else "accepted"

    def kept(self, text: str) -> str:
        """Return a text of a model without what was struck; it may be empty."""
        return without(text, self._struck)

    def completed(self, text: str, variant: str) -> str:
        """Return a text with the sentences that were accepted for its variant and do not stand in it."""
        accepted = {name: one for name, (one, of) in self._by_key.items() if of == variant}
        there = {key(part) for part in split(text)} if accepted else set()
        added = [one for name, one in accepted.items() if name not in there]
        return " ".join([text, *added]) if added else text


def decided(c: Connection, ids: Ids | None = None) -> dict[int, Decided]:
    """Return what was decided about sentences, by image; images without a decision are left out."""
    query = select(ruling.c.image_id, ruling.c.value).where(ruling.c.field == FIELD)
    rows = fetch_of(c, query, ruling.c.image_id, ids)
    return {image_id: Decided(json.loads(pairs)) for image_id, pairs in rows}


class Spoken(NamedTuple):
    """What a model said of an image in words.

    Attributes
    ----------
    image_id
        The image.
    model
        Its name.
    variant
        Of the caption.
    text
        As it said it.
    """

    image_id: int
    model: str
    variant: str
    text: str


def spoken(c: Connection, ids: Ids | None = None) -> Iterator[Spoken]:
    """Give the captions of models, in the order they came."""
    query = (
        select(annotation.c.image_id, model.c.model, model.c.parameters, annotation.c.caption)
        .join(model, model.c.id == annotation.c.model_id)
        .where(annotation.c.caption.is_not(None), model.c.provider != "file")
        .order_by(annotation.c.image_id, annotation.c.id)
    )
    for image_id, name, parameters, text in fetch_of(c, query, annotation.c.image_id, ids):
        yield Spoken(image_id, name, variant_asked_for(parameters) or "default", text)


@lru_cache(maxsize=256)
def variant_asked_for(parameters: str) -> str | None:
    """Return the caption variant that the parameters of a model name."""
    named = json.loads(parameters).get("variant")
    return named if isinstance(named, str) and named else None


def accept_sentences(
    db: Database, ids: Iterable[int], texts: Sequence[str], variant: str | None = None, **told: Unpack[Told]
) -> Outcome:
    """Accept sentences on images where a model says them: the caption in force has them from then on.

    Parameters
    ----------
    variant
        Whose caption; without one, the variant in which it was said.
    """

    def choose(said: Heard, before: Pairs) -> Pairs:
        accepted: Pairs = [[text, variant or of] for text, of in said.values()]
        return [*_others(before, said), *accepted]

    given = {"sentences": _checked(texts), **({"variant": variant} if variant else {})}
    say = wording.sentences("Accepted", len(texts))
    return _deciding(db, ids, choose, given, kind="sentences.accept", say=say, **told)


def strike_sentences(db: Database, ids: Iterable[int], texts: Sequence[str], **told: Unpack[Told]) -> Outcome:
    """Strike sentences on images where a model says them: no caption of a model has them any more."""

    def choose(said: Heard, before: Pairs) -> Pairs:
        struck: Pairs = [[text, None] for text, _ in said.values()]
        return [*_others(before, said), *struck]

    given = {"sentences": _checked(texts)}
    say = wording.sentences("Struck", len(texts))
    return _deciding(db, ids, choose, given, kind="sentences.strike", say=say, **told)


def clear_sentences(
    db: Database, ids: Iterable[int], texts: Sequence[str] = (), **told: Unpack[Told]
) -> Outcome:
    """Take back what was decided about sentences; without any named, about all."""
    names = set(map(key, _checked(texts))) if texts else None

    def choose(_said: Heard, before: Pairs) -> Pairs:
        return [pair for pair in before if names is not None and key(pair[0] or "") not in names]

    given = {"sentences": list(texts)}
    say = wording.sentences("Left", len(texts))
    return _deciding(db, ids, choose, given, kind="sentences.clear", say=say, **told)


def _others(before: Pairs, said: Heard) -> Pairs:
    return [pair for pair in before if key(pair[0] or "") not in said]


def _deciding(
    db: Database,
    ids: Iterable[int],
    choose: Callable[[Heard, Pairs], Pairs],
    given: dict[str, Any],
    *,
    kind: str,
    say: Callable[[int], str],
    **told: Unpack[Told],
) -> Outcome:
    """Set the pairs of each image: `choose` gets those of the named sentences that are said of it."""
    wanted = set(map(key, given["sentences"]))
    with db.write() as c:
        there = existing(c, as_ids(ids))
        before: list[Pairs | None] = field_named(FIELD).read(c, there)
        heard = _heard(c, there, wanted)
        after = [
            _in_order(pairs or [], choose(heard.get(image_id, {}), pairs or []))
            for image_id, pairs in zip(there.tolist(), before, strict=True)
        ]
        delta = CellDelta.made(FIELD, there.tolist(), before, after)
        if delta is None:
            return Outcome(None, 0, say(0))
        count = delta.apply(c)
        return written(db, c, [delta], count, kind=kind, say=say, parameters=given, scope=there, **told)


def _in_order(before: Pairs, after: Pairs) -> Pairs | None:
    """Return pairs, in the old order where they are the same; None where there are none."""
    return (before if sorted(map(str, after)) == sorted(map(str, before)) else after) or None


def _heard(c: Connection, ids: Ids, wanted: set[str]) -> dict[int, Heard]:
    """Return which of some sentences models say of each image."""
    found: dict[int, Heard] = defaultdict(dict)
    if wanted:
        for one in spoken(c, ids):
            for text in split(one.text):
                name = key(text)
                if name in wanted and (name not in found[one.image_id] or one.variant == "default"):
                    found[one.image_id][name] = (text, one.variant)
    return found


def _checked(texts: Sequence[str]) -> list[str]:
    if isinstance(texts, str):
        raise ArgumentError(f"give a list of sentences: [{texts!r}]")
    for text in texts:
        if not isinstance(text, str) or not key(text):
            raise ArgumentError(f"a sentence is a text with a word in it, not {text!r}")
        if len(split(text)) > 1:
            raise ArgumentError(f"{text!r} is more than one sentence: name them one after the other")
    if not texts:
        raise ArgumentError("name at least one sentence")
    return list(texts)
