"""The operation log: the only writer of what people decide.

Every verb is one operation: who, when, what, on which images, with the values before and after. It returns an
`Outcome`; where nothing has to change no operation is written.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.errors import ArgumentError
from lorairo.store import evidence, state, wording
from lorairo.store.blobs import ACCEPTED, DECISION, HAND, REJECTED, find
from lorairo.store.cells import existing, field_named, next_dataset_id, record_named
from lorairo.store.deltas import CellDelta, RecordDelta, TagDelta, standing
from lorairo.store.journal import Batch, Outcome, batch, current_batch, next_operation, write_operation
from lorairo.store.refold import fold_log, refold
from lorairo.store.state import refresh
from lorairo.store.undo import history, history_of, next_redo, next_undo, redo, undo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.store.blobs import Array, Ragged
    from lorairo.store.database import Database
    from lorairo.store.deltas import Delta

    Ids = NDArray[np.int64]

__all__ = [
    "Batch",
    "Outcome",
    "add_tags",
    "add_to_dataset",
    "batch",
    "clear_tags",
    "evidence_write",
    "exclude",
    "fold_log",
    "history",
    "history_of",
    "include",
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
    "set_policy",
    "set_reviewed",
    "set_stars",
    "undo",
]

_MAX_STARS = 5


@contextlib.contextmanager
def evidence_write(db: Database) -> Iterator[Connection]:
    """Write evidence and the state that follows from it (`refresh`) in one transaction."""
    with db.write(curated=True) as c:
        yield c


# ---------------------------------------------------------------------------------------------- tags


def add_tags(
    db: Database,
    ids: Iterable[int],
    names: Sequence[str],
    *,
    author: str,
    source: int = HAND,
    query: str | None = None,
    label: str | None = None,
) -> Outcome:
    """Accept tags on images; what was rejected is accepted again.

    Parameters
    ----------
    names
        Canonical names; made when missing.
    source
        HAND or RULE.
    query
        The search that chose the images.
    label
        What the history says instead of the message.
    """
    names = _checked(names)
    with db.write() as c:
        tags = evidence.tag_ids(c, [(name, 0) for name in names])

        def choose(images: _Images) -> tuple[Array, Array]:
            row, tag = images.every(tags)
            now = standing(images.said, row, tag)
            new = _records(c, tag, ACCEPTED, source)
            new["index"] = np.tile(np.arange(len(tags)), len(images.ids))
            new["rank"] = now["rank"]
            differs = now["state"] != ACCEPTED
            return row[differs], new[differs]

        return _tagging(
            db, c, ids, choose, "tags.add", wording.tagged(names), author=author, query=query, label=label
        )


def remove_tags(
    db: Database,
    ids: Iterable[int],
    names: Sequence[str],
    *,
    author: str,
    source: int = HAND,
    everywhere: bool = False,
    query: str | None = None,
    label: str | None = None,
) -> Outcome:
    """Reject tags on the images that have them; a model run again does not bring them back.

    Parameters
    ----------
    everywhere
        Reject also where the tag is only suggested, or not there at all.
    """
    names = _checked(names)
    with db.write() as c:
        tags = _tags_for_removal(c, names, everywhere=everywhere)

        def choose(images: _Images) -> tuple[Array, Array]:
            row, tag = images.every(tags)
            differs = standing(images.said, row, tag)["state"] != REJECTED
            if not everywhere:
                differs &= find(images.tags, row, tag) >= 0
            new = _records(c, tag, REJECTED, source)
            new["index"] = np.tile(np.arange(len(tags)), len(images.ids))
            return row[differs], new[differs]

        say = wording.removed(names)
        return _tagging(db, c, ids, choose, "tags.remove", say, author=author, query=query, label=label)


def _tags_for_removal(c: Connection, names: Sequence[str], *, everywhere: bool) -> NDArray[np.uint32]:
    if everywhere:
        return evidence.tag_ids(c, [(name, 0) for name in names])
    known = evidence.known_tag_ids(c, names)
    return np.array([known[name] for name in names if name in known], dtype=np.uint32)


def replace_tags(
    db: Database,
    ids: Iterable[int],
    replacements: Mapping[str, str],
    *,
    author: str,
    source: int = HAND,
    query: str | None = None,
    label: str | None = None,
) -> Outcome:
    """Replace tags where they are; the new one stands where the old one stood."""
    pairs = {old: new for old, new in replacements.items() if old != new}
    _checked([*pairs, *pairs.values()])
    with db.write() as c:
        known = evidence.known_tag_ids(c, pairs)
        pairs = {old: new for old, new in pairs.items() if old in known}
        new_tags = evidence.tag_ids(c, [(new, 0) for new in pairs.values()])
        old_tags = np.array([known[old] for old in pairs], dtype=np.uint32)

        def choose(images: _Images) -> tuple[Array, Array]:
            row, old = images.every(old_tags)
            has = find(images.tags, row, old) >= 0
            new = np.tile(new_tags, len(images.ids))[has]
            index = np.tile(np.arange(len(old_tags)), len(images.ids))[has]
            row, old = row[has], old[has]
            was = standing(images.said, row, old)
            accepted = _records(c, new, ACCEPTED, source)
            accepted["index"] = index
            accepted["place"] = np.where(was["place"] != 0, was["place"], old)
            by_hand = was["state"] == ACCEPTED  # stands in the order of the tag it replaces
            for part in ("order", "index", "rank"):
                accepted[part][by_hand] = was[part][by_hand]
            rejected = _records(c, old, REJECTED, source)
            rejected["index"] = index
            needed = find(images.tags, row, new) < 0
            # A tag that another pair brings in at the same time is not rejected: acceptance comes last and wins.
            return _last_wins(
                np.concatenate([row, row[needed]]),
                np.concatenate([rejected, accepted[needed]]),
                images,
                (row, new),
            )

        say = wording.replaced(pairs)
        return _tagging(db, c, ids, choose, "tags.replace", say, author=author, query=query, label=label)


def _last_wins(
    row: Array, records: Array, images: _Images, wanted: tuple[Array, Array]
) -> tuple[Array, Array]:
    """Keep one record per (row, tag), the last; and no rejection of what the same operation wants."""
    from lorairo.store.blobs import keys  # noqa: PLC0415

    key = keys(row, records["tag"])
    unwanted = (records["state"] == REJECTED) & np.isin(key, keys(*wanted))
    row, records, key = row[~unwanted], records[~unwanted], key[~unwanted]
    _, first = np.unique(key[::-1], return_index=True)
    last = np.sort(len(key) - 1 - first)
    del images
    return row[last], records[last]


def clear_tags(
    db: Database,
    ids: Iterable[int],
    names: Sequence[str],
    *,
    author: str,
    query: str | None = None,
    label: str | None = None,
) -> Outcome:
    """Take back what people said about tags, so that policy and evidence decide alone."""
    names = _checked(names)
    with db.write() as c:
        tags = _tags_for_removal(c, names, everywhere=False)

        def choose(images: _Images) -> tuple[Array, Array]:
            row, tag = images.every(tags)
            now = standing(images.said, row, tag)
            differs = (now["state"] != 0) | (now["rank"] != 0)
            new = np.zeros(len(tag), dtype=DECISION)
            new["tag"] = tag
            return row[differs], new[differs]

        say = wording.cleared(names)
        return _tagging(db, c, ids, choose, "tags.clear", say, author=author, query=query, label=label)


def order_tags(
    db: Database,
    ids: Iterable[int],
    names: Sequence[str],
    *,
    author: str,
    query: str | None = None,
    label: str | None = None,
) -> Outcome:
    """Put tags first, in this order, where images have them; ranks given earlier to other tags go."""
    names = _checked(names)
    with db.write() as c:
        known = evidence.known_tag_ids(c, names)
        tags = np.array([known[name] for name in names if name in known], dtype=np.uint32)

        def choose(images: _Images) -> tuple[Array, Array]:
            row, tag = images.every(tags)
            rank = np.tile(np.arange(1, len(tags) + 1), len(images.ids))
            has = find(images.tags, row, tag) >= 0
            row, tag, rank = row[has], tag[has], rank[has]
            old = np.flatnonzero(
                (images.said.values["rank"] != 0) & ~np.isin(images.said.values["tag"], tags)
            )
            row = np.concatenate([row, images.said.rows[old]])
            tag = np.concatenate([tag, images.said.values["tag"][old]])
            now = standing(images.said, row, tag)
            new = now.copy()
            new["rank"] = np.concatenate([rank, np.zeros(len(old), dtype=rank.dtype)])
            fresh = (now["state"] == 0) & (now["rank"] == 0)
            new["order"][fresh] = next_operation(c)
            new["index"][fresh] = new["rank"][fresh]
            gone = (new["state"] == 0) & (new["rank"] == 0)
            new[gone] = np.zeros(1, dtype=DECISION)
            new["tag"] = tag
            differs = now["rank"] != new["rank"]
            return row[differs], new[differs]

        say = wording.ordered(names)
        return _tagging(db, c, ids, choose, "tags.order", say, author=author, query=query, label=label)


class _Images:
    """Images of one operation, with what is decided about their tags and the tags they have."""

    def __init__(self, ids: Ids, said: Ragged, tags: Ragged) -> None:
        self.ids = ids
        self.said = said
        self.tags = tags

    def every(self, tags: NDArray[np.uint32]) -> tuple[Array, Array]:
        """Return all pairs of image row and tag."""
        return np.repeat(np.arange(len(self.ids)), len(tags)), np.tile(tags, len(self.ids))


def _records(c: Connection, tags: Array, decision: int, source: int) -> Array:
    records = np.zeros(len(tags), dtype=DECISION)
    records["tag"], records["state"], records["source"] = tags, decision, source
    records["order"] = next_operation(c)
    return records


def _tagging(
    db: Database,
    c: Connection,
    ids: Iterable[int],
    choose: Callable[[_Images], tuple[Array, Array]],
    kind: str,
    say: Callable[[int], str],
    **told: Any,
) -> Outcome:
    there, under, said, old = state.stored(c, state.as_ids(ids))
    row, after = choose(_Images(there, said, old))
    if not len(row):
        return Outcome(None, 0, say(0))
    before = standing(said, row, after["tag"])
    used, position = np.unique(row, return_inverse=True)
    delta = TagDelta(there[used], position.astype(np.uint32), before, after)
    delta.set_in(c, there, under, said, old)
    return _written(db, c, kind, [delta], len(used), say, **told)


# ------------------------------------------------------------------------------- one value per image


def set_captions(
    db: Database,
    texts: Mapping[int, str | None],
    variant: str = "default",
    *,
    author: str,
    query: str | None = None,
    label: str | None = None,
) -> Outcome:
    """Set captions of one variant; None removes one."""
    if not variant or len(variant) > 64:  # noqa: PLR2004 - the column's length
        raise ArgumentError(f"a caption variant has a name of 1 to 64 characters, not {variant!r}")
    ids = state.as_ids(texts)
    values = [texts[n] for n in ids.tolist()]
    say = wording.captioned(removed=all(text is None for text in values))
    return _setting(
        db, ids, f"caption:{variant}", values, "caption", say, author=author, query=query, label=label
    )


def set_stars(
    db: Database,
    ids: Iterable[int],
    stars: int,
    *,
    author: str,
    query: str | None = None,
    label: str | None = None,
) -> Outcome:
    """Rate images 0 to 5."""
    if stars not in range(_MAX_STARS + 1):
        raise ArgumentError(f"stars go from 0 to 5, not {stars!r}")
    return _setting(
        db, ids, "stars", int(stars), "stars", wording.rated(stars), author=author, query=query, label=label
    )


def exclude(
    db: Database,
    ids: Iterable[int],
    reason: str | None = None,
    *,
    author: str,
    query: str | None = None,
    label: str | None = None,
) -> Outcome:
    """Leave images out of views and exports."""
    value = [True, reason]
    return _setting(
        db, ids, "excluded", value, "exclude", wording.excluded, author=author, query=query, label=label
    )


def include(
    db: Database, ids: Iterable[int], *, author: str, query: str | None = None, label: str | None = None
) -> Outcome:
    """Take excluded images back."""
    value = [False, None]
    return _setting(
        db, ids, "excluded", value, "include", wording.included, author=author, query=query, label=label
    )


def set_reviewed(
    db: Database,
    ids: Iterable[int],
    reviewed: bool = True,
    *,
    author: str,
    query: str | None = None,
    label: str | None = None,
) -> Outcome:
    """Mark images as looked at, or take the mark away."""
    say = wording.reviewed(reviewed)
    return _setting(
        db, ids, "reviewed", bool(reviewed), "reviewed", say, author=author, query=query, label=label
    )


def _setting(
    db: Database,
    ids: Iterable[int],
    field: str,
    value: Any,
    kind: str,
    say: Callable[[int], str],
    **told: Any,
) -> Outcome:
    """Set one value on all images, or (captions) a list of values in the order of the sorted ids."""
    with db.write() as c:
        wanted = state.as_ids(ids)
        there = existing(c, wanted)
        if kind == "caption":
            by_id = dict(zip(wanted.tolist(), value, strict=True))
            after = [by_id[n] for n in there.tolist()]
        else:
            after = [value] * len(there)
        delta = CellDelta.made(field, there.tolist(), field_named(field).read(c, there), after)
        if delta is None:
            return Outcome(None, 0, say(0))
        count = delta.apply(c)
        return _written(db, c, kind, [delta], count, say, **told)


# ------------------------------------------------------------------------------------------ datasets


def add_to_dataset(
    db: Database,
    ids: Iterable[int],
    name: str,
    *,
    author: str,
    query: str | None = None,
    label: str | None = None,
) -> Outcome:
    """Add images to a dataset, made when missing."""
    return _membership(db, ids, name, inside=True, author=author, query=query, label=label)


def remove_from_dataset(
    db: Database,
    ids: Iterable[int],
    name: str,
    *,
    author: str,
    query: str | None = None,
    label: str | None = None,
) -> Outcome:
    """Take images out of a dataset."""
    return _membership(db, ids, name, inside=False, author=author, query=query, label=label)


def _membership(db: Database, ids: Iterable[int], name: str, *, inside: bool, **told: Any) -> Outcome:
    say = wording.joined(name) if inside else wording.left(name)
    with db.write() as c:
        changed: list[Delta] = []
        there = existing(c, state.as_ids(ids))
        if not len(there) or (not inside and record_named("dataset").read(c, name) is None):
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
        return _written(db, c, kind, changed, delta.apply(c), say, **told)


def set_dataset(
    db: Database,
    name: str,
    *,
    author: str,
    profile: str | None = None,
    variant: str | None = None,
    trigger: str | None = None,
    label: str | None = None,
) -> Outcome:
    """Create a dataset, or change its target profile, caption variant and trigger; None leaves one as it is."""
    with db.write() as c:
        given = {"profile": profile, "variant": variant, "trigger": trigger}
        delta = _dataset_delta(c, name, {key: value for key, value in given.items() if value is not None})
        if delta is None:
            return Outcome(None, 0, f"Dataset {name} is so already")
        delta.apply(c)
        text = f"Created dataset {name}" if delta.before is None else f"Changed dataset {name}"
        return _written(
            db, c, "dataset.set", [delta], 0, lambda _: text, author=author, query=None, label=label
        )


def _dataset_delta(c: Connection, name: str, given: Mapping[str, str]) -> RecordDelta | None:
    if not name.strip() or len(name) > 255:  # noqa: PLR2004 - the column's length
        raise ArgumentError(f"a dataset has a name of 1 to 255 characters, not {name!r}")
    before = record_named("dataset").read(c, name)
    blank = {"profile": None, "variant": None, "trigger": None}
    after = {**(before or {"id": next_dataset_id(c), **blank}), **given}
    return None if after == before else RecordDelta("dataset", name, before, after)


# -------------------------------------------------------------------------------------------- policy


def set_policy(
    db: Database,
    model_key: str,
    thresholds: Mapping[str, float],
    *,
    author: str,
    query: str | None = None,
    label: str | None = None,
) -> Outcome:
    """Set from which score on a model's tags count, by category; categories not named stay as they are.

    Parameters
    ----------
    model_key
        ``provider/model``.
    thresholds
        Category name to minimum score, 0 to 1.

    Returns
    -------
    Outcome
        Its count is the images whose tags changed, which may be none.
    """
    limits = _checked_thresholds(thresholds)
    with db.write() as c:
        record = record_named("policy")
        before = record.read(c, model_key)
        after = {**(before or {}), **limits}
        say = wording.policy(model_key, limits)
        if after == before:
            return Outcome(None, 0, say(0))
        delta = RecordDelta("policy", model_key, before, after)
        return _written(
            db, c, "policy", [delta], delta.apply(c), say, author=author, query=query, label=label
        )


def _checked_thresholds(thresholds: Mapping[str, float]) -> dict[str, float]:
    from lorairo.store.fold import CATEGORY_NAMES  # noqa: PLC0415

    names = list(CATEGORY_NAMES.values())
    for name, value in thresholds.items():
        if name not in names:
            raise ArgumentError(f"there is no tag category {name!r}: name {', '.join(names)}")
        if not 0 <= value <= 1:
            raise ArgumentError(f"a threshold lies between 0 and 1, not {value!r}")
    if not thresholds:
        raise ArgumentError(
            f"name a category and its threshold, such as general=0.35; there are {', '.join(names)}"
        )
    return {name: float(value) for name, value in thresholds.items()}


# ------------------------------------------------------------------------------------------- writing


def _checked(names: Sequence[str]) -> list[str]:
    if isinstance(names, str):
        raise ArgumentError(f"give a list of tags: [{names!r}]")
    found = list(dict.fromkeys(names))
    if not found or not all(found):
        raise ArgumentError("name at least one tag, and none that is empty")
    return found


def _written(
    db: Database,
    c: Connection,
    kind: str,
    changed: Sequence[Delta],
    count: int,
    say: Callable[[int], str],
    *,
    author: str,
    query: str | None,
    label: str | None,
) -> Outcome:
    message = label or say(count)
    number = write_operation(
        c,
        author=author,
        kind=kind,
        label=message,
        changed=changed,
        count=count,
        query=query,
        within=current_batch(db),
    )
    return Outcome(number, count, message)
