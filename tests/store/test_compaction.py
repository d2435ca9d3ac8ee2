"""Bounding the log: state, later undo and history after old operations became one."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest
from filling import answer, curated, fill, tags_of

from lorairo.errors import ArgumentError, NotFoundError, StoreError
from lorairo.store import Database, catalog, journal, log, timeline

if TYPE_CHECKING:
    from collections.abc import Callable

    from lorairo.store import Change

ME = {"author": "me"}
DAY = 86_400


@pytest.fixture
def stocked(db: Database) -> Database:
    fill(db, 4)
    answer(db, "local/wd", {1: {"smile": 0.9}}, defaults={"general": 0.35})
    return db


def history(db: Database) -> list[tuple[int, str, str]]:
    with db.read() as c:
        return [(row["id"], row["kind"], row["label"]) for row in log.history(c)]


def test_old_operations_become_one_and_the_project_stays_as_it_is(stocked: Database):
    for n in range(6):
        log.add_tags(stocked, [1, 2], [f"t{n}"], **ME)
    log.set_captions(stocked, {1: "a dog"}, **ME)
    log.set_captions(stocked, {1: None}, **ME)  # leaves nothing behind
    log.add_to_dataset(stocked, [2], "train", **ME)
    log.set_policy(stocked, "local/wd", {"general": 0.95}, **ME)
    last = log.set_stars(stocked, [3], 4, **ME).operation_id
    before = curated(stocked)
    done = log.compact(stocked, keep=1, days=0, author="me")
    assert (done.operations, done.operation_id) == (10, last - 1)
    assert curated(stocked) == before
    day = time.strftime("%Y-%m-%d", time.gmtime())
    assert history(stocked) == [
        (last, "stars", "Rated 1 image 4"),
        (last - 1, "compact", f"Everything until {day}: 10 operations"),
    ]
    assert log.refold(stocked) == 2
    assert curated(stocked) == before
    assert stocked.check() == []
    with Database.open(done.backup, readonly=True) as copy:
        assert len(history(copy)) == 11
        assert curated(copy) == before


def test_only_what_is_old_and_not_among_the_newest_is_folded(
    stocked: Database, monkeypatch: pytest.MonkeyPatch
):
    now = time.time()
    for age in (200, 150, 100, 80, 1):
        monkeypatch.setattr(journal.time, "time", lambda age=age: now - age * DAY)
        log.add_tags(stocked, [1], [f"{age}_days"], **ME)
    monkeypatch.undo()
    assert log.compact(stocked, keep=4, days=90, author="me").message == "Nothing to compact"
    assert log.compact(stocked, keep=0, days=90, author="me").operations == 3
    ((_, kind, label), *newer) = reversed(history(stocked))
    until = time.strftime("%Y-%m-%d", time.gmtime(now - 100 * DAY))
    assert (kind, label) == ("compact", f"Everything until {until}: 3 operations")
    assert [entry[2] for entry in newer] == ["Tagged 1 image 80_days", "Tagged 1 image 1_days"]


def test_a_second_compaction_counts_what_the_first_folded(stocked: Database):
    for n in range(5):
        log.add_tags(stocked, [1], [f"t{n}"], **ME)
    log.compact(stocked, keep=2, days=0, author="me")
    done = log.compact(stocked, keep=1, days=0, author="me")
    assert done.operations == 2
    assert history(stocked)[-1][2].endswith(": 4 operations")
    assert "2 operations into one" in repr(done)


def test_a_batch_is_never_cut_in_two(stocked: Database):
    log.add_tags(stocked, [1], ["a"], **ME)
    log.add_tags(stocked, [1], ["b"], **ME)
    with log.batch(stocked, "several", "me"):
        log.add_tags(stocked, [1], ["c"], **ME)
        log.add_tags(stocked, [1], ["d"], **ME)
    assert log.compact(stocked, keep=1, days=0, author="me").operations == 2
    assert log.undo(stocked, **ME).message == "Undone: several"
    assert tags_of(stocked, 1) == ["smile", "a", "b"]
    assert log.undo(stocked, **ME).message == "Nothing to undo"


def test_what_is_folded_says_why_it_is_not_undone(stocked: Database):
    first = log.add_tags(stocked, [1], ["a"], **ME).operation_id
    log.add_tags(stocked, [1], ["b"], **ME)
    folded = log.compact(stocked, keep=0, days=0, author="me").operation_id
    for number in (first, folded):
        with pytest.raises(NotFoundError, match=r"project\.compact\(\) folded"):
            log.undo(stocked, operation_id=number, **ME)
    assert log.undo(stocked, anyone=True, **ME).message == "Nothing to undo"
    assert tags_of(stocked, 1) == ["smile", "a", "b"]


def test_an_undo_of_what_was_folded_stays_and_says_why_it_is_not_redone(stocked: Database):
    first = log.add_tags(stocked, [1], ["a"], **ME)
    log.add_tags(stocked, [1], ["b"], **ME)
    back = log.undo(stocked, operation_id=first.operation_id, **ME)
    log.compact(stocked, keep=1, days=0, author="me")
    assert tags_of(stocked, 1) == ["smile", "b"]
    assert log.redo(stocked, **ME).message == "Nothing to redo"
    with pytest.raises(NotFoundError, match=r"project\.compact\(\) folded what was before"):
        log.undo(stocked, operation_id=back.operation_id, **ME)
    log.refold(stocked)
    assert tags_of(stocked, 1) == ["smile", "b"]


def test_the_order_of_tags_added_by_hand_survives(stocked: Database):
    for name in ("zebra", "bear", "cat"):
        log.add_tags(stocked, [2], [name], **ME)
    log.compact(stocked, keep=0, days=0, author="me")
    log.add_tags(stocked, [2], ["ant"], **ME)
    assert tags_of(stocked, 2) == ["zebra", "bear", "cat", "ant"]


def test_who_has_the_project_open_too_goes_by_the_new_log(stocked: Database):
    log.add_tags(stocked, [1], ["a"], **ME)
    log.add_tags(stocked, [1], ["b"], **ME)
    with Database.open(stocked.folder) as other:
        with other.read() as c:
            assert len(timeline.timeline(c)) == 2
        log.compact(stocked, keep=0, days=0, author="me")
        with other.read() as c:
            (step,) = timeline.timeline(c)
        assert step.label.startswith("Everything until")
        assert log.undo(other, **ME).message == "Nothing to undo"


def test_the_file_shrinks_and_listeners_hear_of_it(stocked: Database, seen: Callable[[], list[Change]]):
    random = np.random.default_rng(0)
    ids = fill(stocked, 3000, start=4)
    for n in range(12):
        log.add_tags(stocked, random.choice(ids, 1500, replace=False), [f"t{n % 3}"], **ME)
        log.remove_tags(stocked, random.choice(ids, 1500, replace=False), [f"t{n % 3}"], **ME)
    with closing(sqlite3.connect(stocked.path)) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    size, heard = stocked.path.stat().st_size, len(seen())
    done = log.compact(stocked, keep=0, days=0, author="me")
    assert done.bytes > 0
    assert stocked.path.stat().st_size < size
    assert len(seen()) == heard + 1


def test_a_file_that_cannot_be_written_anew_is_told_and_the_log_is_bounded(
    stocked: Database, monkeypatch: pytest.MonkeyPatch
):
    def full(_self: Database) -> int:
        raise StoreError("disk is full")

    monkeypatch.setattr(Database, "shrink", full)
    log.add_tags(stocked, [1], ["a"], **ME)
    log.add_tags(stocked, [1], ["b"], **ME)
    done = log.compact(stocked, keep=0, days=0, author="me")
    assert "disk is full" in done.message
    assert len(history(stocked)) == 1


def test_images_forgotten_later_leave_the_folded_operation(stocked: Database):
    log.set_captions(stocked, {1: "a secret", 2: "a dog"}, **ME)
    log.set_captions(stocked, {1: "the secret"}, **ME)
    log.compact(stocked, keep=0, days=0, author="me")
    with stocked.write() as c:
        catalog.forget(c, [1])
    with stocked.read() as c:
        assert log.history_of(c, 1) == []
        assert len(log.history_of(c, 2)) == 1
    assert log.refold(stocked) == 1
    assert curated(stocked)["caption"] == [(2, "default", "a dog")]


def test_counts_below_zero_are_refused(stocked: Database):
    with pytest.raises(ArgumentError, match="number from 0"):
        log.compact(stocked, keep=-1, days=0, author="me")
