"""What people decide about pictures that look the same: they are different ones, or variants that are wanted.

Of each image a list of marks is kept, such as ``different:3f6c...``: the verdict, and the digest of the
content hashes of all the images it was given about. A pair is ruled where both have a mark in common. So a
verdict about a group costs one mark for each image, and holds for every pair of it, whoever else is met.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Literal, Unpack, get_args

from sqlalchemy import select

from lorairo.errors import ArgumentError
from lorairo.store import wording
from lorairo.store.cells import existing, field_named
from lorairo.store.deltas import CellDelta
from lorairo.store.journal import Outcome, Told, digest, written
from lorairo.store.schema import ruling
from lorairo.store.statements import as_ids, fetch_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy as np
    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from lorairo.store.database import Database

    Ids = NDArray[np.int64]

Verdict = Literal["different", "variant"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

FIELD = "duplicates"
_DIGITS = 24  # of the digest: 96 bits
_MARK = re.compile(f"[0-9a-f]{{{_DIGITS}}}")


def marks(c: Connection, ids: Ids | None = None) -> dict[int, frozenset[str]]:
    """Return the marks of images; images without one are left out."""
    query = select(ruling.c.image_id, ruling.c.value).where(ruling.c.field == FIELD)
    rows = fetch_of(c, query, ruling.c.image_id, ids)
    return {image_id: frozenset(json.loads(value)) for image_id, value in rows}


def verdict_of(mark: str) -> str:
    """Return the verdict that a mark is of."""
    return mark.partition(":")[0]


def mark_pairs(
    db: Database, ids: Iterable[int], verdict: Verdict, *, mark: str | None = None, **told: Unpack[Told]
) -> Outcome:
    """Rule every pair of some images: ``different`` pictures, or each a ``variant`` of the other.

    The later verdict about the same images counts. One image alone is no pair: nothing is written then.

    Parameters
    ----------
    mark
        Makes them pairs with images that have this one too: the digest in a mark that was given before.
    """
    if verdict not in VERDICTS:
        raise ArgumentError(f"a verdict is one of {', '.join(VERDICTS)}, not {verdict!r}")
    if mark is not None and not (isinstance(mark, str) and _MARK.fullmatch(mark)):
        raise ArgumentError(f"a mark is a digest of images, {_DIGITS} hexadecimal digits, not {mark!r}")
    say = wording.paired(verdict)
    with db.write() as c:
        there = existing(c, as_ids(ids))
        if len(there) < 2 and mark is None:  # noqa: PLR2004 - a pair
            return Outcome(None, 0, say(0))
        about = mark or digest(c, there).hex()[:_DIGITS]
        others = {f"{one}:{about}" for one in VERDICTS}

        def choose(before: list[str]) -> list[str]:
            return sorted({*before} - others | {f"{verdict}:{about}"})

        kind = f"duplicates.{verdict}"
        return _setting(db, c, there, choose, about, kind=kind, say=say, named=mark is not None, **told)


def unmark_pairs(db: Database, ids: Iterable[int], **told: Unpack[Told]) -> Outcome:
    """Take back every verdict about these images."""
    with db.write() as c:
        there = existing(c, as_ids(ids))
        return _setting(db, c, there, lambda _: [], "", kind="duplicates.clear", say=wording.unpaired, **told)


def _setting(
    db: Database,
    c: Connection,
    there: Ids,
    choose: Callable[[list[str]], list[str]],
    about: str,
    *,
    kind: str,
    say: Callable[[int], str],
    named: bool = False,
    **told: Unpack[Told],
) -> Outcome:
    before: list[Any] = field_named(FIELD).read(c, there)
    after = [choose(known or []) or None for known in before]
    delta = CellDelta.made(FIELD, there.tolist(), before, after)
    if delta is None:
        return Outcome(None, 0, say(0))
    count = delta.apply(c)
    # Where some have the mark already, those that get it now would not say which it is.
    given = {"mark": about} if about and (named or count < len(there)) else {}
    return written(db, c, [delta], count, kind=kind, say=say, parameters=given, scope=there, **told)
