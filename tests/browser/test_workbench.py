"""The workbench in JupyterLab: all panels in one output, at every width, by keyboard alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from test_looks import OUTSIDE
from workbench_page import PREPARE, WorkbenchPage

from lorairo.demo import prepare

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab import Lab
    from lab_server import LabServer


@pytest.fixture
def workbench(open_lab: Callable[..., Lab], lab_server: LabServer) -> WorkbenchPage:
    """A workbench over tagged pictures."""
    lab = open_lab(lab_server, width=1500, height=900)
    prepare(lab.folder, count=40)
    lab.open_cells(PREPARE, "lr.Workbench(view)")
    lab.run_all()
    lab.show(1)
    page = WorkbenchPage(lab, 1)
    page.await_painted()
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_width_shows_what_fits_and_cuts_nothing_off(
    workbench: WorkbenchPage, theme: str, pictures_folder: Path
) -> None:
    lab = workbench.lab
    lab.theme(theme)
    workbench.select_first(3)
    for width in (1400, 1360, 1100, 900, 700, 480, 360):
        workbench.resize(width)
        wide = width >= 1100
        expect(workbench.filters).to_be_visible(visible=wide)
        expect(workbench.inspector).to_be_visible(visible=width >= 700)
        workbench.await_painted()
        assert workbench.root.evaluate(OUTSIDE) == []
        lab.screenshot(pictures_folder / f"workbench-{width}-{theme}.png", workbench.root)


def focused(page: WorkbenchPage) -> str:
    """Name what has the keyboard."""
    return str(
        page.lab.page.evaluate(
            "() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.className"
        )
    )


def test_panels_fold_and_stay_folded_when_the_notebook_is_run_again(workbench: WorkbenchPage) -> None:
    workbench.resize(1200)
    workbench.root.get_by_role("button", name="Hide filters").click()
    expect(workbench.filters).to_be_hidden()
    expect(workbench.inspector).to_be_visible()
    lab = workbench.lab
    lab.await_idle()
    lab.restart_kernel()
    lab.run_cell(0)
    lab.run_cell(1)
    again = WorkbenchPage(lab, 1)
    again.await_painted()
    expect(again.inspector).to_be_visible()
    expect(again.filters).to_be_hidden()
    again.root.get_by_role("button", name="Show filters").click()
    expect(again.filters).to_be_visible()


def test_all_of_it_by_keyboard_alone(workbench: WorkbenchPage, pictures_folder: Path) -> None:
    page = workbench.lab.page
    workbench.resize(1200)
    workbench.focus()
    workbench.press("Home", "Space", "ArrowRight", "Space")
    expect(workbench.selection_bar).to_contain_text("2 selected")
    workbench.press("t")
    expect(workbench.inspector.get_by_role("combobox").first).to_be_focused()
    page.keyboard.type("by_keyboard")
    workbench.press("Enter")
    expect(workbench.toast).to_contain_text("by_keyboard")
    workbench.press("Escape")
    expect(workbench.grid).to_be_focused()
    workbench.press("u")
    expect(workbench.toast).to_contain_text("Undone")
    workbench.press("f")
    expect(workbench.filters.get_by_label("Filter tags")).to_be_focused()
    workbench.press("Escape")
    workbench.press("h")
    history = workbench.root.get_by_role("tabpanel", name="History")
    expect(history).to_be_visible()
    expect(history.get_by_text("by_keyboard")).to_be_visible()
    workbench.lab.screenshot(pictures_folder / "workbench-history.png", workbench.root)
    workbench.press("Escape")
    expect(history).to_be_hidden()
    workbench.press("m")
    expect(workbench.models).to_be_visible()
    expect(workbench.models.get_by_text("lorairo-demo-tagger").first).to_be_visible()
    workbench.lab.screenshot(pictures_folder / "workbench-models.png", workbench.root)
    workbench.press("Escape")
    expect(workbench.models).to_be_hidden()
    workbench.press("?")
    expect(workbench.root.get_by_role("region", name="Keyboard")).to_be_visible()
    workbench.press("Escape", "/")
    expect(workbench.search_field).to_be_focused()
    assert workbench.lab.cell_types() == ["code", "code"]  # no key reached the notebook


def test_a_phone_opens_an_image_in_the_inspector(workbench: WorkbenchPage, pictures_folder: Path) -> None:
    workbench.resize(360)
    workbench.focus()
    workbench.press("Home", "Enter")
    expect(workbench.inspector).to_be_visible()
    expect(workbench.inspector.get_by_role("textbox", name="Caption")).to_be_visible()
    workbench.lab.screenshot(pictures_folder / "workbench-phone-inspector.png", workbench.root)
    assert workbench.root.evaluate(OUTSIDE) == []
    workbench.press("Escape")
    expect(workbench.inspector).to_be_hidden()
    workbench.root.get_by_role("button", name="Show filters").click()
    expect(workbench.filters).to_be_visible()
    workbench.lab.screenshot(pictures_folder / "workbench-phone-filters.png", workbench.root)
    assert workbench.root.evaluate(OUTSIDE) == []


def test_a_tag_clicked_narrows_the_pictures_and_what_the_next_cell_sees(workbench: WorkbenchPage) -> None:
    workbench.resize(1200)
    workbench.filters.get_by_label("Filter tags").fill("no_humans")
    workbench.filters.get_by_text("no_humans", exact=True).click()
    expect(workbench.search_field).to_have_value(re.compile(r"\bno_humans\b"))
    having = """set(view.shown.tag_frame.query("tag == 'no_humans'").image_id)"""
    seen = f"print(len(view.shown), {having} == set(view.shown.ids))"
    count, narrowed = workbench.lab.kernel_exec(seen).split()
    assert narrowed == "True"
    expect(workbench.grid).to_have_attribute("aria-label", "Images")
    expect(workbench.root.get_by_role("tab", name="Images")).to_have_text(f"Images{count}")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(workbench: WorkbenchPage, theme: str) -> None:
    lab = workbench.lab
    lab.theme(theme)
    workbench.resize(1200)
    workbench.select_first(3)
    expect(workbench.inspector.get_by_text("On some", exact=True)).to_be_visible()
    assert violations(workbench) == []
    workbench.press("4", "h")
    expect(workbench.root.get_by_role("tabpanel", name="History").get_by_role("button").first).to_be_visible()
    assert violations(workbench) == []
    workbench.press("g", "m")
    expect(workbench.models.get_by_text("lorairo-demo-tagger").first).to_be_visible()
    assert violations(workbench) == []
    workbench.press("Escape", "?")
    assert violations(workbench) == []
    workbench.press("Escape")
    workbench.resize(360)
    assert violations(workbench) == []


def violations(page: WorkbenchPage) -> list[str]:
    """Ask axe-core about the widget: each rule it breaks and where."""
    found = Axe().run(page.lab.page, context=".lr", options={"resultTypes": ["violations"]})
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]
