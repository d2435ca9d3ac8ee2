"""A map of a view: alike images lie near each other; a lasso selects them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import traitlets

from lorairo.widgets import charting
from lorairo.widgets.linked import Linked

if TYPE_CHECKING:
    from lorairo.widgets.wire import Route


class EmbeddingMap(Linked):
    """The images of a view on a map, as an embedder has placed them.

    A lasso or a box selects: ``view.selected`` has the images, and every widget of the view shows it. What
    the search leaves out is dimmed.

    Parameters
    ----------
    source
        A `View`, a `Project` or a frame from ``view.df``. Widgets of one view share search and selection.
    options
        ``model``, by default the embedder that has placed most images; ``colour``: a score, ``stars``,
        ``rating`` or ``dataset``; ``method``, as of `View.map`; ``height`` and ``theme``.

    Examples
    --------
    >>> view.annotate(["dinov2-base"]).wait()
    >>> lr.EmbeddingMap(view, model="dinov2-base", colour="sharpness")
    >>> view.selected.add_to("beach")
    """

    _bundle = "embedding-map"

    model = traitlets.Unicode("").tag(sync=True)
    """The embedder."""

    colour = traitlets.Unicode("").tag(sync=True)
    """What images are coloured by; empty for one colour."""

    method = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    """What lays them out: ``umap``, ``pca``, or None for the best that is installed."""

    height = traitlets.Int(520, min=240, max=4000).tag(sync=True)
    """Height in pixels."""

    def _more_routes(self) -> dict[str, Route]:
        return charting.routes(self.session, charting.Drawn(method=self.method))
