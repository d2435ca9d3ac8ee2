"""The picture in README: what `lorairo demo` shows after two clicks; LORAIRO_SCREENSHOTS keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gallery_page import GalleryPage
from playwright.sync_api import expect

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


def test_the_workbench_in_one_picture(
    open_lab: Callable[..., Lab], lab_server: LabServer, pictures_folder: Path
) -> None:
    lab = open_lab(lab_server, width=1200, height=1170)
    prepare(lab.folder, count=120)
    lab.open_cells(PREPARE, "lr.Gallery(view, height=440)", "lr.TagEditor(view, height=360)")
    lab.run_all()
    lab.show(1)
    gallery = GalleryPage(lab, 1)
    gallery.await_painted()
    gallery.select_first(9)
    editor = lab.output(2).locator(".lr").first
    expect(editor.get_by_text("9 selected", exact=True)).to_be_visible()
    expect(editor.get_by_text("On some", exact=True)).to_be_visible()
    expect(editor.locator("img:visible").first).to_be_visible()
    lab.screenshot(pictures_folder / "workbench.png", lab.page.locator(".jp-NotebookPanel-notebook"))
