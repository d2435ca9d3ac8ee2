"""What a recipe asks while it runs: the images each call was about, evidence, undo and redo."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from lorairo.recipes.telling import Teller
from lorairo.results import Done
from lorairo.store import portable
from lorairo.store.journal import digest as digest_of
from lorairo.store.logged import newest
from lorairo.store.statements import as_ids

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lorairo.project import Project
    from lorairo.recipes.companion import Companion
    from lorairo.view import View

Value = TypeVar("Value")


class Recorded:
    """The second argument of a recipe.

    Attributes
    ----------
    ids
        By place in the companion: the image of this project, -1 where it has none.
    others
        Calls whose view selects other images here: number, images it selects, images it was asked about.
    """

    def __init__(self, project: Project, companion: Companion) -> None:
        self._project = project
        self._companion = companion
        with project.database.read() as c:
            here = {sha: number for number, sha, _ in portable.contents(c)}
        self.ids: NDArray[np.int64] = np.array([here.get(sha, -1) for sha in companion.hashes], np.int64)
        self.others: list[tuple[int, int, int]] = []
        self._teller = Teller(project.database, companion, self.ids)
        self._turned: dict[
            int, list[int]
        ] = {}  # by the newest operation of an undo: all of them, oldest first

    def __call__(self, number: int, view: View | None = None, count: int = 0, digest: str = "") -> View:
        """Return the images a call was about.

        Parameters
        ----------
        number
            Of the call.
        view
            What it was called on; where that selects other images here, those that it changed then.
        count, digest
            How many images the view had, and the start of the SHA-256 of their sorted content hashes.
        """
        if view is not None:
            ids = as_ids(view.ids)
            with self._project.database.read() as c:
                same = len(ids) == count and digest_of(c, ids).hex().startswith(digest)
            if same:
                return view
            self.others.append((number, len(ids), count))
        ids = self.ids[self._companion.images(number)]
        changed: View = self._project.view(everything=True)[ids[ids >= 0]]
        return changed

    def texts(self, number: int) -> dict[int, str | None]:
        """Return the captions a call set, by image."""
        return self._here(number, self._companion.texts(number))

    def lists(self, number: int) -> dict[int, list[str]]:
        """Return the tags a call gave, by image."""
        return self._here(number, self._companion.lists(number))

    def _here(self, number: int, values: list[Value]) -> dict[int, Value]:
        ids = self.ids[self._companion.images(number)].tolist()
        found = zip(ids, values, strict=True)
        return {image_id: value for image_id, value in found if image_id >= 0}

    def evidence(self, number: int) -> None:
        """Let models and scorers say what they said at this place."""
        self._teller.tell(self._companion.chunk(number))

    def undo(self, change: Done) -> Done:
        """Turn back a change; nothing where it changed nothing here."""
        if change.operation_id is None:
            return Done("Nothing to undo", 0, None)
        before = self._newest()
        done = self._project.undo(change.operation_id)
        if done.operation_id is not None:
            self._turned[done.operation_id] = list(range(before + 1, self._newest() + 1))
        return done

    def redo(self, undone: Done, *places: int) -> None:
        """Do again what an undo turned back: all of it, or the operations at these places of it."""
        turned = [] if undone.operation_id is None else self._turned[undone.operation_id]
        for place in places or reversed(range(len(turned))):
            if place < len(turned):
                self._project.undo(turned[place])

    def _newest(self) -> int:
        with self._project.database.read() as c:
            return newest(c)
