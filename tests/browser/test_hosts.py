"""One notebook in every Jupyter that is promised: shown, edited, saved, and there again after a restart."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from gallery_page import GalleryPage
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab import Lab

PROJECT = """\
import lorairo as lr
project = lr.open_project("project")
project.add("photos")
view = project.view()
"""
CELLS = (PROJECT, "lr.Gallery(view, height=480)", "lr.TagEditor(view)")
TAGGED = "print(len(project.view('kept')), project[int(view.ids[0])].stars)"
RATED = re.compile("^Undo: rated 3 images 4$", re.IGNORECASE)
# what tells one host from the others, as its kernel says it
HOSTS = {
    "notebook": "import notebook; print(notebook.__version__.split('.')[0] == '7')",
    "old_kernel": "import ipykernel; print(ipykernel.version_info[0] == 6)",
    "old_host": "import anywidget, ipywidgets; print(anywidget.__version__, ipywidgets.version_info[:2])",
}
SAYS = {"notebook": "True", "old_kernel": "True", "old_host": "0.9.18 (7, 6)"}


@pytest.fixture(params=sorted(HOSTS))
def host(request: pytest.FixtureRequest, open_lab: Callable[..., Lab], photos: Path) -> Lab:
    """A notebook with a gallery and a tag editor, run from the top."""
    lab = open_lab(request.getfixturevalue(f"{request.param}_server"))
    shutil.copytree(photos, lab.folder / "photos")
    lab.open_cells(*CELLS)
    lab.run_all()
    assert lab.kernel_exec(HOSTS[request.param]) == SAYS[request.param]
    return lab


def open_gallery(lab: Lab) -> GalleryPage:
    """Bring the gallery into the window and wait for its pictures."""
    lab.show(1)
    gallery = GalleryPage(lab, 1)
    gallery.await_painted()
    return gallery


def says_that_nobody_answers(gallery: GalleryPage) -> None:
    """See a widget of the kernel before: what it loaded stays, and an edit is not taken."""
    gallery.focus()
    gallery.press("Home", "1")
    expect(gallery.root.get_by_text("Kernel not answering")).to_be_visible()
    gallery.await_painted()


def test_edits_are_saved_and_there_again_after_a_restart(
    host: Lab, request: pytest.FixtureRequest, pictures_folder: Path
) -> None:
    gallery = open_gallery(host)
    before = host.cell_types()
    gallery.focus()
    gallery.press("a", "b", "d", "d", "m", "z", "Escape")  # commands of the notebook, were it to hear them
    assert host.cell_types() == before
    gallery.select_first(3)
    gallery.add_tag("kept")
    gallery.expect_toast("Tagged 3 images kept")
    gallery.press("Escape", "Home", "4")
    expect(gallery.root.get_by_role("button", name=RATED)).to_be_visible()

    host.show(2)
    editor = host.output(2).locator(".lr").first
    expect(editor.get_by_role("option", name="kept")).to_be_visible()
    name = request.node.callspec.params["host"]
    for theme in ("dark", "light"):
        host.theme(theme)
        expect(editor).to_have_attribute("data-theme", theme)
        host.screenshot(pictures_folder / f"{name}-tags-{theme}.png")
        open_gallery(host)
        host.screenshot(pictures_folder / f"{name}-gallery-{theme}.png")
    assert host.kernel_exec(TAGGED) == "3 4"

    host.restart_kernel()
    if name == "notebook":  # the same in all of them, and it takes its time
        says_that_nobody_answers(open_gallery(host))
    host.run_all()
    gallery = open_gallery(host)
    assert host.kernel_exec(TAGGED) == "3 4"
    gallery.focus()
    gallery.search("kept")
    gallery.expect_count("3 of 12")
    gallery.root.get_by_role("button", name=RATED).click()
    gallery.expect_toast("Undone: rated 3 images 4")
    assert host.kernel_exec(TAGGED) == "3 0"
