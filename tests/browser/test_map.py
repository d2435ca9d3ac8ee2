"""The map in JupyterLab, beside a gallery: lasso, cross-filter both ways, keyboard, looks."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from test_looks import OUTSIDE
from workbench_page import WorkbenchPage

from lorairo.demo import prepare

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lab import Lab
    from lab_server import LabServer
    from playwright.sync_api import Locator

# three groups, well apart: the first images of the view on the left
PLACE = """
import numpy as np
import lorairo as lr
from lorairo.store import embeddings, evidence
project = lr.open_project("my-dataset")
project.add("photos")
view = project.view()
chance = np.random.default_rng(0)
group = np.repeat([0, 1, 2], 20)
middles = np.array([[-1, -.4, 0], [.6, .9, 0], [.9, -.5, 0]])
places = np.hstack([middles[group] + chance.normal(0, .12, (60, 3)), np.full((60, 1), .2)])
places /= np.linalg.norm(places, axis=1, keepdims=True)
with project.database.write() as c:
    model = evidence.model_id(c, "local", "dinov2-base", "1", {}, "embedder")
    embeddings.record(c, model, view.ids.tolist(), places.astype(np.float32))
view[:25].add_to("train"); view[25:40].add_to("validation")
"""
MAP = "the_map = lr.EmbeddingMap(view, method='pca', height=440)\nthe_map"
WORKBENCH = """
from lorairo import projection
projection.find_spec = lambda name: None  # as where UMAP is not installed, which takes its time to start
lr.Workbench(project)
"""
SPREAD = """
print(view.map("dinov2-base", method="pca").loc[view.ids.tolist()].to_numpy().tolist())
"""


@pytest.fixture
def lab(open_lab: Callable[..., Lab], lab_server: LabServer) -> Lab:
    lab = open_lab(lab_server, width=1280, height=1000)
    prepare(lab.folder, count=60)
    lab.open_cells(PLACE, MAP, "lr.Gallery(view, height=420)", WORKBENCH)
    for cell in range(3):
        lab.run_cell(cell)
    return lab


def on_screen(lab: Lab, stage: Locator) -> list[tuple[float, float]]:
    """Return where images lie in the window: a fitted map leaves 56 pixels on the left and 24 elsewhere."""
    box = stage.bounding_box()
    assert box is not None
    half = min(box["width"] - 80, box["height"] - 48) / 2
    x, y = box["x"] + 16 + box["width"] / 2, box["y"] + box["height"] / 2
    return [(x + half * a, y - half * b) for a, b in json.loads(lab.kernel_exec(SPREAD))]


def around(lab: Lab, places: list[tuple[float, float]], *, key: str | None = None) -> None:
    """Draw a lasso around some places."""
    left, right = min(x for x, _ in places) - 8, max(x for x, _ in places) + 8
    top, bottom = min(y for _, y in places) - 8, max(y for _, y in places) + 8
    mouse = lab.page.mouse
    mouse.move(left, top)
    if key:
        lab.page.keyboard.down(key)
    mouse.down()
    for x, y in ((right, top), (right, bottom), (left, bottom)):
        mouse.move(x, y, steps=5)
    mouse.up()
    if key:
        lab.page.keyboard.up(key)


def selected(lab: Lab) -> list[int]:
    """Return places in the view of what is selected."""
    return list(
        json.loads(lab.kernel_exec("print(np.flatnonzero(np.isin(view.ids, view.selected.ids)).tolist())"))
    )


def test_a_map_is_lassoed_filtered_and_walked(lab: Lab, pictures_folder: Path) -> None:
    root = lab.show(1).get_by_role("region", name=re.compile("^lorairo map"))
    stage = root.get_by_role("application", name=re.compile("^Map of 60 images by dinov2-base"))
    expect(stage).to_be_visible()
    lassoed_and_filtered(lab, root, stage)
    walked(lab, root, stage)
    looked_at(lab, root, pictures_folder)


def lassoed_and_filtered(lab: Lab, root: Locator, stage: Locator) -> None:
    """Select by lasso, search in a cell: gallery, map and cell say the same."""
    gallery = lab.output(2).get_by_role("region", name=re.compile("^lorairo gallery"))
    places = on_screen(lab, stage)
    around(lab, places[:20])
    expect(root.get_by_text("20 of 60 selected")).to_be_visible()
    expect(gallery.get_by_text("20 selected")).to_be_visible()
    assert selected(lab) == list(range(20))
    around(lab, places[40:], key="Shift")
    expect(root.get_by_text("40 of 60 selected")).to_be_visible()

    lab.kernel_exec("view.shown = 'dataset:train'")
    expect(root.get_by_text("20 of 25 selected")).to_be_visible()
    around(lab, places)
    expect(root.get_by_text("25 of 25 selected")).to_be_visible()
    expect(gallery.get_by_text("25 selected")).to_be_visible()
    assert selected(lab) == list(range(25))
    lab.kernel_exec("view.shown = 'width:>0'; view.selected = view.ids[:3]")
    expect(root.get_by_text("3 of 60 selected")).to_be_visible()


def walked(lab: Lab, root: Locator, stage: Locator) -> None:
    """Select by keyboard; each image is told."""
    keyboard = lab.page.keyboard
    stage.focus()
    keyboard.press("Escape")
    expect(root.get_by_text("60 images", exact=True)).to_be_visible()
    for key in ("ArrowRight", "ArrowRight", " ", "ArrowUp", " "):
        keyboard.press(key)
    expect(root.get_by_text("2 of 60 selected")).to_be_visible()
    expect(root.locator(".em-bubble img")).to_be_visible()


def looked_at(lab: Lab, root: Locator, pictures_folder: Path) -> None:
    """Colour by kinds and by numbers; light, dark and narrow."""
    page, bubble = lab.page, root.locator(".em-bubble")
    stage = root.get_by_role("application")
    root.get_by_role("button", name="One colour").click()
    root.get_by_role("menuitemradio", name="dataset", exact=True).click()
    expect(root.get_by_role("group", name="Legend")).to_contain_text("train")
    stage.focus()
    page.keyboard.press("ArrowLeft")
    expect(bubble).to_contain_text("dataset")
    lab.screenshot(pictures_folder / "map-light.png", root)
    found = Axe().run(page, context=".lr", options={"resultTypes": ["violations"]})
    assert [(rule["id"], rule["nodes"]) for rule in found.response["violations"]] == []

    lab.theme("dark")
    lab.kernel_exec("the_map.colour = 'sharpness'")
    expect(root.get_by_role("button", name="sharpness")).to_be_visible()
    page.mouse.move(*on_screen(lab, stage)[45])
    expect(bubble).to_contain_text("sharpness")
    expect(bubble.locator("img")).to_be_visible()
    lab.screenshot(pictures_folder / "map-dark.png", root)
    lab.kernel_exec("the_map.layout.width = '360px'")
    page.wait_for_function("root => root.getBoundingClientRect().width <= 360", arg=root.element_handle())
    stage.focus()
    page.keyboard.press("0")
    page.keyboard.press("ArrowRight")
    expect(bubble).to_be_visible()
    assert not root.evaluate("root => root.scrollWidth > root.clientWidth + 1")
    lab.screenshot(pictures_folder / "map-narrow-dark.png", root)


def test_what_is_lassoed_in_the_workbench_is_tagged_there(lab: Lab, pictures_folder: Path) -> None:
    lab.run_cell(3)
    lab.show(3)
    page = WorkbenchPage(lab, 3)
    page.root.get_by_role("tab", name="Map").click()
    stage = page.root.get_by_role("application", name=re.compile("^Map of 60 images"))
    expect(stage).to_be_visible()
    around(lab, on_screen(lab, stage)[:20])
    expect(page.selection_bar).to_contain_text("20 selected")
    expect(page.inspector.get_by_text("20 selected")).to_be_visible()
    lab.screenshot(pictures_folder / "map-workbench-light.png", page.root)
    page.selection_bar.get_by_role("button", name="Exclude").click()
    expect(page.root.get_by_role("application", name=re.compile("^Map of 40 images"))).to_be_visible()
    page.resize(360)
    assert page.root.evaluate(OUTSIDE) == []
    lab.screenshot(pictures_folder / "map-workbench-narrow.png", page.root)
    page.root.get_by_role("tab", name="Images").click()
    expect(page.grid).to_be_visible()
