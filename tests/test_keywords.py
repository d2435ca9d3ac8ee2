"""Calls that do not fit: an error of ours that names the nearest keyword, and nothing else touched."""

from __future__ import annotations

import inspect
import traceback
from typing import TYPE_CHECKING, Any

import pytest

import lorairo as lr
from lorairo.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Iterator[lr.Project]:
    with lr.open_project(tmp_path / "project") as project:
        yield project


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda project: project.clean_tags(renam={"cap": "hat"}),
            "clean_tags() has no argument 'renam': did you mean 'rename'?",
        ),
        (
            lambda project: project.view().edit_captions("a", "b", varaint="short"),
            "edit_captions() has no argument 'varaint': did you mean 'variant'?",
        ),
        (lambda project: project.batch(labl="x"), "batch() has no argument 'labl': did you mean 'label'?"),
        (lambda project: project.view().exclude(reson="x"), "did you mean 'reason'?"),
        (lambda project: project.view().include(now=True), "include() has no argument 'now': it takes none"),
        (lambda project: project.view().add_to(), "add_to(dataset): missing a required argument: 'dataset'"),
        (lambda project: project.view().stars(1, 2), "stars(value): too many positional arguments"),
        (
            lambda project: project.view().threshold(),
            "threshold(model, per_tag, method, calibrated): missing",
        ),
        (lambda project: lr.open_project(project.location, read_only=True), "did you mean 'readonly'?"),
        (
            lambda project: lr.Workspace(foldr="x"),
            "Workspace() has no argument 'foldr': did you mean 'folder'?",
        ),
        (lambda project: lr.Workspace(project.location).delete("x", confrm=True), "did you mean 'confirm'?"),
        (lambda _project: lr.models(kind="tagger"), "models() has no argument 'kind': known are: provider"),
        (lambda _project: lr.doctor(projct="x"), "did you mean 'project'?"),
        (lambda _project: lr.unload(nam="x"), "did you mean 'name'?"),
        (lambda project: lr.replay("x.py", project, ovr=True), "did you mean 'over'?"),
        (
            lambda _project: lr.Limits(max_byts=3),
            "Limits() has no argument 'max_byts': did you mean 'max_bytes'?",
        ),
        (lambda _project: lr.Template(txt="x"), "did you mean 'text'?"),
    ],
)
def test_a_call_that_does_not_fit_names_the_nearest(
    project: lr.Project, call: Callable[[lr.Project], Any], said: str
):
    with pytest.raises(ArgumentError) as refused:
        call(project)
    assert isinstance(refused.value, TypeError)
    assert said in str(refused.value)
    ours = [
        frame for frame in traceback.extract_tb(refused.value.__traceback__) if "lorairo" in frame.filename
    ]
    assert len([frame for frame in ours if frame.name == "call"]) == 1
    assert refused.value.__context__ is None


def test_a_mistake_inside_a_call_stays_what_it_is(project: lr.Project, photos: Path):
    project.add(photos)

    def caption(_record: object) -> str:
        raise TypeError("of the caller's own making")

    with pytest.raises(TypeError, match="of the caller's own making") as raised:
        project.view().set_caption(caption)
    assert not isinstance(raised.value, lr.Error)


def test_signatures_and_descriptions_are_those_of_the_methods():
    assert list(inspect.signature(lr.View.exclude).parameters) == ["self", "reason"]
    assert inspect.getdoc(lr.View.include) == "Take excluded images back."
    assert list(inspect.signature(lr.open_project).parameters) == ["location", "readonly"]
    assert "def add_to(self, dataset: str)" in inspect.getsource(lr.View.add_to)
