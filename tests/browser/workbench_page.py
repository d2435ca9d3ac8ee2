"""The workbench in a notebook's output: a gallery with panels around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gallery_page import GalleryPage

if TYPE_CHECKING:
    from lab import Lab

PREPARE = """\
import lorairo as lr
project = lr.open_project("my-dataset")
project.add("photos")
view = project.view("order:random:3")
view.annotate("tagger").wait()
"""


class WorkbenchPage(GalleryPage):
    """One workbench."""

    def __init__(self, lab: Lab, cell: int) -> None:
        super().__init__(lab, cell)
        self.filters = self.root.get_by_role("region", name="Filters", exact=True)
        self.inspector = self.root.get_by_role("region", name="Inspector", exact=True)
        self.models = self.root.get_by_role("region", name="Models", exact=True)

    def resize(self, width: int) -> None:
        """Give the widget a width, by the width of the window."""
        page = self.lab.page
        for _ in range(3):  # JupyterLab gives up its own margins on the way
            box, window = self.root.bounding_box(), page.viewport_size
            assert box is not None
            assert window is not None
            if round(box["width"]) == width:
                return
            size = {"width": round(window["width"] - box["width"] + width), "height": window["height"]}
            page.set_viewport_size(size)  # type: ignore[arg-type] # a plain dict is what it takes
            page.wait_for_function(
                "([root, width]) => root.getBoundingClientRect().width !== width",
                arg=[self.root.element_handle(), box["width"]],
            )
