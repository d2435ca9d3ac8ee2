"""Calls that mean nothing, or could be misunderstood: an error of ours, or the one sensible meaning."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

import lorairo as lr
from lorairo.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_an_image_is_in_a_view_once(project: lr.Project):
    view = project.view()[[2, 1, 1, 2]]
    assert view.ids.tolist() == [2, 1]
    assert len(view.df) == 2


@pytest.mark.parametrize(
    "call",
    [
        lambda view: view.add_tags(["a", "b"]),
        lambda view: view.add_tags(),
        lambda view: view.add_tags("smile, hat"),
        lambda view: view.replace_tags(["grey_hair"]),
        lambda view: view.replace_tags({"grey_hair": 3}),
        lambda view: view.replace_tags({"grey_hair": ""}),
        lambda view: view.exclude(3),
        lambda view: view.exclude("x" * 1001),
        lambda view: view.update(view.df.assign(excluded=True, reason="x" * 1001)),
        lambda view: view.stars(True),
        lambda view: view.stars(6),
        lambda view: view.mark_reviewed("x"),
        lambda view: view.project.compact(keep="x"),
        lambda view: view.project.compact(keep=1.5),
        lambda view: view.project.compact(days=float("nan")),
        lambda view: view.add_to(3),
        lambda view: view.remove_from(""),
        lambda view: view.set_caption("a dog", variant=3),
        lambda view: view.project.set_dataset("train", trigger=3),
        lambda view: view.project.batch("").__enter__(),
        lambda view: view.project.batch(3).__enter__(),
        lambda view: view.edit_captions(3, "dog"),
        lambda view: view.edit_captions("cat", None),
        lambda view: view.edit_captions("cat", "dog", variant="x" * 65),
        lambda view: view.compose_captions("a dog", variant="x" * 65),
        lambda view: view.compose_captions(3),
        lambda view: view.rename_tags(["grey_hair"]),
        lambda view: view.rename_tags({"grey_hair": 3}),
        lambda view: view.blacklist(["blurry", "lowres"]),
        lambda view: view.project.clean_tags(view="dog"),
        lambda view: view.project.check_groups("dog"),
        lambda view: setattr(view, "shown", 3),
        lambda view: setattr(view, "selected", "dog"),
        lambda view: view.head(-1),
        lambda view: view.sort("nonsense"),
        lambda view: view["nonsense"],
        lambda view: view[3],
        lambda view: view.project["abc"],
        lambda view: view.project[1.5],
        lambda view: lr.Gallery(view, theme="blue"),
        lambda view: lr.Gallery(view, height=5),
        lambda view: view.df.set_axis([str(i) for i in view.ids]).lorairo.view(view.project),
    ],
)
def test_nonsense_is_an_error_of_ours(project: lr.Project, call: Callable[[lr.View], Any]):
    with pytest.raises(lr.Error):
        call(project.view())


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda view: view.stars(True), "stars go from 0 to 5, not True"),
        (lambda view: view.mark_reviewed("x"), "reviewed is True or False, not 'x'"),
        (lambda view: view.project.compact(keep="x"), "keep is a whole number from 0, not 'x'"),
        (lambda view: view.project.compact(days=-1), "days is a number from 0, not -1"),
        (lambda view: view.exclude("x" * 1001), "a reason has up to 1,000 characters, not 1,001"),
    ],
)
def test_what_was_given_is_named(project: lr.Project, call: Callable[[lr.View], Any], said: str):
    with pytest.raises(ArgumentError) as refused:
        call(project.view())
    assert str(refused.value) == said
    assert project.history.empty


def test_images_of_another_project_are_refused(project: lr.Project, photos: Path, tmp_path: Path):
    with lr.open_project(tmp_path / "other") as other:
        other.add(photos)
        with pytest.raises(ArgumentError, match="project"):
            _ = project.view()[other.view().head(2)]
        with pytest.raises(ArgumentError, match="project"):
            _ = project.view()[other.view().df]
        with pytest.raises(ArgumentError, match="project"):
            project.view().update(other.view().df)
        with pytest.raises(ArgumentError, match="project"):
            project.view().selected = other.view()
        with pytest.raises(ArgumentError, match="project"):
            project.view().link(other.view())
        with pytest.raises(ArgumentError, match="project"):
            project.clean_tags(view=other.view())
        with pytest.raises(ArgumentError, match="project"):
            project.check_groups(other.view())


def test_tables_have_their_columns_before_there_is_anything_in_them(tmp_path: Path):
    with lr.open_project(tmp_path / "empty") as project:
        assert project.history.query("not undone").empty
        assert "undone" in project.history
        assert "message" in project.failures
        assert "state" in project.jobs
        assert "manifest_sha256" in project.exports
        assert "trigger" in project.datasets
        assert "cost" in project.view().annotations


def test_where_lifts_the_default_filter_as_a_search_does(project: lr.Project):
    project.view().head(3).exclude(reason="blurry")
    assert len(project.view().where("is:excluded")) == 3
    assert len(project.view().where("reason:blurry")) == 3
    assert len(project.view().head(2).where("is:excluded")) == 0, "a part stays the images it is"
    part = project.view()[:4]
    part.shown = "is:excluded"
    assert set(part.shown.ids) <= set(part.ids)


def test_the_search_of_a_view_says_the_same_again(project: lr.Project):
    project.view().head(2).add_tags("a")
    project.view()[1:4].add_tags("c")
    view = project.view("a OR dog").where("c")
    assert project.view(view.query).ids.tolist() == view.ids.tolist()
    assert project.view()[::2].query == "[::2]"


def test_a_record_can_be_copied(project: lr.Project):
    assert copy.copy(project[1]).name == project[1].name
