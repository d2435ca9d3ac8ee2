"""Run a recipe on the same images in another project, and say what differed."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lorairo.errors import ArgumentError, Error, ProjectError
from lorairo.keywords import checked
from lorairo.project import Project, open_project
from lorairo.recipes import fingerprint
from lorairo.recipes.companion import Companion, beside
from lorairo.recipes.recorded import Recorded
from lorairo.recipes.report import ReplayReport, compared
from lorairo.recipes.restoring import restore
from lorairo.store import portable
from lorairo.store.logged import newest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lorairo.recipes.report import Difference


@checked
def replay(path: str | Path, project: Project | str | Path, *, over: bool = False) -> ReplayReport:
    """Run a recipe: it is Python, so run only one that you have read or whose author you trust.

    Parameters
    ----------
    path
        Of the recipe, as `Recipe.save` wrote it; its ``.evidence`` lies beside it.
    project
        With the same images, or its folder; images are known by their content, whatever they are called.
    over
        Replay although the project has changes of its own; they stay where the recipe sets nothing else.

    Returns
    -------
    ReplayReport
        Prints as a line or a few; equal fingerprints say that the same was had.

    Raises
    ------
    ProjectError
        When the project has changes already.
    StoreError
        When the file beside the recipe is missing or damaged.
    """
    place = Path(path).expanduser()
    if not place.is_file():
        raise ArgumentError(f"there is no recipe {place}")
    with Companion(beside(place)) as companion:
        here = project if isinstance(project, Project) else open_project(project)
        here.writable()
        with here.database.read() as c:
            if newest(c) and not over:
                raise ProjectError(
                    f"{here.name} has changes already: replay into a project that only has the images, "
                    "or with over=True"
                )
        curate = _curate(place)
        recorded = Recorded(here, companion)
        if len(recorded.ids) and (recorded.ids < 0).all():
            raise ProjectError(
                f"{here.name} has none of the {len(recorded.ids):,} images of this recipe: add them first"
            )
        try:
            curate(here, recorded)
        except Error as error:
            error.add_note(
                f"{place.name} stopped here, and what it did before stays. If a view is at fault, "
                "recorded(number) without it takes the images recorded. Start again in a new project."
            )
            raise
        return _report(here, companion, recorded)


def _curate(place: Path) -> Callable[[Project, Recorded], Any]:
    curate: Callable[[Project, Recorded], Any] | None = runpy.run_path(str(place)).get("curate")
    if curate is None:
        raise ArgumentError(f"{place} is no recipe: it has no function curate(project, recorded)")
    return curate


def _report(project: Project, companion: Companion, recorded: Recorded) -> ReplayReport:
    with project.database.read() as c:
        found = list(compared(companion.lines(), fingerprint.lines(c)))
        contents = portable.contents(c)
    ids = {sha.hex(): number for number, sha, _ in contents}
    names = {number: name for number, _, name in contents}
    if found:
        restore(project, found, ids)
    with project.database.read() as c:
        reached = fingerprint.fingerprint(c)
    known = set(recorded.ids.tolist())
    gone = np.flatnonzero(recorded.ids < 0).tolist()
    unknown = [(number, name) for number, name in names.items() if number not in known]
    return ReplayReport(
        calls=companion.header["calls"],
        fingerprint=reached,
        expected=companion.header["fingerprint"],
        differences=_differences(found, ids, names),
        others=pd.DataFrame(recorded.others, columns=["call", "selects", "recorded"]),
        missing=pd.DataFrame(
            [(companion.names[place], companion.hashes[place].hex()) for place in gone],
            columns=["name", "sha256"],
        ),
        unknown=pd.DataFrame(unknown, columns=["image_id", "name"]),
    )


def _differences(found: Sequence[Difference], ids: dict[str, int], names: dict[int, str]) -> pd.DataFrame:
    rows = [(ids.get(image), names.get(ids.get(image, 0), ""), *rest) for image, *rest in found]
    frame = pd.DataFrame(rows, columns=["image_id", "name", "field", "expected", "got"])
    return frame.astype({"image_id": "Int64"})
