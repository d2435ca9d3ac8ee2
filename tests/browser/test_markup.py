"""Markup in names, tags, captions, model answers and reasons stands on the page as text; none of it runs."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from gallery_page import GalleryPage
from lab import notebook_json
from playwright.sync_api import expect
from server_process import python_environment

if TYPE_CHECKING:
    from pathlib import Path

    from lab import Lab
    from playwright.sync_api import Browser, Page

# no blanks in tags, which have none: one that lost its markup by that would show nothing
IMAGE = "<img/src=x/onerror=window.ran=1>"
VECTOR = '"><svg/onload=window.ran=1>'
SCRIPT = "<script>window.ran=1</script>"
TURNED = "turned\u202egpj"
NAME = "<img src=x onerror=window.ran=1>"  # names of files hold no slash
NAMES = [NAME, '"><svg onload=window.ran=1>', f"{TURNED}\nnew"]
CAPTION = f"a caption {SCRIPT} {VECTOR} {TURNED}"

FILL = f"""
from pathlib import Path
import numpy as np
from PIL import Image
import lorairo as lr
from lorairo.store import evidence, log
from lorairo.store.evidence import AnnotationRow

Path("photos").mkdir(exist_ok=True)
for number, name in enumerate({NAMES!r}):
    place = Path("photos") / f"{{number}}{{name}}.jpg"
    Image.fromarray(np.random.default_rng(number).integers(0, 255, (48, 64, 3), dtype=np.uint8)).save(place)
Path("photos", "bad{NAME}.jpg").write_bytes(b"no picture")
project = lr.open_project("project{NAME}{TURNED}")
report = project.add("photos")
view = project.view()
view.add_tags({SCRIPT!r}, {IMAGE!r})
view.set_caption({CAPTION!r})
view.add_to({IMAGE!r})
project.view().head(1).exclude(reason={VECTOR!r})
view = project.view(everything=True)
with log.evidence_write(project.database) as connection:
    model = evidence.model_id(connection, "local", {VECTOR!r}, "", {{}}, kind="tagger")
    tags = evidence.pack_scores(evidence.tag_ids(connection, [({VECTOR!r}, 0)]).tolist(), [0.9])
    evidence.record(connection, [AnnotationRow(image, model, tags=tags) for image in view.ids.tolist()])
    log.refresh(connection, view.ids.tolist())
"""
# elements that a text would have become, in the open and in the roots of widgets
MADE = """() => {
    const shadows = [...document.querySelectorAll('*')].flatMap(element => element.shadowRoot ?? []);
    const made = '[onerror], [onload], [src^="x"]';
    return [document, ...shadows].reduce((count, root) => count + root.querySelectorAll(made).length, 0); }"""
QUERY = f"project.view('caption:{IMAGE}', everything=True)"
STATIC = ("report", "view", "project.history", "view.df", "view.edit_captions('caption', 'text')", QUERY)


def assert_nothing_ran(page: Page) -> None:
    """No frame was changed by a text, and no text became an element."""
    for frame in page.frames:
        assert frame.evaluate("() => window.ran") is None
        assert frame.evaluate(MADE) == 0


@pytest.fixture
def filled(lab: Lab) -> Lab:
    """A notebook over a project in which every text is hostile."""
    lab.open_cells(FILL, "lr.Gallery(view)", "lr.TagEditor(view)", *STATIC)
    lab.run_all()
    return lab


def test_in_the_notebook(filled: Lab) -> None:
    lab = filled
    gallery = GalleryPage(lab, 1)
    lab.show(1)
    gallery.await_painted()
    gallery.focus()
    gallery.press("Home")
    gallery.await_active(NAME)
    gallery.select_first(2)
    gallery.add_tag(f"{SCRIPT}2")
    gallery.expect_toast(f"Tagged 2 images {SCRIPT}2")
    gallery.press("Escape", "Escape", "Enter")
    expect(gallery.root.get_by_role("region", name="Large view")).to_contain_text(NAMES[1])
    gallery.press("Escape")
    gallery.search(f"-{SCRIPT}")
    assert_nothing_ran(lab.page)
    editor = lab.show(2)
    expect(editor).to_contain_text(SCRIPT)
    expect(editor).to_contain_text(IMAGE)
    expect(editor).to_contain_text(VECTOR)
    assert_nothing_ran(lab.page)
    for index in range(3, 3 + len(STATIC)):
        lab.show(index)
    assert_nothing_ran(lab.page)
    expect(lab.output(3)).to_contain_text(f"bad{NAME}.jpg")
    expect(lab.output(4)).to_contain_text(f"{NAME}turned\\u202egpj")


def test_names_that_turn_or_break_lines_keep_the_layout(filled: Lab) -> None:
    """A turned name must not turn what stands beside it, and a line in a name must not move the rows."""
    lab = filled
    gallery = GalleryPage(lab, 1)
    lab.show(1)
    gallery.await_painted()
    heights = {round(box["height"]) for cell in gallery.cells().all() if (box := cell.bounding_box())}
    assert len(heights) == 1
    page: Any = lab.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    assert page <= 0


def test_in_a_page_made_of_the_notebook(tmp_path: Path, chromium: Browser) -> None:
    cells = [FILL, "lr.Gallery(view)", "lr.TagEditor(view)", *STATIC]
    (tmp_path / "page.ipynb").write_text(notebook_json(cells), encoding="utf-8")
    export = (
        "-m",
        "nbconvert",
        "--execute",
        "--to",
        "html",
        "--ExecutePreprocessor.store_widget_state=False",
    )
    subprocess.run(
        [sys.executable, *export, "page.ipynb"], cwd=tmp_path, check=True, env=python_environment()
    )
    page = chromium.new_page(viewport={"width": 1000, "height": 900})
    try:
        page.goto((tmp_path / "page.html").as_uri(), wait_until="domcontentloaded")
        sheets = page.locator(".jp-RenderedHTMLCommon:has(img)")
        expect(sheets.first).to_contain_text(f"3 images in project{NAME}turned\\u202egpj")
        expect(page.locator("body")).to_contain_text(f"bad{NAME}.jpg")
        assert_nothing_ran(page)
    finally:
        page.close()
