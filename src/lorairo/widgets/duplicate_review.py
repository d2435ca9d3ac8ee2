"""Duplicates group by group: which to keep, which are wanted, which are none."""

from __future__ import annotations

import traitlets

from lorairo.widgets.linked import Linked


class DuplicateReview(Linked):
    """Looks for duplicates in a view and asks about each group, one key each.

    Two pictures side by side with one zoom, one over the other, or their difference. `K` keeps one and
    excludes the others, `L` keeps all as variants, `N` says that they are different pictures. Each is a
    change in the history, and remembered for good: the same is not asked again. Nothing is deleted.

    Examples
    --------
    >>> lr.DuplicateReview(project)
    >>> lr.DuplicateReview(project.view("dog"))
    """

    _bundle = "duplicates"

    height = traitlets.Int(640, min=320, max=4000).tag(sync=True)
    """Height in pixels."""
