"""Verbs of the log about tags: each decides something about every pair of image and tag, all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from lorairo.errors import ArgumentError
from lorairo.store import evidence, state, wording
from lorairo.store.blobs import ACCEPTED, DECISION, HAND, REJECTED, keys
from lorairo.store.deciding import Images, decide, last_wins, ranked, records_of
from lorairo.store.deltas import standing
from lorairo.store.journal import Outcome, Told
from lorairo.store.statements import as_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.store.blobs import Array
    from lorairo.store.database import Database


def add_tags(
    db: Database,
    ids: Iterable[int],
    names: Sequence[str],
    *,
    source: int = HAND,
    **told: Unpack[Told],
) -> Outcome:
    """Accept tags on images; what was rejected is accepted again.

    Parameters
    ----------
    names
        Canonical names; made when missing.
    source
        HAND or RULE.
    told
        Author, view and label, as of every verb.
    """
    names = _checked(names)
    with db.write() as c:
        tags = evidence.tag_ids(c, [(name, 0) for name in names])

        def choose(images: Images) -> tuple[Array, Array]:
            row, tag = images.every(tags)
            now = standing(images.said, row, tag)
            new = records_of(c, tag, ACCEPTED, source)
            new["index"] = np.tile(np.arange(len(tags)), images.count)
            new["rank"] = now["rank"]
            differs = now["state"] != ACCEPTED
            return row[differs], new[differs]

        given = {"tags": names, "source": source}
        return _tagging(db, c, ids, choose, given, kind="tags.add", say=wording.tagged(names), **told)


def remove_tags(
    db: Database,
    ids: Iterable[int],
    names: Sequence[str],
    *,
    source: int = HAND,
    everywhere: bool = False,
    **told: Unpack[Told],
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

        def choose(images: Images) -> tuple[Array, Array]:
            row, tag = images.every(tags)
            differs = standing(images.said, row, tag)["state"] != REJECTED
            if not everywhere:
                differs &= images.have(row, tag)
            new = records_of(c, tag, REJECTED, source)
            new["index"] = np.tile(np.arange(len(tags)), images.count)
            return row[differs], new[differs]

        say = wording.removed(names)
        given = {"tags": names, "source": source, "everywhere": everywhere}
        return _tagging(db, c, ids, choose, given, kind="tags.remove", say=say, **told)


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
    source: int = HAND,
    **told: Unpack[Told],
) -> Outcome:
    """Replace tags where they are; the new one stands where the old one stood."""
    pairs = {old: new for old, new in replacements.items() if old != new}
    if not pairs:
        return Outcome(None, 0, wording.replaced(pairs)(0))
    _checked([*pairs, *pairs.values()])
    with db.write() as c:
        known = evidence.known_tag_ids(c, pairs)
        pairs = {old: new for old, new in pairs.items() if old in known}
        new_tags = evidence.tag_ids(c, [(new, 0) for new in pairs.values()])
        old_tags = np.array([known[old] for old in pairs], dtype=np.uint32)

        def choose(images: Images) -> tuple[Array, Array]:
            row, old = images.every(old_tags)
            has = images.have(row, old)
            new = np.tile(new_tags, images.count)[has]
            index = np.tile(np.arange(len(old_tags)), images.count)[has]
            row, old = row[has], old[has]
            was = standing(images.said, row, old)
            accepted = records_of(c, new, ACCEPTED, source)
            accepted["index"] = index
            accepted["place"] = np.where(was["place"] != 0, was["place"], old)
            by_hand = was["state"] == ACCEPTED  # stands in the order of the tag it replaces
            for part in ("order", "index"):
                accepted[part][by_hand] = was[part][by_hand]
            accepted["rank"] = was["rank"]
            rejected = records_of(c, old, REJECTED, source)
            rejected["index"] = index
            needed = ~images.have(row, new)
            return last_wins(
                np.concatenate([row, row[needed]]),
                np.concatenate([rejected, accepted[needed]]),
                keys(row, new),
            )

        say = wording.replaced(pairs)
        given = {"tags": dict(replacements), "source": source}
        return _tagging(db, c, ids, choose, given, kind="tags.replace", say=say, **told)


def clear_tags(
    db: Database,
    ids: Iterable[int],
    names: Sequence[str],
    **told: Unpack[Told],
) -> Outcome:
    """Take back what people said about tags, so that policy and evidence decide alone."""
    names = _checked(names)
    with db.write() as c:
        tags = _tags_for_removal(c, names, everywhere=False)

        def choose(images: Images) -> tuple[Array, Array]:
            row, tag = images.every(tags)
            now = standing(images.said, row, tag)
            differs = (now["state"] != 0) | (now["rank"] != 0)
            new = np.zeros(len(tag), dtype=DECISION)
            new["tag"] = tag
            return row[differs], new[differs]

        say = wording.cleared(names)
        return _tagging(db, c, ids, choose, {"tags": names}, kind="tags.clear", say=say, **told)


def order_tags(
    db: Database,
    ids: Iterable[int],
    names: Sequence[str],
    **told: Unpack[Told],
) -> Outcome:
    """Put tags first, in this order, where images have them; ranks given earlier to other tags go."""
    names = _checked(names)
    with db.write() as c:
        known = evidence.known_tag_ids(c, names)
        tags = np.array([known[name] for name in names if name in known], dtype=np.uint32)

        def choose(images: Images) -> tuple[Array, Array]:
            row, tag = images.every(tags)
            rank = np.tile(np.arange(1, len(tags) + 1), images.count)
            has = images.have(row, tag)
            others = ~np.isin(images.said.values["tag"], tags)
            return ranked(c, images.said, row[has], tag[has], rank[has], others=others)

        say = wording.ordered(names)
        return _tagging(db, c, ids, choose, {"tags": names}, kind="tags.order", say=say, **told)


def _tagging(
    db: Database,
    c: Connection,
    ids: Iterable[int],
    choose: Callable[[Images], tuple[Array, Array]],
    parameters: Mapping[str, Any],
    *,
    kind: str,
    say: Callable[[int], str],
    **told: Unpack[Told],
) -> Outcome:
    held = state.stored(c, as_ids(ids))
    row, after = choose(Images(held))
    return decide(db, c, held, row, after, parameters=parameters, kind=kind, say=say, **told)


def _checked(names: Sequence[str]) -> list[str]:
    if isinstance(names, str):
        raise ArgumentError(f"give a list of tags: [{names!r}]")
    found = list(dict.fromkeys(names))
    if not found or not all(found):
        raise ArgumentError("name at least one tag, and none that is empty")
    return found
