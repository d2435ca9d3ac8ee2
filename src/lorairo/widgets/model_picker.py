"""The model picker: which models can run on a view, running and stopping them, and what went wrong."""

from __future__ import annotations

import traitlets

from lorairo.widgets.linked import Linked


class ModelPicker(Linked):
    """Runs models over what the widgets of a view show or have selected.

    Examples
    --------
    >>> view = project.view()
    >>> lr.ModelPicker(view)      # the rows of lr.models(), with what each has left to do
    """

    _bundle = "model-picker"

    height = traitlets.Int(440, min=240, max=4000).tag(sync=True)
    """Height in pixels."""
