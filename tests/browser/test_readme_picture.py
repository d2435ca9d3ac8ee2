"""The picture in README: what `lorairo demo` shows after two clicks; LORAIRO_SCREENSHOTS keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect
from workbench_page import PREPARE, WorkbenchPage

from lorairo.demo import prepare

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab import Lab
    from lab_server import LabServer


def test_the_workbench_in_one_picture(
    open_lab: Callable[..., Lab], lab_server: LabServer, pictures_folder: Path
) -> None:
    lab = open_lab(lab_server, width=1480, height=960)
    prepare(lab.folder, count=120)
    lab.open_cells(PREPARE, "lr.Workbench(view)")
    lab.run_all()
    lab.show(1)
    workbench = WorkbenchPage(lab, 1)
    workbench.resize(1280)
    workbench.await_painted()
    workbench.select_first(3)
    expect(workbench.inspector.get_by_text("3 selected", exact=True)).to_be_visible()
    workbench.inspector.get_by_text("This image", exact=True).click()
    expect(workbench.inspector.get_by_role("textbox", name="Caption")).to_be_visible()
    expect(workbench.filters.get_by_role("group", name="sharpness histogram")).to_be_visible()
    lab.screenshot(pictures_folder / "workbench.png", workbench.root)
