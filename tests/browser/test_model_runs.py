"""Running a model in the workbench: pick, run, see answers arrive, stop, and move a threshold afterwards."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from workbench_page import WorkbenchPage

from lorairo.demo import prepare
from lorairo.demo.tagger import NAME

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab import Lab
    from lab_server import LabServer
    from playwright.sync_api import Locator

COUNT = 12
CELL = (
    "import lorairo as lr\nproject = lr.open_project('project')\nproject.add('photos')\nview = project.view()"
)
# pictures come one by one, each with a permit, and each is a batch and a commit of its own
HOLD = """
import os, threading
os.environ["HF_HUB_OFFLINE"] = "1"
from lorairo.inference import pipeline
os.environ["LORAIRO_BATCH_SIZE"] = "1"
pipeline._COMMIT = 0.0
permits, each = threading.Semaphore(0), project.originals.each
def held(ids):
    for image in each(ids):
        permits.acquire()
        yield image
project.originals.each = held
"""
TAGGED = "sum(len(image.tags) > 0 for image in view)"


@pytest.fixture
def workbench(open_lab: Callable[..., Lab], lab_server: LabServer) -> WorkbenchPage:
    """A workbench over pictures nobody has tagged, with the models open; the demo's tagger lies at hand."""
    lab = open_lab(lab_server, width=1500, height=900)
    prepare(lab.folder, count=COUNT)
    for text in (lab.folder / "photos").rglob("*.txt"):
        text.unlink()
    lab.open_cells(CELL, "lr.Workbench(view)")
    lab.run_cell(0)
    lab.kernel_exec(HOLD)
    lab.run_all()
    lab.show(1)
    page = WorkbenchPage(lab, 1)
    page.await_painted()
    page.focus()
    page.press("m")
    expect(row(page)).to_be_visible()
    return page


def row(workbench: WorkbenchPage) -> Locator:
    """Find the row of the demo's tagger."""
    return workbench.models.get_by_role("checkbox", name=f"{NAME},")


def run(workbench: WorkbenchPage) -> None:
    """Pick the tagger and run it."""
    row(workbench).click()
    code = workbench.models.get_by_text(f'view.annotate(["{NAME}"])')
    expect(code).to_be_visible()
    workbench.models.get_by_role("button", name=re.compile("^Run on")).click()


def release(workbench: WorkbenchPage, count: int) -> None:
    """Let some pictures come."""
    workbench.lab.kernel_exec(f"permits.release({count})")


def facets(workbench: WorkbenchPage) -> Locator:
    """Find the tags that the filters list."""
    return workbench.filters.get_by_role("region", name="Tags").get_by_role("checkbox")


def test_answers_arrive_while_it_runs_until_it_is_stopped(
    workbench: WorkbenchPage, pictures_folder: Path
) -> None:
    expect(facets(workbench)).to_have_count(0)
    run(workbench)
    release(workbench, 8)  # some of them wait in the queues before the model
    expect(workbench.models.get_by_text(re.compile(rf"^[1-8] of {COUNT}")).first).to_be_visible()
    expect(facets(workbench).first).to_be_visible()
    expect(workbench.models.get_by_text(re.compile("images a second"))).to_be_visible()
    workbench.lab.screenshot(pictures_folder / "models-arriving.png", workbench.root)
    workbench.models.get_by_role("button", name="Stop", exact=True).click()
    expect(workbench.models.get_by_role("button", name="Stopping after this batch")).to_be_visible()
    release(workbench, COUNT)
    expect(workbench.models.get_by_text(re.compile(rf"Stopped at \d of {COUNT}"))).to_be_visible()
    assert workbench.lab.kernel_exec("print(project.jobs['state'].tolist())") == "['stopped']"
    assert 1 <= int(workbench.lab.kernel_exec(f"print({TAGGED})")) < COUNT


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_threshold_moves_after_the_run(workbench: WorkbenchPage, theme: str, pictures_folder: Path) -> None:
    lab = workbench.lab
    lab.theme(theme)
    run(workbench)
    release(workbench, COUNT)
    expect(workbench.models.get_by_text(f"{COUNT} answered")).to_be_visible()
    before = int(lab.kernel_exec("print(len(view.tags(top=None)))"))
    expect(facets(workbench)).to_have_count(before)  # all that the run brought, and room for each
    cut = workbench.models.get_by_role("group", name=f"Thresholds of {NAME}")
    slider = cut.get_by_role("slider", name="general")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    held = float(slider.input_value())
    lab.page.mouse.move(box["x"] + 6 + held * (box["width"] - 12), middle)
    lab.page.mouse.down()
    lab.page.mouse.move(box["x"] + box["width"], middle, steps=5)
    expect(cut.get_by_text("images would change")).to_be_visible()
    lab.screenshot(pictures_folder / f"thresholds-{theme}.png", workbench.root)
    tags = "print(sum(len(image.tags) for image in view))"
    had = int(lab.kernel_exec(tags))
    lab.page.mouse.up()
    expect(workbench.toast).to_contain_text("general 1")
    expect(facets(workbench)).not_to_have_count(before)
    workbench.toast.get_by_role("button", name="Undo").click()
    expect(facets(workbench)).to_have_count(before)
    assert int(lab.kernel_exec(tags)) == had
    expect(slider).to_have_value(f"{held:g}")
    slider.focus()
    lab.page.keyboard.press("ArrowLeft")
    lab.page.keyboard.press("ArrowLeft")
    expect(workbench.toast).to_contain_text(f"general {held - 0.02:g}")
    field = cut.get_by_label(re.compile("^Tag of .* with a threshold of its own"))
    field.fill("Aqua")
    field.press("Enter")
    own = cut.get_by_role("slider", name="aqua of")
    expect(own).to_have_value(f"{held - 0.02:g}")
    lab.screenshot(pictures_folder / f"thresholds-tag-{theme}.png", workbench.root)
    cut.get_by_role("button", name="Take back the threshold of aqua").click()
    expect(own).to_have_count(0)
    expect(workbench.toast).to_contain_text("aqua as by default")
    kinds = lab.kernel_exec("print(project.history['kind'].tolist().count('policy'))")
    assert int(kinds) == 4  # the drag, both keys as one, and a tag's own threshold there and back
