from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from filling import answer, curated, fill, sources_of, tags_of

from lorairo.errors import NotFoundError
from lorairo.store import Database, log
from lorairo.store.blobs import RULE
from lorairo.store.journal import write_operation

if TYPE_CHECKING:
    from collections.abc import Callable

    from lorairo.store import Change

ME = {"author": "me"}


@pytest.fixture
def stocked(db: Database):
    """Four images: a file says something about the first, a tagger about three."""
    fill(db, 4)
    answer(db, "file/txt", {1: {"my_dog": 1, "park": 1}})
    answer(
        db,
        "local/wd",
        {n: {"smile": 0.9, "hat": 0.5, "blurry": 0.2, "character:rex": 0.86} for n in (1, 2, 3)},
        defaults={"general": 0.35, "character": 0.85},
    )
    return db


# ------------------------------------------------------------------------------------------- messages


def test_messages_read_as_the_interface_shows_them(stocked: Database):
    db = stocked
    said = [
        log.add_tags(db, [1, 2], ["snow"], **ME).message,
        log.add_tags(db, [1], ["a", "b", "c", "d", "e"], **ME).message,
        log.remove_tags(db, [1, 2, 3], ["hat"], **ME).message,
        log.replace_tags(db, [1, 2, 3], {"smile": "grin"}, **ME).message,
        log.exclude(db, [1, 2], "blurry", **ME).message,
        log.include(db, [1], **ME).message,
        log.set_stars(db, [1, 2, 3], 4, **ME).message,
        log.set_captions(db, {1: "a dog"}, **ME).message,
        log.set_captions(db, {1: None}, **ME).message,
        log.set_reviewed(db, [1, 2], **ME).message,
        log.set_reviewed(db, [1], False, **ME).message,
        log.add_to_dataset(db, [1, 2], "train", **ME).message,
        log.remove_from_dataset(db, [1], "train", **ME).message,
        log.set_dataset(db, "train", profile="sdxl", **ME).message,
        log.set_dataset(db, "test", **ME).message,
        log.set_policy(db, "local/wd", {"general": 0.1}, **ME).message,
        log.undo(db, **ME).message,
        log.redo(db, **ME).message,
        log.undo(db, author="nobody").message,
        log.redo(db, author="nobody").message,
    ]
    assert said == [
        "Tagged 2 images snow",
        "Tagged 1 image a, b, c and 2 more",
        "Removed hat from 3 images",
        "Replaced smile by grin on 3 images",
        "Excluded 2 images",
        "Included 1 image",
        "Rated 3 images 4",
        "Captioned 1 image",
        "Removed the caption of 1 image",
        "Marked 2 images reviewed",
        "Marked 1 image not reviewed",
        "Added 2 images to train",
        "Removed 1 image from train",
        "Changed dataset train",
        "Created dataset test",
        "Set wd to general 0.1: 3 images changed",
        "Undone: set wd to general 0.1: 3 images changed",
        "Redone: set wd to general 0.1: 3 images changed",
        "Nothing to undo",
        "Nothing to redo",
    ]


def test_large_counts_have_separators(db: Database):
    ids = fill(db, 1284)
    assert log.add_tags(db, ids, ["smile"], **ME).message == "Tagged 1,284 images smile"


# ----------------------------------------------------------------------------------- tags and their order


def test_tags_stand_in_the_order_of_files_models_and_people(stocked: Database):
    log.add_tags(stocked, [1, 4], ["z", "a"], **ME)
    log.add_tags(stocked, [1], ["m"], source=RULE, **ME)
    assert sources_of(stocked, 1) == [
        ("my_dog", 3),
        ("park", 3),
        ("smile", 0),
        ("rex", 0),
        ("hat", 0),
        ("z", 1),
        ("a", 1),
        ("m", 2),
    ]
    assert tags_of(stocked, 4) == ["z", "a"]


def test_accepting_what_evidence_says_keeps_its_place_and_survives_a_threshold(stocked: Database):
    log.add_tags(stocked, [1], ["hat"], **ME)
    assert sources_of(stocked, 1)[-1] == ("hat", 1)
    log.set_policy(stocked, "local/wd", {"general": 0.95}, **ME)
    assert tags_of(stocked, 1) == ["my_dog", "park", "rex", "hat"]
    assert tags_of(stocked, 2) == ["rex"]


def test_a_removed_tag_stays_away_when_the_model_is_run_again(stocked: Database):
    assert log.remove_tags(stocked, [1, 2, 4], ["smile"], **ME).count == 2
    answer(stocked, "local/wd", {1: {"smile": 0.99}, 2: {"smile": 0.99}, 4: {"smile": 0.99}})
    answer(stocked, "local/other", {1: {"smile": 0.99}})
    assert [tags_of(stocked, n) for n in (1, 2, 4)] == [["my_dog", "park"], [], ["smile"]]


