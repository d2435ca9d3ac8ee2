"""Verdicts about pictures that look the same: kept for every pair, whoever else is met, and in the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from filling import curated, fill

from lorairo.errors import ArgumentError
from lorairo.store import Database, catalog, log, pairing

if TYPE_CHECKING:
    from collections.abc import Collection

ME, YOU = {"author": "me"}, {"author": "you"}


@pytest.fixture
def stocked(db: Database) -> Database:
    fill(db, 6)
    return db


def ruled(db: Database, images: Collection[int]) -> set[str]:
    """Return the verdicts that all of some images share."""
    with db.read() as c:
        known = pairing.marks(c)
    shared = frozenset.intersection(*(known.get(image_id, frozenset()) for image_id in images))
    return {pairing.verdict_of(mark) for mark in shared}


def test_a_verdict_holds_for_every_pair_of_the_images_and_no_other(stocked: Database):
    done = log.mark_pairs(stocked, [1, 2, 3], "different", **ME)
    assert (done.count, done.message) == (3, "Marked 3 images as different pictures")
    assert ruled(stocked, [1, 3]) == ruled(stocked, [2, 3]) == {"different"}
    log.mark_pairs(stocked, [3, 4], "variant", **ME)
    assert ruled(stocked, [3, 4]) == {"variant"}
    assert ruled(stocked, [1, 4]) == set()


def test_the_later_verdict_about_the_same_images_counts(stocked: Database):
    log.mark_pairs(stocked, [1, 2], "variant", **ME)
    log.mark_pairs(stocked, [2, 1, 1], "different", **ME)
    assert ruled(stocked, [1, 2]) == {"different"}


def test_one_image_is_no_pair_and_the_same_again_writes_nothing(stocked: Database):
    assert log.mark_pairs(stocked, [1], "different", **ME).operation_id is None
    assert log.mark_pairs(stocked, [1, 99], "different", **ME).operation_id is None
    log.mark_pairs(stocked, [1, 2], "different", **ME)
    assert log.mark_pairs(stocked, [1, 2], "different", **ME).operation_id is None
    assert log.unmark_pairs(stocked, [3], **ME).operation_id is None
    with pytest.raises(ArgumentError, match="different, variant"):
        log.mark_pairs(stocked, [1, 2], "same", **ME)


def test_images_can_join_those_that_have_a_mark(stocked: Database):
    log.mark_pairs(stocked, [1, 2], "variant", **ME)
    with stocked.read() as c:
        (mark,) = pairing.marks(c)[1]
    log.mark_pairs(stocked, [3], "variant", mark=mark.partition(":")[2], **ME)
    assert ruled(stocked, [1, 2, 3]) == {"variant"}
    with pytest.raises(ArgumentError, match="hexadecimal"):
        log.mark_pairs(stocked, [3], "variant", mark="'); x", **ME)


def test_undo_takes_verdicts_back_and_the_log_holds_them(stocked: Database):
    before = curated(stocked)
    log.mark_pairs(stocked, [1, 2, 3], "different", **ME)
    log.mark_pairs(stocked, [2, 3], "variant", **ME)
    log.unmark_pairs(stocked, [3], **ME)
    after = curated(stocked)
    assert ruled(stocked, [1, 2]) == {"different"}
    assert ruled(stocked, [2, 3]) == set()
    log.refold(stocked)
    assert curated(stocked) == after
    for _ in range(3):
        log.undo(stocked, **ME)
    assert curated(stocked) == before
    for _ in range(3):
        log.redo(stocked, **ME)
    assert curated(stocked) == after


def test_an_undo_keeps_what_another_said_since_in_words(stocked: Database):
    first = log.mark_pairs(stocked, [1, 2], "different", **ME)
    log.mark_pairs(stocked, [2, 3], "variant", **YOU)
    outcome = log.undo(stocked, operation_id=first.operation_id, **ME)
    assert outcome.conflicts is not None
    (row,) = outcome.conflicts.rows()
    assert (row["image_id"], row["what"], row["now"], row["would_be"]) == (
        2,
        "duplicates",
        "different from others; variant of others",
        None,
    )


def test_what_is_forgotten_takes_its_marks_along(stocked: Database):
    log.mark_pairs(stocked, [1, 2], "variant", **ME)
    with stocked.write() as c:
        catalog.forget(c, [1])
        assert set(pairing.marks(c)) == {2}
