from __future__ import annotations

import shutil
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from filling import content, curated, fill, tags_of
from loguru import logger
from sqlalchemy import delete, insert, select, update

from lorairo.errors import ArgumentError, GuardError, ProjectError, ReadOnlyError, StoreError
from lorairo.store import Change, Database, ThumbnailCache, dialect, log, settings, summary
from lorairo.store.schema import GUARDED
from lorairo.store.volumes import is_remote

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Table


def test_an_open_database_has_the_promised_pragmas(db: Database):
    with db.write() as c:
        pragma = {
            name: c.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragma["journal_mode"] == "wal"
    assert pragma["synchronous"] == 1
    assert pragma["foreign_keys"] == 1
    assert pragma["busy_timeout"] > 0
    with db.read() as c:
        assert c.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 30_000


def test_the_same_project_opens_again_with_everything(tmp_path: Path):
    with Database.open(tmp_path / "a b %ü") as db:
        fill(db, 3)
        log.set_stars(db, [2], 4, author="me")
    with Database.open(tmp_path / "a b %ü") as db, db.read() as c:
        assert c.exec_driver_sql("SELECT stars FROM state ORDER BY image_id").scalars().all() == [0, 4, 0]
        assert len(c.exec_driver_sql("SELECT value FROM meta WHERE key = 'uuid'").scalar_one()) == 36


def test_a_reader_keeps_its_snapshot_while_a_writer_commits(db: Database):
    fill(db, 1)
    with db.read() as c:
        fill(db, 1, start=1)
        assert c.exec_driver_sql("SELECT count(*) FROM image").scalar_one() == 1
    with db.read() as c:
        assert c.exec_driver_sql("SELECT count(*) FROM image").scalar_one() == 2


def test_many_threads_read_and_write_without_losing_an_update(db: Database):
    fill(db, 1)

    def rename(number: int) -> None:
        for _ in range(10):
            with db.write() as c:
                value = settings.get(c, "counter", 0)
                settings.put(c, "counter", value + 1)
            with db.read() as c:
                assert settings.get(c, "counter") > 0
        log.add_tags(db, [1], [f"tag_{number}"], author=f"author {number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(rename, range(8)))
    with db.read() as c:
        assert settings.get(c, "counter") == 80
    assert sorted(tags_of(db, 1)) == [f"tag_{n}" for n in range(8)]


@pytest.mark.parametrize("mishap", [ValueError, KeyboardInterrupt])
def test_any_exception_rolls_the_whole_transaction_back(
    db: Database, seen: Callable[[], list[Change]], mishap: type[BaseException]
):
    def begin() -> None:
        with db.write() as c:
            settings.put(c, "key", 1)
            db.announce(Change(frozenset({"jobs"})))
            raise mishap

    with pytest.raises(mishap):
        begin()
    with db.read() as c:
        assert settings.get(c, "key") is None
    assert seen() == []
    with db.write() as c:
        settings.put(c, "key", 2)


def test_a_write_inside_a_write_says_so_instead_of_waiting_for_itself(db: Database):
    with db.write(), pytest.raises(StoreError, match="open in this thread already"), db.write():
        pass


def test_reading_connections_do_not_write(db: Database):
    with pytest.raises(ReadOnlyError), db.read() as c:
        settings.put(c, "key", 1)


def test_changes_are_told_once_after_the_commit_outside_the_lock(db: Database):
    told = []

    def listen(change: Change) -> None:
        with db.write() as c:  # would wait for itself inside the lock
            told.append((change, settings.get(c, "key")))

    db.changed.connect(listen)
    with db.write() as c:
        settings.put(c, "key", 5)
        db.announce(Change(frozenset({"stars"}), np.array([2, 1]), frozenset({7})))
        db.announce(Change(frozenset({"tags"}), np.array([3]), frozenset()))
        assert told == []
    ((change, value),) = told
    assert value == 5
    assert change.kind == {"stars", "tags"}
    assert change.images.tolist() == [1, 2, 3]
    assert change.tags == {7}
    assert not change.external
    with pytest.raises(StoreError, match="inside"):
        db.announce(Change(frozenset()))


def test_a_failing_listener_does_not_make_a_saved_change_look_failed(db: Database):
    lines: list[str] = []
    sink = logger.add(lines.append, format="{message}\n{exception}")

    def listen(_change: Change) -> None:
        raise RuntimeError("the listener broke")

    db.changed.connect(listen)
    try:
        fill(db, 1)
    finally:
        logger.remove(sink)
    assert any("the listener broke" in line for line in lines)


def test_a_closed_database_says_so(tmp_path: Path):
    db = Database.open(tmp_path)
    db.close()
    db.close()
    for way in (db.read, db.write):
        with pytest.raises(ProjectError, match="closed"), way():
            pass


# -------------------------------------------------------------------------------------------- opening


def test_what_cannot_be_a_project_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(ProjectError, match="file"):
        Database.open(tmp_path / "file")
    with pytest.raises(ProjectError, match="no project"):
        Database.open(tmp_path / "none", readonly=True)
    with pytest.raises(ProjectError, match="not supported"):
        Database.open("postgresql+psycopg://host/name")


def test_a_damaged_file_names_the_backups(tmp_path: Path):
    (tmp_path / "database.db").write_bytes(b"this is no database at all" * 300)
    with pytest.raises(StoreError, match=r"damaged.*backups"):
        Database.open(tmp_path)


def test_damage_inside_is_told_when_it_is_met(tmp_path: Path):
    with Database.open(tmp_path) as db:
        fill(db, 500)
    path = tmp_path / "database.db"
    body = bytearray(path.read_bytes())
    for page in range(2, len(body) // 4096):
        body[page * 4096 : page * 4096 + 2000] = b"\xff" * 2000
    path.write_bytes(body)
    with pytest.raises(StoreError, match=r"damaged|refused"), Database.open(tmp_path) as db:
        curated(db)


def test_another_programs_database_is_left_alone(tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "database.db")) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
        other.commit()
    before = (tmp_path / "database.db").read_bytes()
    with pytest.raises(ProjectError, match="bookmarks"):
        Database.open(tmp_path)
    assert (tmp_path / "database.db").read_bytes() == before


@pytest.mark.parametrize("still_open", [True, False])
def test_read_only_refuses_every_change_and_leaves_the_file_as_it_is(tmp_path: Path, still_open: bool):
    writer = Database.open(tmp_path)
    fill(writer, 2)
    if not still_open:
        writer.close()
    before = (tmp_path / "database.db").read_bytes()
    with Database.open(tmp_path, readonly=True) as db:
        assert db.readonly
        with db.read() as c:
            assert c.exec_driver_sql("SELECT count(*) FROM image").scalar_one() == 2
        with pytest.raises(ReadOnlyError):
            log.set_stars(db, [1], 3, author="me")
    assert (tmp_path / "database.db").read_bytes() == before
    writer.close()


def test_summary_counts_without_opening_and_survives_damage(tmp_path: Path):
    with Database.open(tmp_path) as db:
        fill(db, 3)
        assert summary(tmp_path)["images"] == 3
    found = summary(tmp_path)
    assert (found["images"], found["bytes"] > 0) == (3, True)
    (tmp_path / "database.db").write_bytes(b"broken" * 1000)
    assert summary(tmp_path)["images"] is None


# ------------------------------------------------------------------------------------ journal and WAL


def test_where_wal_does_not_hold_the_rollback_journal_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(dialect, "holds_wal", lambda _folder: False)
    with Database.open(tmp_path) as db:
        assert db.journal == "delete"
        fill(db, 3)
        with db.write() as c:
            assert c.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda n: log.add_tags(db, [1], [f"t{n}"], author="me"), range(12)))
        assert len(tags_of(db, 1)) == 12


