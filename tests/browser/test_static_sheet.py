"""A notebook without a kernel still shows pictures: the contact sheet beside the live view."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from gallery_page import GalleryPage
from lab import notebook_json
from playwright.sync_api import expect
from server_process import python_environment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab import Lab
    from lab_server import LabServer
    from playwright.sync_api import Browser

CELLS = (
    "import lorairo as lr\nproject = lr.open_project('project')\nproject.add('photos')",
    "view = project.view()\nview",
    "lr.Gallery(view)",
)
# how wide and high each picture of a sheet is shown, beside what it is
PROPORTIONS = """
images => Promise.all(images.map(async image => {
  image.loading = 'eager';
  await image.decode();
  return [image.width / image.height, image.naturalWidth / image.naturalHeight];
}))
"""
EXPORT = ("-m", "nbconvert", "--execute", "--to", "html")


@pytest.mark.parametrize("state", ["True", "False"])
def test_a_page_made_from_a_notebook_shows_the_contact_sheet(
    photos: Path, chromium: Browser, pictures_folder: Path, state: str
) -> None:
    folder = photos.parent
    (folder / "page.ipynb").write_text(notebook_json(list(CELLS)), encoding="utf-8")
    keep = f"--ExecutePreprocessor.store_widget_state={state}"
    command = [sys.executable, *EXPORT, keep, "page.ipynb"]
    subprocess.run(command, cwd=folder, check=True, env=python_environment())
    page = chromium.new_page(viewport={"width": 1000, "height": 900})
    page.route(re.compile("^https?:"), lambda route: route.abort())  # the network is cut
    try:
        page.goto((folder / "page.html").as_uri(), wait_until="domcontentloaded")
        sheets = page.locator(".jp-RenderedHTMLCommon:has(img)")
        expect(sheets).to_have_count(2)  # the bare view, and the gallery
        expect(sheets.last).to_contain_text("12 images in project")
        painted = sheets.last.locator("img").evaluate_all(
            "images => Promise.all(images.map(image => image.decode().then(() => image.naturalWidth)))"
        )
        assert len(painted) == 12
        assert all(width > 0 for width in painted)
        expect(sheets.last).to_be_visible()
        page.screenshot(path=str(pictures_folder / "static.png"), full_page=True)
    finally:
        page.close()
    assert (folder / "page.html").stat().st_size < 2_000_000


@pytest.mark.parametrize("trusted", [False, True])
def test_a_saved_notebook_shows_the_contact_sheet_where_there_is_no_kernel(
    open_lab: Callable[..., Lab],
    lab_server: LabServer,
    reading_server: LabServer,
    photos: Path,
    *,
    pictures_folder: Path,
    trusted: bool,
) -> None:
    written = open_lab(lab_server)
    shutil.copytree(photos, written.folder / "photos")
    written.open_cells(*CELLS)
    written.run_all()
    written.show(2)
    GalleryPage(written, 2).await_painted()
    expect(written.output(2).locator(".lorairo-sheet")).to_be_hidden()  # beside the live one
    written.save()

    read = open_lab(reading_server)
    shutil.copy(written.folder / "test.ipynb", read.folder)
    if trusted:  # as one's own are
        trust = [sys.executable, "-m", "jupyter", "trust", "test.ipynb"]
        subprocess.run(trust, cwd=read.folder, check=True, env=reading_server.environment())
    read.page.goto(reading_server.url(read.folder / "test.ipynb"), wait_until="domcontentloaded")
    dialog = read.page.get_by_role("dialog")
    dialog.get_by_role("button", name="No Kernel", exact=True).dispatch_event("click")
    for cell in (1, 2):  # the bare view, and the gallery
        sheet = read.output(cell).locator(".jp-RenderedHTMLCommon")
        expect(sheet).to_be_visible()
        expect(sheet).to_contain_text("12 images in project")
        shown = sheet.locator("img").evaluate_all(PROPORTIONS)
        assert len(shown) == 12
        assert all(abs(width - own) < 0.02 for width, own in shown)
        assert sheet.locator("script, iframe").count() == 0
    read.screenshot(pictures_folder / f"saved-{'own' if trusted else 'foreign'}.png", read.output(2))
