"""Nothing pretends to be saved: a database that refuses, a kernel that is gone, what becomes of a change."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from gallery_page import GalleryPage
from playwright.sync_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from lab import Lab

CELLS = (
    "import lorairo as lr\nproject = lr.open_project('project')\nproject.add('photos')",
    "view = project.view()\nlr.Gallery(view)",
    "lr.TagEditor(view)",
)
STARS = "print(project[int(view.ids[0])].stars)"
FULL = """
with project.database._writer.connect() as connection:
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
"""
ROOM = """
with project.database._writer.connect() as connection:
    connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
"""
LOCK = """
import sqlite3
project.database.lock_timeout = 0.0
other = sqlite3.connect(project.database.path)
other.execute("BEGIN IMMEDIATE")
"""
UNLOCK = "other.rollback(); project.database.lock_timeout = 60.0"
READ_ONLY = """
with project.database._writer.connect() as connection:
    connection.exec_driver_sql("PRAGMA query_only = 1")
"""
WRITABLE = READ_ONLY.replace("= 1", "= 0")


def open_gallery(lab: Lab, photos: Path) -> GalleryPage:
    """Open a gallery and a tag editor that follows it, with the first image selected."""
    shutil.copytree(photos, lab.folder / "photos")
    lab.open_cells(*CELLS)
    lab.run_all()
    lab.show(1)
    gallery = GalleryPage(lab, 1)
    gallery.await_painted()
    gallery.select_first(1)
    return gallery


@pytest.mark.parametrize(
    "refusal",
    [(LOCK, UNLOCK, "locked by another program"), (READ_ONLY, WRITABLE, "cannot be written")],
    ids=["locked", "read-only"],
)
def test_a_refused_star_goes_back_says_why_and_can_be_tried_again(
    lab: Lab, photos: Path, pictures_folder: Path, refusal: tuple[str, str, str]
) -> None:
    refuse, allow, why = refusal
    gallery = open_gallery(lab, photos)
    saved = gallery.root.locator(".lr-strip .lr-saved")
    gallery.press("3")
    expect(saved).to_have_text("Saved")
    lab.kernel_exec(refuse)
    gallery.press("5")
    gallery.expect_toast("Could not save 1 change")
    gallery.expect_toast(why)
    expect(saved).to_contain_text("Not saved: ")
    gallery.await_active("rated 3")
    assert lab.kernel_exec(STARS) == "3"
    lab.screenshot(pictures_folder / "not-saved.png", gallery.root)
    lab.kernel_exec(allow)
    gallery.toast.get_by_role("button", name="Retry").click()
    expect(saved).to_have_text("Saved")
    gallery.await_active("rated 5")
    assert lab.kernel_exec(STARS) == "5"


def test_on_a_full_disk_a_caption_stays_in_its_box_and_is_saved_once_there_is_room(
    lab: Lab, photos: Path, pictures_folder: Path
) -> None:
    open_gallery(lab, photos)
    lab.show(2)
    editor = lab.output(2).locator(".lr").first
    saved = editor.locator(".te-footer .lr-saved")
    text = "A dog on the beach, looking at the sea. " * 500
    lab.kernel_exec(FULL)
    box = editor.get_by_role("textbox", name="Caption")
    box.fill(text)
    box.blur()
    expect(saved).to_contain_text("Not saved: disk is full")
    expect(box).to_have_value(text)
    assert lab.kernel_exec("print(project[int(view.ids[0])].caption)") == "None"
    lab.screenshot(pictures_folder / "not-saved-caption.png", editor)
    lab.kernel_exec(ROOM)
    editor.get_by_role("button", name="try again").click()
    expect(saved).to_have_text("Saved")
    assert lab.kernel_exec("print(len(project[int(view.ids[0])].caption))") == str(len(text))


def test_a_change_that_a_kernel_died_over_is_named_and_can_be_copied(
    lab: Lab, photos: Path, pictures_folder: Path
) -> None:
    gallery = open_gallery(lab, photos)
    strip = gallery.root.locator(".lr-strip")
    gallery.press("3")
    expect(strip.get_by_text("Saved", exact=True)).to_be_visible()
    lab.restart_kernel()
    gallery.focus()
    gallery.press("5", "x")
    expect(strip.get_by_text("2 changes waiting")).to_be_visible()
    expect(strip.get_by_text("Kernel not answering")).to_be_visible()
    expect(strip.get_by_text("2 changes not saved")).to_be_visible()
    expect(strip).to_have_attribute("role", "alert")
    lab.screenshot(pictures_folder / "gone.png", gallery.root)
    gallery.press("4")
    expect(strip.get_by_text("2 changes not saved")).to_be_visible()
    strip.get_by_role("button", name="Copy the changes not saved").click()
    expect(strip).to_contain_text("Copied")
    strip.get_by_role("button", name="Try again").click()
    expect(strip.get_by_text("2 changes waiting")).to_be_visible()
    expect(strip.get_by_text("2 changes not saved")).to_be_visible()
    lab.run_cell(0)
    lab.run_cell(1)
    gallery.await_painted()
    expect(strip.get_by_text("2 changes from before the restart not saved")).to_be_visible()
    lab.screenshot(pictures_folder / "left-behind.png", gallery.root)
    strip.get_by_role("button", name="Save now").click()
    expect(strip.get_by_text("1 change from before the restart not saved")).to_be_visible()
    assert lab.kernel_exec(STARS) == "5"
    strip.get_by_role("button", name="Let these changes go").click()
    expect(strip.get_by_text("12 images in project")).to_be_visible()