def test_rejecting_everywhere_reaches_suggestions_and_answers_to_come(stocked: Database):
    assert log.remove_tags(stocked, [2, 4], ["blurry"], **ME).count == 0
    assert log.remove_tags(stocked, [2, 4], ["blurry"], everywhere=True, **ME).count == 2
    log.set_policy(stocked, "local/wd", {"general": 0.1}, **ME)
    assert "blurry" in tags_of(stocked, 3)
    assert "blurry" not in tags_of(stocked, 2)


def test_adding_a_rejected_tag_accepts_it_where_the_evidence_has_it(stocked: Database):
    log.remove_tags(stocked, [1], ["smile"], **ME)
    log.add_tags(stocked, [1], ["smile"], **ME)
    assert sources_of(stocked, 1)[2] == ("smile", 1)


def test_a_replacement_stands_where_the_old_tag_stood(stocked: Database):
    log.add_tags(stocked, [1], ["x", "y"], **ME)
    log.replace_tags(stocked, [1, 2, 4], {"my_dog": "sks_dog", "smile": "grin", "x": "xx"}, **ME)
    assert tags_of(stocked, 1) == ["sks_dog", "park", "grin", "rex", "hat", "xx", "y"]
    assert tags_of(stocked, 2) == ["grin", "rex", "hat"]
    log.replace_tags(stocked, [1], {"sks_dog": "third_name"}, **ME)
    assert tags_of(stocked, 1)[0] == "third_name"
    log.undo(stocked, **ME)
    log.undo(stocked, **ME)
    assert tags_of(stocked, 1) == ["my_dog", "park", "smile", "rex", "hat", "x", "y"]


def test_replacing_by_a_tag_that_is_there_merges(stocked: Database):
    log.replace_tags(stocked, [1, 2], {"park": "smile", "hat": "smile"}, **ME)
    assert tags_of(stocked, 1) == ["my_dog", "smile", "rex"]
    assert tags_of(stocked, 2) == ["smile", "rex"]


def test_tags_can_be_swapped_in_one_operation(stocked: Database):
    log.replace_tags(stocked, [1, 2, 3, 4], {"smile": "hat", "hat": "smile"}, **ME)
    assert sorted(tags_of(stocked, 1)) == ["hat", "my_dog", "park", "rex", "smile"]
    log.undo(stocked, **ME)
    log.remove_tags(stocked, [2], ["hat"], **ME)
    log.replace_tags(stocked, [2], {"smile": "hat", "hat": "smile"}, **ME)
    assert tags_of(stocked, 2) == [
        "hat",
        "rex",
    ]  # where smile stood


def test_clearing_leaves_the_decision_to_the_models_again(stocked: Database):
    log.remove_tags(stocked, [1, 2], ["smile"], **ME)
    log.add_tags(stocked, [1], ["snow"], **ME)
    assert log.clear_tags(stocked, [1, 2, 3], ["smile", "snow"], **ME).count == 2
    assert tags_of(stocked, 1) == ["my_dog", "park", "smile", "rex", "hat"]


def test_ordered_tags_come_first_and_undo_puts_them_back(stocked: Database):
    before = curated(stocked)
    log.order_tags(stocked, [1, 2], ["hat", "park"], **ME)
    assert tags_of(stocked, 1) == ["hat", "park", "my_dog", "smile", "rex"]
    assert tags_of(stocked, 2) == ["hat", "smile", "rex"]
    log.order_tags(stocked, [1], ["rex"], **ME)
    assert tags_of(stocked, 1) == ["rex", "my_dog", "park", "smile", "hat"]
    log.undo(stocked, **ME)
    log.undo(stocked, **ME)
    assert curated(stocked) == before


def test_what_changes_nothing_writes_no_operation(stocked: Database):
    log.add_tags(stocked, [1], ["snow"], **ME)
    for outcome in (
        log.add_tags(stocked, [1], ["snow"], **ME),
        log.add_tags(stocked, [], ["snow"], **ME),
        log.add_tags(stocked, [999], ["snow"], **ME),
        log.remove_tags(stocked, [1], ["nobody_has_this"], **ME),
        log.replace_tags(stocked, [1], {"nobody_has_this": "x"}, **ME),
        log.include(stocked, [1], **ME),
        log.set_captions(stocked, {1: None}, **ME),
        log.remove_from_dataset(stocked, [1], "none", **ME),
    ):
        assert (outcome.operation_id, outcome.count) == (None, 0)
    with stocked.read() as c:
        assert len(log.history(c)) == 1


# --------------------------------------------------------------------------------------- undo and redo