def test_a_project_moved_to_a_network_drive_leaves_wal_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with Database.open(tmp_path) as db:
        fill(db, 2)
        assert db.journal == "wal"
    with monkeypatch.context() as patch:
        patch.setattr(dialect, "holds_wal", lambda _folder: False)
        with Database.open(tmp_path) as db:
            assert db.journal == "delete"
            fill(db, 2, start=2)
    assert not list(tmp_path.glob("*-wal"))
    with Database.open(tmp_path) as db:
        assert db.journal == "wal"


def test_the_probe_leaves_nothing_behind(tmp_path: Path):
    with Database.open(tmp_path):
        assert not list(tmp_path.glob("*probe*"))


@pytest.mark.parametrize(
    ("kind", "remote"),
    [("ext4", False), ("btrfs", False), ("nfs4", True), ("cifs", True), ("fuse.sshfs", True)],
)
def test_the_kind_of_mount_is_read_from_the_longest_mount_point(kind: str, remote: bool):
    table = (
        "1 0 8:1 / / rw - ext4 /dev/sda rw\n"
        f"2 1 0:9 / /mnt/my\\040drive rw shared:1 - {kind} //server/share rw\n"
        "broken line\n"
    )
    assert is_remote(Path("/mnt/my drive/project"), table) is remote
    assert is_remote(Path("/mnt/my drive two"), table) is False


