"""The rules of cleaning, each over a draft."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from lorairo.cleaning.draft import arranged
from lorairo.errors import ArgumentError
from lorairo.query import patterns
from lorairo.store import state
from lorairo.store.blobs import REJECTED
from lorairo.store.statements import as_ids
from lorairo.tags import canonical, canonical_names, category_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from lorairo.cleaning.draft import Draft
    from lorairo.tags import Implications, Vocabulary

_CATEGORY = "category:"
_COUNT = re.compile(r"\d+\+?(girl|boy|other)s?|multiple_(girls|boys|others)|no_humans|solo")
_FIRST = (4, 3, 1, 9)  # character, copyright, artist, rating


def rename(draft: Draft, pairs: Mapping[str, str], keep: AbstractSet[str]) -> None:
    """Replace tags by others."""
    draft.replace("rename", {old: new for old, new in pairs.items() if old not in keep})


def resolve_aliases(draft: Draft, vocabulary: Vocabulary, keep: AbstractSet[str]) -> None:
    """Replace other words for a tag by the tag; a word for several tags is left to a person."""
    pairs = {}
    for name in draft.counts():
        stands_for = () if name in keep else vocabulary.resolve(name)
        if len(stands_for) == 1:
            pairs[name] = stands_for[0]
        elif stands_for:
            draft.notes.append(f"{name} may be {' or '.join(stands_for)} and is left as it is")
    draft.replace("alias", pairs)


def blacklist(
    draft: Draft, unwanted: Iterable[str], categories: Mapping[str, int], keep: AbstractSet[str]
) -> None:
    """Remove tags by name, by pattern (``*_background``) or by category (``category:meta``)."""
    given = list(unwanted)
    numbers = {category_number(each.removeprefix(_CATEGORY)) for each in given if _by_category(each)}
    fits = [patterns.whole(canonical(each)) for each in given if not _by_category(each)]
    names = [
        name
        for name in draft.counts()
        if name not in keep and (categories[name] in numbers or any(fit(name) for fit in fits))
    ]
    draft.remove("blacklist", names)


def _by_category(text: str) -> bool:
    return text.startswith(_CATEGORY)


def prune_constants(draft: Draft, share: float, keep: AbstractSet[str]) -> None:
    """Remove the tags that nearly all images have: they say nothing that tells one from another."""
    if not 0 < share <= 1:
        raise ArgumentError(f"a share lies between 0 and 1, such as 0.9, not {share!r}")
    total = len(draft.tags)
    if total == 1:
        raise ArgumentError("what is the same in all images shows in two or more, and this view has one")
    names = [name for name, count in draft.counts().items() if count >= share * total and name not in keep]
    draft.remove("prune", names)


def strip_implications(draft: Draft, implications: Implications, keep: AbstractSet[str]) -> None:
    """Remove tags that follow from another tag of the same image."""
    found: dict[str, list[int]] = {}
    for image_id, names in draft.tags.items():
        for name in set(names).difference(implications.strip(names)) - keep:
            found.setdefault(name, []).append(image_id)
    alike: dict[tuple[int, ...], list[str]] = {}
    for name, ids in sorted(found.items()):
        alike.setdefault(tuple(ids), []).append(name)
    for alike_ids, together in alike.items():
        draft.remove("implied", together, alike_ids)


def expand_implications(draft: Draft, implications: Implications) -> None:
    """Add what follows from the tags of an image, but for what a person rejected there."""
    refused = _rejected(draft)
    found: dict[str, list[int]] = {}
    for image_id, names in draft.tags.items():
        for name in implications.expand(names)[len(names) :]:
            if (image_id, name) not in refused:
                found.setdefault(name, []).append(image_id)
    for name, ids in found.items():
        draft.add("implied", name, ids)


def arrange(
    draft: Draft, order: str | Sequence[str], categories: Mapping[str, int], triggers: AbstractSet[str]
) -> None:
    """Bring tags into an order.

    Parameters
    ----------
    order
        ``category``, or the tags that come first.
    categories
        Numbers by name.
    triggers
        What comes before everything where the order is by category.
    """
    names = _first(draft, order, categories, triggers)
    moved = [image_id for image_id, tags in draft.tags.items() if arranged(tags, names) != tags]
    # Places that a person gave to other tags would be lost by putting these first: there all are ordered.
    by_hand = _ranked_beside(draft, moved, names)
    plain = [image_id for image_id in moved if image_id not in by_hand]
    there = {name for image_id in plain for name in draft.tags[image_id]}
    draft.order("order", [name for name in names if name in there], plain)
    draft.order_each("order", names, [image_id for image_id in moved if image_id in by_hand])


def _first(
    draft: Draft, order: str | Sequence[str], categories: Mapping[str, int], triggers: AbstractSet[str]
) -> list[str]:
    if order == "category":
        counts = draft.counts()
        ranks = {name: _rank(name, categories[name], triggers) for name in counts}
        known = [name for name in counts if ranks[name] is not None]
        return sorted(known, key=lambda name: (ranks[name], -counts[name], name))
    if isinstance(order, str):
        raise ArgumentError(f'an order is "category" or a list of the tags that come first, not {order!r}')
    return canonical_names(dict.fromkeys(order))


def _rank(name: str, category: int, triggers: AbstractSet[str]) -> int | None:
    if name in triggers:
        return 0
    if _COUNT.fullmatch(name):
        return 1
    return 2 + _FIRST.index(category) if category in _FIRST else None


def _rejected(draft: Draft) -> set[tuple[int, str]]:
    index = draft.view.project.index
    with draft.view.project.database.read() as connection:
        held = state.stored(connection, as_ids(draft.tags))
    refused = np.flatnonzero(held.said.values["state"] == REJECTED)
    ids = held.ids[held.said.rows[refused]].tolist()
    tags = held.said.values["tag"][refused].tolist()
    return {(image_id, index.tag_name(tag)) for image_id, tag in zip(ids, tags, strict=True)}


def _ranked_beside(draft: Draft, ids: Sequence[int], names: Sequence[str]) -> set[int]:
    """Return the images where a tag not named has a place that a person gave it."""
    if not ids:
        return set()
    index = draft.view.project.index
    with draft.view.project.database.read() as connection:
        held = state.stored(connection, as_ids(ids))
    named = [tag for name in names if (tag := index.tag_id(name)) is not None]
    other = (held.said.values["rank"] != 0) & ~np.isin(held.said.values["tag"], named)
    return set(held.ids[held.said.rows[other]].tolist())
