"""The verb of the log that gives each image its own list of tags."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Unpack

import numpy as np

from lorairo.errors import ArgumentError
from lorairo.store import evidence, state, wording
from lorairo.store.blobs import ACCEPTED, DECISION, EFFECTIVE, HAND, REJECTED, Ragged, find
from lorairo.store.deciding import Images, decide, last_wins, ranked, records_of
from lorairo.store.deltas import settled, standing
from lorairo.store.fold import overlay
from lorairo.store.statements import as_ids

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from lorairo.store.blobs import Array
    from lorairo.store.database import Database
    from lorairo.store.journal import Outcome, Told

_MOST = np.iinfo(DECISION["rank"]).max


def set_tags(
    db: Database,
    lists: Mapping[int, Sequence[str]],
    *,
    source: int = HAND,
    **told: Unpack[Told],
) -> Outcome:
    """Give each image its own tags, in this order and no others.

    What is missing is accepted, what is too much rejected; ranks are given only where the order would not
    come by itself.

    Parameters
    ----------
    lists
        Canonical names by image id; tags that are missing are made.
    """
    alike = _alike(lists)
    say = wording.listed
    with db.write() as c:
        held = state.stored(c, as_ids(lists))
        wanted = _wanted(c, [lists[image_id] for image_id in held.ids.tolist()])
        row, after = _to_lists(c, Images(held), wanted, source)
        given = {"source": source, **({"each": True} if alike is None else {"tags": alike})}
        asked = wanted if alike is None else None
        return decide(
            db, c, held, row, after, asked=asked, parameters=given, kind="tags.set", say=say, **told
        )


def _alike(lists: Mapping[int, Sequence[str]]) -> list[str] | None:
    """Return the list that all images are given, if it is one."""
    first = next(iter(lists.values()), ())
    return list(first) if all(names == first for names in lists.values()) else None


def _wanted(c: Connection, lists: Sequence[Sequence[str]]) -> Ragged:
    """Return the tags that images are to have as `EFFECTIVE` records, each once."""
    each = [dict.fromkeys(names) for names in lists]
    names = list(dict.fromkeys(chain.from_iterable(each)))
    if not all(names) or any(len(one) > _MOST for one in each):
        raise ArgumentError(f"an image has up to {_MOST:,} tags, and none that is empty")
    number = dict(zip(names, evidence.tag_ids(c, [(name, 0) for name in names]).tolist(), strict=True))
    counts = [len(one) for one in each]
    values = np.zeros(sum(counts), dtype=EFFECTIVE)
    values["tag"] = np.fromiter((number[name] for one in each for name in one), np.uint32, len(values))
    return Ragged.grouped(values, np.repeat(np.arange(len(each)), counts), len(each))


def _to_lists(c: Connection, images: Images, wanted: Ragged, source: int) -> tuple[Array, Array]:
    """Return the decisions that leave images with the tags wanted, in their order."""
    row, tag, place = wanted.rows, wanted.values["tag"], wanted.within
    missing = ~images.have(row, tag)
    accepted = records_of(c, tag[missing], ACCEPTED, source)
    accepted["index"] = place[missing]
    accepted["rank"] = standing(images.said, row[missing], tag[missing])["rank"]
    have = overlay(images.under, images.said)
    extra = find(wanted, have.rows, have.values["tag"]) < 0
    rejected = records_of(c, have.values["tag"][extra], REJECTED, source)
    rows = np.concatenate([row[missing], have.rows[extra]])
    records = np.concatenate([accepted, rejected])
    said = settled(c, images.said, rows, records)
    moved = np.zeros(len(wanted), dtype=bool)  # images whose order does not come by itself
    moved[row[overlay(images.under, said).values["tag"] != tag]] = True
    others = moved[said.rows] & (find(wanted, said.rows, said.values["tag"]) < 0)
    mine = moved[row]
    places = ranked(c, said, row[mine], tag[mine], place[mine] + 1, others=others)
    return last_wins(
        np.concatenate([rows, places[0]]),
        np.concatenate([records, places[1]]),
        np.empty(0, dtype=np.int64),
    )
