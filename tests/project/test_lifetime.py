"""Projects that are forgotten, opened twice, or only read; listeners that edit; tables of one moment."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING

import pytest

import lorairo as lr
from lorairo.errors import ProjectError, ReadOnlyError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PIL import Image


def _threads(name: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == name]


def test_a_forgotten_project_leaves_no_watcher(tmp_path: Path):
    before = set(_threads("lorairo-watcher"))
    for number in range(5):
        lr.open_project(tmp_path / f"p{number}")
    gc.collect()
    for thread in set(_threads("lorairo-watcher")) - before:
        thread.join(20)
        assert not thread.is_alive()


def test_a_listener_that_edits_sees_what_it_did(project: lr.Project):
    view, seen = project.view(), []

    def react(_change: object) -> None:
        if not seen:
            seen.append(0)
            view.head(3).add_tags("from_a_listener")
            seen[0] = len(project.view("from_a_listener"))

    view.changed.connect(react)
    view.stars(2)
    assert seen == [3]


def test_a_table_is_of_one_moment(project: lr.Project):
    """Its columns must fit together while images leave and enter the view."""
    view, stop = project.view(), threading.Event()

    def edit() -> None:
        others = project.view(everything=True)
        while not stop.is_set():
            others[:5].exclude()
            others[:5].include()

    thread = threading.Thread(target=edit)
    thread.start()
    try:
        for _ in range(40):
            table = view.df
            assert len(table) in (7, 12)
            assert not table["excluded"].any()
            assert [project[int(i)].name for i in table.index[:1]] == table["name"].tolist()[:1]
    finally:
        stop.set()
        thread.join()


def test_open_read_only_and_to_write_is_told_apart(tmp_path: Path, photos: Path):
    with lr.open_project(tmp_path / "p") as project:
        project.add(photos)
        with pytest.raises(ProjectError, match="close"):
            lr.open_project(tmp_path / "p", readonly=True)
    with lr.open_project(tmp_path / "p", readonly=True) as project:
        with pytest.raises(ProjectError, match="close"):
            lr.open_project(tmp_path / "p")
        assert project.view().df.lorairo.view().ids.tolist() == project.view().ids.tolist()


@pytest.mark.parametrize("location", ["postgresql+psycopg://me@host/db", "", None, 3])
def test_what_is_no_folder_is_refused(location: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProjectError, match="folder"):
        lr.open_project(location)
    assert list(tmp_path.iterdir()) == []


def test_every_way_to_change_is_refused_when_only_reading(
    tmp_path: Path, photos: Path, draw: Callable[..., Image.Image]
):
    with lr.open_project(tmp_path / "p") as project:
        project.add(photos)
        project.view().head(1).set_caption("a dog")
    files = {path: path.read_bytes() for path in (tmp_path / "p").glob("database.db")}
    for cache in (tmp_path / "p").glob("thumbnails.db*"):
        cache.unlink()
    with lr.open_project(tmp_path / "p", readonly=True) as project:
        view = project.view()
        changes: list[Callable[[], object]] = [
            lambda: project.add(photos),
            lambda: project.add([draw(5)]),
            lambda: project.relink(photos),
            project.undo,
            project.redo,
            lambda: project.set_dataset("train", trigger="x"),
            lambda: view.add_tags("x"),
            lambda: view.remove_tags("dog"),
            lambda: view.replace_tags({"dog": "cat"}),
            lambda: view.set_caption("x"),
            lambda: view.set_caption(""),
            lambda: view.edit_captions("dog", "cat").apply(),
            lambda: view.stars(3),
            view.exclude,
            view.include,
            view.mark_reviewed,
            lambda: view.add_to("train"),
            lambda: view.remove_from("train"),
            lambda: view.delete(confirm=True),
            lambda: view.update(view.df.assign(stars=3)),
            lambda: view.score({"one": lambda _image: 1.0}),
            lambda: view.annotate("wd-vit-tagger-v3"),
        ]
        for change in changes:
            with pytest.raises(ReadOnlyError, match="read-only"):
                change()
        assert project.thumbnail(1)[:2] == b"\xff\xd8"
        assert view._repr_html_().startswith("<div")
        gallery = lr.Gallery(view)
        gallery.close()
        result = project.view("dog").export("kohya", tmp_path / "out")
        assert result.count == 3
        project.remember("ui.cell", 200)
        assert (len(project.history), len(project.exports)) == (1, 0)
    assert {path: path.read_bytes() for path in files} == files


def test_a_score_goes_on_past_an_image_that_cannot_be_read(project: lr.Project, photos: Path):
    (photos / "03.jpg").unlink()
    job = project.view().score({"one": lambda _image: 1.0}, background=False)
    assert (job.progress.done, job.progress.failed) == (12, 1)
    assert len(project.view("one:1")) == 11
    with pytest.raises(lr.Error, match=r"bad failed on every image.*no number"):
        project.view().score({"bad": lambda _image: "no number"}, background=False)
