"""The gallery: look at any number of images, search, select, rate, tag, exclude, undo."""

from __future__ import annotations

import traitlets

from lorairo.widgets.linked import Linked


class Gallery(Linked):
    """A live gallery of a view.

    Examples
    --------
    >>> view = project.view("dog")
    >>> lr.Gallery(view)
    >>> view.selected.add_tags("outdoors")      # what is selected in the gallery
    """

    _bundle = "gallery"

    cell = traitlets.Int(120, min=80, max=320).tag(sync=True)
    """Size of a cell in pixels; the slider remembers it per project."""
