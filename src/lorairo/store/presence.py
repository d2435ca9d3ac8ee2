"""Whether a database file still is where it was opened: SQLite goes on writing into a file that is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lorairo.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path


class Presence:
    """Remembers a file as it is now.

    An open file stays usable after its folder was removed or its drive taken away, and what is written to it
    then is lost without an error.

    Parameters
    ----------
    path
        The database.
    stable
        Whether files keep their number here; network drives may give a new one at any time.
    """

    def __init__(self, path: Path, *, stable: bool) -> None:
        self._path = path
        self._stable = stable
        self._number = self._look()

    def check(self) -> None:
        """Raise unless the same file is there.

        Raises
        ------
        StoreError
            When it is gone, or another one has taken its place.
        """
        number = self._look()
        if number is None:
            raise StoreError(
                f"{self._path} is gone: this change was not saved. If its drive was taken away or its folder "
                "moved, bring it back; then project.close() and open it again"
            )
        if self._stable and number != self._number:
            raise StoreError(
                f"{self._path} is another file than the one that was opened: this change was not saved. "
                "project.close() and open it again"
            )

    def _look(self) -> tuple[int, int] | None:
        try:
            facts = self._path.stat()
        except OSError:
            return None
        return facts.st_dev, facts.st_ino
