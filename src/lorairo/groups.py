"""Groups of tags with a rule: which of them exclude each other, and of which an image should have one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from lorairo.errors import ArgumentError, NotFoundError
from lorairo.plaintext import printable
from lorairo.store import settings
from lorairo.tags import canonical_names, render

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from lorairo.project import Project
    from lorairo.query import Index
    from lorairo.view import View

Rule = Literal["one-of", "any-of"]

_GROUPS = "tags.groups"
_LONGEST = 64  # characters of a name


@dataclass(frozen=True, slots=True)
class TagGroup:
    """Tags that belong together.

    Attributes
    ----------
    tags
        Canonical names, in the order they were given.
    rule
        ``one-of``: an image has one of them at most. ``any-of``: as many as it likes.
    required
        Whether an image without any of them breaks the rule.
    """

    tags: tuple[str, ...]
    rule: Rule = "one-of"
    required: bool = False


class TagGroups:
    """The groups of a project, by name. Made by `Project.tag_groups`.

    Groups are settings of the project, outside the log: they say nothing about any image.
    """

    def __init__(self, project: Project) -> None:
        self._project = project

    def everything(self) -> dict[str, TagGroup]:
        """Return the groups by name, in the order they were made."""
        with self._project.database.read() as connection:
            kept = settings.get(connection, _GROUPS, {})
        return {name: TagGroup(**{**row, "tags": tuple(row["tags"])}) for name, row in kept.items()}

    def __iter__(self) -> Iterator[str]:
        return iter(self.everything())

    def __len__(self) -> int:
        return len(self.everything())

    def __getitem__(self, name: str) -> TagGroup:
        groups = self.everything()
        if name not in groups:
            raise _unknown(name, groups)
        return groups[name]

    def __repr__(self) -> str:
        frame = self.frame.map(printable)
        return repr(frame) if len(frame) else "No groups of tags; project.tag_groups.set(...) makes one"

    def _repr_html_(self) -> str:
        return self.frame.map(printable).to_html(escape=True)

    @property
    def frame(self) -> pd.DataFrame:
        """One row per group: group, rule, required, tags."""
        groups = self.everything()
        return pd.DataFrame(
            {
                "group": list(groups),
                "rule": [group.rule for group in groups.values()],
                "required": [group.required for group in groups.values()],
                "tags": [render(group.tags, "underscores") for group in groups.values()],
            }
        )

    def set(
        self, name: str, tags: Iterable[str], rule: Rule = "one-of", *, required: bool = False
    ) -> TagGroup:
        """Make a group, or give one other tags and another rule.

        Parameters
        ----------
        name
            Such as ``"hair length"``.
        tags
            At least one.
        rule
            ``one-of``: an image has one of them at most. ``any-of``: as many as it likes.
        required
            Whether an image must have one.
        """
        if isinstance(tags, str):
            raise ArgumentError(f"give a list of tags: [{tags!r}]")
        if rule not in get_args(Rule):
            raise ArgumentError(f"the rule of a group is one of {', '.join(get_args(Rule))}, not {rule!r}")
        if not name.strip() or len(name) > _LONGEST:
            raise ArgumentError(f"a group has a name of 1 to {_LONGEST} characters, not {name!r}")
        group = TagGroup(tuple(dict.fromkeys(canonical_names(tags))), rule, required)
        self._change(name, asdict(group))
        return group

    def delete(self, name: str) -> None:
        """Forget a group; no image changes."""
        self._change(name, None)

    def _change(self, name: str, row: dict[str, Any] | None) -> None:
        self._project.writable()
        with self._project.database.write() as connection:
            groups = settings.get(connection, _GROUPS, {})
            if row is not None:
                groups[name] = row
            elif groups.pop(name, None) is None:
                raise _unknown(name, groups)
            settings.put(connection, _GROUPS, groups)


def _unknown(name: str, groups: Iterable[str]) -> NotFoundError:
    return NotFoundError(f"there is no group of tags {name!r}; there are: {', '.join(groups) or 'none yet'}")


def breaches(groups: TagGroups, view: View) -> pd.DataFrame:
    """Return where images break the rule of a group: one row per image and group, with the tags it has."""
    index, snapshot = view.held()
    rows: list[tuple[int, str, str]] = []
    for name, group in groups.everything().items():
        ids = {tag for each in group.tags if (tag := index.tag_id(each)) is not None}
        counts = _counts(index, ids)[snapshot.positions]
        broken = (counts == 0) if group.required else np.zeros(len(counts), dtype=bool)
        if group.rule == "one-of":
            broken |= counts > 1
        for place in snapshot.positions[broken].tolist():
            has = [index.tag_name(tag) for tag in index.tags_of(place)[0].tolist() if tag in ids]
            rows.append((int(index.ids[place]), name, render(has, "underscores")))
    return pd.DataFrame(rows, columns=["image_id", "group", "tags"])


def _counts(index: Index, tags: set[int]) -> NDArray[np.int64]:
    """Return how many of some tags each image has, by position."""
    counts = np.zeros(len(index), dtype=np.int64)
    for tag in tags:
        counts[index.postings(tag)] += 1
    return counts