def test_undo_and_redo_go_through_everything_and_survive_a_restart(stocked: Database):
    db = stocked
    steps = [
        lambda d: log.add_tags(d, [1, 2], ["snow"], **ME),
        lambda d: log.remove_tags(d, [1, 2], ["smile"], **ME),
        lambda d: log.set_stars(d, [1], 5, **ME),
        lambda d: log.exclude(d, [2, 3], "blurry", **ME),
        lambda d: log.set_captions(d, {1: "a dog", 2: "two"}, **ME),
        lambda d: log.set_captions(d, {1: None, 2: "three"}, "long", **ME),
        lambda d: log.add_to_dataset(d, [1, 2], "train", **ME),
        lambda d: log.set_dataset(d, "train", trigger="sks", **ME),
        lambda d: log.set_policy(d, "local/wd", {"general": 0.1}, **ME),
        lambda d: log.set_reviewed(d, [1], **ME),
    ]
    states = [curated(db)]
    for step in steps:
        assert step(db).operation_id is not None
        states.append(curated(db))
    for expected in reversed(states[:-1]):
        log.undo(db, **ME)
        assert curated(db) == expected
    path = db.folder
    db.close()
    with Database.open(path) as again:
        for expected in states[1:]:
            log.redo(again, **ME)
            assert curated(again) == expected
        assert log.redo(again, **ME).message == "Nothing to redo"


def test_undo_is_each_authors_own(stocked: Database):
    log.add_tags(stocked, [1], ["mine"], author="me")
    log.add_tags(stocked, [2], ["yours"], author="you")
    assert log.undo(stocked, author="me").message == "Undone: tagged 1 image mine"
    assert log.undo(stocked, author="me").count == 0
    assert log.undo(stocked, author="me", anyone=True).message == "Undone: tagged 1 image yours"
    assert log.redo(stocked, author="you").count == 0
    assert log.redo(stocked, author="you", anyone=True).message == "Redone: tagged 1 image yours"


def test_a_new_edit_ends_redo_of_its_author_only(stocked: Database):
    log.add_tags(stocked, [1], ["a"], author="me")
    log.undo(stocked, author="me")
    log.add_tags(stocked, [2], ["b"], author="you")
    with stocked.read() as c:
        assert log.next_redo(c, "me") == "Tagged 1 image a"
    log.add_tags(stocked, [2], ["c"], author="me")
    with stocked.read() as c:
        assert log.next_redo(c, "me") is None
        assert log.next_undo(c, "me") == "Tagged 1 image c"


def test_undo_keeps_what_was_changed_since_and_counts_it(stocked: Database):
    first = log.add_tags(stocked, [1, 2, 4], ["snow"], **ME)
    log.remove_tags(stocked, [2], ["snow"], author="you")
    log.set_stars(stocked, [1, 2, 3], 2, **ME)
    log.set_stars(stocked, [3], 5, author="you")
    stars = log.undo(stocked, **ME)
    assert (stars.message, stars.count) == ("Undone: rated 3 images 2; 1 image changed since and kept", 2)
    outcome = log.undo(stocked, operation_id=first.operation_id, **ME)
    assert outcome.count == 2
    assert outcome.message == "Undone: tagged 3 images snow; 1 image changed since and kept"
    assert "snow" not in tags_of(stocked, 1) + tags_of(stocked, 2) + tags_of(stocked, 4)
    log.redo(stocked, **ME)
    assert "snow" in tags_of(stocked, 1)
    assert "snow" not in tags_of(stocked, 2)


def test_an_older_operation_is_undone_under_newer_ones(stocked: Database):
    first = log.add_tags(stocked, [1, 2], ["a"], **ME)
    log.add_tags(stocked, [1, 2], ["b"], **ME)
    log.undo(stocked, operation_id=first.operation_id, **ME)
    assert tags_of(stocked, 2) == ["smile", "rex", "hat", "b"]
    with pytest.raises(NotFoundError, match="undone already"):
        log.undo(stocked, operation_id=first.operation_id, **ME)
    with pytest.raises(NotFoundError, match="no operation 999"):
        log.undo(stocked, operation_id=999, **ME)
    assert log.undo(stocked, **ME).message == "Undone: tagged 2 images b"
    assert log.undo(stocked, **ME).message == "Nothing to undo"


def test_undoing_an_undo_is_a_redo(stocked: Database):
    log.add_tags(stocked, [1], ["a"], **ME)
    undone = log.undo(stocked, **ME)
    done = log.undo(stocked, operation_id=undone.operation_id, **ME)
    assert done.message == "Redone: tagged 1 image a"
    assert "a" in tags_of(stocked, 1)
    with pytest.raises(NotFoundError, match="not in force"):
        log.undo(stocked, operation_id=undone.operation_id, **ME)
    again = log.undo(stocked, operation_id=done.operation_id, **ME)
    assert again.message == "Undone: tagged 1 image a"
    assert "a" not in tags_of(stocked, 1)