# --------------------------------------------------------------------------------------------- guard


@pytest.fixture
def decided(db: Database) -> Database:
    """A project with rows in every guarded table."""
    fill(db, 2)
    log.add_to_dataset(db, [1], "train", author="me")
    log.set_captions(db, {1: "a dog"}, author="me")
    log.set_policy(db, "local/wd", {"general": 0.5}, author="me")
    log.mark_pairs(db, [1, 2], "variant", author="me")
    return db


@pytest.mark.parametrize("table", [table.name for table in GUARDED])
def test_no_other_writer_gets_at_curated_tables(decided: Database, table: str):
    column = {"policy": "model_key", "dataset": "name", "membership": "image_id", "operation": "label"}.get(
        table, "image_id"
    )
    before = curated(decided)
    for statement in (
        f"INSERT INTO {table} DEFAULT VALUES",
        f"INSERT OR IGNORE INTO {table} DEFAULT VALUES",
        f"REPLACE INTO {table} SELECT * FROM {table}",
        f"UPDATE {table} SET {column} = {column}",
        f"UPDATE OR REPLACE {table} SET {column} = {column}",
        f"DELETE FROM {table}",
    ):
        with pytest.raises(GuardError, match="operation log"), decided.write() as c:
            c.exec_driver_sql(statement)
        with closing(sqlite3.connect(decided.path)) as plain:
            plain.execute("PRAGMA foreign_keys = OFF")
            with pytest.raises(sqlite3.OperationalError, match="lorairo_writer"):
                plain.execute(statement)
    assert curated(decided) == before


@pytest.mark.parametrize("table", GUARDED, ids=lambda table: table.name)
def test_statements_of_sqlalchemy_are_refused_too(decided: Database, table: Table):
    with decided.read() as c:
        row = dict(c.execute(select(table)).mappings().first())
    for statement in (insert(table).values(row), update(table).values(row), delete(table)):
        with pytest.raises(GuardError, match="operation log"), decided.write() as c:
            c.execute(statement)


def test_deleting_an_image_takes_no_curated_rows_along_behind_the_logs_back(db: Database):
    fill(db, 2)
    before = curated(db)
    with pytest.raises(GuardError), db.write() as c:
        c.exec_driver_sql("DELETE FROM image WHERE id = 1")
    with closing(sqlite3.connect(db.path)) as plain:
        plain.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.OperationalError, match="lorairo_writer"):
            plain.execute("DELETE FROM image WHERE id = 1")
    assert curated(db) == before


def test_the_gate_is_shut_again_after_a_curated_transaction_that_failed(db: Database):
    fill(db, 1)

    def fail() -> None:
        with db.write(curated=True) as c:
            c.exec_driver_sql("UPDATE state SET stars = 3")
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fail()
    with pytest.raises(GuardError), db.write() as c:
        c.exec_driver_sql("UPDATE state SET stars = 3")


def test_a_curated_transaction_may_write(db: Database):
    fill(db, 1)
    with db.write(curated=True) as c:
        c.exec_driver_sql("UPDATE state SET stars = 3")
    with db.read() as c:
        assert c.exec_driver_sql("SELECT stars FROM state").scalar_one() == 3


# -------------------------------------------------------------------------------------------- watcher


