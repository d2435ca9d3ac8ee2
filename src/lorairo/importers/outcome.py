"""What came of the files of an import, as it is added up."""

from __future__ import annotations

from dataclasses import dataclass, field


def _nothing() -> dict[str, list[int]]:
    return {"added": [], "unchanged": [], "duplicate": [], "changed": []}


@dataclass(slots=True)
class Outcome:
    """Image ids by status, and (path, reason) of what was rejected or odd."""

    ids: dict[str, list[int]] = field(default_factory=_nothing)
    rejected: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)

    def take(self, other: Outcome) -> None:
        """Add another's."""
        for status, ids in other.ids.items():
            self.ids[status] += ids
        self.rejected += other.rejected
        self.warnings += other.warnings
