"""Duplicates of a view, found and dealt with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageOps

import lorairo as lr
from lorairo.errors import ArgumentError
from lorairo.store import embeddings, evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Draw = Callable[..., Image.Image]


@pytest.fixture
def copies(tmp_path: Path, draw: Draw) -> Iterator[lr.Project]:
    """Six pictures; of the first a smaller, a cropped and a mirrored copy, of the second a smaller one."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed in range(6):
        draw(seed + 2, (480, 360)).save(folder / f"{seed}.png")
    first = Image.open(folder / "0.png")
    first.resize((240, 180)).save(folder / "0_small.jpg", quality=70)
    ImageOps.crop(first, (12, 9, 12, 9)).save(folder / "0_cropped.png")
    ImageOps.mirror(first).save(folder / "0_turned.png")
    Image.open(folder / "1.png").resize((300, 225)).save(folder / "1_small.jpg")
    with lr.open_project(tmp_path / "project") as project:
        project.add(folder)
        yield project


def kinds(found: lr.View) -> dict[str, str]:
    return dict(zip(found.df["name"], found.df["kind"], strict=True))


def test_copies_are_grouped_and_the_best_is_first(copies: lr.Project):
    found = copies.view().find_duplicates()
    assert len(found) == 2
    assert kinds(found) == {
        "0.png": "same",
        "0_small.jpg": "same",
        "0_cropped.png": "cropped",
        "0_turned.png": "mirrored",
        "1.png": "same",
        "1_small.jpg": "same",
    }
    kept = found.df[found.df["keeper"]]
    assert kept["name"].tolist() == ["0.png", "1.png"]
    assert kept["reason"].tolist() == ["least compressed", "most pixels"]
    assert repr(found) == "2 groups with 6 of 10 images of project · .df lists them · .keep_best() excludes 3"


def test_mirror_images_can_be_left_out(copies: lr.Project):
    assert "0_turned.png" not in kinds(copies.view().find_duplicates(mirrored=False))


def test_a_search_tells_how_far_it_is_and_can_be_ended(copies: lr.Project):
    told: list[tuple[int, int, int]] = []
    found = copies.view().find_duplicates(progress=lambda *step: told.append(step))
    assert told == sorted(told)
    assert told[-1] == (told[-1][1], told[-1][1], found.looked)
    assert 6 <= found.looked <= 10

    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copies.view().find_duplicates(progress=stop)


def test_only_the_view_is_looked_at(copies: lr.Project):
    assert len(copies.view("name:1*").find_duplicates()) == 1
    nothing = copies.view("name:5*").find_duplicates()
    assert (len(nothing), len(nothing.df), len(nothing.images)) == (0, 0, 0)
    assert repr(nothing) == "No duplicates among 1 images of project"


def test_the_pairs_of_a_group(copies: lr.Project):
    found = copies.view().find_duplicates()
    pairs = found.pairs(1)
    assert len(pairs) == 6
    assert set(pairs["kind"]) <= {"same", "cropped", "mirrored", "different"}
    assert pairs["bits"].max() <= 16
    with pytest.raises(ArgumentError, match="from 1 to 2"):
        found.pairs(3)


def test_pairs_with_the_same_pixels_are_told_from_those_that_only_look_so(copies: lr.Project, tmp_path: Path):
    again = tmp_path / "again"
    again.mkdir()
    first = Image.open(tmp_path / "pictures" / "0.png")
    first.save(again / "0_again.bmp")  # another format, the same pixels
    first.save(again / "0_lossy.jpg", quality=95)
    copies.add(again)
    found = copies.view("name:0*").find_duplicates(mirrored=False)
    names = dict(zip(copies.view()["name"].index, copies.view()["name"], strict=True))
    pairs = found.pairs(1, pixels=True)
    same = [{names[a], names[b]} for a, b in pairs.loc[pairs["identical"], ["a", "b"]].to_numpy()]
    assert same == [{"0.png", "0_again.bmp"}]
    assert pairs["identical"].notna().all()
    (again / "0_again.bmp").unlink()
    unread = found.pairs(1, pixels=True)
    assert unread["identical"].isna().sum() == 4


def test_keeping_the_best_excludes_what_it_stands_for_and_merges_tags(copies: lr.Project):
    copies.view("name:0_small*").add_tags("hat", "red")
    copies.view("name:0_cropped*").add_tags("dog", "hat")
    copies.view("name:0.png").add_tags("red", "scarf")
    copies.view("name:0.png").remove_tags("scarf")
    copies.view("name:0_small*").add_tags("scarf")
    done = copies.view().find_duplicates().keep_best()
    assert done.message == "Excluded 3 images, moved 2 tags"
    gone = copies.view("is:excluded")
    assert sorted(gone["name"]) == ["0_cropped.png", "0_small.jpg", "1_small.jpg"]
    assert set(gone["reason"]) == {"duplicate"}
    tags = copies.view("name:0.png")["tags"].iloc[0].split(", ")
    assert sorted(tags) == ["dog", "hat", "red"]  # scarf was rejected there, and stays so
    copies.undo()
    assert len(copies.view("is:excluded")) == 0
    assert copies.view("name:0.png")["tags"].iloc[0] == "red"


