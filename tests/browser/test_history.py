"""The history panel in a notebook: what was done, its undo, and the choice where later ones stand on it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from lab import Lab
    from playwright.sync_api import Locator

CHANGES = """
import lorairo as lr
project = lr.open_project('project')
project.add('photos')
view = project.view()
view.head(5).add_tags("tongue_out")
view.head(3).stars(2)
view.head(1).stars(5)
view.replace_tags({"grey_fur": "gray_fur"})
with project.batch("clean tags"):
    view.head(4).add_tags("gray_fur")
    view.head(2).remove_tags("tongue_out")
view.head(2).exclude("duplicate")
project.view(everything=True).head(1).set_caption("A dog on the beach, looking at the sea.")
project.undo();
"""
# controls that reach beyond the widget
OUTSIDE = """
root => {
  const box = root.getBoundingClientRect();
  return [...root.querySelectorAll('button, input, [role=row] > *')].filter(element => {
    const {left, right, width} = element.getBoundingClientRect();
    return width > 0 && (left < box.left - 1 || right > box.right + 1);
  }).map(element => element.textContent || element.outerHTML.slice(0, 80));
}
"""


@pytest.fixture
def panel(lab: Lab, photos: Path) -> Locator:
    """Open a history with seven changes, one of them undone."""
    shutil.copytree(photos, lab.folder / "photos")
    lab.open_cells(CHANGES, "lr.History(view)")
    lab.run_all()
    root = lab.show(1).locator(".lr").first
    expect(root.get_by_text("Excluded 2 images")).to_be_visible()
    return root


def row(panel: Locator, text: str) -> Locator:
    return panel.get_by_role("row").filter(has_text=text)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_history_lists_changes_and_follows_the_theme(
    panel: Locator, lab: Lab, theme: str, pictures_folder: Path
) -> None:
    lab.theme(theme)
    expect(panel.get_by_text("6 changes since", exact=False)).to_be_visible()
    expect(panel.get_by_text("Now", exact=True)).to_be_visible()
    expect(row(panel, "Captioned 1 image").get_by_role("button")).to_have_text("Redo")
    lab.screenshot(pictures_folder / f"history-{theme}.png", panel)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_in_a_narrow_notebook_nothing_is_cut_off(
    panel: Locator, lab: Lab, theme: str, pictures_folder: Path
) -> None:
    lab.theme(theme)
    panel.evaluate("root => { root.parentElement.style.width = '360px'; }")
    expect(row(panel, "clean tags").get_by_role("button")).to_be_visible()
    assert panel.evaluate(OUTSIDE) == []
    row(panel, "Rated 3 images 2").get_by_role("button").click()
    expect(panel.get_by_text("1 later change touches", exact=False)).to_be_visible()
    assert panel.evaluate(OUTSIDE) == []
    lab.screenshot(pictures_folder / f"narrow-history-{theme}.png", panel)


def test_a_change_others_stand_on_is_undone_as_the_person_chooses(
    panel: Locator, lab: Lab, pictures_folder: Path
) -> None:
    row(panel, "Rated 3 images 2").get_by_role("button").click()
    expect(panel.get_by_text("1 later change touches the same values:")).to_be_visible()
    lab.screenshot(pictures_folder / "history-question.png", panel)
    assert lab.kernel_exec("print(project[int(project.view(everything=True).ids[1])].stars)") == "2"
    panel.get_by_role("button", name="keep it").click()
    expect(row(panel, "Rated 3 images 2").get_by_role("button")).to_have_text("Redo")
    assert lab.kernel_exec(
        "print([project[int(i)].stars for i in project.view(everything=True).ids[:3]])"
    ) == ("[5, 0, 0]")
    row(panel, "Rated 3 images 2").get_by_role("button").click()
    expect(row(panel, "Rated 3 images 2").get_by_role("button")).to_have_text("Undo")


def test_rows_are_worked_by_keyboard_and_select_their_images(panel: Locator, lab: Lab) -> None:
    row(panel, "Tagged 5 images tongue_out").click()
    expect(row(panel, "Tagged 5 images tongue_out")).to_have_attribute("aria-selected", "true")
    assert lab.kernel_exec("print(len(view.selected))") == "5"
    grid = panel.get_by_role("grid")
    grid.press("Home")
    grid.press("ArrowRight")
    grid.press("Enter")
    expect(row(panel, "Captioned 1 image").get_by_role("button")).to_have_text("Undo")
    grid.press("u")
    expect(row(panel, "Captioned 1 image").get_by_role("button")).to_have_text("Redo")
    assert lab.cell_types() == ["code", "code"]


def test_a_change_made_in_a_cell_comes_into_the_open_history(panel: Locator, lab: Lab) -> None:
    lab.kernel_exec("view.head(2).add_tags('late')")
    expect(row(panel, "Tagged 2 images late")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_recipe_is_opened_read_and_closed_by_keyboard(
    panel: Locator, lab: Lab, theme: str, pictures_folder: Path
) -> None:
    lab.theme(theme)
    toggle = panel.get_by_role("button", name="Recipe", exact=True)
    toggle.press("Enter")
    code = panel.get_by_label("Recipe, as Python")
    expect(code).to_contain_text('with project.batch("clean tags"):')
    assert code.text_content() == lab.kernel_exec("print(project.recipe().text)") + "\n"
    reached = lab.kernel_exec("print(project.fingerprint()[:8])")
    expect(panel.get_by_text(f"replays to {reached[:4]} {reached[4:]}")).to_be_visible()
    lab.screenshot(pictures_folder / f"recipe-{theme}.png", panel)
    if theme == "dark":
        lab.kernel_exec("view.head(2).add_tags('late')")
        expect(code).to_contain_text('.add_tags("late")')
        panel.evaluate("root => { root.parentElement.style.width = '360px'; }")
        assert panel.evaluate(OUTSIDE) == []
        lab.screenshot(pictures_folder / "narrow-recipe.png", panel)
    code.press("Escape")
    expect(code).to_be_hidden()
    expect(toggle).to_be_focused()
