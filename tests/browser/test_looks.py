"""Light, dark and narrow; empty; and what the keyboard must not do to the notebook."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from gallery_page import GalleryPage
from playwright.sync_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from lab import Lab

PROJECT = "import lorairo as lr\nproject = lr.open_project('project')\nview = project.view()"
CELLS = (PROJECT, "project.add('photos')", "lr.Gallery(view)", "lr.TagEditor(view)")
NARROW = 360

# relative luminance of what the root paints behind itself
LUMINANCE = """
root => {
  const [red, green, blue] = getComputedStyle(root).backgroundColor.match(/[\\d.]+/g).map(Number);
  const scale = getComputedStyle(root).backgroundColor.startsWith('color(') ? 1 : 255;
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / scale;
}
"""
# the theme of the widget as each frame since painted it
FRAMES = """
() => {
  window.themes = [];
  const look = () => {
    const root = document.querySelector('.lr');
    if (root) window.themes.push(root.dataset.theme);
    requestAnimationFrame(() => setTimeout(look, 0));
  };
  look();
}
"""
# visible controls that reach beyond the widget
OUTSIDE = """
root => {
  const box = root.getBoundingClientRect();
  return [...root.querySelectorAll('button, input, [role=toolbar]')].filter(element => {
    const {left, right, width} = element.getBoundingClientRect();
    return width > 0 && element.checkVisibility() && (left < box.left - 1 || right > box.right + 1);
  }).map(element => element.getAttribute('aria-label') ?? element.outerHTML.slice(0, 80));
}
"""


@pytest.fixture
def gallery(lab: Lab, photos: Path) -> GalleryPage:
    """Open a gallery and, below it, a tag editor that follows it."""
    shutil.copytree(photos, lab.folder / "photos")
    lab.open_cells(*CELLS)
    lab.run_all()
    lab.show(2)
    gallery = GalleryPage(lab, 2)
    gallery.await_painted()
    return gallery


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_widget_follows_the_theme_of_the_notebook(
    gallery: GalleryPage, theme: str, pictures_folder: Path
) -> None:
    lab = gallery.lab
    lab.theme(theme)
    gallery.select_first(3)
    luminance = gallery.root.evaluate(LUMINANCE)
    assert luminance < 0.1 if theme == "dark" else luminance > 0.9
    lab.screenshot(pictures_folder / f"gallery-{theme}.png")
    lab.show(3)
    expect(lab.output(3).get_by_text("3 selected")).to_be_visible()
    lab.screenshot(pictures_folder / f"tags-{theme}.png", lab.output(3))


def test_a_notebook_that_is_dark_from_the_start_never_shows_the_light_colours(lab: Lab, photos: Path) -> None:
    shutil.copytree(photos, lab.folder / "photos")
    lab.open_cells("", name="first.ipynb")
    lab.theme("dark")
    lab.open_cells(*CELLS)
    lab.run_cell(0)
    lab.run_cell(1)
    lab.page.evaluate(FRAMES)
    lab.run_cell(2)
    GalleryPage(lab, 2).await_painted()
    assert set(lab.page.evaluate("() => window.themes")) == {"dark"}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_narrow_notebook_shows_three_columns_and_cuts_nothing_off(
    gallery: GalleryPage, theme: str, pictures_folder: Path
) -> None:
    lab = gallery.lab
    lab.theme(theme)
    for _ in range(2):  # JupyterLab gives up its own margins on the way
        box, window = gallery.root.bounding_box(), lab.page.viewport_size
        assert box is not None
        assert window is not None
        width = round(window["width"] - box["width"] + NARROW)
        lab.page.set_viewport_size({"width": width, "height": 900})
        lab.page.wait_for_function(
            "([root, width]) => root.getBoundingClientRect().width !== width",
            arg=[gallery.root.element_handle(), box["width"]],
        )
    expect(gallery.grid).to_have_attribute("aria-colcount", "3")
    gallery.select_first(2)
    gallery.await_painted()
    assert gallery.root.evaluate(OUTSIDE) == []
    lab.screenshot(pictures_folder / f"narrow-{theme}.png")
    gallery.press("t")
    assert gallery.root.evaluate(OUTSIDE) == []
    lab.show(3)
    editor = lab.output(3).locator(".lr").first
    expect(editor).to_be_visible()
    assert editor.evaluate(OUTSIDE) == []
    lab.screenshot(pictures_folder / f"narrow-tags-{theme}.png", editor)


def test_an_empty_project_says_what_to_do_and_fills_while_it_is_open(
    lab: Lab, photos: Path, pictures_folder: Path
) -> None:
    shutil.copytree(photos, lab.folder / "photos")
    lab.open_cells(PROJECT, "lr.Gallery(view)", "project.add('photos')")
    lab.run_cell(0)
    lab.run_cell(1)
    gallery = GalleryPage(lab, 1)
    expect(gallery.root.get_by_text("No images yet")).to_be_visible()
    expect(gallery.root.get_by_text('project.add("photos/")')).to_be_visible()
    lab.screenshot(pictures_folder / "empty.png")
    lab.run_cell(2)
    lab.show(1)
    gallery.await_painted()
    gallery.expect_count("12 images")


def test_keys_reach_the_gallery_and_not_the_notebook(gallery: GalleryPage) -> None:
    lab = gallery.lab
    cells = lab.cell_types()
    gallery.focus()
    gallery.press(
        "a", "b", "d", "d", "m", "z", "Home", "3", "x", "Enter", "Enter", "Shift+ArrowDown", "u", "u"
    )
    assert lab.cell_types() == cells
    # Both edits have arrived, and have been taken back: "Nothing to undo" alone stands there before, too.
    expect(gallery.root.get_by_role("button", name="Redo: rated 1 image 3")).to_be_attached()
    expect(gallery.root.get_by_role("button", name="Nothing to undo")).to_be_visible()
    assert (
        lab.kernel_exec("record = project[int(view.ids[0])]; print(record.stars, record.excluded)")
        == "0 False"
    )
    gallery.press("?")
    expect(gallery.root.get_by_role("region", name="Keyboard")).to_be_visible()
    gallery.press("Escape")
    expect(gallery.root.get_by_role("region", name="Keyboard")).to_be_hidden()
    gallery.press("Escape", "Escape", "Escape")
    assert not gallery.root.evaluate("root => root.contains(document.activeElement)")


def test_a_click_in_the_editor_shows_in_the_gallery_and_the_cells(gallery: GalleryPage) -> None:
    lab = gallery.lab
    gallery.select_first(4)
    lab.show(3)
    editor = lab.output(3).locator(".lr").first
    field = editor.get_by_label("Add a tag to all 4", exact=False)
    field.fill("together")
    field.press("Shift+Enter")
    expect(editor.get_by_role("option", name="together")).to_be_visible()
    expect(gallery.root.get_by_role("button", name="Undo: tagged 4 images together")).to_be_attached()
    assert lab.kernel_exec("print(len(project.view('together')))") == "4"
    gallery.focus()
    gallery.press("u")
    gallery.expect_toast("Undone: tagged 4 images together")
    expect(editor.get_by_role("option", name="together")).to_have_count(0)
