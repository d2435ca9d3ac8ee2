"""Images side by side in JupyterLab, by keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from gallery_page import GalleryPage
from playwright.sync_api import expect
from test_looks import OUTSIDE
from test_workbench import violations
from workbench_page import PREPARE, WorkbenchPage

from lorairo.demo import prepare

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab import Lab
    from lab_server import LabServer
    from playwright.sync_api import Locator

# where each picture lies in its well, as shares of its own size, and how much larger than fitted it is
PARTS = """
root => [...root.querySelectorAll('.cp-pane .lr-big')].map(well => {
  const picture = well.querySelector('img').getBoundingClientRect();
  const box = well.getBoundingClientRect();
  return [box.left + box.width / 2 - picture.left, box.top + box.height / 2 - picture.top]
    .map((at, axis) => Math.round(100 * at / (axis ? picture.height : picture.width)));
})
"""
PICTURES = """
root => {
  const all = [...root.querySelectorAll('.cp-pane img')];
  return all.length > 1 && all.every(image => image.complete && image.naturalWidth > 256);
}
"""


@pytest.fixture
def workbench(open_lab: Callable[..., Lab], lab_server: LabServer) -> WorkbenchPage:
    """A workbench over tagged pictures, and a comparison of its own below."""
    lab = open_lab(lab_server, width=1500, height=900)
    prepare(lab.folder, count=12)
    lab.open_cells(PREPARE, "lr.Workbench(view)", "project.view()[:4].compare(height=600)")
    lab.run_cell(0)
    lab.run_cell(1)
    lab.show(1)
    page = WorkbenchPage(lab, 1)
    page.await_painted()
    return page


def painted(page: GalleryPage, compare: Locator) -> None:
    """Wait until all pictures are there."""
    page.lab.page.wait_for_function(PICTURES, arg=compare.element_handle())


def test_selected_images_are_compared_and_edited_by_keyboard(
    workbench: WorkbenchPage, pictures_folder: Path
) -> None:
    lab, root = workbench.lab, workbench.root
    workbench.select_first(2)
    workbench.press("c")
    compare = root.get_by_role("region", name="Compare", exact=True).last
    expect(compare.get_by_text("Compare 2 images")).to_be_visible()
    painted(workbench, compare)
    first, second = compare.get_by_role("group", name="A, "), compare.get_by_role("group", name="B, ")
    expect(first).to_be_focused()
    lab.screenshot(pictures_folder / "compare-two-light.png", root)

    workbench.press("ArrowRight", "4", "x")
    expect(second).to_be_focused()
    expect(second.get_by_role("radio", name="4 stars")).to_be_checked()
    expect(compare.get_by_role("button", name="Include B (X)")).to_be_visible()
    seen = "print([(r.stars, r.excluded) for r in (project[int(i)] for i in view.selected.ids)])"
    assert lab.kernel_exec(seen) == "[(0, False), (4, True)]"

    workbench.press("ArrowLeft", "p")
    workbench.expect_toast("Tagged 1 image")
    expect(compare.get_by_role("button", name="A has no tag to copy")).to_be_visible()
    both = "a, b = (set(project[int(i)].tags) for i in view.selected.ids); print(a <= b)"
    assert lab.kernel_exec(both) == "True"

    table = compare.get_by_role("table", name="Compared")
    toggle = table.get_by_role("button", pressed=False).first
    tag, _, _ = (toggle.get_attribute("aria-label") or "").partition(" on ")
    toggle.focus()
    workbench.press("Enter")
    expect(table.get_by_role("button", name=f"{tag} on A", exact=True)).to_be_hidden()  # now it is on both
    assert lab.kernel_exec(f"print({tag!r} in project[int(view.selected.ids[0])].tags)") == "True"
    first.focus()

    workbench.press("+", "+", "+")
    parts = compare.evaluate(PARTS)
    assert parts[0] == parts[1]
    workbench.press("Enter", "Tab")
    workbench.press("Escape")
    expect(compare).to_be_hidden()
    expect(workbench.grid).to_be_focused()

    workbench.inspector.get_by_role("button", name="This image").click()
    beside = workbench.inspector.get_by_role("button", name="Compare")
    beside.focus()
    lab.screenshot(pictures_folder / "compare-in-inspector.png", root)
    workbench.press("Enter")
    expect(compare.get_by_text("Compare 2 images")).to_be_visible()
    workbench.press("Escape")
    beside.focus()
    workbench.press("c")
    expect(compare.get_by_text("Compare 2 images")).to_be_visible()
    assert lab.cell_types() == ["code"] * 3  # no key reached the notebook


def test_a_cell_compares_four_at_every_width(workbench: WorkbenchPage, pictures_folder: Path) -> None:
    lab = workbench.lab
    lab.run_cell(2)
    lab.show(2)
    root = lab.output(2).get_by_role("region", name="lorairo comparison, my-dataset")
    compare = root.get_by_role("region", name="Compare", exact=True)
    expect(compare.get_by_role("group", name="D, ")).to_be_visible()
    painted(workbench, compare)
    for theme in ("dark", "light"):
        lab.theme(theme)
        lab.screenshot(pictures_folder / f"compare-four-{theme}.png", root)
        assert violations(workbench) == []
    workbench.resize(360)
    lab.show(2)
    assert root.evaluate(OUTSIDE) == []
    lab.screenshot(pictures_folder / "compare-four-narrow.png", root)