def test_tags_can_stay_where_they_are(copies: lr.Project):
    copies.view("name:0_small*").add_tags("hat")
    copies.view().find_duplicates().keep_best(merge_tags=False)
    assert copies.view("name:0.png")["tags"].iloc[0] == ""


def test_the_keepers_choice_follows_the_stars(copies: lr.Project):
    copies.view("name:0_small*").stars(4)
    kept = copies.view().find_duplicates().df.query("keeper")
    assert kept["name"].tolist() == ["0_small.jpg", "1.png"]
    assert kept["reason"].iloc[0] == "most stars"


def test_what_it_found_stands_when_images_are_added(copies: lr.Project, tmp_path: Path, draw: Draw):
    found = copies.view().find_duplicates()
    more = tmp_path / "more"
    more.mkdir()
    draw(2, (480, 360)).resize((200, 150)).save(more / "0_tiny.png")
    copies.add(more)
    assert "0_tiny.png" not in kinds(found)
    assert "0_tiny.png" in kinds(copies.view().find_duplicates())


@pytest.mark.parametrize("radius", [-1, 17, 6.0, True])
def test_a_radius_that_means_nothing_is_named(copies: lr.Project, radius: object):
    with pytest.raises(ArgumentError, match="radius="):
        copies.view().find_duplicates(radius)


def test_the_labelled_photographs(tmp_path: Path, shared: Path):
    """Every duplicate and mirror image is found, nothing distinct is, no other shot of a scene is dropped."""
    photos = shared / "data" / "photos"
    pairs = json.loads((photos / "duplicates_ground_truth.json").read_text(encoding="utf-8"))["pairs"]
    with lr.open_project(tmp_path / "project") as project:
        project.add(photos)
        df = project.view().find_duplicates().df
        places = {path: image.id for image in project.view() for path in image.paths}
    ids = {pair[end]: places[str(photos / pair[end])] for pair in pairs for end in ("a", "b")}
    group = dict(zip(df["image_id"], df["group"], strict=True))
    spare = set(df[~df["keeper"] & (df["reason"] == "replaced")]["image_id"])

    def together(pair: dict[str, str]) -> bool:
        a, b = ids[pair["a"]], ids[pair["b"]]
        return a == b or (a in group and group[a] == group.get(b))

    labelled = {
        label: [pair for pair in pairs if pair["label"] == label] for label in {p["label"] for p in pairs}
    }
    for label in ("exact", "duplicate", "mirrored"):
        assert all(map(together, labelled[label])), label
    assert not any(map(together, labelled["distinct"]))
    shots = {ids[pair[end]] for pair in labelled["same scene"] for end in ("a", "b")}
    assert not spare & shots


def place(project: lr.Project, places: dict[int, list[float]]) -> None:
    """Enter places as an embedder does."""
    with project.database.write() as connection:
        model = evidence.model_id(connection, "local", "dinov2-base", "1", {}, "embedder")
        embeddings.record(connection, model, list(places), np.array(list(places.values()), np.float32))


def test_what_a_model_takes_for_near_belongs_together_and_is_never_excluded_unasked(copies: lr.Project):
    ids = dict(zip(copies.view()["name"], copies.view().ids.tolist(), strict=True))
    place(copies, {ids["3.png"]: [1, 0, 0], ids["4.png"]: [0.99, 0.141, 0], ids["5.png"]: [0, 0, 1]})
    found = copies.view().find_duplicates(model="dinov2-base", likeness=0.95)
    assert len(found) == 3
    assert sorted(found.df.query("group == 3")["name"]) == ["3.png", "4.png"]
    assert sorted(found.df.query("group == 3")["kind"]) == ["alike", "same"]
    assert found.pairs(3)["kind"].tolist() == ["alike"]
    assert len(copies.view().find_duplicates(model="dinov2-base", likeness=0.999)) == 2
    found.keep_best()
    assert not set(copies.view("is:excluded")["name"]) & {"3.png", "4.png"}
    found.mark("different", group=3)
    assert len(copies.view().find_duplicates(model="dinov2-base", likeness=0.95)) <= 2


@pytest.mark.parametrize("likeness", [0, -1, 1.5])
def test_a_likeness_that_means_nothing_is_named(copies: lr.Project, likeness: float):
    with pytest.raises(ArgumentError, match="likeness="):
        copies.view().find_duplicates(likeness=likeness)
