"""The log of a project: what was changed, taking it back, doing it again."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from lorairo import frames
from lorairo.errors import ArgumentError
from lorairo.recipes import fingerprint
from lorairo.recipes.recipe import written
from lorairo.results import Done
from lorairo.store import log

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from lorairo.project import Project
    from lorairo.recipes.recipe import Recipe
    from lorairo.store import Database
    from lorairo.store.log import Batch


class Curation:
    """Mixed into `Project`: its log."""

    database: Database

    def _author(self) -> str:
        project = cast("Project", self)
        project.writable()
        return project.author

    @property
    def history(self) -> pd.DataFrame:
        """Every operation, newest first."""
        with self.database.read() as connection:
            return frames.table(log.history(connection), log.HISTORY)

    @contextlib.contextmanager
    def batch(self, label: str) -> Iterator[Batch]:
        """Make several edits one step of undo; edits from other threads, such as clicks, stay outside.

        Each edit is written at once: when the block fails, those before stay, and one undo takes them back.
        """
        if not isinstance(label, str) or not label.strip():
            raise ArgumentError(f'a batch is called something: project.batch("my cleanup"), not {label!r}')
        with log.batch(self.database, label, self._author()) as batch:
            yield batch

    def undo(self, operation_id: int | None = None, *, anyone: bool = False) -> Done:
        """Undo the last operation of this author, or a named one.

        Parameters
        ----------
        operation_id
            An operation of `history`; later ones stay, and what they changed keeps its newer value.
        anyone
            Take the last operation of anybody.

        Returns
        -------
        Done
            Its ``conflicts`` name what was changed since and kept.
        """
        author = self._author()
        done = Done.of(log.undo(self.database, author=author, operation_id=operation_id, anyone=anyone))
        return replace(done, back="redo with project.redo()")

    def redo(self, *, anyone: bool = False) -> Done:
        """Do again what was undone last."""
        return Done.of(log.redo(self.database, author=self._author(), anyone=anyone))

    def combine(
        self, how: str, *, weights: Mapping[str, float] | None = None, at_least: float | None = None
    ) -> Done:
        """Set how tags that several models say of an image become its tags; no model is run.

        What people accepted and rejected, and tags of files, stay on top.

        Parameters
        ----------
        how
            ``union``: where any model says it, as in a new project. ``intersection``: where all models that
            answered about the image with tags say it. ``vote``: where those that say it have a large enough
            share of the votes of those that answered.
        weights
            Votes by model, as it is called in `annotations`; 1 where nothing is said, 0 for none.
        at_least
            That share; a half by default.
        """
        project = cast("Project", self)
        author = self._author()
        votes = {project.model_key(model): weight for model, weight in (weights or {}).items()}
        return Done.of(log.combine(self.database, how, weights=votes, at_least=at_least, author=author))

    def compact(self, *, keep: int = 1000, days: float = 90) -> log.Compaction:
        """Fold old operations into one, and make the file smaller; what is folded cannot be undone any more.

        The project stays as it is. A copy of the database is put into ``backups`` first.

        Parameters
        ----------
        keep
            How many of the newest operations stay in any case.
        days
            How old an operation must be to be folded.

        Returns
        -------
        Compaction
            ``operations`` folded, ``bytes`` freed, ``backup`` (the copy), ``message``.
        """
        return log.compact(self.database, keep=keep, days=days, author=self._author())

    def recipe(self) -> Recipe:
        """Return what was done as Python; ``lr.replay(path, project)`` runs it on the same images elsewhere.

        It prints as its text; ``.save("name.py")`` writes it and, beside it, the evidence it needs.
        """
        with self.database.read() as connection:
            return written(connection, cast("Project", self).name)

    def fingerprint(self) -> str:
        """Return one number for what counts: equal where the same images stand the same.

        Of each image its content hash, whether and why it is excluded, its tags in order, captions, stars,
        rating and datasets; and the settings of datasets. No ids, times or authors.
        """
        with self.database.read() as connection:
            return fingerprint.fingerprint(connection)
