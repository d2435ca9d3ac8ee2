"""Brush, facets and search are one state: dragged, clicked, typed in a cell, by keyboard."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from lab import Lab
    from playwright.sync_api import Locator

HERE = Path(__file__).resolve().parent
MAKE = """
import sys
sys.path.insert(0, {here!r})
import lorairo as lr
from filters_project import fill
from lorairo.widgets.linked import Linked
project = lr.open_project('project')
fill(project, {images}, {tags})
view = project.view()
class Filters(Linked):
    _bundle = 'filters'
"""
PANEL = "import ipywidgets\nipywidgets.Box([Filters(view)], layout={'width': '242px', 'display': 'block'})"
STACK = "lr.ScoreHistogram(view, 'sharpness', 'aspect')"


def count(lab: Lab, query: str) -> int:
    """Count by the public API."""
    return int(lab.kernel_exec(f"print(len(project.view({query!r})))"))


def shown(lab: Lab) -> str:
    """Return the search in force."""
    return lab.kernel_exec("print(view.lens.query)")


@pytest.fixture
def panel(lab: Lab) -> Locator:
    """Filters as wide as in the workbench, over 600 images with 400 tags."""
    lab.open_cells(MAKE.format(here=str(HERE), images=600, tags=400), PANEL, STACK)
    lab.run_cell(0)
    lab.run_cell(1)
    panel = lab.output(1).get_by_role("region", name="Filters", exact=True)
    expect(panel.get_by_role("checkbox", name=re.compile("^outdoors,"))).to_be_visible()
    return panel


def drag(lab: Lab, plot: Locator, start: float, stop: float, *, release: bool = True) -> None:
    """Drag over a chart, given parts of its width."""
    box = plot.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    lab.page.mouse.move(box["x"] + start * box["width"], y)
    lab.page.mouse.down()
    lab.page.mouse.move(box["x"] + (start + stop) / 2 * box["width"], y, steps=4)
    lab.page.mouse.move(box["x"] + stop * box["width"], y, steps=4)
    if release:
        lab.page.mouse.up()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_looks(panel: Locator, lab: Lab, theme: str, pictures_folder: Path) -> None:
    lab.theme(theme)
    plot = panel.get_by_role("group", name="sharpness histogram")
    drag(lab, plot, 0.4, 1.01)
    panel.get_by_role("checkbox", name=re.compile("^outdoors,")).click()
    panel.get_by_role("checkbox", name=re.compile("^blurry,")).click(modifiers=["Shift"])
    expect(panel.get_by_role("button", name="Clear 3")).to_be_visible()
    lab.page.mouse.move(2, 2)
    expect(panel.get_by_role("checkbox", name=re.compile("^blurry, excluded"))).to_be_visible()
    lab.screenshot(pictures_folder / f"filters-{theme}.png", lab.output(1).locator(".lr").first)
    lab.run_cell(2)
    stack = lab.show(2).get_by_role("region", name=re.compile("^lorairo score histograms"))
    expect(stack.get_by_role("group", name="aspect histogram")).to_be_visible()
    lab.screenshot(pictures_folder / f"histograms-{theme}.png", stack)
