from __future__ import annotations

import pytest
from filling import fill

from lorairo.errors import NotFoundError
from lorairo.store import Database, log, timeline

ME = {"author": "me"}


@pytest.fixture
def stocked(db: Database) -> Database:
    fill(db, 4)
    return db


def labels(db: Database) -> list[tuple[str, bool]]:
    with db.read() as c:
        return [(step.label, step.undone) for step in timeline.timeline(c)]


def later(db: Database, number: int | None) -> list[int]:
    assert number is not None
    with db.read() as c:
        return timeline.built_upon(c, timeline.step_of(c, number))


def test_steps_are_newest_first_and_the_undone_stand_above(stocked: Database):
    log.add_tags(stocked, [1], ["hat"], **ME)
    stars = log.set_stars(stocked, [1, 2], 4, **ME)
    log.exclude(stocked, [3], **ME)
    log.undo(stocked, operation_id=stars.operation_id, **ME)
    assert labels(stocked) == [
        ("Rated 2 images 4", True),
        ("Excluded 1 image", False),
        ("Tagged 1 image hat", False),
    ]


def test_a_redo_puts_the_step_back_in_its_place(stocked: Database):
    stars = log.set_stars(stocked, [1, 2], 4, **ME)
    log.exclude(stocked, [3], **ME)
    log.undo(stocked, operation_id=stars.operation_id, **ME)
    with stocked.read() as c:
        back = timeline.turned_back_by(c, timeline.step_of(c, stars.operation_id or 0))
    assert len(back) == 1
    log.undo(stocked, operation_id=back[0], **ME)
    assert labels(stocked) == [("Excluded 1 image", False), ("Rated 2 images 4", False)]


def test_a_batch_is_one_step_that_counts_each_image_once(stocked: Database):
    with log.batch(stocked, "my cleanup", "me"):
        log.add_tags(stocked, [1, 2], ["hat"], **ME)
        log.set_stars(stocked, [2, 3], 1, **ME)
    with stocked.read() as c:
        (step,) = timeline.timeline(c)
        assert step.label == "my cleanup"
        assert step.count(c) == 3
        assert step.images(c).tolist() == [1, 2, 3]


def test_only_changes_of_the_same_values_build_upon_another(stocked: Database):
    hat = log.add_tags(stocked, [1, 2], ["hat"], **ME).operation_id
    log.add_tags(stocked, [1, 2], ["smile"], **ME)
    log.set_stars(stocked, [1], 3, **ME)
    assert later(stocked, hat) == []
    removed = log.remove_tags(stocked, [2], ["hat"], **ME).operation_id
    assert later(stocked, hat) == [removed]
    log.undo(stocked, operation_id=removed, **ME)
    assert later(stocked, hat) == []


def test_a_threshold_set_again_builds_upon_the_first(stocked: Database):
    first = log.set_policy(stocked, "local/wd", {"general": 0.5}, **ME).operation_id
    second = log.set_policy(stocked, "local/wd", {"general": 0.6}, **ME).operation_id
    assert later(stocked, first) == [second]
    assert later(stocked, second) == []


def test_an_undo_is_no_step_of_its_own(stocked: Database):
    log.set_stars(stocked, [1], 4, **ME)
    undo = log.undo(stocked, **ME).operation_id
    assert undo is not None
    with stocked.read() as c, pytest.raises(NotFoundError, match="no change"):
        timeline.step_of(c, undo)
