"""A notebook without a kernel still shows pictures: the contact sheet beside the live view."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from lab import notebook_json
from playwright.sync_api import expect
from server_process import python_environment

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

CELLS = (
    "import lorairo as lr\nproject = lr.open_project('project')\nproject.add('photos')",
    "view = project.view()\nview",
    "lr.Gallery(view)",
)
EXPORT = ("-m", "nbconvert", "--execute", "--to", "html", "--ExecutePreprocessor.store_widget_state=False")


def test_a_page_made_from_a_notebook_shows_the_contact_sheet(
    photos: Path, chromium: Browser, pictures_folder: Path
) -> None:
    folder = photos.parent
    (folder / "page.ipynb").write_text(notebook_json(list(CELLS)), encoding="utf-8")
    subprocess.run([sys.executable, *EXPORT, "page.ipynb"], cwd=folder, check=True, env=python_environment())
    page = chromium.new_page(viewport={"width": 1000, "height": 900})
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
        assert page.locator("script[src^='data:']").count() == 0
        page.screenshot(path=str(pictures_folder / "static.png"))
    finally:
        page.close()
    assert (folder / "page.html").stat().st_size < 2_000_000
