"""Recent and pinned tags."""

from __future__ import annotations

from pathlib import Path

import pytest

import lorairo as lr
from lorairo.errors import ArgumentError, ReadOnlyError


def test_recent_tags_are_those_given_by_hand_and_not_undone(project: lr.Project):
    view = project.view()
    view.head(1).add_tags("smile", "red hat")
    view.head(2).replace_tags({"smile": "grin"})
    view.head(1).add_tags("mistake")
    project.undo()
    view.head(1).add_tags("smile")
    assert project.recent_tags == ["smile", "grin", "red_hat"]


def test_recent_tags_are_this_authors(project: lr.Project, monkeypatch: pytest.MonkeyPatch):
    project.view().head(1).add_tags("mine")
    monkeypatch.setenv("LORAIRO_AUTHOR", "somebody else")
    assert project.recent_tags == []


def test_pinned_tags_last_and_are_no_part_of_the_log(project: lr.Project):
    place = project.location
    assert project.pin_tags("Red Hat", "smile", "red_hat") == ["red_hat", "smile"]
    project.close()
    with lr.open_project(place) as again:
        assert again.pinned_tags == ["red_hat", "smile"]
        assert again.unpin_tags("red hat") == ["smile"]
        assert len(again.history) == 0
        with pytest.raises(ArgumentError, match="at least one tag"):
            again.pin_tags()


def test_a_project_that_is_read_only_pins_nothing(project: lr.Project, tmp_path: Path):
    place = project.location
    project.close()
    with lr.open_project(place, readonly=True) as again, pytest.raises(ReadOnlyError):
        again.pin_tags("smile")
