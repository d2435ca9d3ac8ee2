"""The workbench: gallery, filters, inspector, models and history in one output."""

from __future__ import annotations

from typing import TYPE_CHECKING

import traitlets

from lorairo.widgets import charting
from lorairo.widgets.linked import Linked

if TYPE_CHECKING:
    from lorairo.widgets.wire import Route


class Workbench(Linked):
    """Everything linked, in one output.

    In the middle the images, their duplicates, a map of them, or the history; at the left what narrows them:
    score histograms and tags with counts; at the right the inspector, which edits tags and captions; at the
    foot models and their jobs. The side panels fold, and that is remembered per project.

    Examples
    --------
    >>> lr.Workbench(project)
    >>> lr.Workbench(project.view("dog"), height=900)
    """

    _bundle = "workbench"

    cell = traitlets.Int(120, min=80, max=320).tag(sync=True)
    """Size of a cell in pixels; the slider remembers it per project."""

    def _more_routes(self) -> dict[str, Route]:
        return charting.routes(self.session, charting.Drawn())
