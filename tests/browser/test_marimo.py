"""Widgets in a marimo app: a shadow root, no variables of JupyterLab, buffers as they come there."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from gallery_page import GalleryPage
from marimo_app import MarimoPage, MarimoServer
from playwright.sync_api import expect
from test_looks import LUMINANCE, OUTSIDE

import lorairo as lr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

APP = """\
import marimo

app = marimo.App(width="full")


@app.cell
def _():
    import marimo as mo
    import lorairo as lr

    project = lr.open_project("project")
    project.add("photos")
    view = project.view()
    return lr, mo, view


@app.cell
def _(lr, mo, view):
    mo.ui.anywidget(lr.Gallery(view, height=480))
    return


@app.cell
def _(lr, mo, view):
    mo.ui.anywidget(lr.TagEditor(view))
    return
"""
FOLLOW_THE_SYSTEM = '[tool.marimo.display]\ntheme = "system"\n'


@pytest.fixture
def server(tmp_path: Path, photos: Path) -> Iterator[MarimoServer]:
    """A server of the app over twelve pictures."""
    place = tmp_path / "marimo"
    shutil.copytree(photos, place / "root" / "photos")
    (place / "root" / "pyproject.toml").write_text(FOLLOW_THE_SYSTEM, encoding="utf-8")
    server = MarimoServer(place, APP)
    yield server
    server.stop()


@pytest.fixture
def gallery(open_page: Callable[..., MarimoPage], server: MarimoServer) -> GalleryPage:
    """The app's gallery with its pictures; its tag editor follows it."""
    page = open_page(MarimoPage, server)
    page.open()
    gallery = GalleryPage(page, 0)
    gallery.await_painted()
    return gallery


def test_edits_in_an_app_reach_the_project(
    gallery: GalleryPage, server: MarimoServer, pictures_folder: Path
) -> None:
    app = gallery.lab
    gallery.select_first(3)
    gallery.add_tag("kept")
    gallery.expect_toast("Tagged 3 images kept")
    editor = app.show(1).locator(".lr").first
    expect(editor.get_by_role("option", name="kept")).to_be_visible()
    editor.get_by_label("Add a tag to all 3", exact=False).fill("typed")
    editor.get_by_label("Add a tag to all 3", exact=False).press("Shift+Enter")
    expect(editor.get_by_role("option", name="typed")).to_be_visible()
    with lr.open_project(server.root / "project") as project:
        assert len(project.view("kept typed")) == 3
    for theme in ("light", "dark"):
        app.theme(theme)
        expect(editor).to_have_attribute("data-theme", theme)
        app.screenshot(pictures_folder / f"marimo-tags-{theme}.png")
        app.show(0)
        luminance = gallery.root.evaluate(LUMINANCE)
        assert luminance < 0.1 if theme == "dark" else luminance > 0.9
        assert gallery.root.evaluate(OUTSIDE) == []
        app.screenshot(pictures_folder / f"marimo-gallery-{theme}.png")
        app.show(1)


def test_the_keyboard_goes_around_a_gallery_in_a_shadow_root(gallery: GalleryPage) -> None:
    gallery.focus()
    gallery.press("Home", "ArrowRight")
    gallery.await_active("2 of 12")
    gallery.search("dog")
    gallery.expect_count("3 of 12")
    gallery.press("Escape")
    expect(gallery.grid).to_be_focused()
    gallery.press("?", "Escape")
    expect(gallery.root.get_by_role("region", name="Keyboard")).to_be_hidden()
    gallery.press("Escape", "Escape")
    expect(gallery.grid).not_to_be_focused()
