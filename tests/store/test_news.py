"""What others committed is told once, and only what it was, so that no more is read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from filling import fill

from lorairo.store import Database, commits, log, news, settings
from lorairo.store.changes import ALL_KINDS
from lorairo.store.following import Following

if TYPE_CHECKING:
    from lorairo.store import Change


class Listener:
    """Looks at a database from outside."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.following = Following()
        with db.read() as c:
            self.following.start(c)

    def look(self) -> Change | None:
        with self.db.read() as c:
            return self.following.look(c)


@pytest.fixture
def listener(db: Database) -> Listener:
    fill(db, 4)
    return Listener(db)


def test_a_change_of_another_names_its_images_and_tags(db: Database, listener: Listener):
    log.set_stars(db, [1], 4, author="you")
    log.add_tags(db, [2, 3], ["hat"], author="you")
    found = listener.look()
    assert found is not None
    assert found.external
    assert found.kind == {"stars", "tags"}
    assert found.images.tolist() == [1, 2, 3]
    assert len(found.tags) == 1
    assert listener.look() is None, "told once"


def test_what_changes_no_image_is_not_told(db: Database, listener: Listener):
    with db.write() as c:
        settings.put(c, "panel", "open")
    assert listener.look() is None


def test_ones_own_changes_are_not_told_again_whatever_came_between(db: Database, listener: Listener):
    def mark() -> str | None:
        with db.read() as c:
            return commits.current(c)

    def ours(stars: int) -> None:
        after = mark()
        log.set_stars(db, [1], stars, author="me")
        listener.following.committed(commits.Sealed(mark() or "", after))

    ours(1)
    assert listener.look() is None
    ours(2)
    log.add_tags(db, [4], ["theirs"], author="you")
    ours(3)
    found = listener.look()
    assert found is not None
    assert (found.kind, found.images.tolist()) == ({"tags"}, [4])
    ours(4)
    assert listener.look() is None


def test_after_more_commits_than_are_kept_everything_counts_as_changed(db: Database, listener: Listener):
    for n in range(news.KEPT):
        log.set_stars(db, [1], 1 + n % 2, author="you")
    assert listener.look().images.tolist() == [1]
    for n in range(news.KEPT + 1):
        log.set_stars(db, [1], 1 + n % 2, author="you")
    found = listener.look()
    assert (found.kind, found.images) == (ALL_KINDS, None)


def test_where_the_way_is_lost_everything_counts_as_changed(db: Database, listener: Listener):
    with db.write() as c:
        commits.renew(c)  # as an older lorairo does, or a backup that was put back
    found = listener.look()
    assert (found.kind, found.images) == (ALL_KINDS, None)


def test_of_very_many_images_only_the_kind_is_told(db: Database, listener: Listener):
    ids = fill(db, 3_000, start=4)
    assert listener.look().images is None
    log.set_stars(db, ids, 3, author="you")
    found = listener.look()
    assert (found.kind, found.images) == ({"stars"}, None)


def test_what_nobody_announced_counts_as_everything(db: Database, listener: Listener):
    with db.write() as c:
        c.exec_driver_sql("UPDATE image SET mode = 'L' WHERE id = 1")
    found = listener.look()
    assert (found.kind, found.images) == (ALL_KINDS, None)
