"""What a changing method returns: a small value that prints as one line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from lorairo.plaintext import printable

if TYPE_CHECKING:
    from lorairo.store.conflicts import Conflicts
    from lorairo.store.log import Outcome

_CONFLICT = ["image_id", "name", "what", "now", "would_be", "operation", "label", "author"]


@dataclass(frozen=True, slots=True)
class Done:
    """A change that was made.

    Attributes
    ----------
    message
        What happened, as the history and the toast say it.
    count
        Images changed.
    operation_id
        The operation in the log, or None when nothing had to change.
    left
        What `conflicts` is made from, when it is asked for.
    back
        The call that turns this round.
    """

    message: str
    count: int
    operation_id: int | None
    left: Conflicts | None = field(default=None, repr=False, compare=False)
    back: str = field(default="undo with project.undo()", repr=False, compare=False)

    @classmethod
    def of(cls, outcome: Outcome) -> Done:
        """Take over what the log answered."""
        return cls(outcome.message, outcome.count, outcome.operation_id, outcome.conflicts)

    @property
    def conflicts(self) -> pd.DataFrame:
        """What an undo or redo left as it is because it was changed since: one row for each value.

        ``image_id``, ``name``; ``what``, such as ``tag:hat``, ``stars``, ``caption:short`` or
        ``policy:provider/model``; the value ``now`` and the one it ``would_be``; ``operation``, ``label`` and
        ``author`` of the change that stands in the way.
        """
        frame = pd.DataFrame([] if self.left is None else self.left.rows(), columns=_CONFLICT)
        return frame.astype({"image_id": "Int64", "operation": "Int64"})

    def __repr__(self) -> str:
        named = " · .conflicts names them" if self.left is not None else ""
        back = f" · {self.back}" if self.operation_id is not None else ""
        return f"{printable(self.message)}{named}{back}"
