"""The yes / no pass and the guided pass in JupyterLab, by keyboard alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from test_looks import OUTSIDE
from test_workbench import violations
from workbench_page import PREPARE, WorkbenchPage

from lorairo.demo import prepare

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab import Lab
    from lab_server import LabServer
    from playwright.sync_api import Locator

COUNT = 12
PAINTED = """
root => [...root.querySelectorAll('.ps-stage img')].some(i => i.checkVisibility() && i.naturalWidth > 256)
"""


@pytest.fixture
def lab(open_lab: Callable[..., Lab], lab_server: LabServer) -> Lab:
    """A notebook over a project of tagged pictures."""
    lab = open_lab(lab_server, width=1300, height=900)
    prepare(lab.folder, count=COUNT)
    return lab


def opened(lab: Lab, call: str) -> Locator:
    """Run a cell that shows a widget, and return it when its picture is there."""
    lab.open_cells(PREPARE, call)
    lab.run_all()
    lab.show(1)
    root = lab.output(1).get_by_role("region", name="lorairo pass, my-dataset")
    lab.page.wait_for_function(PAINTED, arg=root.element_handle())
    return root


def press(lab: Lab, *keys: str) -> None:
    """Press keys, one after the other."""
    for key in keys:
        lab.page.keyboard.press(key)


def resize(lab: Lab, root: Locator, width: int) -> None:
    """Give the widget a width."""
    page = WorkbenchPage(lab, 1)
    page.root = root
    page.resize(width)
    lab.show(1)


def test_one_tag_is_answered_by_one_key_each_and_the_report_suggests_a_threshold(
    lab: Lab, pictures_folder: Path
) -> None:
    root = opened(lab, "asked = view.tag_pass('blue'); asked")
    stage = root.get_by_role("group", name=re.compile(r"Is blue right\? Image \d+ of 12"))
    expect(stage).to_be_focused()
    expect(root.get_by_text(re.compile("lorairo-demo-tagger 0"))).to_be_hidden()  # blind until asked
    lab.screenshot(pictures_folder / "pass-light.png", root)
    press(lab, "s")
    expect(root.get_by_text(re.compile("lorairo-demo-tagger 0"))).to_be_visible()
    press(lab, "y", "n", "n", "Space", "y", "y")
    expect(root.get_by_text("7 of 12 · 6 left")).to_be_visible()
    press(lab, "z")
    expect(root.get_by_text("6 of 12 · 7 left")).to_be_visible()
    lab.theme("dark")
    lab.screenshot(pictures_folder / "pass-dark.png", root)
    resize(lab, root, 360)
    assert root.evaluate(OUTSIDE) == []
    lab.screenshot(pictures_folder / "pass-narrow.png", root)
    resize(lab, root, 1100)
    stage.focus()
    press(lab, "Escape")
    report = root.get_by_role("region", name="Report")
    expect(report.get_by_text("4 answers: 2 yes, 2 no.")).to_be_visible()
    expect(report.get_by_role("button", name="Go on")).to_be_focused()
    assert lab.kernel_exec("print(asked.report.yes, asked.report.no, asked.report.left)") == "2 2 8"
    lab.screenshot(pictures_folder / "pass-report-dark.png", root)
    assert violations_of(lab) == []
    press(lab, "Enter", "y", "y", "y", "y", "y", "n", "n")
    expect(report.get_by_text("blue: all asked")).to_be_visible()
    expect(report.get_by_text("11 answers: 7 yes, 4 no.")).to_be_visible()
    lab.theme("light")
    lab.screenshot(pictures_folder / "pass-report-light.png", root)
    adopt = report.get_by_role("button", name=re.compile(r"^Set general to 0\.\d+$"))
    adopt.focus()
    press(lab, "Enter")
    expect(root.get_by_text(re.compile("^Set lorairo-demo-tagger to general"))).to_be_visible()
    expect(adopt).to_have_attribute("aria-disabled", "true")
    told = "print(len(project.history), project.history.label.iloc[1].split(' on ')[0])"
    count, answer = lab.kernel_exec(told).split(maxsplit=1)
    assert int(count) == 14  # eleven answers, one that was taken back with its undo, the threshold
    assert answer == "Answered no to blue"
    resize(lab, root, 360)
    assert root.evaluate(OUTSIDE) == []
    lab.screenshot(pictures_folder / "pass-report-narrow.png", root)
    assert lab.cell_types() == ["code", "code"]  # no key reached the notebook


def violations_of(lab: Lab) -> list[str]:
    """Ask axe about the widgets of the page."""
    return violations(WorkbenchPage(lab, 1))


def test_image_by_image_goes_on_another_day_where_it_stopped(lab: Lab, pictures_folder: Path) -> None:
    root = opened(lab, "view.review()")
    stage = root.locator(".ps-guided .ps-stage")
    expect(stage).to_be_focused()
    expect(root.get_by_text("0 of 12 reviewed · 12 left")).to_be_visible()
    caption = root.get_by_role("textbox", name="Caption")
    expect(caption).to_be_visible()
    press(lab, "t")
    field = root.get_by_label(re.compile("^Add a tag to this image"))
    expect(field).to_be_focused()
    field.fill("my_trigger")
    press(lab, "Shift+Enter")
    expect(field).to_have_value("")
    press(lab, "Escape")
    expect(stage).to_be_focused()
    key = root.get_by_role("toolbar", name="Recent tags").get_by_role("button", name="my_trigger")
    expect(key).to_have_attribute("aria-pressed", "true")
    lab.screenshot(pictures_folder / "guided-light.png", root)
    press(lab, "Enter")
    expect(root.get_by_text("1 of 12 reviewed · 11 left")).to_be_visible()
    expect(key).to_have_attribute("aria-pressed", "false")
    press(lab, "1")
    expect(key).to_have_attribute("aria-pressed", "true")
    press(lab, "e")
    expect(caption).to_be_focused()
    caption.fill("a picture of my_trigger")
    press(lab, "Escape")
    expect(stage).to_be_focused()
    press(lab, "ArrowRight", "Space")
    expect(root.get_by_text("2 of 12 reviewed · 10 left")).to_be_visible()
    lab.theme("dark")
    lab.screenshot(pictures_folder / "guided-dark.png", root)
    assert violations_of(lab) == []
    written = "print({r.caption for r in project.view('my_trigger')}, len(project.view('is:reviewed')))"
    assert "'a picture of my_trigger'" in lab.kernel_exec(written)
    assert lab.kernel_exec(written).endswith(" 2")

    name = stage.get_attribute("aria-label") or ""
    lab.restart_kernel()
    lab.run_all()
    lab.show(1)
    root = lab.output(1).get_by_role("region", name="lorairo pass, my-dataset")
    expect(root.locator(".ps-guided .ps-stage")).to_have_attribute("aria-label", name)
    expect(root.get_by_text("2 of 12 reviewed · 10 left")).to_be_visible()
    lab.theme("light")
    resize(lab, root, 360)
    assert root.evaluate(OUTSIDE) == []
    lab.screenshot(pictures_folder / "guided-narrow.png", root)


def test_the_workbench_has_both_behind_one_key(lab: Lab, pictures_folder: Path) -> None:
    lab.open_cells(PREPARE, "lr.Workbench(view)")
    lab.run_all()
    lab.show(1)
    workbench = WorkbenchPage(lab, 1)
    workbench.await_painted()
    workbench.focus()
    press(lab, "r")
    review = workbench.root.get_by_role("tabpanel", name="Review")
    expect(review.get_by_role("button", name="Start or go on")).to_be_focused()
    lab.screenshot(pictures_folder / "review-start.png", workbench.root)
    assert violations(workbench) == []
    field = review.get_by_label("Tag to ask about")
    press(lab, "Tab")
    expect(field).to_be_focused()
    lab.page.keyboard.type("blu")
    expect(review.get_by_role("option").first).to_contain_text("blue")
    press(lab, "ArrowDown", "Enter")
    expect(review.get_by_text("blue?")).to_be_visible()
    press(lab, "n")
    expect(review.get_by_text("2 of 12 · 11 left")).to_be_visible()
    lab.screenshot(pictures_folder / "review-pass.png", workbench.root)
    press(lab, "Escape")
    expect(review.get_by_text("1 answer: 0 yes, 1 no.")).to_be_visible()
    press(lab, "Escape")
    expect(review).to_be_hidden()
    expect(workbench.grid).to_be_focused()
    expect(workbench.root.get_by_role("button", name=re.compile("Undo: answered no to blue"))).to_be_visible()
    press(lab, "r")
    review.get_by_role("button", name="Another pass").click()
    press(lab, "Enter")
    expect(review.get_by_text("0 of 12 reviewed · 12 left")).to_be_visible()
    lab.screenshot(pictures_folder / "review-guided.png", workbench.root)
    press(lab, "Enter", "?")
    sheet = review.get_by_role("region", name="Keyboard")
    expect(sheet).to_be_visible()
    press(lab, "Escape", "Escape")
    expect(workbench.grid).to_be_focused()
