"""The tag editor: tags and captions of what is selected, for one image or many."""

from __future__ import annotations

import traitlets

from lorairo.widgets.linked import Linked


class TagEditor(Linked):
    """Edits tags and captions of the images selected in the widgets of the same view.

    Examples
    --------
    >>> view = project.view()
    >>> lr.Gallery(view)
    >>> lr.TagEditor(view)      # follows the gallery's selection
    """

    _bundle = "tag-editor"

    height = traitlets.Int(560, min=240, max=4000).tag(sync=True)
    """Height in pixels."""
