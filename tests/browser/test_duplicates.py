"""The review of duplicates in JupyterLab, by keyboard alone; also as a tab of the workbench."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageEnhance, ImageOps
from playwright.sync_api import expect
from test_looks import OUTSIDE
from test_workbench import violations
from workbench_page import WorkbenchPage

from lorairo.demo import prepare

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab import Lab
    from lab_server import LabServer
    from playwright.sync_api import Locator

OPEN = """\
import lorairo as lr
project = lr.open_project("my-dataset")
project.add("photos")
view = project.view()
view.where("name:*_small*").add_tags("outdoors", "dusk")
"""
PAINTED = """
root => {
  const shown = [...root.querySelectorAll('.dp-stage img, .dp-thumb img')].filter(i => i.checkVisibility());
  return shown.length >= 4 && shown.every(i => i.naturalWidth > 0);
}
"""


@pytest.fixture
def lab(open_lab: Callable[..., Lab], lab_server: LabServer) -> Lab:
    """A notebook over a project with four groups of duplicates."""
    lab = open_lab(lab_server, width=1160, height=900)
    prepare(lab.folder, count=16)
    pictures = sorted((lab.folder / "photos").glob("*/*.jpg"))
    of_scene = {
        path.stem.partition("_")[0]: path for path in reversed(pictures)
    }  # shots of one come in bursts
    one, two, three, four = sorted(of_scene.values())[:4]
    for path in set(pictures) - {one, two, three, four}:
        path.unlink()
    first = Image.open(one)
    width, height = first.size
    first.resize((width // 2, height // 2)).save(one.with_name(f"{one.stem}_small.jpg"), quality=60)
    ImageOps.crop(first, (width // 30, height // 30, width // 30, height // 30)).save(
        one.with_name(f"{one.stem}_crop.jpg")
    )
    ImageEnhance.Brightness(first).enhance(1.12).save(one.with_name(f"{one.stem}_bright.jpg"), quality=80)
    ImageOps.mirror(Image.open(two)).save(two.with_name(f"{two.stem}_mirrored.jpg"))
    Image.open(three).save(three.with_name(f"{three.stem}_again.bmp"))
    Image.open(four).convert("L").save(four.with_name(f"{four.stem}_grey.jpg"))
    return lab


def opened(lab: Lab, call: str = "lr.DuplicateReview(view, height=560)") -> Locator:
    """Show the review, and return it when its pictures are there."""
    lab.open_cells(OPEN, call)
    lab.run_all()
    lab.show(1)
    root = lab.output(1).get_by_role("region", name=re.compile("^lorairo (duplicates|workbench), my-dataset"))
    if "Workbench" in call:
        root.get_by_role("grid", name=re.compile("")).first.focus()
        lab.page.keyboard.press("d")
    lab.page.wait_for_function(PAINTED, arg=root.element_handle())
    return root


def press(lab: Lab, *keys: str) -> None:
    """Press keys, one after the other."""
    for key in keys:
        lab.page.keyboard.press(key)


def test_groups_are_decided_by_one_key_each_and_undo_comes_back(lab: Lab, pictures_folder: Path) -> None:
    root = opened(lab)
    expect(root.get_by_text("0 of 4 decided")).to_be_visible()
    root.get_by_role("group", name="Pictures", exact=True).focus()
    lab.screenshot(pictures_folder / "duplicates-light.png", root)
    assert violations(WorkbenchPage(lab, 1)) == []
    expect(root.get_by_text("Move 2 tags to the kept image")).to_be_visible()
    press(lab, "k")
    expect(root.get_by_text("1 of 4 decided")).to_be_visible()
    expect(root.get_by_role("option", name=re.compile("Group 1, 3 excluded"))).to_be_visible()
    expect(root.get_by_text("Group 2", exact=True)).to_be_visible()
    press(lab, "l")
    expect(root.get_by_role("option", name=re.compile("Group 2, Both kept"))).to_be_visible()
    expect(root.get_by_text("2 of 4 decided")).to_be_visible()
    press(lab, "u")
    expect(root.get_by_text("Group 2", exact=True)).to_be_visible()
    expect(root.get_by_text("1 of 4 decided")).to_be_visible()
    press(lab, "l")
    expect(root.get_by_text("Group 3", exact=True)).to_be_visible()
    press(lab, "n")
    expect(root.get_by_role("option", name=re.compile("Group 3, Not duplicates"))).to_be_visible()
    expect(root.get_by_text("Group 4", exact=True)).to_be_visible()
    press(lab, "2", "k")
    expect(root.get_by_text("All 4 groups decided. 4 images excluded, 10 tags moved.")).to_be_visible()
    lab.screenshot(pictures_folder / "duplicates-done.png", root)
    said = lab.kernel_exec("print(sorted(project.view('is:excluded')['reason'].unique()), len(project))")
    assert said == "['duplicate'] 10"
    assert (
        lab.kernel_exec("print(len(view.find_duplicates()), view.find_duplicates().decisions)")
        == "1 ['variant']"
    )


def test_two_pictures_are_swiped_and_subtracted(lab: Lab, pictures_folder: Path) -> None:
    root = opened(lab)
    root.get_by_role("radio", name="Swipe").click()
    slider = root.get_by_role("slider", name="How much of A is shown")
    slider.focus()
    press(lab, "ArrowLeft", "ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "48% of A")
    lab.screenshot(pictures_folder / "duplicates-swipe.png", root)
    root.get_by_role("radio", name="Difference").click()
    expect(root.get_by_text(re.compile(r"^Difference, \d+ times$"))).to_be_visible()
    lab.screenshot(pictures_folder / "duplicates-difference.png", root)
    root.get_by_role("option", name=re.compile("^Group 3")).click()
    expect(root.get_by_text("identical pixels")).to_be_visible()


def test_dark_and_narrow(lab: Lab, pictures_folder: Path) -> None:
    root = opened(lab)
    lab.theme("dark")
    lab.screenshot(pictures_folder / "duplicates-dark.png", root)
    assert violations(WorkbenchPage(lab, 1)) == []
    page = WorkbenchPage(lab, 1)
    page.root = root
    page.resize(360)
    lab.show(1)
    assert root.evaluate(OUTSIDE) == []
    lab.screenshot(pictures_folder / "duplicates-narrow-dark.png", root)
    lab.theme("light")
    lab.screenshot(pictures_folder / "duplicates-narrow-light.png", root)


def test_the_workbench_has_them_as_a_tab(lab: Lab, pictures_folder: Path) -> None:
    root = opened(lab, "lr.Workbench(view)")
    expect(root.get_by_role("tab", name="Duplicates")).to_have_attribute("aria-selected", "true")
    lab.screenshot(pictures_folder / "duplicates-workbench.png", root)
    press(lab, "k")
    expect(root.get_by_text("1 of 4 decided")).to_be_visible()
    press(lab, "Escape")
    expect(root.get_by_role("tab", name=re.compile("Images"))).to_have_attribute("aria-selected", "true")
