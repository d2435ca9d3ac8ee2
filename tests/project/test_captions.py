"""Whose caption counts: a person's, also an empty one, then a file's, then a model's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import lorairo as lr
from lorairo.errors import ArgumentError

if TYPE_CHECKING:
    from pathlib import Path

PROSE = "A brown dog sits in the sun and looks at whoever holds the camera."


@pytest.fixture
def told(project: lr.Project, photos: Path) -> lr.View:
    """A view of one image that has a caption from a file."""
    picture = photos / "05.jpg"
    picture.with_suffix(".txt").write_text(PROSE, encoding="utf-8")
    project.add(picture, captions="prose")
    view: lr.View = project.view("name:05.jpg")
    assert view.captions().tolist() == [PROSE]
    return view


def test_an_empty_caption_by_hand_stands_before_a_file(told: lr.View):
    done = told.set_caption("")
    assert done.count == 1
    assert told.captions().empty
    assert told["caption"].isna().all()
    assert told.set_caption("  ").count == 0


def test_none_takes_back_what_was_written(told: lr.View):
    told.set_caption("by hand")
    told.set_caption(None)
    assert told.captions().tolist() == [PROSE]


def test_an_empty_text_for_images_without_caption_writes_nothing(project: lr.Project):
    before = len(project.history)
    assert project.view("-dog").set_caption("").count == 0
    assert len(project.history) == before


@pytest.mark.parametrize("caption", [3, ["a"], {"x": "a"}, {1: 3}, lambda _record: 3, {999: "a"}])
def test_what_is_no_caption_is_refused(project: lr.Project, caption: Any):
    with pytest.raises(ArgumentError):
        project.view().set_caption(caption)
    assert project.history.empty


def test_a_preview_keeps_what_changed_since(project: lr.Project):
    view = project.view().head(3)
    view.set_caption("a red hat")
    preview = view.edit_captions("red", "blue")
    first = view[:1]
    first.set_caption("somebody was faster")
    done = preview.apply()
    assert done.message == "Captioned 2 images; 1 caption changed since and kept"
    assert first.captions().tolist() == ["somebody was faster"]
    assert view[1:].captions().tolist() == ["a blue hat"] * 2


def test_a_preview_applies_to_images_that_left_the_view(project: lr.Project):
    project.view().head(3).set_caption("a red hat")
    preview = project.view("caption:red").edit_captions("red", "blue")
    project.view().head(1).exclude()
    assert preview.apply().count == 3


def test_applying_what_changes_nothing_says_so(project: lr.Project):
    view = project.view()
    preview = view.edit_captions("no such words", "")
    assert repr(preview.apply()) == "No captions changed"
    view.set_caption("a dog")
    preview = view.head(1).edit_captions("dog", "cat")
    view.set_caption("a horse")
    assert repr(preview.apply()) == "No captions changed; 1 caption changed since and kept"


def test_a_variant_that_nothing_in_the_project_names_is_refused(project: lr.Project):
    view = project.view()
    view.head(1).set_caption("a dog", variant="short")
    project.set_dataset("train", variant="flux")
    assert len(view.edit_captions("dog", "cat", variant="short")) == 1
    assert len(view[1:].edit_captions("dog", "cat", variant="short")) == 0, "others have captions of it"
    assert len(view.edit_captions("dog", "cat", variant="flux")) == 0, "a dataset names it"
    assert len(view.edit_captions("dog", "cat")) == 0
    with pytest.raises(ArgumentError, match="no captions of a variant 'shrt': did you mean 'short'"):
        view.edit_captions("dog", "cat", variant="shrt")


def test_a_replacement_that_does_not_fit_is_named(project: lr.Project):
    project.view().set_caption("a dog")
    with pytest.raises(ArgumentError, match="does not fit"):
        project.view().edit_captions("d(o)g", r"\9")
