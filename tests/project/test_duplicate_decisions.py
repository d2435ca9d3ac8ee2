"""What is decided about duplicates: once, by content, and for as long as the project lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageOps

import lorairo as lr
from lorairo.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Draw = Callable[..., Image.Image]


def drawn(folder: Path, draw: Draw) -> Path:
    """Four pictures; of the first a smaller, a cropped and a mirrored copy, of the second a smaller one."""
    folder.mkdir()
    for seed in range(4):
        draw(seed + 2, (480, 360)).save(folder / f"{seed}.png")
    first = Image.open(folder / "0.png")
    first.resize((240, 180)).save(folder / "0_small.jpg", quality=70)
    ImageOps.crop(first, (12, 9, 12, 9)).save(folder / "0_cropped.png")
    ImageOps.mirror(first).save(folder / "0_turned.png")
    Image.open(folder / "1.png").resize((300, 225)).save(folder / "1_small.jpg")
    return folder


@pytest.fixture
def copies(tmp_path: Path, draw: Draw) -> Iterator[lr.Project]:
    with lr.open_project(tmp_path / "project") as project:
        project.add(drawn(tmp_path / "pictures", draw))
        yield project


def grouped(project: lr.Project) -> list[list[str]]:
    """Return the names in each group."""
    df = project.view().find_duplicates().df
    return [sorted(rows["name"]) for _, rows in df.groupby("group")]


FIRST = ["0.png", "0_cropped.png", "0_small.jpg", "0_turned.png"]
SECOND = ["1.png", "1_small.jpg"]


def test_different_pictures_are_never_put_together_again(copies: lr.Project):
    assert grouped(copies) == [FIRST, SECOND]
    done = copies.view().find_duplicates().mark("different", group=2)
    assert repr(done) == "Marked 2 images as different pictures · undo with project.undo()"
    assert grouped(copies) == [FIRST]
    copies.undo()
    assert grouped(copies) == [FIRST, SECOND]
    copies.redo()
    assert grouped(copies) == [FIRST]


def test_nor_in_another_session_after_the_sources_moved(tmp_path: Path, draw: Draw):
    pictures = drawn(tmp_path / "pictures", draw)
    with lr.open_project(tmp_path / "project") as project:
        project.add(pictures)
        project.view().find_duplicates().mark("different", group=1)
    moved = pictures.rename(tmp_path / "elsewhere")
    for number, file in enumerate(sorted(moved.iterdir())):
        file.rename(moved / f"renamed_{number}{file.suffix}")
    with lr.open_project(tmp_path / "project") as project:
        project.add(moved)
        assert [len(names) for names in grouped(project)] == [2]


def test_nor_by_a_third_picture_that_is_like_both(copies: lr.Project, tmp_path: Path, draw: Draw):
    copies.view("name:1*").mark_different()
    more = tmp_path / "more"
    more.mkdir()
    draw(3, (480, 360)).resize((320, 240)).save(more / "1_other.png")
    copies.add(more)
    (group,) = [names for names in grouped(copies) if "1_other.png" in names]
    assert group in (["1.png", "1_other.png"], ["1_other.png", "1_small.jpg"])


def test_only_the_pair_that_was_ruled_comes_apart(copies: lr.Project):
    copies.view("name:0.png OR name:0_turned.png").mark_different()
    first, second = grouped(copies)
    assert second == SECOND
    assert "0_cropped.png" in first
    assert len({"0.png", "0_turned.png"} & set(first)) == 1


def test_variants_stay_together_and_in(copies: lr.Project):
    found = copies.view().find_duplicates()
    assert found.decisions == ["", ""]
    found.mark("variant", group=2)
    assert found.decisions == ["", "variant"]
    assert set(found.df["decision"]) == {"", "variant"}
    again = copies.view().find_duplicates()
    assert again.decisions == ["", "variant"]
    assert repr(again).endswith("· 1 decided · .df lists them · .keep_best() excludes 2")
    again.keep_best()
    assert sorted(copies.view("is:excluded")["name"]) == ["0_cropped.png", "0_small.jpg"]


def test_a_new_picture_of_variants_is_asked_about(copies: lr.Project, tmp_path: Path, draw: Draw):
    copies.view().find_duplicates().mark("variant", group=2)
    more = tmp_path / "more"
    more.mkdir()
    draw(3, (480, 360)).resize((320, 240)).save(more / "1_other.png")
    copies.add(more)
    found = copies.view().find_duplicates()
    assert found.decisions == ["", ""]


def test_one_is_kept_with_the_tags_of_the_others(copies: lr.Project):
    copies.view("name:0_turned*").add_tags("hat", "red")
    copies.view("name:0.png").add_tags("hat")
    found = copies.view().find_duplicates()
    done = found.keep(1)
    assert done.message == "Excluded 3 images, moved 1 tag"
    assert found.decisions == ["kept", ""]
    assert copies.view("name:0.png")["tags"].iloc[0] == "hat, red"
    assert set(copies.view("is:excluded")["reason"]) == {"duplicate"}
    assert copies.undo().message == "Undone: excluded 3 images, moved 1 tag"
    assert found.decisions == ["", ""]
    assert copies.view("name:0.png")["tags"].iloc[0] == "hat"


def test_another_one_can_be_kept(copies: lr.Project):
    found = copies.view().find_duplicates()
    small = int(copies.view("name:1_small*").ids[0])
    found.keep(2, small, merge_tags=False)
    assert copies.view("is:excluded")["name"].tolist() == ["1.png"]
    with pytest.raises(ArgumentError, match=rf"image {small} is not in group 1"):
        found.keep(1, small)


def test_a_decision_can_be_made_anew(copies: lr.Project):
    found = copies.view().find_duplicates()
    found.keep(2)
    small = int(copies.view("name:1_small* is:excluded").ids[0])
    found.keep(2, small)
    assert copies.view("is:excluded")["name"].tolist() == ["1.png"]
    found.mark("variant", group=2)
    assert (len(copies.view("is:excluded")), found.decisions) == (0, ["", "variant"])
    copies.undo()
    assert copies.view("is:excluded")["name"].tolist() == ["1.png"]
    copies.view("is:excluded").exclude(reason="blurry")
    found.mark("different", group=2)
    assert len(copies.view("is:excluded")) == 1


def test_every_group_can_be_marked_at_once(copies: lr.Project):
    found = copies.view().find_duplicates()
    found.mark("different")
    assert found.decisions == ["different", "different"]
    assert grouped(copies) == []
    with pytest.raises(ArgumentError, match="decided already"):
        found.mark("variant")
    copies.undo()
    assert len(grouped(copies)) == 2


def test_what_was_ruled_can_be_taken_back(copies: lr.Project):
    copies.view().find_duplicates().mark("different")
    done = copies.view("name:1*").unmark_duplicates()
    assert done.message == "Took back what was decided about duplicates of 2 images"
    assert grouped(copies) == [SECOND]


@pytest.mark.parametrize("verdict", ["same", "variants", 3])
def test_a_verdict_that_means_nothing_is_named(copies: lr.Project, verdict: object):
    with pytest.raises(ArgumentError, match="no verdict"):
        copies.view().find_duplicates().mark(verdict, group=1)


def test_a_recipe_says_what_was_decided(copies: lr.Project, tmp_path: Path):
    found = copies.view().find_duplicates()
    found.mark("variant", group=2)
    found.keep(1)
    recipe = copies.recipe()
    assert ".mark_variants()" in recipe.text
    path = recipe.save(tmp_path / "recipe.py")
    with lr.open_project(tmp_path / "other") as other:
        other.add(tmp_path / "pictures")
        lr.replay(path or tmp_path / "recipe.py", other)
        assert other.fingerprint() == copies.fingerprint()
        again = other.view().find_duplicates()
        assert again.decisions == ["variant"]


def test_a_folded_log_still_says_it_in_a_recipe(copies: lr.Project, tmp_path: Path):
    copies.view().find_duplicates().mark("different", group=2)
    copies.view("name:0*").mark_variants()
    copies.compact(keep=0, days=0)
    copies.recipe().save(tmp_path / "recipe.py")
    with lr.open_project(tmp_path / "other") as other:
        other.add(tmp_path / "pictures")
        lr.replay(tmp_path / "recipe.py", other)
        assert grouped(other) == [FIRST]
        assert other.view().find_duplicates().decisions == ["variant"]


def test_a_recipe_says_with_whom_a_single_image_is_ruled(copies: lr.Project, tmp_path: Path):
    copies.view("name:1*").mark_different()
    copies.view("name:1_small*").unmark_duplicates()
    copies.view("name:1*").mark_different()  # changes the small one alone
    recipe = copies.recipe()
    assert ".mark_different(mark='" in recipe.text.replace('"', "'")
    recipe.save(tmp_path / "recipe.py")
    with lr.open_project(tmp_path / "other") as other:
        other.add(tmp_path / "pictures")
        lr.replay(tmp_path / "recipe.py", other)
        assert grouped(other) == [FIRST]
