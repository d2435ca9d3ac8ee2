"""What an undo leaves because it was changed since, named value by value."""

from __future__ import annotations

import pytest
from filling import answer, fill

from lorairo.store import Database, log
from lorairo.store.log import Outcome

ME, YOU = {"author": "me"}, {"author": "you"}


@pytest.fixture
def stocked(db: Database) -> Database:
    fill(db, 4)
    answer(db, "local/wd", {1: {"smile": 0.9}}, defaults={"general": 0.35})
    return db


def named(outcome: Outcome) -> list[tuple[object, ...]]:
    """Return image, what, now, would be, and who is in the way."""
    rows = outcome.conflicts.rows() if outcome.conflicts is not None else []
    return [(r["image_id"], r["what"], r["now"], r["would_be"], r["operation"], r["author"]) for r in rows]


def test_an_undo_of_what_still_stands_has_no_conflicts(stocked: Database):
    log.add_tags(stocked, [1, 2], ["hat"], **ME)
    assert log.undo(stocked, **ME).conflicts is None
    assert log.redo(stocked, **ME).conflicts is None


def test_a_conflict_names_the_last_change_of_the_value(stocked: Database):
    hat = log.add_tags(stocked, [1, 2, 3], ["hat", "scarf"], **ME)
    log.add_tags(stocked, [1, 2, 3], ["other"], **YOU)
    log.remove_tags(stocked, [2], ["hat"], **ME)
    log.add_tags(stocked, [2], ["hat"], **ME)
    last = log.remove_tags(stocked, [2], ["hat"], **YOU)
    outcome = log.undo(stocked, operation_id=hat.operation_id, **ME)
    assert named(outcome) == [(2, "tag:hat", "rejected", "undecided", last.operation_id, "you")]
    (row,) = outcome.conflicts.rows()
    assert (row["name"], row["label"]) == ("00001.jpg", "Removed hat from 1 image")


def test_every_kind_of_value_is_named_as_people_say_it(stocked: Database):
    with log.batch(stocked, "first look", "me"):
        log.set_stars(stocked, [1], 3, **ME)
        log.exclude(stocked, [2], "blurry", **ME)
        log.set_captions(stocked, {3: "a dog"}, "short", **ME)
        log.set_reviewed(stocked, [4], **ME)
        log.order_tags(stocked, [1], ["smile"], **ME)
        last = log.set_policy(stocked, "local/wd", {"general": 0.5}, **ME)
    stars = log.set_stars(stocked, [1], 5, **YOU).operation_id
    exclude = log.exclude(stocked, [2], "dark", **YOU).operation_id
    caption = log.set_captions(stocked, {3: "a cat"}, "short", **YOU).operation_id
    log.set_reviewed(stocked, [4], False, **YOU)  # as the undo would: no conflict
    ordered = log.add_tags(stocked, [1], ["smile"], **YOU).operation_id
    policy = log.set_policy(stocked, "local/wd", {"general": 0.6}, **YOU).operation_id
    outcome = log.undo(stocked, operation_id=last.operation_id, **ME)
    assert outcome.message == "Undone: first look; 3 images changed since and kept"
    assert sorted(named(outcome), key=lambda row: (row[0] or 0, row[1])) == [
        (None, "policy:local/wd", {"general": 0.6, "method": "fixed"}, None, policy, "you"),
        (1, "stars", 5, 0, stars, "you"),
        (1, "tag:smile", "accepted, place 1", "undecided", ordered, "you"),
        (2, "excluded", "excluded: dark", "included", exclude, "you"),
        (3, "caption:short", "a cat", None, caption, "you"),
    ]


def test_a_threshold_that_was_moved_again_is_said(stocked: Database):
    first = log.set_policy(stocked, "local/wd", {"general": 0.95}, **ME)
    log.set_policy(stocked, "local/wd", {"general": 0.99}, **YOU)
    outcome = log.undo(stocked, operation_id=first.operation_id, **ME)
    assert outcome.message.endswith("; policy local/wd changed since and kept")


def test_a_dataset_in_use_names_who_filled_it(stocked: Database):
    log.add_to_dataset(stocked, [1], "train", **ME)
    filled = log.add_to_dataset(stocked, [2], "train", **YOU).operation_id
    outcome = log.undo(stocked, **ME)
    ((image_id, what, now, would_be, operation, author),) = named(outcome)
    assert (image_id, what, would_be, operation, author) == (None, "dataset:train", None, filled, "you")
    assert now["profile"] is None


def test_within_a_batch_only_what_stayed_in_the_end_is_a_conflict(stocked: Database):
    with log.batch(stocked, "two looks", "me"):
        log.set_stars(stocked, [1, 2], 3, **ME)
        last = log.set_stars(stocked, [1, 2], 4, **ME)
    log.set_stars(stocked, [1], 3, **YOU)  # the second look is overtaken, the first stands again
    since = log.set_stars(stocked, [2], 5, **YOU).operation_id
    outcome = log.undo(stocked, operation_id=last.operation_id, **ME)
    assert named(outcome) == [(2, "stars", 5, 0, since, "you")]


def test_a_redo_names_what_it_left_too(stocked: Database):
    log.set_stars(stocked, [1, 2], 3, **ME)
    log.undo(stocked, **ME)
    since = log.set_stars(stocked, [1], 1, **YOU).operation_id
    outcome = log.redo(stocked, **ME)
    assert outcome.count == 1
    assert named(outcome) == [(1, "stars", 1, 3, since, "you")]
