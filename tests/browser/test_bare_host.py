"""Anywidget's model and nothing else: an iframe, no theme variables, any form of buffer, lost messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from gallery_page import GalleryPage
from playwright.sync_api import expect
from test_looks import LUMINANCE, OUTSIDE

import lorairo as lr

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bare_host import BarePage

GALLERY = "lr.Gallery(view, height=440)"


@pytest.fixture
def open_gallery(open_bare: Callable[..., BarePage]) -> Callable[..., GalleryPage]:
    """Open the bare page with a gallery."""
    return lambda query="": GalleryPage(open_bare(GALLERY, query), 0)


@pytest.mark.parametrize("form", ["Uint8Array", "DataView", "ArrayBuffer"])
def test_pictures_and_edits_in_every_form_of_buffer(
    open_gallery: Callable[..., GalleryPage], form: str, pictures_folder: Path
) -> None:
    gallery = open_gallery(f"buffers={form}")
    gallery.await_painted()
    gallery.select_first(3)
    gallery.add_tag("kept")
    gallery.expect_toast("Tagged 3 images kept")
    with lr.open_project(gallery.lab.server.root / "project") as project:
        assert len(project.view("kept")) == 3
    gallery.press("Escape")
    for theme in ("light", "dark"):
        gallery.lab.theme(theme)
        expect(gallery.root).to_have_attribute("data-theme", theme)
        luminance = gallery.root.evaluate(LUMINANCE)
        assert luminance < 0.1 if theme == "dark" else luminance > 0.9
        assert gallery.root.evaluate(OUTSIDE) == []
        gallery.lab.screenshot(pictures_folder / f"bare-{theme}.png")


def test_a_page_that_missed_the_first_answers_asks_again(open_gallery: Callable[..., GalleryPage]) -> None:
    gallery = open_gallery("deaf")
    gallery.await_painted()
    gallery.expect_count("12 images")
    assert gallery.lab.frame.evaluate("() => model.again") >= 1


def test_two_views_of_one_model_stay_in_step_and_scroll_on_their_own(
    open_gallery: Callable[..., GalleryPage],
) -> None:
    first = open_gallery("views=2")
    second = GalleryPage(first.lab, 1)
    first.await_painted()
    second.await_painted()
    first.select_first(2)
    first.press("5", "t")
    first.root.get_by_label("Tag for 2 images").fill("shared")
    first.press("Shift+Enter")
    first.expect_toast("Tagged 2 images shared")
    expect(second.selection_bar).to_contain_text("2 selected")
    expect(second.root.get_by_role("button", name="Undo: tagged 2 images shared")).to_be_visible()
    second.focus()
    second.press("u")
    second.expect_toast("Undone: tagged 2 images shared")
    expect(first.root.get_by_role("button", name="Undo: rated 2 images 5")).to_be_visible()
    first.focus()
    first.press("Escape", *["]"] * 4)  # larger cells: more than fits
    first.scroll_to_end()
    assert first.grid.evaluate("grid => grid.scrollTop") > 0
    assert second.grid.evaluate("grid => grid.scrollTop") == 0


@pytest.mark.parametrize("kind", ["Gallery", "TagEditor", "Workbench"])
@pytest.mark.parametrize("protocols", [(2, 2), (1, 2), (1, 0)], ids=["newer", "newer-later", "older-later"])
def test_a_page_and_a_kernel_of_different_versions_say_to_reload(
    open_bare: Callable[..., BarePage],
    protocols: tuple[int, int],
    kind: str,
    pictures_folder: Path,
) -> None:
    page = open_bare(f"lr.{kind}(view)", protocols=protocols)
    notice = page.output(0).get_by_role("alert").filter(has_text="Reload")
    expect(notice).to_have_text(
        "Reload the page: this widget and the installed lorairo speak different versions."
    )
    expect(page.output(0).get_by_role("grid")).to_have_count(0)
    page.screenshot(pictures_folder / "reload.png")
