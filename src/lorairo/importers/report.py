"""What an import did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from lorairo.plaintext import markup, printable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ids = NDArray[np.int64]

_SHOWN = 5
_LONGEST = 120


@dataclass(frozen=True)
class AddReport:
    """The result of adding images.

    Parameters
    ----------
    added, unchanged, duplicates, changed
        Image ids, int64: new ones; those known by path and unchanged; those known under another path; those
        whose path now holds other content than before.
    rejected, warnings
        DataFrames of ``path`` and ``reason``.
    skipped
        How many files were passed over because they are no pictures.
    """

    added: Ids
    unchanged: Ids
    duplicates: Ids
    changed: Ids
    rejected: pd.DataFrame
    warnings: pd.DataFrame
    skipped: int = 0

    def _parts(self) -> list[str]:
        counts = [
            (len(self.added), "added"),
            (len(self.changed), "changed"),
            (len(self.duplicates), "known already under another path"),
            (len(self.unchanged), "unchanged"),
            (len(self.rejected), "rejected"),
        ]
        parts = [f"{count:,} {what}" for count, what in counts if count]
        if len(self.warnings):
            parts.append(f"{len(self.warnings):,} {'warning' if len(self.warnings) == 1 else 'warnings'}")
        if self.skipped:
            parts.append(f"{self.skipped:,} other files passed over")
        return parts or ["no pictures found"]

    def _rows(self) -> list[tuple[str, str]]:
        """First rejected files, then warnings, only a few: the frames have them all."""
        rows: list[tuple[str, str]] = []
        for frame, name in ((self.rejected, "rejected"), (self.warnings, "warnings")):
            rows += [(str(path), str(reason)) for path, reason in frame.head(_SHOWN).itertuples(index=False)]
            if len(frame) > _SHOWN:
                rows.append(("...", f"{len(frame) - _SHOWN:,} more in .{name}"))
        return rows

    def __repr__(self) -> str:
        """Return counts and the first reasons."""
        lines = [" · ".join(self._parts())]
        lines += [f"  {printable(_clipped(path))}: {printable(reason)}" for path, reason in self._rows()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Return the same for a notebook; names and reasons are text, never markup."""
        rows = "".join(
            f"<tr><td>{markup(_clipped(path))}</td><td>{markup(reason)}</td></tr>"
            for path, reason in self._rows()
        )
        table = f"<table><tbody>{rows}</tbody></table>" if rows else ""
        return f"<div>{' · '.join(self._parts())}{table}</div>"


def reasons(rows: list[tuple[str, str]]) -> pd.DataFrame:
    """Make a frame of paths and reasons, sorted by path."""
    return pd.DataFrame(sorted(rows), columns=["path", "reason"], dtype="str")


def _clipped(path: str) -> str:
    """Shorten a path to what tells files apart: its end."""
    return path if len(path) <= _LONGEST else "..." + path[3 - _LONGEST :]
