"""What came of replaying a recipe."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lorairo.store.records import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

Difference = tuple[str, str, Any, Any]
"""Content hash, field, expected, got; the settings of datasets have no hash."""


def compared(expected: Iterable[str], got: Iterable[str]) -> Iterator[Difference]:
    """Yield in what lines of a fingerprint differ, for the images that both have."""
    ours, theirs = iter(expected), iter(got)
    settings, here = json.loads(next(ours)), json.loads(next(theirs))
    for name in sorted({*settings["datasets"], *here["datasets"]}):
        was, now = settings["datasets"].get(name), here["datasets"].get(name)
        if was != now:
            yield "", f"dataset {name}", was, now
    wanted, found = next(ours, None), next(theirs, None)
    while wanted is not None and found is not None:
        if wanted == found:
            wanted, found = next(ours, None), next(theirs, None)
            continue
        one, other = json.loads(wanted), json.loads(found)
        if one["image"] == other["image"]:
            for name in FIELDS:
                if one[name] != other[name]:
                    yield one["image"], name, one[name], other[name]
        if one["image"] <= other["image"]:
            wanted = next(ours, None)
        if other["image"] <= one["image"]:
            found = next(theirs, None)


@dataclass(frozen=True)
class ReplayReport:
    """How a project ended that a recipe was replayed on.

    Attributes
    ----------
    calls
        Calls that were made.
    fingerprint, expected
        Of the project, and of the one the recipe was made of.
    differences
        What the calls alone left otherwise than it was: image_id, name, field, expected, got. Those images
        were then set to what the recipe recorded, as one step of undo.
    others
        Calls whose view selects other images here: call, selects, recorded. Those recorded were used.
    missing
        Images of the recipe that this project does not have: name, sha256.
    unknown
        Images of this project that the recipe does not know: image_id, name.
    """

    calls: int
    fingerprint: str
    expected: str
    differences: pd.DataFrame
    others: pd.DataFrame
    missing: pd.DataFrame
    unknown: pd.DataFrame

    @property
    def equal(self) -> bool:
        """Whether the fingerprints are equal."""
        return self.fingerprint == self.expected

    def __repr__(self) -> str:
        said = [f"{_count(self.calls, 'call')} replayed · fingerprint {'equal' if self.equal else 'differs'}"]
        restored = self.differences["image_id"].nunique()
        told = {
            "is missing here (.missing)": len(self.missing),
            "is not in the recipe (.unknown)": len(self.unknown),
            "ended otherwise and was set to what was recorded (.differences)": restored,
        }
        said += [_sentence(count, "image", rest) for rest, count in told.items() if count]
        if len(self.others):
            rest = "selects other images here: those recorded were used (.others)"
            said.append(_sentence(len(self.others), "view", rest))
        return "\n".join(said)


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun if count == 1 else noun + 's'}"


def _sentence(count: int, noun: str, rest: str) -> str:
    if count != 1:
        for one, many in (("is ", "are "), ("was ", "were "), ("selects ", "select ")):
            rest = rest.replace(one, many, 1)
    return f"{_count(count, noun)} {rest}"
