"""The pandas accessor ``df.lorairo``: from a frame of `View.df` back to its project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from lorairo.errors import ArgumentError
from lorairo.project import open_project, opened

if TYPE_CHECKING:
    from lorairo.view import View
    from lorairo.widgets.gallery import Gallery


@pd.api.extensions.register_dataframe_accessor("lorairo")
class Accessor:
    """``df.lorairo``: from a frame of `View.df` back to its project."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def view(self, project: Any = None) -> View:
        """Return the rows as a view.

        Parameters
        ----------
        project
            A `Project`, or None for the project the frame remembers.
        """
        if project is None:
            where = self._frame.attrs.get("lorairo")
            if where is None:
                raise ArgumentError(
                    "this frame does not come from view.df: say df.lorairo.gallery(project=project)"
                )
            project = opened(where) or open_project(where)
        view: View = project.view(everything=True)[self._frame.index]
        return view

    def gallery(self, project: Any = None, **options: Any) -> Gallery:
        """Show the rows in a gallery."""
        from lorairo.widgets.gallery import Gallery  # noqa: PLC0415 - widgets load on use

        return Gallery(self.view(project), **options)
