"""Histograms of scores: see how they are spread, and narrow by a range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from lorairo.errors import ArgumentError
from lorairo.widgets.filtering import available
from lorairo.widgets.linked import Linked

if TYPE_CHECKING:
    from collections.abc import Sequence

_ONE, _AROUND = 82, 74  # pixels of one histogram, and of what stands around them


class ScoreHistogram(Linked):
    """Histograms of any scores or numbers, one below the other; a brush narrows ``view.shown``.

    Parameters
    ----------
    source
        A `View`, a `Project` or a frame from ``view.df``. Widgets of one view share search and selection.
    columns
        Scores, or numbers such as ``width``, ``aspect``, ``bytes``, ``stars``, ``tags``; without any, those
        chosen in the workbench. A score that no image has yet is drawn as soon as one has it.
    options
        ``height`` and ``theme``.

    Examples
    --------
    >>> lr.ScoreHistogram(view, "sharpness", "aspect")
    >>> lr.ScoreHistogram(view, ["sharpness", "overall", "tags"])
    >>> view.shown = "sharpness:>0.4"           # moves the brush
    """

    _bundle = "score-histogram"

    columns = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """What is drawn; may be set at any time."""

    height = traitlets.Int(_AROUND + 3 * _ONE, min=_AROUND + _ONE, max=4000).tag(sync=True)

    def __init__(self, source: Any, *columns: str | Sequence[str], **options: Any) -> None:
        if columns:
            given = [[each] if isinstance(each, str) else each for each in columns]
            options["columns"] = [column for part in given for column in part]
        chosen = options.get("columns") or []
        if chosen:
            options.setdefault("height", _AROUND + len(chosen) * _ONE)
        super().__init__(source, **options)
        index = self.view.project.index
        offered = available(index)
        for column in chosen:
            if column in index.column_names and column not in offered:
                self.close()
                raise ArgumentError(f"{column!r} holds no numbers; a histogram shows {', '.join(offered)}")
