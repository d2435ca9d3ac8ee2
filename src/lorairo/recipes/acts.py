"""The acts a recipe is made of: one call, or one undo or redo with all it turned back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lorairo.store.ledger import BACK_AND_FORTH, COMPACT, REDO, UNDO

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lorairo.store.logged import Logged


@dataclass(frozen=True, slots=True)
class Act:
    """What a person did in one go.

    Attributes
    ----------
    place
        Position in the log of its first operation, from 0.
    entries
        One operation; of an undo or redo all it wrote, as they were written.
    """

    place: int
    entries: tuple[Logged, ...]

    @property
    def first(self) -> Logged:
        """The operation that speaks for all: when, by whom, of which kind."""
        return self.entries[0]

    @property
    def calls(self) -> bool:
        """Whether it is a call, and not an undo or a redo."""
        return self.first.kind not in BACK_AND_FORTH

    @property
    def ids(self) -> tuple[int, ...]:
        """Its operations."""
        return tuple(entry.id for entry in self.entries)

    @property
    def targets(self) -> tuple[int, ...]:
        """The operations it turned back, those of the newest first."""
        return tuple(entry.target for entry in self.entries if entry.target is not None)


def acts_of(log: Sequence[Logged]) -> list[Act]:
    """Return the acts of a log, oldest first."""
    units = {entry.id: entry.batch or str(entry.id) for entry in log}
    found: list[Act] = []
    folded = {entry.id for entry in log if entry.kind == COMPACT}
    for place, entry in enumerate(log):
        if entry.target in folded:  # what it turned back is not told apart any more: only its effect is left
            entry = replace(entry, kind=COMPACT, target=None)  # noqa: PLW2901 - taken as another from here on
        if found and _goes_on(found[-1].first, entry, units):
            found[-1] = Act(found[-1].place, (*found[-1].entries, entry))
        else:
            found.append(Act(place, (entry,)))
    return found


def _goes_on(first: Logged, entry: Logged, units: dict[int, str]) -> bool:
    """Whether an operation belongs to the undo or redo before it: both turned back parts of one step."""
    return (
        entry.kind in BACK_AND_FORTH
        and entry.kind == first.kind
        and entry.batch is not None
        and entry.batch == first.batch
        and first.target is not None
        and entry.target is not None
        and units.get(first.target) == units.get(entry.target)
    )


def in_force(acts: Iterable[Act]) -> list[Act]:
    """Leave out what was taken back without a trace, together with what took it back.

    That is so where nothing that is still there happened in between: then the undo found everything as the
    act had left it. Others stay, and the undo is written as a call, as later acts met what it left.
    """
    acts = list(acts)
    redone = {target for act in acts if act.first.kind == REDO for target in act.targets}
    kept: list[Act] = []
    for act in acts:
        width = _takes_back(act, kept, redone)
        if width:
            del kept[len(kept) - width :]
        else:
            kept.append(act)
    return kept


def _takes_back(act: Act, kept: Sequence[Act], redone: set[int]) -> int:
    """Return how many of the newest acts kept it takes back, all of them and nothing else; 0 where not so."""
    if act.first.kind == REDO:
        return _undos(kept, set(act.targets))
    if act.first.kind != UNDO or redone.intersection(act.ids):  # a redo to come needs the undo
        return 0
    newest = kept[len(kept) - len(act.targets) :] if len(act.targets) <= len(kept) else []
    taken = [other.first.id for other in reversed(newest) if other.calls]
    return len(newest) if taken == list(act.targets) else 0


def _undos(kept: Sequence[Act], wanted: set[int]) -> int:
    """Return how many of the newest acts are the undos that wrote these operations, and wrote no others."""
    width = 0
    for act in reversed(kept):
        if not wanted or act.first.kind != UNDO or not wanted.issuperset(act.ids):
            break
        wanted = wanted.difference(act.ids)
        width += 1
    return 0 if wanted else width
