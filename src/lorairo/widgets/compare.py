"""Two to four images side by side."""

from __future__ import annotations

import traitlets

from lorairo.widgets.linked import Linked


class Compare(Linked):
    """Compares two to four images: one zoom for all, what differs in numbers and tags.

    Examples
    --------
    >>> view.compare()              # what is selected in the widgets of this view
    >>> view[[3, 17, 20]].compare()
    """

    _bundle = "compare"

    height = traitlets.Int(640, min=240, max=4000).tag(sync=True)
    """Height in pixels."""
