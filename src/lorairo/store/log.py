"""The operation log: the only writer of what people decide.

Every verb is one operation: who, when, what, on which images, with the values before and after. It returns an
`Outcome`; where nothing has to change no operation is written.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from sqlalchemy import select

from lorairo.errors import ArgumentError
from lorairo.store import wording
from lorairo.store.cells import existing, field_named, record_named
from lorairo.store.compaction import Compaction, compact
from lorairo.store.deltas import CellDelta, RecordDelta
from lorairo.store.journal import Batch, Outcome, Told, batch, next_operation, written
from lorairo.store.listing import set_tags
from lorairo.store.pairing import mark_pairs, unmark_pairs
from lorairo.store.policies import combine, set_policy
from lorairo.store.refold import fold_log, refold
from lorairo.store.schema import dataset
from lorairo.store.sentencing import accept_sentences, clear_sentences, strike_sentences
from lorairo.store.state import refresh
from lorairo.store.statements import as_ids
from lorairo.store.tagging import add_tags, clear_tags, order_tags, remove_tags, replace_tags
from lorairo.store.timeline import HISTORY, history, history_of
from lorairo.store.undo import next_redo, next_undo, redo, undo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sqlalchemy import Connection

    from lorairo.store.database import Database
    from lorairo.store.deltas import Delta

__all__ = [
    "HISTORY",
    "Batch",
    "Compaction",
    "Outcome",
    "Told",
    "accept_sentences",
    "add_tags",
    "add_to_dataset",
    "batch",
    "check_variant",
    "clear_sentences",
    "clear_tags",
    "combine",
    "compact",
    "evidence_write",
    "exclude",
    "fold_log",
    "history",
    "history_of",
    "include",
    "mark_pairs",
    "next_redo",
    "next_undo",
    "order_tags",
    "redo",
    "refold",
    "refresh",
    "remove_from_dataset",
    "remove_tags",
    "replace_tags",
    "set_captions",
    "set_dataset",
    "set_each",
    "set_policy",
    "set_reviewed",
    "set_stars",
    "set_tags",
    "strike_sentences",
    "undo",
    "unmark_pairs",
]

_MAX_STARS = 5
_LONGEST_REASON = 1000


@contextlib.contextmanager
def evidence_write(db: Database) -> Iterator[Connection]:
    """Write evidence and the state that follows from it (`refresh`) in one transaction."""
    with db.write(curated=True) as c:
        yield c


# ------------------------------------------------------------------------------- one value per image


def set_captions(
    db: Database,
    texts: Mapping[int, str | None],
    variant: str = "default",
    *,
    made_by: Mapping[str, Any] | None = None,
    **told: Unpack[Told],
) -> Outcome:
    """Set captions of one variant; None removes one.

    Parameters
    ----------
    made_by
        What the texts were made by, such as a pattern and its replacement; kept with the operation, whose
        payload alone holds the texts themselves.
    """
    check_variant(variant)
    say = wording.captioned(removed=all(not text for text in texts.values()))
    given = {"variant": variant, **(made_by or {})}
    return _setting(
        db, texts, f"caption:{variant}", texts.__getitem__, given, kind="caption", say=say, **told
    )


def set_stars(
    db: Database,
    ids: Iterable[int],
    stars: int,
    **told: Unpack[Told],
) -> Outcome:
    """Rate images 0 to 5."""
    if isinstance(stars, bool | np.bool_) or stars not in range(_MAX_STARS + 1):
        raise ArgumentError(f"stars go from 0 to 5, not {stars!r}")
    given = {"stars": int(stars)}
    return _setting(
        db, ids, "stars", lambda _: int(stars), given, kind="stars", say=wording.rated(int(stars)), **told
    )


def exclude(
    db: Database,
    ids: Iterable[int],
    reason: str | None = None,
    **told: Unpack[Told],
) -> Outcome:
    """Leave images out of views and exports."""
    _check_reason(reason)
    given = {"reason": reason}
    return _setting(
        db, ids, "excluded", lambda _: [True, reason], given, kind="exclude", say=wording.excluded, **told
    )


def include(db: Database, ids: Iterable[int], **told: Unpack[Told]) -> Outcome:
    """Take excluded images back."""
    return _setting(
        db, ids, "excluded", lambda _: [False, None], {}, kind="include", say=wording.included, **told
    )


def set_reviewed(
    db: Database,
    ids: Iterable[int],
    reviewed: bool = True,
    **told: Unpack[Told],
) -> Outcome:
    """Mark images as looked at, or take the mark away."""
    if not isinstance(reviewed, bool | np.bool_):
        raise ArgumentError(f"reviewed is True or False, not {reviewed!r}")
    say = wording.reviewed(bool(reviewed))
    given = {"reviewed": bool(reviewed)}
    return _setting(db, ids, "reviewed", lambda _: bool(reviewed), given, kind="reviewed", say=say, **told)


def set_each(db: Database, field: str, values: Mapping[int, Any], **told: Unpack[Told]) -> Outcome:
    """Set a value of its own for each image.

    Parameters
    ----------
    field
        ``stars``, ``reviewed`` or ``excluded``; an exclusion is whether, and why.
    """
    kind = "exclude" if field == "excluded" else field
    if field == "excluded":
        for _, reason in values.values():
            _check_reason(reason)
    say = wording.each_set(field)
    return _setting(db, values, field, values.__getitem__, {"each": True}, kind=kind, say=say, **told)


def _setting(
    db: Database,
    ids: Iterable[int],
    field: str,
    after: Callable[[int], Any],
    parameters: Mapping[str, Any],
    *,
    kind: str,
    say: Callable[[int], str],
    **told: Unpack[Told],
) -> Outcome:
    """Set one value of each image, given by its id."""
    with db.write() as c:
        there = existing(c, as_ids(ids))
        before = field_named(field).read(c, there)
        delta = CellDelta.made(field, there.tolist(), before, [after(n) for n in there.tolist()])
        if delta is None:
            return Outcome(None, 0, say(0))
        delta.apply(c)
        count = len(delta.images)
        return written(db, c, [delta], count, kind=kind, say=say, parameters=parameters, scope=there, **told)


# ------------------------------------------------------------------------------------------ datasets


def add_to_dataset(
    db: Database,
    ids: Iterable[int],
    name: str,
    **told: Unpack[Told],
) -> Outcome:
    """Add images to a dataset, made when missing."""
    return _membership(db, ids, name, inside=True, **told)


def remove_from_dataset(
    db: Database,
    ids: Iterable[int],
    name: str,
    **told: Unpack[Told],
) -> Outcome:
    """Take images out of a dataset."""
    return _membership(db, ids, name, inside=False, **told)


def _membership(
    db: Database, ids: Iterable[int], name: str, *, inside: bool, **told: Unpack[Told]
) -> Outcome:
    _check_name("dataset", name, 255)
    say = wording.joined(name) if inside else wording.left(name)
    with db.write() as c:
        changed: list[Delta] = []
        there = existing(c, as_ids(ids))
        if not inside and record_named("dataset").read(c, name) is None:
            return Outcome(None, 0, wording.no_dataset(name, _datasets(c)))
        if not len(there):
            return Outcome(None, 0, say(0))
        made = _dataset_delta(c, name, {}) if inside else None
        if made is not None:
            made.apply(c)
            changed.append(made)
        field = f"dataset:{name}"
        delta = CellDelta.made(
            field, there.tolist(), field_named(field).read(c, there), [inside] * len(there)
        )
        if delta is None:
            return Outcome(None, 0, say(0))
        changed.append(delta)
        kind = "dataset.add" if inside else "dataset.remove"
        count, given = delta.apply(c), {"dataset": name}
        return written(db, c, changed, count, kind=kind, say=say, parameters=given, scope=there, **told)


def set_dataset(
    db: Database,
    name: str,
    *,
    profile: str | None = None,
    variant: str | None = None,
    trigger: str | None = None,
    **told: Unpack[Told],
) -> Outcome:
    """Create a dataset, or change its profile, caption variant and trigger; None leaves one as it is."""
    _check_name("dataset", name, 255)
    settings = {"profile": profile, "variant": variant, "trigger": trigger}
    for key, value in settings.items():
        if value is not None and not isinstance(value, str):
            raise ArgumentError(f"the {key} of a dataset is a text, not {value!r}")
    with db.write() as c:
        given = {key: value for key, value in settings.items() if value is not None}
        delta = _dataset_delta(c, name, given)
        if delta is None:
            return Outcome(None, 0, f"Dataset {name} is so already")
        delta.apply(c)
        text = f"Created dataset {name}" if delta.before is None else f"Changed dataset {name}"
        parameters = {"dataset": name, **given}
        return written(
            db, c, [delta], 0, kind="dataset.set", say=lambda _: text, parameters=parameters, **told
        )


def _datasets(c: Connection) -> list[str]:
    return list(c.execute(select(dataset.c.name)).scalars())


def _dataset_delta(c: Connection, name: str, given: Mapping[str, str]) -> RecordDelta | None:
    before = record_named("dataset").read(c, name)
    blank = {"profile": None, "variant": None, "trigger": None}
    # The operation's number: no dataset ever had it, not even one whose making was undone and may be redone.
    after = {**(before or {"id": next_operation(c), **blank}), **given}
    return None if after == before else RecordDelta("dataset", name, before, after)


def check_variant(variant: str) -> None:
    """Refuse a name that captions cannot be kept under."""
    _check_name("caption variant", variant, 64)


def _check_reason(reason: str | None) -> None:
    if reason is not None and not isinstance(reason, str):
        raise ArgumentError(f"a reason is a text, such as 'blurry', not {reason!r}")
    if reason is not None and len(reason) > _LONGEST_REASON:
        raise ArgumentError(f"a reason has up to {_LONGEST_REASON:,} characters, not {len(reason):,}")


def _check_name(what: str, name: str, longest: int) -> None:
    """Refuse a name that its column cannot hold."""
    if not isinstance(name, str) or not name.strip() or len(name) > longest:
        raise ArgumentError(f"a {what} has a name of 1 to {longest} characters, not {name!r}")