def test_a_dataset_somebody_filled_since_survives_the_undo_of_its_making(stocked: Database):
    log.add_to_dataset(stocked, [1], "train", author="me")
    log.add_to_dataset(stocked, [2], "train", author="you")
    log.undo(stocked, author="me")
    assert [row[1] for row in curated(stocked)["membership"]] == [2]


def test_a_batch_is_one_step_and_other_threads_stay_outside(stocked: Database):
    before = curated(stocked)
    with log.batch(stocked, "my cleanup", "me") as batch:
        log.add_tags(stocked, [1, 2], ["a"], **ME)
        with log.batch(stocked, "inner", "me") as inner:
            assert inner is batch
            log.set_stars(stocked, [2, 3], 3, **ME)
        clicks = threading.Thread(target=lambda: log.add_tags(stocked, [4], ["clicked"], author="you"))
        clicks.start()
        clicks.join()
    assert len(batch.operations) == 2
    with stocked.read() as c:
        assert log.next_undo(c, "me") == "my cleanup"
        rows = log.history(c)
    assert [row["batch_label"] for row in rows] == [None, "my cleanup", "my cleanup"]
    outcome = log.undo(stocked, **ME)
    assert (outcome.message, outcome.count) == ("Undone: my cleanup", 3)
    log.undo(stocked, author="you")
    assert curated(stocked) == before
    assert log.redo(stocked, **ME).message == "Redone: my cleanup"
    assert "a" in tags_of(stocked, 1)
    assert log.undo(stocked, **ME).count == 3


def test_a_batch_that_fails_keeps_what_it_did_for_undo(stocked: Database):
    before = curated(stocked)

    def fail() -> None:
        with log.batch(stocked, "half", "me"):
            log.add_tags(stocked, [1], ["a"], **ME)
            raise ValueError("oops")

    with pytest.raises(ValueError, match="oops"):
        fail()
    assert log.undo(stocked, **ME).message == "Undone: half"
    assert curated(stocked) == before


def test_history_says_who_what_when_and_whether_it_holds(stocked: Database):
    log.add_tags(stocked, [1], ["a"], query="dog -cat", **ME)
    log.undo(stocked, **ME)
    log.set_stars(stocked, [2], 4, label="from my script", author="you")
    with stocked.read() as c:
        newest, undo, first = log.history(c)
        assert [row["id"] for row in log.history_of(c, 1)] == [2, 1]
    assert (newest["label"], newest["author"], newest["kind"]) == ("from my script", "you", "stars")
    assert (undo["kind"], undo["target"], undo["label"]) == ("undo", 1, "Undone: tagged 1 image a")
    assert (first["undone"], first["query"], first["count"]) == (True, "dog -cat", 1)
    assert first["at"] <= undo["at"] <= newest["at"]


def test_what_was_rolled_back_is_not_remembered_as_done(stocked: Database):
    def fail() -> None:
        with stocked.write() as c:
            operation = {"author": "me", "kind": "stars", "label": "never", "changed": [], "count": 1}
            write_operation(c, **operation)
            assert log.next_undo(c, "me") == "never"
            raise ValueError("stop")

    log.add_tags(stocked, [1], ["a"], **ME)
    with pytest.raises(ValueError, match="stop"):
        fail()
    log.add_tags(stocked, [1], ["b"], **ME)
    assert log.undo(stocked, **ME).message == "Undone: tagged 1 image b"
    assert log.undo(stocked, **ME).message == "Undone: tagged 1 image a"


def test_the_digest_names_the_set_of_images_whatever_its_size(db: Database):
    ids = fill(db, 6000)
    few = log.set_stars(db, ids[:10], 1, **ME)
    many = log.set_stars(db, ids, 2, **ME)
    again = log.add_tags(db, ids, ["x"], **ME)
    with db.read() as c:
        digest = dict(tuple(row) for row in c.exec_driver_sql("SELECT id, digest FROM operation"))
        hashes = sorted(c.exec_driver_sql("SELECT sha256 FROM image").scalars())
    assert digest[many.operation_id] == hashlib.sha256(b"".join(hashes)).digest()
    assert digest[again.operation_id] == digest[many.operation_id] != digest[few.operation_id]


def test_changes_name_images_and_tags(stocked: Database, seen: Callable[[], list[Change]]):
    with stocked.read() as c:
        number = c.exec_driver_sql("SELECT id FROM tag WHERE name = 'smile'").scalar_one()
    log.remove_tags(stocked, np.array([3, 1]), ["smile"], **ME)
    (change,) = seen()
    assert change.kind == {"tags"}
    assert change.images.tolist() == [1, 3]
    assert change.tags == {number}
