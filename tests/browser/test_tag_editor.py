"""The tag editor by keyboard alone: what it does to one image and to many, in light and dark."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tag_editor_page import EditorPage
from test_looks import OUTSIDE, PROJECT
from test_workbench import violations
from workbench_page import WorkbenchPage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab import Lab
    from lab_server import LabServer

# what a model would have said of twelve pictures, which stand in the order of their ids
SAID = """
from lorairo.store import evidence, log
project.add("photos")
everything = project.view(everything=True)
scores = {"long_hair": 0.97, "sky": 0.9, "smile": 0.8, "fur": 0.3, "hat": 0.25}
with log.evidence_write(project.database) as c:
    tags = evidence.tag_ids(c, [(name, 0) for name in scores])
    character = evidence.tag_ids(c, [("hatsune_miku", 4)])
    model = evidence.model_id(c, "house", "tagger", "1", {})
    for place, number in enumerate(everything.ids.tolist()):
        count = 5 if place < 4 else 2
        known = evidence.pack_scores(tags[:count], list(scores.values())[:count])
        known += evidence.pack_scores(character, [0.93])
        said = evidence.AnnotationRow(number, model, caption="a girl with long hair", tags=known)
        evidence.record(c, [said])
    log.refresh(c, everything.ids)
view.selected = view[1:2]
"""
SECOND = "^Tags of 01"


@pytest.fixture
def lab(open_lab: Callable[..., Lab], lab_server: LabServer, photos: Path) -> Lab:
    """A notebook with room for a widget beside twelve pictures."""
    lab = open_lab(lab_server, width=1360, height=900)
    shutil.copytree(photos, lab.folder / "photos")
    return lab


@pytest.fixture
def editor(lab: Lab) -> EditorPage:
    """A tag editor over twelve pictures, the second one selected."""
    lab.page.set_viewport_size({"width": 1160, "height": 900})
    lab.open_cells(PROJECT, SAID, "lr.TagEditor(view, height=620)")
    lab.run_all()
    lab.show(2)
    page = EditorPage(lab, 2)
    expect(page.caption).to_have_value("a girl with long hair")
    page.begin()
    return page


def test_tags_of_one_image(editor: EditorPage, pictures_folder: Path) -> None:
    editor.expect_chips(SECOND, "long_hair", "hatsune_miku", "sky", "smile")
    editor.press("t")
    expect(editor.field).to_be_focused()
    editor.write("Sun Hat")
    editor.press("Enter")
    editor.expect_chips(SECOND, "long_hair", "hatsune_miku", "sky", "smile", "sun_hat")
    expect(editor.root.get_by_role("button", name="Undo: Tagged 1 image sun_hat")).to_be_enabled()
    editor.press("Alt+ArrowDown")
    at_hand = editor.root.locator(".te-options").get_by_role("option")
    expect(at_hand.filter(visible=True)).to_contain_text("sun_hat")
    editor.press("ArrowDown", "Control+Enter")
    editor.expect_toast("Pinned sun_hat")
    editor.lab.screenshot(pictures_folder / "editor-at-hand.png", editor.root)
    assert editor.ask("project.pinned_tags") == ["sun_hat"]
    editor.press("Escape", "ArrowDown")
    expect(editor.chip("long_hair")).to_be_focused()
    expect(editor.root.get_by_text("score 0.97, tagger", exact=True)).to_be_visible()
    prompt = editor.lab.cell(2).locator(".jp-InputPrompt")
    before = prompt.inner_text()
    editor.press("Control+Enter")
    assert editor.ask("len(view)") == 12  # the kernel would have run the cell before it answers
    expect(prompt).to_have_text(before)
    expect(editor.chip("long_hair")).to_be_focused()
    move_and_undo(editor)
    judge(editor)


def move_and_undo(editor: EditorPage) -> None:
    """Move the focused chip by keys, drag it back by pointer; each is one operation."""
    before = editor.ask("len(project.history)")
    editor.page.keyboard.down("Alt")
    editor.press("ArrowRight", "ArrowRight")
    editor.page.keyboard.up("Alt")
    expect(editor.root.get_by_role("status").last).to_have_text("long_hair moved to position 3 of 5")
    editor.expect_chips(SECOND, "hatsune_miku", "sky", "long_hair", "smile", "sun_hat")
    expect(editor.chip("long_hair")).to_be_focused()
    expect(editor.root.get_by_role("button", name="Undo: Put hatsune_miku")).to_be_enabled()
    assert editor.ask("project[2].tags")[:3] == ["hatsune_miku", "sky", "long_hair"]
    assert editor.ask("len(project.history)") == before + 1
    editor.chip("sun_hat").hover()
    editor.page.mouse.down()
    box = editor.chip("sky").bounding_box()
    assert box is not None
    editor.page.mouse.move(box["x"] + 4, box["y"] + 8, steps=3)
    editor.page.mouse.up()
    editor.expect_chips(SECOND, "hatsune_miku", "sun_hat", "sky", "long_hair", "smile")
    editor.chip("sun_hat").press("u")
    editor.expect_chips(SECOND, "hatsune_miku", "sky", "long_hair", "smile", "sun_hat")


def judge(editor: EditorPage) -> None:
    """Accept what is suggested, reject it, and take the rejection back."""
    editor.expect_chips("^Suggested", "fur", "hat")
    editor.press("Tab")
    expect(editor.chip("fur")).to_be_focused()
    editor.press("Enter")
    expect(editor.chip("hat")).to_be_focused()
    editor.press("-")
    expect(editor.field).to_be_focused()  # nothing is left to judge
    editor.press("Tab", "Tab")
    expect(editor.root.get_by_role("group").get_by_text("Rejected")).to_be_visible()
    editor.press("Enter", "Tab")
    expect(editor.chip("hat")).to_be_focused()
    assert editor.ask("'fur' in project[2].tags and 'hat' not in project[2].tags")
    editor.press("-")
    editor.expect_chips("^Suggested", "hat")


def test_captions_of_one_image(editor: EditorPage, pictures_folder: Path) -> None:
    editor.press("e", "End")
    editor.write(" and a hat")
    editor.press("Control+Enter")
    expect(editor.root.get_by_text("Saved", exact=True).first).to_be_visible()
    editor.press("Tab")
    expect(editor.root.get_by_role("button", name="Sentences", exact=True)).to_be_focused()
    editor.press("Tab")
    changes = editor.root.get_by_role("button", name="Changes to tagger")
    expect(changes).to_be_focused()
    editor.press("Enter")
    expect(editor.root.locator("ins")).to_have_text(" and a hat")
    editor.lab.screenshot(pictures_folder / "editor-changes.png", editor.root)
    editor.press("Tab", "Enter")
    expect(editor.caption).to_have_value("a girl with long hair")
    write_another_variant(editor)
    write_too_much(editor, pictures_folder)
    write_from_a_template(editor, pictures_folder)


def write_another_variant(editor: EditorPage) -> None:
    """Make a variant by its name, and switch back."""
    expect(editor.caption).to_be_focused()
    editor.press("Shift+Tab", "Enter")
    expect(editor.root.get_by_role("menuitemradio", name="default · by hand")).to_be_focused()
    editor.press("End", "Enter")
    expect(editor.root.get_by_role("textbox", name="Name of the new variant")).to_be_focused()
    editor.write("short")
    editor.press("Enter")
    expect(editor.caption).to_have_attribute("placeholder", "No caption named short")
    editor.press("Tab")
    expect(editor.caption).to_be_focused()
    editor.write("girl")
    editor.press("Control+Enter")
    expect(editor.root.get_by_text("Saved", exact=True).first).to_be_visible()
    assert editor.ask("project[2].captions") == {"default": "a girl with long hair", "short": "girl"}


def write_too_much(editor: EditorPage, pictures_folder: Path) -> None:
    """Write more than a text encoder reads: how much, and from where on, is seen."""
    editor.press("End")
    editor.write(", very long hair" * 30)
    unread = editor.root.locator(".te-unread")
    expect(unread).to_contain_text("very long hair")
    expect(editor.root.get_by_role("img", name="the rest is not read")).to_contain_text("/ 75")
    editor.lab.screenshot(pictures_folder / "editor-too-long.png", editor.root)
    editor.press("Control+a")
    editor.write("girl, hat")
    expect(unread).to_have_count(0)
    expect(editor.root.get_by_role("img", name="of 75 tokens")).to_be_visible()


def write_from_a_template(editor: EditorPage, pictures_folder: Path) -> None:
    """See what a template makes of the image, and write it."""
    editor.root.get_by_role("button", name="Template…").press("Enter")
    panel = editor.root.get_by_role("region", name="Captions from a template")
    expect(panel.get_by_label("Template")).to_be_focused()
    editor.write("a photo of {tags")
    expect(panel.locator(".te-bad")).to_be_visible()
    editor.write("}")
    expect(panel.get_by_role("listitem")).to_contain_text("a photo of long hair")
    editor.lab.screenshot(pictures_folder / "editor-template.png", editor.root)
    editor.press("Control+Enter")
    expect(panel).to_be_hidden()
    expect(editor.caption).to_have_value("a photo of long hair, hatsune miku, sky, smile")
    editor.press("u")
    expect(editor.caption).to_have_value("girl, hat")


def test_tags_of_many_images(editor: EditorPage, pictures_folder: Path) -> None:
    editor.select("view", "12 selected")
    editor.expect_chips("^On all", "hatsune_miku", "long_hair", "sky")
    some = editor.chips("^On some")
    expect(some.first).to_have_attribute("aria-label", "smile, on 4 of 12")
    editor.press("t", "ArrowDown", "Tab")
    expect(editor.chip("smile")).to_be_focused()
    editor.press("Enter")
    editor.expect_toast("Tagged 12 images smile")
    expect(editor.chips("^On all").last).to_have_attribute("data-name", "smile")
    assert editor.ask("len(project.view('smile'))") == 12
    expect(editor.chip("dog")).to_be_focused()
    editor.press("-")
    editor.expect_toast("Removed dog from 3 images")
    expect(editor.chip("outdoors")).to_be_focused()
    editor.root.get_by_role("listbox", name="Suggested").get_by_role("option").first.focus()
    editor.press("Enter")
    editor.expect_toast("Tagged 4 images fur")
    editor.press("-")
    editor.expect_toast("Removed hat from 4 images")
    expect(editor.root.get_by_text("Rejected", exact=True).filter(visible=True)).to_be_visible()
    assert editor.ask("len(project.view('fur'))") == 4
    show_only(editor, pictures_folder)


def show_only(editor: EditorPage, pictures_folder: Path) -> None:
    """Search from a chip, by its key and by its menu, and for captions that are too long."""
    editor.chip("fur").press("o")
    editor.expect_toast("The gallery shows 4 images: fur")
    assert editor.ask("len(view.shown)") == 4
    editor.chip("sky").click(button="right")
    expect(editor.root.get_by_role("menuitem", name="Show only these")).to_be_focused()
    editor.lab.screenshot(pictures_folder / "editor-chip-menu.png", editor.root)
    editor.press("Enter")
    editor.expect_toast("The gallery shows 12 images: sky")
    expect(editor.chip("sky")).to_be_focused()
    editor.ask("view[:3].set_caption('very long hair, ' * 40).count")
    editor.root.get_by_role("button", name="3 images", exact=True).press("Enter")
    editor.expect_toast("The gallery shows 3 images: sky tokens:>75")


def test_tags_are_copied_in_the_workbench_from_one_image_to_others(lab: Lab, pictures_folder: Path) -> None:
    lab.open_cells(PROJECT, SAID, "lr.Workbench(view)")
    lab.run_all()
    lab.show(2)
    workbench, editor = WorkbenchPage(lab, 2), EditorPage(lab, 2)
    workbench.await_painted()
    workbench.focus()
    workbench.press("Escape", "Home", "Space")
    editor.expect_chips("^Tags of 00", "dog", "outdoors", "long_hair", "hatsune_miku", "sky", "smile")
    workbench.press("Control+c")
    workbench.expect_toast("Copied 6 tags of 00.jpg")
    workbench.press("Escape", "End", "Space", "ArrowLeft", "Space")
    expect(workbench.selection_bar).to_contain_text("2 selected")
    editor.expect_chips("^On all", "hatsune_miku", "long_hair", "sky")
    workbench.press("Control+v")
    workbench.expect_toast("Tagged 2 images")
    editor.expect_chips("^On all", "dog", "hatsune_miku", "long_hair", "outdoors", "sky", "smile")
    lab.screenshot(pictures_folder / "editor-copied.png", workbench.root)
    workbench.press("u")
    editor.expect_chips("^On all", "hatsune_miku", "long_hair", "sky")
    workbench.press("Control+Shift+v")
    workbench.expect_toast("Replaced the tags of 2 images")
    first, *others = editor.ask("[image.tags for image in (project[1], project[11], project[12])]")
    assert others == [first] * 2
    workbench.press("t", "Control+v")
    expect(editor.field).to_have_value(", ".join(first))
    editor.chip("smile").press("o")
    expect(workbench.search_field).to_have_value("smile")
    assert lab.cell_types() == ["code"] * 3  # no key reached the notebook


def test_looks_and_axe(editor: EditorPage, pictures_folder: Path) -> None:
    for theme in ("light", "dark"):
        editor.lab.theme(theme)
        editor.page.set_viewport_size({"width": 1160, "height": 900})
        editor.select("view[1:2]", "1 selected")
        editor.press("t", "ArrowDown", "ArrowRight")
        editor.lab.screenshot(pictures_folder / f"editor-one-{theme}.png", editor.root)
        assert violations(editor) == []
        editor.select("view", "12 selected")
        editor.press("t")
        editor.write("s")
        expect(editor.root.get_by_role("option", name="smile").first).to_be_visible()
        editor.lab.screenshot(pictures_folder / f"editor-several-{theme}.png", editor.root)
        assert violations(editor) == []
        editor.press("Escape", "Escape")
        editor.root.get_by_role("button", name="Template…").press("Enter")
        expect(editor.root.get_by_label("Template", exact=True)).to_be_focused()
        editor.write("{tags}")
        expect(editor.root.get_by_role("button", name="Write 12 captions")).to_be_enabled()
        editor.page.set_viewport_size({"width": 560, "height": 900})
        assert violations(editor) == []
        assert editor.root.evaluate(OUTSIDE) == []
        editor.lab.screenshot(pictures_folder / f"editor-narrow-{theme}.png", editor.root)
        editor.press("Escape")
