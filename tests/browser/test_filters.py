"""Brush, facets and search are one state: dragged, clicked, typed in a cell, by keyboard."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from gallery_page import GalleryPage
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
PANEL = """
import ipywidgets
panel = ipywidgets.Box([Filters(view)], layout={'width': '242px', 'display': 'block', 'flex': 'none'})
ipywidgets.HBox([panel, ipywidgets.Box([lr.Gallery(view)], layout={'flex': '1', 'display': 'block'})])
"""
STACK = "lr.ScoreHistogram(view, 'sharpness', 'aspect')"
# controls and words that reach beyond the panel
OUTSIDE = """
root => {
  const box = root.getBoundingClientRect();
  return [...root.querySelectorAll('button, input, .lf-total, .lf-numbers')].filter(element => {
    const {left, right, width} = element.getBoundingClientRect();
    return width > 0 && element.checkVisibility() && (left < box.left - 1 || right > box.right + 1);
  }).map(element => element.outerHTML.slice(0, 80));
}
"""


def count(lab: Lab, query: str) -> int:
    """Count by the public API."""
    return int(lab.kernel_exec(f"print(len(project.view({query!r})))"))


def shown(lab: Lab) -> str:
    """Return the search in force."""
    return lab.kernel_exec("print(view.lens.query)")


@pytest.fixture
def panel(lab: Lab) -> Locator:
    """Filters as wide as in the workbench beside a gallery, over 600 images with 400 tags."""
    return open_panel(lab, images=600, tags=400)


def open_panel(lab: Lab, *, images: int, tags: int) -> Locator:
    """Open filters and gallery of one view."""
    lab.open_cells(MAKE.format(here=str(HERE), images=images, tags=tags), PANEL, STACK)
    lab.run_cell(0)
    lab.run_cell(1)
    lab.show(1)
    panel = lab.output(1).get_by_role("region", name=re.compile("^lorairo filters"))
    expect(tag(panel, "outdoors")).to_be_visible()
    return panel


def tag(panel: Locator, name: str) -> Locator:
    """Find a tag in the list."""
    return panel.get_by_role("checkbox", name=re.compile(f"^{name},"))


def drag(lab: Lab, plot: Locator, start: float, stop: float, *, release: bool = True) -> None:
    """Drag over a chart, given parts of its width, once the page has come to rest under it."""
    box = None
    while box is None or box != plot.bounding_box():  # a theme or a scroll moves it for some frames
        plot.hover()
        box = plot.bounding_box()
        lab.page.evaluate("() => new Promise(done => requestIdleCallback(done))")
    y = box["y"] + box["height"] / 2
    lab.page.mouse.move(box["x"] + start * box["width"], y)
    lab.page.mouse.down()
    lab.page.mouse.move(box["x"] + (start + stop) / 2 * box["width"], y, steps=4)
    lab.page.mouse.move(box["x"] + stop * box["width"], y, steps=4)
    if release:
        lab.page.mouse.up()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_filters_look_as_drawn_and_hold_in_a_narrow_panel(
    panel: Locator, lab: Lab, theme: str, pictures_folder: Path
) -> None:
    lab.theme(theme)
    drag(lab, panel.get_by_role("group", name="sharpness histogram"), 0.4, 1.01)
    tag(panel, "outdoors").click()
    tag(panel, "blurry").click(modifiers=["Shift"])
    expect(panel.get_by_role("button", name="Clear 3")).to_be_visible()
    lab.page.mouse.move(2, 2)
    expect(tag(panel, "blurry")).to_have_attribute("aria-checked", "mixed")
    expect(panel.locator(".lf-facet").nth(1)).to_contain_text("blurry")  # the chosen stand on top
    assert panel.evaluate(OUTSIDE) == []
    lab.screenshot(pictures_folder / f"filters-{theme}.png", lab.output(1).locator(".lr").first)
    lab.kernel_exec("panel.layout.width = '216px'")
    lab.page.wait_for_function(
        "root => root.getBoundingClientRect().width <= 216", arg=panel.element_handle()
    )
    assert panel.evaluate(OUTSIDE) == []
    lab.screenshot(pictures_folder / f"filters-narrow-{theme}.png", lab.output(1).locator(".lr").first)
    lab.run_cell(2)
    stack = lab.show(2).get_by_role("region", name=re.compile("^lorairo score histograms"))
    expect(stack.get_by_role("group", name="aspect histogram")).to_be_visible()
    expect(stack.get_by_role("button", name=re.compile("^> 0"))).to_be_visible()
    lab.screenshot(pictures_folder / f"histograms-{theme}.png", stack)


def test_a_drag_narrows_the_gallery_on_the_way_and_writes_the_search_on_release(
    panel: Locator, lab: Lab
) -> None:
    gallery = GalleryPage(lab, 1)
    plot = panel.get_by_role("group", name="sharpness histogram")
    drag(lab, plot, 0.3, 0.6, release=False)
    expect(gallery.root.locator(".lr-search-of")).to_have_text(re.compile("of 600"))
    expect(gallery.search_field).to_have_value("")
    lab.page.mouse.up()
    expect(gallery.search_field).to_have_value(re.compile(r"^sharpness:0\.\d\d?\.\.0\.\d\d?$"))
    found = count(lab, shown(lab))
    assert 0 < found < 600
    gallery.expect_count(f"{found:,} of 600")
    assert lab.kernel_exec("print(len(view.shown))") == str(found)
    # moved from inside, the range keeps its width
    before = shown(lab)
    drag(lab, plot, 0.45, 0.55)
    expect(gallery.search_field).not_to_have_value(before)
    plot.dblclick(position={"x": 100, "y": 20})
    expect(gallery.search_field).to_have_value("")


def test_grips_work_by_keyboard_and_a_cell_moves_the_brush(panel: Locator, lab: Lab) -> None:
    gallery = GalleryPage(lab, 1)
    low = panel.get_by_role("slider", name="sharpness, from")
    low.focus()
    for _ in range(3):
        lab.page.keyboard.press("ArrowRight")
    lab.page.keyboard.press("Shift+ArrowRight")
    expect(gallery.search_field).to_have_value(f"sharpness:>={low.get_attribute('aria-valuenow')}")
    expect(low).to_have_attribute("aria-valuetext", re.compile(f", {count(lab, shown(lab))} images$"))
    high = panel.get_by_role("slider", name="sharpness, up to")
    lab.page.keyboard.press("ArrowUp")
    expect(high).to_be_focused()
    lab.page.keyboard.press("Tab")
    expect(high).not_to_be_focused()
    expect(low).not_to_be_focused()
    lab.page.keyboard.press("Shift+Tab")
    expect(high).to_be_focused()
    lab.kernel_exec("view.shown = 'dog sharpness:0.4..0.7'")
    expect(panel.get_by_role("button", name="0.40 to 0.70")).to_be_visible()
    expect(low).to_have_attribute("aria-valuenow", "0.4")
    expect(tag(panel, "dog")).to_be_checked()
    panel.get_by_role("button", name="Clear the range of sharpness").click()
    expect(gallery.search_field).to_have_value("dog")
    panel.get_by_role("button", name="Clear 1").click()
    gallery.expect_count("600 images")


def test_tags_are_included_excluded_and_let_go(panel: Locator, lab: Lab) -> None:
    gallery = GalleryPage(lab, 1)
    tag(panel, "outdoors").click()
    expect(gallery.search_field).to_have_value("outdoors")
    tag(panel, "grass").click(modifiers=["Shift"])
    expect(gallery.search_field).to_have_value("outdoors -grass")
    tag(panel, "snow").click(modifiers=["Alt"])
    expect(gallery.search_field).to_have_value("outdoors -grass -snow")
    gallery.expect_count(f"{count(lab, 'outdoors -grass -snow')} of 600")
    tag(panel, "outdoors").click()
    expect(gallery.search_field).to_have_value("-grass -snow")
    tag(panel, "dog").click(modifiers=["ControlOrMeta"])
    expect(gallery.search_field).to_have_value("dog")
    expect(tag(panel, "grass")).to_have_attribute("aria-checked", "false")
    # by keyboard: F filters, arrows move, minus excludes
    panel.locator(".lf-list").focus()
    lab.page.keyboard.press("f")
    expect(panel.get_by_label("Filter tags")).to_be_focused()
    lab.page.keyboard.type("blur")
    expect(panel.locator(".lf-facet")).to_have_count(1)
    lab.page.keyboard.press("ArrowDown")
    lab.page.keyboard.press("-")
    expect(gallery.search_field).to_have_value("dog -blurry")


def test_ten_thousand_tags_scroll(lab: Lab) -> None:
    panel = open_panel(lab, images=500, tags=10_000)
    expect(panel.get_by_text("10,000", exact=True)).to_be_visible()
    rows = panel.locator(".lf-list")
    rows.hover()
    for _ in range(12):
        lab.page.mouse.wheel(0, 20_000)
    bottom = "list => list.scrollTop > 0 && list.scrollTop + list.clientHeight >= list.scrollHeight - 1"
    lab.page.wait_for_function(bottom, arg=rows.element_handle())
    last = panel.get_by_role("checkbox").last
    expect(last).to_be_visible()
    assert rows.evaluate("list => list.querySelectorAll('.lf-facet').length") < 60
    name = str(last.get_attribute("aria-label")).partition(",")[0]
    last.click()
    expect(tag(panel, name)).to_have_attribute("aria-checked", "true")
    assert lab.kernel_exec("print(len(view.shown) > 0)") == "True"
