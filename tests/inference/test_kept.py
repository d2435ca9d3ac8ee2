from __future__ import annotations

import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import lorairo as lr
from lorairo import config
from lorairo.annotators.onnx_tagger import OnnxTagger
from lorairo.errors import NotFoundError
from lorairo.inference import kept
from lorairo.inference.loading import Loader
from lorairo.inference.registry import find

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def nothing_loaded() -> Iterator[None]:
    """Start and end with no model loaded."""
    lr.unload()
    yield
    lr.unload()


@pytest.fixture
def project(tmp_path: Path, photos: Path) -> Iterator[lr.Project]:
    """A project with twelve pictures."""
    with lr.open_project(tmp_path / "project") as opened:
        opened.add(photos)
        yield opened


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note each model that is loaded."""
    names: list[str] = []
    start = OnnxTagger.__init__

    def noted(tagger: OnnxTagger, spec: Any, **told: Any) -> None:
        names.append(spec.name)
        start(tagger, spec, **told)

    monkeypatch.setattr(OnnxTagger, "__init__", noted)
    return names


def load(folder: Path) -> Any:
    return Loader(find(folder)).load()


def test_a_model_stays_for_the_next_run(tmp_path: Path, echo: Callable[..., Path], loads: list[str]):
    folder = echo(tmp_path / "one")
    first = load(folder)
    first.batch = 1
    again = load(folder)
    assert again is first
    assert again.batch > 1  # what one run asked for is no matter of the next
    assert loads == ["one"]


def test_other_weights_another_row_and_another_device_are_another_model(
    tmp_path: Path, echo: Callable[..., Path], loads: list[str]
):
    folder = echo(tmp_path / "one")
    first = load(folder)
    other = Loader(find(folder).model_copy(update={"megabytes": 3.0})).load()
    assert other is not first
    config.set("models.device", "cpu")
    assert load(folder) is not first
    echo(folder, side=16)
    assert load(folder).size == (16, 16)
    assert loads == ["one"] * 4


def test_unloading_frees_by_name_or_all(tmp_path: Path, echo: Callable[..., Path], loads: list[str]):
    one, two = echo(tmp_path / "one"), echo(tmp_path / "two")
    load(one)
    load(two)
    assert lr.unload("two") == ["two"]
    assert lr.unload(two) == []
    load(one)
    assert lr.unload() == ["one"]
    load(one)
    assert loads == ["one", "two", "one"]
    with pytest.raises(NotFoundError, match="did you mean 'wd-vit-tagger-v3'"):
        lr.unload("wd-vit-taggr-v3")


def test_nothing_of_an_unloaded_model_stays(
    project: lr.Project, tmp_path: Path, echo: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
):
    made, start = [], OnnxTagger.__init__

    def noted(tagger: OnnxTagger, *given: Any, **told: Any) -> None:
        made.append(weakref.ref(tagger))
        start(tagger, *given, **told)

    monkeypatch.setattr(OnnxTagger, "__init__", noted)
    job = project.view().annotate(echo(tmp_path / "one"), background=False)
    assert [ref() is not None for ref in made] == [True]
    lr.unload()
    assert [ref() for ref in made] == [None]
    assert job.state == "done"  # the job is kept, its model is not


def test_the_one_used_longest_ago_makes_room(
    tmp_path: Path, echo: Callable[..., Path], loads: list[str], monkeypatch: pytest.MonkeyPatch
):
    folders = [echo(tmp_path / f"m{number}") for number in range(5)]
    for folder in folders[:4]:
        load(folder)
    load(folders[0])
    load(folders[4])
    load(folders[0])
    assert loads == ["m0", "m1", "m2", "m3", "m4"]
    load(folders[1])
    assert loads[-1] == "m1"
    monkeypatch.setattr(kept, "memory_free", lambda: 1)
    load(folders[2])
    assert lr.unload() == ["m2"]  # what does not fit beside others has them all go


def test_two_runs_at_once_load_it_once(tmp_path: Path, echo: Callable[..., Path], loads: list[str]):
    folder, together = echo(tmp_path / "one"), threading.Barrier(4, timeout=30)

    def ask(_number: int) -> Any:
        together.wait()
        return load(folder)

    with ThreadPoolExecutor(4) as pool:
        models = list(pool.map(ask, range(4)))
    assert len(set(map(id, models))) == 1
    assert loads == ["one"]


def test_a_model_that_failed_is_loaded_anew(tmp_path: Path, echo: Callable[..., Path], loads: list[str]):
    loader = Loader(find(echo(tmp_path / "one")))
    loader.load()
    loader.drop()
    load(tmp_path / "one")
    assert loads == ["one", "one"]
