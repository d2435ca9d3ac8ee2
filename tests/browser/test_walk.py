"""The main path as a person walks it: from a folder of photographs to a training set that a trainer reads."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from gallery_page import GalleryPage
from playwright.sync_api import expect
from trainer_reader import read_dataset

from lorairo.demo import prepare

if TYPE_CHECKING:
    from pathlib import Path

    from lab import Lab

DRAWN = 60
TAGGED = 40
TRIGGER = "my subject"
NOT_EXPORTED = {1, 5, 9}  # artist, meta and rating tags say nothing about the subject

# what was decided, as the project itself tells it
STATE = """
import json
print(json.dumps({
    "tags": {str(image.id): list(image.tags) for image in project.view(everything=True)},
    "history": list(project.history.get("label", [])),
    "count": len(project.view()),
}))
"""
PLANNED = """
categories = dict(zip(project.index.tag_names, map(int, project.index.tag_categories)))
print(json.dumps([
    {"file": placed.file, "bucket": placed.bucket.bucket, "caption": placed.caption,
     "prose": placed.item.caption, "tags": [tag for tag in project[placed.item.id].tags
     if categories[tag] not in NOT_EXPORTED]}
    for placed in plan.placements
]))
"""


@pytest.fixture(params=["drawn", "photographs"])
def workplace(request: pytest.FixtureRequest, lab: Lab) -> Lab:
    """A folder as `lorairo demo` makes it, over its own pictures or over real photographs."""
    real = request.param == "photographs"
    source = request.getfixturevalue("shared") / "data" / "photos" if real else None
    prepare(lab.folder, count=1 if real else DRAWN)
    if source is not None:
        shutil.rmtree(lab.folder / "photos")
        shutil.copytree(source, lab.folder / "photos")
    return lab


def state_of(lab: Lab) -> dict[str, Any]:
    """Ask the kernel what was decided."""
    return dict(json.loads(lab.kernel_exec(STATE)))


def open_gallery(lab: Lab) -> GalleryPage:
    """Run every code cell up to the gallery, and wait for its pictures."""
    last = lab.find_cell("lr.Gallery(view)")
    for index, kind in enumerate(lab.cell_types()[: last + 1]):
        if kind == "code":
            lab.run_cell(index)
    lab.show(last)
    gallery = GalleryPage(lab, last)
    gallery.await_painted()
    return gallery


def tag_with_the_model(lab: Lab) -> dict[str, Any]:
    """Run the tagger; nearly everything has tags then."""
    lab.run_cell(lab.find_cell("view.annotate("))
    found = state_of(lab)
    assert found["count"] > TAGGED
    assert sum(len(tags) > 0 for tags in found["tags"].values()) > 0.9 * found["count"]
    return found


def look_to_the_end(gallery: GalleryPage, count: int) -> None:
    """Scroll to the last picture."""
    gallery.focus()
    gallery.scroll_to_end()
    last = gallery.cells().filter(visible=True).last
    expect(last).to_have_attribute("aria-label", re.compile(rf"{count:,} of {count:,}"))


def search(gallery: GalleryPage, count: int) -> None:
    """Narrow by a search, and widen again."""
    gallery.focus()
    gallery.search("aspect:<1 order:-width")
    shown = int(gallery.lab.kernel_exec("print(len(project.view('aspect:<1')))"))
    assert 0 < shown < count
    gallery.expect_count(f"{shown:,} of {count:,}")
    assert gallery.lab.kernel_exec("print(len(view.shown))") == str(shown)
    gallery.search("")
    gallery.expect_count(f"{count:,} images")


def tag_and_undo(gallery: GalleryPage, before: dict[str, Any]) -> None:
    """Choose 40 images and tag them with the keyboard alone; take it back."""
    gallery.select_first(TAGGED)
    gallery.add_tag("walked past")
    gallery.expect_toast(f"Tagged {TAGGED} images walked_past")
    tagged = state_of(gallery.lab)["tags"]
    assert sum("walked_past" in tags for tags in tagged.values()) == TAGGED
    assert gallery.lab.kernel_exec("print(len(view.selected))") == str(TAGGED)
    gallery.press("Escape")
    expect(gallery.grid).to_be_focused()
    gallery.press("u")
    gallery.expect_toast(f"Undone: tagged {TAGGED} images walked_past")
    assert state_of(gallery.lab)["tags"] == before["tags"]


def decide(gallery: GalleryPage) -> dict[str, Any]:
    """Make decisions that stay: a tag on two images, and one image excluded."""
    gallery.press("Escape", "Home", "Space", "Shift+ArrowRight")
    gallery.add_tag("kept")
    gallery.expect_toast("Tagged 2 images kept")
    gallery.press("Escape", "Escape", "End", "x")
    gallery.expect_toast("Excluded 1 image")
    return state_of(gallery.lab)


def export(lab: Lab) -> list[dict[str, Any]]:
    """Plan, write, and return what was planned."""
    lab.run_cell(lab.find_cell("view.plan_export("))
    planned = json.loads(lab.kernel_exec(f"NOT_EXPORTED = {NOT_EXPORTED}\n{PLANNED}"))
    lab.run_cell(lab.find_cell("plan.write()"))
    return list(planned)


def check_with_the_trainers_reader(folder: Path, planned: list[dict[str, Any]]) -> None:
    """Find exactly the planned pictures, buckets and curated captions in what was written."""
    [config] = folder.glob("*.toml")
    read = {image.path.relative_to(folder).as_posix(): image for image in read_dataset(config)}
    assert sorted(read) == sorted(row["file"] for row in planned)
    for row in planned:
        image = read[row["file"]]
        assert list(image.bucket) == row["bucket"]
        assert image.caption == row["caption"]
        curated = [tag.replace("_", " ") for tag in row["tags"]]
        parts = image.caption.split(", ")
        assert parts[0] == TRIGGER
        assert parts[len(parts) - len(curated) :] == curated


def test_from_photographs_to_a_training_set(workplace: Lab, pictures_folder: Path) -> None:
    lab = workplace
    lab.open(lab.folder / "quickstart.ipynb")
    gallery = open_gallery(lab)
    before = tag_with_the_model(lab)
    look_to_the_end(gallery, before["count"])
    lab.screenshot(pictures_folder / "walk-end.png")
    search(gallery, before["count"])
    tag_and_undo(gallery, before)
    decided = decide(gallery)

    lab.restart_kernel()
    gallery = open_gallery(lab)
    gallery.expect_count(f"{before['count'] - 1:,} images")
    assert state_of(lab) == decided
    lab.screenshot(pictures_folder / "walk-after-restart.png")

    planned = export(lab)
    assert len(planned) == before["count"] - 1
    assert sum("kept" in row["tags"] for row in planned) == 2
    check_with_the_trainers_reader(lab.folder / "training-set", planned)
