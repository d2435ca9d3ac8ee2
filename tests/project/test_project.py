"""A project: opened once, added to, closed, found again."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from PIL import Image

import lorairo as lr
from lorairo.errors import ArgumentError, NotFoundError, ProjectError, ReadOnlyError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_same_path_is_the_same_object(tmp_path: Path):
    project = lr.open_project(tmp_path / "a")
    assert lr.open_project(str(tmp_path / "a")) is project
    project.close()
    again = lr.open_project(tmp_path / "a")
    assert again is not project
    again.close()


def test_two_projects_in_one_kernel_do_not_mix(tmp_path: Path, photos: Path):
    with lr.open_project(tmp_path / "a") as first, lr.open_project(tmp_path / "b") as second:
        first.add(photos)
        first.view().add_tags("only_here")
        assert len(first) == 12
        assert len(second) == 0
        second.add(photos / "01.jpg")
        assert second.view("only_here").ids.tolist() == []


def test_adding_again_skips_what_is_unchanged(project: lr.Project, photos: Path):
    report = project.add(photos)
    assert (len(report.added), len(report.unchanged)) == (0, 12)


def test_ids_follow_sorted_paths(project: lr.Project):
    names = [record.name for record in project.view()]
    assert names == sorted(names)
    assert project.view().ids.tolist() == list(range(1, 13))


def test_everything_is_found_again_after_reopening(tmp_path: Path, photos: Path):
    with lr.open_project(tmp_path / "p") as project:
        project.add(photos)
        project.view("dog").add_tags("smile")
        project.view()[:2].exclude(reason="blurry")
        project.view().head(1).set_caption("a caption")
    with lr.open_project(tmp_path / "p") as project:
        assert len(project.view("smile", everything=True)) == 3
        assert len(project.view("reason:blurry")) == 2
        assert "a caption" in project.view(everything=True).captions().tolist()
        assert project.undo().message.startswith("Undone")


def test_an_image_that_moved_is_missing_until_relinked(project: lr.Project, photos: Path, tmp_path: Path):
    place = tmp_path / "elsewhere"
    shutil.move(photos, place)
    nowhere = tmp_path / "nothing"
    nowhere.mkdir()
    project.relink(nowhere)
    assert len(project.view("is:missing")) == 12
    with pytest.raises(NotFoundError, match="relink"):
        project.open_image(1)
    assert project.relink(place).count == 12
    assert len(project.view("is:missing")) == 0
    assert project.open_image(1).size == (320, 240)


def test_a_changed_source_is_never_taken_for_the_image(project: lr.Project, photos: Path):
    (photos / "00.jpg").write_bytes((photos / "01.jpg").read_bytes())
    with pytest.raises(NotFoundError, match="content has changed"):
        project.read(1)


def test_a_lost_thumbnail_cache_is_made_again(tmp_path: Path, photos: Path):
    with lr.open_project(tmp_path / "p") as project:
        project.add(photos)
        before = project.thumbnail(3)
    for file in (tmp_path / "p").glob("thumbnails.db*"):
        file.unlink()
    with lr.open_project(tmp_path / "p") as project:
        after = project.thumbnail(3)
    assert before[:2] == after[:2] == b"\xff\xd8"


def test_read_only_refuses_changes_and_says_why(tmp_path: Path, photos: Path):
    with lr.open_project(tmp_path / "p") as project:
        project.add(photos)
    with lr.open_project(tmp_path / "p", readonly=True) as project:
        assert len(project.view()) == 12
        with pytest.raises(ReadOnlyError, match="read-only"):
            project.view().add_tags("x")


def test_a_file_is_no_project(tmp_path: Path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ProjectError, match="is a file"):
        lr.open_project(tmp_path / "file")


def test_an_image_record_tells_what_is_known(project: lr.Project, photos: Path):
    record = project[1]
    assert record.name == "00.jpg"
    assert record.size == (320, 240)
    assert record.tags == ["dog", "outdoors"]
    assert record.paths == [str((photos / "00.jpg").resolve())]
    assert set(record.evidence["tag"]) == {"dog", "outdoors"}
    assert record.scores["sharpness"] >= 0
    with pytest.raises(AttributeError, match="no 'colour'"):
        _ = record.colour


def test_an_id_that_is_not_there_is_an_error(project: lr.Project):
    with pytest.raises(NotFoundError, match="999"):
        _ = project[999]


def test_a_batch_is_one_step_of_undo(project: lr.Project):
    with project.batch("my cleanup"):
        project.view().add_tags("a_tag")
        project.view().stars(3)
    assert project.undo().count == 12
    assert len(project.view("a_tag")) == 0
    assert len(project.view("stars:3")) == 0


def test_history_names_author_and_count(project: lr.Project):
    project.view().head(3).add_tags("smile")
    newest = project.history.iloc[0]
    assert newest["label"] == "Tagged 3 images smile"
    assert newest["count"] == 3
    assert newest["author"] == project.author


def test_a_dataset_keeps_its_profile_and_trigger(project: lr.Project):
    project.view().head(4).add_to("train")
    project.set_dataset("train", profile="sdxl", trigger="sks dog")
    assert project.dataset("train").trigger == "sks dog"
    assert len(project.view("dataset:train")) == 4
    with pytest.raises(NotFoundError, match="train"):
        project.dataset("test")


def test_an_unknown_source_says_what_can_be_added(project: lr.Project):
    with pytest.raises(ArgumentError):
        project.add(42)


def test_times_are_dates(project: lr.Project):
    project.view().add_tags("smile")
    assert str(project.history["at"].dt.tz) == "UTC"
    assert len(project[1].history) == 1
    assert len(project.jobs) == len(project.exports) == len(project.failures) == 0


def test_adding_a_folder_again_notices_what_is_gone_and_what_came_back(project: lr.Project, photos: Path):
    data = (photos / "03.jpg").read_bytes()
    (photos / "03.jpg").unlink()
    project.add(photos)
    assert [record.name for record in project.view("is:missing")] == ["03.jpg"]
    (photos / "03.jpg").write_bytes(data)
    project.add(photos)
    assert len(project.view("is:missing")) == 0


def test_deleting_takes_the_project_s_own_copies_along(tmp_path: Path, draw: Callable[..., Image.Image]):
    with lr.open_project(tmp_path / "p") as project:
        project.add([draw(1), draw(2)])
        kept = [path for path in (tmp_path / "p" / "memory").rglob("*") if path.is_file()]
        assert len(kept) == 2
        project.view().head(1).delete(confirm=True)
        assert sum(path.is_file() for path in kept) == 1
