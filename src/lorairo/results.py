"""What a changing method returns: a small value that prints as one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lorairo.plaintext import printable

if TYPE_CHECKING:
    from lorairo.store.log import Outcome


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
    """

    message: str
    count: int
    operation_id: int | None

    @classmethod
    def of(cls, outcome: Outcome) -> Done:
        """Take over what the log answered."""
        return cls(outcome.message, outcome.count, outcome.operation_id)

    def __repr__(self) -> str:
        undo = " · undo with project.undo()" if self.operation_id is not None else ""
        return f"{printable(self.message)}{undo}"
