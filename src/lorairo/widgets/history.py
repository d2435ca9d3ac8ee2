"""The history: every change of a project, who made it, and its undo."""

from __future__ import annotations

import traitlets

from lorairo.widgets.linked import Linked


class History(Linked):
    """The changes of a project, newest first; each can be undone, and what was undone can be done again.

    Examples
    --------
    >>> lr.History(project)
    """

    _bundle = "history"

    height = traitlets.Int(420, min=240, max=4000).tag(sync=True)
    """Height in pixels."""
