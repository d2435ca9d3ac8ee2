"""The tags somebody gave last, from the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from lorairo.store.blobs import HAND
from lorairo.store.ledger import Ledger
from lorairo.store.schema import operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

_LOOKED_BACK = 2000  # operations: who tags that many images one by one does not look for older ones


def recent_tags(c: Connection, author: str, limit: int) -> list[str]:
    """Return the tags an author gave by hand, the last one first, each once.

    What was undone does not count, nor what a rule gave.
    """
    query = (
        select(operation.c.id, operation.c.parameters)
        .where(operation.c.author == author, operation.c.kind.in_(("tags.add", "tags.replace", "tags.set")))
        .order_by(operation.c.id.desc())
        .limit(_LOOKED_BACK)
    )
    undone = Ledger.read(c).undone
    found: dict[str, None] = {}
    for number, parameters in c.execute(query):
        if number not in undone and parameters and parameters.get("source", HAND) == HAND:
            found.update(dict.fromkeys(_given(parameters)))
        if len(found) >= limit:
            break
    return list(found)[:limit]


def _given(parameters: Mapping[str, Any]) -> Iterable[str]:
    """Return what one operation gave, the last one first."""
    tags = parameters.get("tags", ())
    names: list[str] = list(tags.values()) if isinstance(tags, dict) else list(tags)
    return reversed(names)