def test_another_connections_commits_are_told_and_our_own_are_not(tmp_path: Path):
    with Database.open(tmp_path) as mine, Database.open(tmp_path) as other:
        told, arrived = [], threading.Event()

        def listen(change: Change) -> None:
            told.append(change)
            if change.external:
                arrived.set()

        mine.changed.connect(listen)
        mine.watch()
        mine.watch()
        fill(mine, 2)
        fill(other, 2, start=2)
        assert arrived.wait(20)
        external = [change for change in told if change.external]
        assert external[0].images.tolist() == [3, 4]
        assert "images" in external[0].kind
        assert [change.external for change in told].count(False) == 1
        mine.unwatch()
        assert _watchers() == 1
        mine.unwatch()
        assert _watchers() == 0


def test_a_read_only_project_watches_too(tmp_path: Path):
    with Database.open(tmp_path) as writer, Database.open(tmp_path, readonly=True) as reader:
        arrived = threading.Event()
        reader.changed.connect(lambda _change: arrived.set(), check_nargs=False)
        reader.watch()
        fill(writer, 1)
        assert arrived.wait(20)
    assert _watchers() == 0


def test_closing_from_a_listener_in_the_watchers_own_thread_works(tmp_path: Path):
    closed = threading.Event()
    with Database.open(tmp_path) as other:
        mine = Database.open(tmp_path)

        def listen(_change: Change) -> None:
            mine.close()
            closed.set()

        mine.changed.connect(listen)
        mine.watch()
        fill(other, 1)
        assert closed.wait(20)


def _watchers() -> int:
    return sum(thread.name == "lorairo-watcher" for thread in threading.enumerate())


# ---------------------------------------------------------------------------------------- thumbnails


def test_thumbnails_are_kept_by_content_and_read_from_any_thread(tmp_path: Path):
    with ThumbnailCache(tmp_path / "thumbnails.db") as cache:
        items = [(content(str(n)), bytes([n]) * 100) for n in range(2000 % 256)]
        cache.put_many(items)
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda item: cache.get_many([item[0], content("none")]), items))
        assert found == [dict([item]) for item in items]
        assert cache.missing([items[0][0], content("none")]) == [content("none")]
        cache.remove([items[0][0]])
        assert cache.get_many([items[0][0]]) == {}
    with pytest.raises(ProjectError, match="closed"):
        cache.get_many([content("1")])


def test_a_deleted_or_damaged_thumbnail_cache_is_made_anew(tmp_path: Path):
    path = tmp_path / "thumbnails.db"
    with ThumbnailCache(path) as cache:
        cache.put_many([(content("a"), b"x")])
        copy = cache.backup(tmp_path / "copy" / "thumbnails.db")
    with ThumbnailCache(copy, readonly=True) as cache:
        assert cache.get_many([content("a")]) == {content("a"): b"x"}
        cache.put_many([(content("b"), b"y")])
        assert cache.get_many([content("b")]) == {}
    path.write_bytes(b"not a database" * 500)
    with ThumbnailCache(path) as cache:
        assert cache.get_many([content("a")]) == {}
        cache.put_many([(content("a"), b"z")])
        assert cache.get_many([content("a")]) == {content("a"): b"z"}
    shutil.rmtree(tmp_path / "copy")
    with ThumbnailCache(tmp_path / "copy" / "thumbnails.db", readonly=True) as cache:
        assert cache.get_many([content("a")]) == {}


def test_bad_arguments_are_named(db: Database):
    fill(db, 1)
    with pytest.raises(ArgumentError, match="0 to 5"):
        log.set_stars(db, [1], 6, author="me")
    with pytest.raises(ArgumentError, match="list of tags"):
        log.add_tags(db, [1], "smile", author="me")
    with pytest.raises(ArgumentError, match="at least one"):
        log.add_tags(db, [1], [], author="me")
    with pytest.raises(StoreError, match="1 to 255"):
        log.add_tags(db, [1], ["x" * 256], author="me")
    with pytest.raises(ArgumentError, match="category"):
        log.set_policy(db, "a/b", {"generall": 0.5}, author="me")
    with pytest.raises(ArgumentError, match="between 0 and 1"):
        log.set_policy(db, "a/b", {"general": 5}, author="me")
    with pytest.raises(ArgumentError, match="dataset"):
        log.add_to_dataset(db, [1], " ", author="me")
    with pytest.raises(ArgumentError, match="variant"):
        log.set_captions(db, {1: "x"}, "", author="me")
