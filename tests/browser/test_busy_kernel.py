"""A click while a cell runs: answered where the kernel has subshells, visibly queued where it has none."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from gallery_page import GalleryPage
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab import Lab
    from lab_server import LabServer

# a cell that is busy until the test says so, and gives up by itself if the test died
BUSY = """
import time
from pathlib import Path
end = time.monotonic() + 120
while not Path("go-on").exists() and time.monotonic() < end:
    sum(range(10_000))
"""
CELLS = (
    "import lorairo as lr\nproject = lr.open_project('project')\nproject.add('photos')",
    "view = project.view()\nlr.Gallery(view)",
    BUSY,
)
STARS = "print(project[int(view.ids[0])].stars)"
WAITING = "Waiting: a cell is running"


def start(lab: Lab, photos: Path) -> GalleryPage:
    """Open a gallery with one image chosen, and keep the kernel busy."""
    shutil.copytree(photos, lab.folder / "photos")
    lab.open_cells(*CELLS)
    lab.run_cell(0)
    lab.run_cell(1)
    gallery = GalleryPage(lab, 1)
    lab.show(1)
    gallery.await_painted()
    gallery.focus()
    gallery.press("Home", "Space")
    expect(gallery.selection_bar).to_contain_text("1 selected")
    return gallery


def test_with_subshells_a_click_is_answered_while_a_cell_runs(lab: Lab, photos: Path) -> None:
    gallery = start(lab, photos)
    lab.await_subshell()
    lab.start_cell(2)
    gallery.focus()
    gallery.press("4", "t")
    gallery.root.get_by_label("Tag for 1 image").fill("answered")
    gallery.press("Shift+Enter")
    gallery.expect_toast("Tagged 1 image answered")
    assert lab.is_running()
    expect(gallery.root.get_by_text(WAITING)).to_be_hidden()
    (lab.folder / "go-on").touch()
    lab.await_cell()
    assert lab.kernel_exec(STARS) == "4"
    assert lab.kernel_exec("print('answered' in project[int(view.ids[0])].tags)") == "True"


def test_without_subshells_an_edit_waits_and_says_so(
    open_lab: Callable[[LabServer], Lab],
    lab_server_without_subshells: LabServer,
    photos: Path,
    pictures_folder: Path,
) -> None:
    lab = open_lab(lab_server_without_subshells)
    gallery = start(lab, photos)
    lab.start_cell(2)
    gallery.focus()
    gallery.press("4")
    expect(gallery.root.get_by_text(WAITING)).to_be_visible()
    expect(gallery.root.get_by_text("1 change waiting")).to_be_visible()
    assert lab.is_running()
    lab.screenshot(pictures_folder / "busy.png")
    (lab.folder / "go-on").touch()
    lab.await_cell()
    expect(gallery.root.get_by_role("button", name="Undo: rated 1 image 4")).to_be_visible()
    expect(gallery.root.get_by_text(WAITING)).to_be_hidden()
    expect(gallery.root.get_by_text("Saved", exact=True)).to_be_visible()
    assert lab.kernel_exec(STARS) == "4"
    assert lab.kernel_exec("print(project.history['label'].tolist())") == "['Rated 1 image 4']"
