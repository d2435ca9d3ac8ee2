"""The workbench in JupyterLab: all panels in one output, at every width, by keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from gallery_page import GalleryPage
from playwright.sync_api import expect
from test_looks import OUTSIDE

from lorairo.demo import prepare

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab import Lab
    from lab_server import LabServer

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


@pytest.fixture
def workbench(open_lab: Callable[..., Lab], lab_server: LabServer) -> WorkbenchPage:
    """A workbench over tagged pictures."""
    lab = open_lab(lab_server, width=1500, height=900)
    prepare(lab.folder, count=60)
    lab.open_cells(PREPARE, "lr.Workbench(view)")
    lab.run_all()
    lab.show(1)
    page = WorkbenchPage(lab, 1)
    page.await_painted()
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_width_shows_what_fits_and_cuts_nothing_off(
    workbench: WorkbenchPage, theme: str, pictures_folder: Path
) -> None:
    lab = workbench.lab
    lab.theme(theme)
    workbench.select_first(3)
    for width in (1400, 1360, 1100, 900, 700, 480, 360):
        workbench.resize(width)
        wide = width >= 1100
        expect(workbench.filters).to_be_visible(visible=wide)
        expect(workbench.inspector).to_be_visible(visible=width >= 700)
        workbench.await_painted()
        assert workbench.root.evaluate(OUTSIDE) == []
        lab.screenshot(pictures_folder / f"workbench-{width}-{theme}.png", workbench.root)
