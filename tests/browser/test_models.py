"""The model picker in a notebook: what can run and why not, a run with its progress, Stop, Resume, errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from lorairo.demo import prepare
from lorairo.demo.tagger import NAME

if TYPE_CHECKING:
    from pathlib import Path

    from lab import Lab
    from playwright.sync_api import Locator

PROJECT = "import lorairo as lr\nproject = lr.open_project('project')\nview = project.view()"
CELLS = (PROJECT, "project.add('photos')", "lr.ModelPicker(view)")
PICKER = 2
TAGGER = NAME
NARROW = 360

# a kernel without the hub, and pictures that wait until `gate` opens, each a batch and a commit of its own
OFFLINE = "import os\nos.environ['HF_HUB_OFFLINE'] = '1'"
HOLD = """
import os, threading
from lorairo.inference import pipeline
os.environ["LORAIRO_BATCH_SIZE"] = "1"
pipeline._COMMIT = 0.0
gate, each = threading.Event(), project.originals.each
def held(ids):
    gate.wait()
    return each(ids)
project.originals.each = held
"""
# visible controls that reach beyond the widget
OUTSIDE = """
root => {
  const box = root.getBoundingClientRect();
  return [...root.querySelectorAll('button, input')].filter(element => {
    const {left, right, width} = element.getBoundingClientRect();
    return width > 0 && element.checkVisibility() && (left < box.left - 1 || right > box.right + 1);
  }).map(element => element.getAttribute('aria-label') ?? element.outerHTML.slice(0, 80));
}
"""


@pytest.fixture
def picker(lab: Lab) -> Locator:
    """Open a picker over the demo's pictures; the demo's tagger lies beside the notebook."""
    prepare(lab.folder, count=12)
    lab.open_cells(*CELLS)
    lab.kernel_exec(OFFLINE)
    lab.run_all()
    lab.show(PICKER)
    root = lab.output(PICKER).get_by_role("region", name="lorairo models, project")
    expect(row(root, TAGGER)).to_be_visible()
    return root


def row(picker: Locator, name: str) -> Locator:
    """Find the row of a model."""
    return picker.get_by_role("checkbox", name=f"{name},")


def lose_a_picture(lab: Lab) -> str:
    """Delete the file of the first image; return its name."""
    return lab.kernel_exec(
        "from pathlib import Path\n"
        "first = next(iter(view))\n"
        "gone = Path(first.paths[0])\n"
        "gone.unlink()\n"
        "print(gone.name)"
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_can_run_and_what_does_not(picker: Locator, lab: Lab, theme: str, pictures_folder: Path) -> None:
    lab.theme(theme)
    count = lab.kernel_exec("print(len(view))")
    missing = row(picker, "wd-vit-tagger-v3")
    expect(missing).to_have_attribute("aria-disabled", "true")
    expect(picker.get_by_text("Unset HF_HUB_OFFLINE").first).to_be_visible()
    expect(picker.get_by_role("button", name="Pick a model")).to_have_attribute("aria-disabled", "true")
    row(picker, TAGGER).click()
    expect(picker.get_by_role("button", name=f"Run on {count} images")).to_be_visible()
    expect(picker.get_by_text("Nothing leaves this machine.")).to_be_visible()
    expect(picker.get_by_text("not measured yet")).to_be_visible()
    lab.screenshot(pictures_folder / f"models-{theme}.png", picker)
    picker.get_by_text("Options").click()
    picker.get_by_label("Images at a time").fill("4")
    expect(picker.get_by_text(f'view.annotate(["{TAGGER}"], batch=4)')).to_be_visible()
    broken = (
        Axe().run(lab.page, context=".lr", options={"resultTypes": ["violations"]}).response["violations"]
    )
    assert [(rule["id"], node["target"]) for rule in broken for node in rule["nodes"]] == []


def test_a_run_with_a_lost_picture(picker: Locator, lab: Lab, pictures_folder: Path) -> None:
    gone = lose_a_picture(lab)
    count = int(lab.kernel_exec("print(len(view))"))
    row(picker, TAGGER).focus()
    lab.page.keyboard.press("Space")
    picker.get_by_role("button", name=f"Run on {count} images").click()
    failed = picker.get_by_role("list", name="Images that failed")
    expect(failed).to_contain_text(gone)
    expect(picker.get_by_text(f"{count - 1} answered")).to_be_visible()
    ran = picker.get_by_role("group", name=TAGGER)
    expect(ran.locator("code")).to_have_text(f'view.annotate(["{TAGGER}"])')
    expect(picker.get_by_role("button", name="Run on 1 image")).to_be_visible()
    lab.screenshot(pictures_folder / "models-done.png", picker)
    answered = "sum(len(image.tags) > 0 for image in view)"
    assert int(lab.kernel_exec(f"print({answered})")) >= count - 1


def test_stop_and_resume(picker: Locator, lab: Lab, pictures_folder: Path) -> None:
    lab.kernel_exec(HOLD)
    count = lab.kernel_exec("print(len(view))")
    row(picker, TAGGER).click()
    picker.get_by_role("button", name=f"Run on {count} images").click()
    run = picker.get_by_role("region", name="Run", exact=True)
    expect(run.get_by_role("progressbar")).to_be_visible()
    expect(run.get_by_text(f"0 of {count}")).to_be_visible()
    lab.screenshot(pictures_folder / "models-running.png", picker)
    run.get_by_role("button", name="Stop").click()
    expect(run.get_by_role("button", name="Stopping after this batch")).to_be_visible()
    lab.kernel_exec("gate.set()")
    run.get_by_role("button", name="Resume").click()
    expect(run.get_by_text(f"{count} answered")).to_be_visible()
    expect(run.get_by_role("button", name=f"All {count} images are answered")).to_be_visible()
    assert lab.kernel_exec("print(project.jobs['state'].tolist())") == "['done']"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_narrow_picker_for_the_selection(
    picker: Locator, lab: Lab, theme: str, pictures_folder: Path
) -> None:
    lab.theme(theme)
    for _ in range(2):  # JupyterLab gives up its own margins on the way
        box, window = picker.bounding_box(), lab.page.viewport_size
        assert box is not None
        assert window is not None
        width = round(window["width"] - box["width"] + NARROW)
        lab.page.set_viewport_size({"width": width, "height": 900})
        lab.page.wait_for_function(
            "([root, width]) => root.getBoundingClientRect().width !== width",
            arg=[picker.element_handle(), box["width"]],
        )
    row(picker, TAGGER).click()
    lab.kernel_exec("view.selected = view.ids[:3]")
    picker.get_by_role("button", name="3 selected").click()
    expect(picker.get_by_role("button", name="Run on 3 images")).to_be_visible()
    assert picker.evaluate(OUTSIDE) == []
    lab.screenshot(pictures_folder / f"models-narrow-{theme}.png", picker)
