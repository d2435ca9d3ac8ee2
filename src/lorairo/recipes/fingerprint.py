"""One number for what counts of a project: equal on two machines where the same images stand the same."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from lorairo.store.records import dataset_settings, records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection

FORMAT = 1
"""Version of the lines; another one gives other fingerprints."""

_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def lines(c: Connection) -> Iterator[str]:
    """Yield what counts as text: first the settings of datasets, then one line per image, by content hash."""
    yield canonical({"format": FORMAT, "datasets": dataset_settings(c)})
    for record in records(c):
        yield canonical(record)


def canonical(value: dict[str, Any]) -> str:
    """Return JSON that is the same for the same values."""
    return _CANONICAL.encode(value)


def digest(found: Iterable[str]) -> str:
    """Return the fingerprint of lines."""
    hashed = hashlib.sha256()
    for line in found:
        hashed.update(line.encode("ascii") + b"\n")
    return hashed.hexdigest()


def fingerprint(c: Connection) -> str:
    """Return the fingerprint of a project.

    Of each image its content hash, whether and why it is excluded, its effective tags in order, its captions,
    stars, rating and datasets; and the settings of datasets. No ids, times or authors.
    """
    return digest(lines(c))
