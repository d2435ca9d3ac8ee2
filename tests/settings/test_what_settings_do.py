"""A setting does what it says, in a project that is open already too."""

from __future__ import annotations

import io
import itertools
import threading
from collections.abc import Iterator
from pathlib import Path

import joblib
import pytest
import tokenizers
from PIL import Image

import lorairo as lr
from lorairo import config
from lorairo.annotators.onnx_tagger import OnnxTagger
from lorairo.demo.tagger import make_tagger
from lorairo.errors import ConfigError
from lorairo.jobs import parallel


@pytest.fixture
def project(tmp_path: Path) -> Iterator[lr.Project]:
    with lr.open_project(tmp_path / "project") as project:
        yield project


@pytest.mark.parametrize(
    ("workers", "memory", "count"), [("1", "100000", 1), ("3", "100000", 3), ("8", "512", 2), ("8", "1", 1)]
)
def test_limits_say_how_many_work_at_once(
    workers: str, memory: str, count: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LORAIRO_MAX_WORKERS", workers)
    monkeypatch.setenv("LORAIRO_MAX_MEMORY_MB", memory)
    seen: list[int] = []
    running = 0
    lock = threading.Lock()
    full = threading.Barrier(count)

    def task(_: int) -> None:
        nonlocal running
        with lock:
            running += 1
            seen.append(running)
        full.wait(60)
        with lock:
            running -= 1

    list(parallel(task, range(count * 4)))
    assert max(seen) == count


def test_joblib_and_arguments_count_more_than_limits(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LORAIRO_MAX_WORKERS", "1")
    both = threading.Barrier(2)
    assert len(list(parallel(lambda _: both.wait(60), range(2), workers=2))) == 2
    with joblib.parallel_config(n_jobs=2):
        assert len(list(parallel(lambda _: both.wait(60), range(2)))) == 2


def test_images_are_added_in_batches_of_the_size_that_is_set(project: lr.Project, photos: Path):
    config.set("limits.batch_size", 5, project=project)
    steps: list[int] = []
    project.add(photos, progress=lambda done, _total, _rejected: steps.append(done))
    assert all(now - before <= 5 for before, now in itertools.pairwise(steps))
    assert steps[-1] == 12


def test_a_model_is_given_batches_of_the_size_that_is_set(
    project: lr.Project, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    project.add(photos)
    config.set("limits.batch_size", 5)
    given: list[int] = []
    infer = OnnxTagger.infer
    monkeypatch.setattr(
        OnnxTagger, "infer", lambda self, squares: given.append(len(squares)) or infer(self, squares)
    )
    project.view().annotate(make_tagger(tmp_path / "tagger"), background=False)
    assert given == [5, 5, 2]


def test_a_size_of_thumbnails_counts_at_once(project: lr.Project, photos: Path):
    config.set("thumbnail_size", 64, project=project)
    project.add(photos)
    thumbnail = Image.open(io.BytesIO(project.thumbnail(int(project.view().ids[0]))))
    assert max(thumbnail.size) == 64


def test_an_author_counts_at_once(project: lr.Project, photos: Path):
    project.add(photos)
    config.set("author", "ada")
    project.view().add_tags("hat")
    config.set("author", "grace", project=project)
    project.view().add_tags("coat")
    assert list(project.history["author"][:2]) == ["grace", "ada"]


def test_a_tokenizer_counts_at_once(project: lr.Project, photos: Path, tmp_path: Path):
    project.add(photos)
    view = project.view()
    view.set_caption("red hat photolithographically")
    assert len(project.view("tokens:3")) == 0  # an estimate, which takes long words for several tokens
    made = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({"[UNK]": 0, "red": 1, "hat": 2}, unk_token="[UNK]")
    )
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made.save(str(tmp_path / "tokenizer.json"))
    config.set("tokenizer", tmp_path / "tokenizer.json")
    assert len(project.view("tokens:3")) == 12


def test_a_widget_takes_the_theme_of_its_project(project: lr.Project):
    config.set("theme", "light")
    config.set("theme", "dark", project=project)
    widget = lr.Gallery(project)
    assert widget.theme == "dark"
    widget.close()


def test_exports_and_workspaces_have_their_folders(project: lr.Project, photos: Path, tmp_path: Path):
    project.add(photos)
    project.view().add_tags("hat")
    config.set("directories.export_dir", tmp_path / "exports")
    assert project.view().export("kohya", "dog").path.is_relative_to(tmp_path / "exports" / "dog")
    assert project.view().export("kohya", tmp_path / "cat").path.is_relative_to(tmp_path / "cat")
    with pytest.raises(ConfigError, match=r"directories\.database_dir is not set"):
        lr.Workspace()
    config.set("directories.database_dir", tmp_path)
    assert "project" in list(lr.Workspace().projects()["name"])


def test_a_project_with_a_wrong_setting_says_so_and_is_not_made(tmp_path: Path):
    folder = tmp_path / "new"
    folder.mkdir()
    (folder / "config.toml").write_text("theme = 'purple'", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"theme from .*config\.toml"):
        lr.open_project(folder)
    assert [file.name for file in folder.iterdir()] == ["config.toml"]
