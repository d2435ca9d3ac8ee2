"""Questions that are handed over together: what each is called meanwhile, and how many go at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lorairo.services.calls import Request
    from lorairo.store.submissions import Question

_DIGITS = 16  # of the image's digest: ids are given again when rows are deleted, digests are not
_OURS = re.compile(rf"r(\d{{1,18}})-([0-9a-f]{{{_DIGITS}}})")
LONGEST_ID = "r" + "9" * 18 + "-" + "f" * _DIGITS
"""A custom id as long as any."""


@dataclass(frozen=True)
class Ready:
    """A question that is ready to be handed over.

    Attributes
    ----------
    size
        Bytes of its line.
    cost
        USD it takes at most; None where nobody knows.
    """

    image_id: int
    request: Request
    size: int
    cost: float | None = None


def custom_id(question: Question) -> str:
    """Return what a question is called at a service: letters, digits, hyphens; no name of a file."""
    return f"r{question.id}-{question.sha256.hex()[:_DIGITS]}"


def row_of(name: str) -> int | None:
    """Return the id of the question that a custom id of ours names; None for those of others."""
    found = _OURS.fullmatch(name)
    return None if found is None else int(found[1])


def cut(ready: Iterable[Ready], most: int, most_bytes: int) -> Iterator[list[Ready]]:
    """Cut questions into parts that one submission takes, in their order.

    Parameters
    ----------
    most, most_bytes
        Of one submission; a question that is larger by itself goes alone.
    """
    part: list[Ready] = []
    size = 0
    for one in ready:
        line = one.size + 1  # with its end
        if part and (len(part) == most or size + line > most_bytes):
            yield part
            part, size = [], 0
        part.append(one)
        size += line
    if part:
        yield part
