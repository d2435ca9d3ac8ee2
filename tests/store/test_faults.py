"""Killed processes, full disks, locks held by others: with real processes and a real small disk."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from filling import fill, tags_of
from sqlalchemy import event

from lorairo.errors import ReadOnlyError, StoreError
from lorairo.store import Database, ThumbnailCache, dialect, log, settings

if TYPE_CHECKING:
    from pathlib import Path


def child(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a second Python that runs `code` with the store imported."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    text = (
        "import sys\nfrom lorairo.store import Database, log, settings\nfrom filling import fill\n"
        + textwrap.dedent(code)
    )
    return subprocess.Popen(
        [sys.executable, "-c", text, *map(str, arguments)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_two_processes_write_without_a_lost_update_or_a_locked_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, journal: str
):
    if journal == "delete":
        monkeypatch.setattr(dialect, "holds_wal", lambda _folder: False)
    code = """
        if sys.argv[2] == "delete":
            from lorairo.store import dialect
            dialect.holds_wal = lambda _folder: False
        with Database.open(sys.argv[1]) as db:
            print("ready", flush=True)
            sys.stdin.readline()
            for n in range(60):
                with db.write() as c:
                    settings.put(c, "counter", settings.get(c, "counter", 0) + 1)
                log.add_tags(db, [1], [f"theirs_{n}"], author="them")
    """
    with Database.open(tmp_path) as db:
        fill(db, 1)
        assert db.journal == journal
        other = child(code, tmp_path, journal)
        assert other.stdout.readline() == "ready\n"
        other.stdin.write("go\n")
        other.stdin.flush()
        for n in range(60):
            with db.write() as c:
                settings.put(c, "counter", settings.get(c, "counter", 0) + 1)
            log.add_tags(db, [1], [f"ours_{n}"], author="us")
        _, errors = other.communicate()
        assert errors == ""
        with db.read() as c:
            assert settings.get(c, "counter") == 120
        assert set(tags_of(db, 1)) == {f"{who}_{n}" for who in ("ours", "theirs") for n in range(60)}
        assert db.check() == []


@pytest.mark.parametrize("when", ["between", "inside"])
def test_a_killed_process_leaves_every_committed_batch(tmp_path: Path, when: str):
    code = """
        with Database.open(sys.argv[1]) as db:
            for batch in range(20):
                ids = fill(db, 50, start=batch * 50)
                log.add_tags(db, ids, [f"batch_{batch}"], author="me")
                print(batch, flush=True)
                if batch == 7 and sys.argv[2] == "inside":
                    with db.write(curated=True) as c:
                        c.exec_driver_sql("UPDATE state SET stars = 5")
                        print("inside", flush=True)
                        sys.stdin.readline()
    """
    other = child(code, tmp_path, when)
    done = -1
    for line in other.stdout:
        if line.strip() == "inside":
            break
        done = int(line)
        if done == 7 and when == "between":
            break
    other.kill()
    other.communicate()
    with Database.open(tmp_path) as db:
        assert db.check() == []
        for batch in range(done + 1):
            assert tags_of(db, batch * 50 + 1) == [f"batch_{batch}"]
        with db.read() as c:
            assert c.exec_driver_sql("SELECT sum(stars) FROM state").scalar_one() == 0
            count = c.exec_driver_sql("SELECT count(*) FROM image").scalar_one()
        assert count % 50 == 0
        again = fill(db, 1000)  # the same call again finishes the rest and repeats nothing
        assert sorted(again) == list(range(1, 1001))
        log.refold(db)


@pytest.fixture
def small(db: Database):
    """A database whose disk is full a few pages from now."""
    fill(db, 20)

    def limit(connection: object, *_: object) -> None:
        cursor = connection.cursor()
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages + 2}")

    event.listen(db._writer, "checkout", limit)
    yield db
    event.remove(db._writer, "checkout", limit)


def test_a_full_disk_is_said_in_plain_words_and_nothing_is_half_written(small: Database):
    with pytest.raises(StoreError, match=r"disk is full.*not saved.*Free some space"):
        fill(small, 500, start=20)
    with small.read() as c:
        assert c.exec_driver_sql("SELECT count(*) FROM image").scalar_one() == 20
        assert c.exec_driver_sql("SELECT count(*) FROM state").scalar_one() == 20
    assert small.check() == []
    log.set_stars(small, [1], 4, author="me")  # small changes still fit
    with small.read() as c:
        assert c.exec_driver_sql("SELECT sum(stars) FROM state").scalar_one() == 4


def test_a_drive_that_takes_no_more_bytes_is_told(tmp_path: Path):
    resource = pytest.importorskip("resource", reason="file size limits are POSIX")
    assert resource.RLIMIT_FSIZE >= 0
    code = """
        import resource, signal
        from lorairo.errors import StoreError
        db = Database.open(sys.argv[1])
        fill(db, 10)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
        for start in range(10, 100_000, 500):
            try:
                fill(db, 500, start=start)
            except StoreError as error:
                print("refused", error)
                break
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert len(fill(db, 500, start=start)) == 500
        print(db.check())
    """
    out, errors = child(code, tmp_path).communicate()
    assert errors == ""
    first, last = out.splitlines()
    assert first.startswith("refused")
    assert "not saved" in first
    assert last == "[]"


def test_a_lock_held_too_long_is_told_and_a_short_one_is_waited_for(db: Database):
    fill(db, 1)
    with closing(dialect.connect(db.path)) as other:
        other.execute("BEGIN IMMEDIATE")
        db.lock_timeout = 0.0
        with pytest.raises(StoreError, match=r"locked by another program.*not saved.*try again"):
            log.set_stars(db, [1], 3, author="me")
        with db.read() as c:  # readers do not wait
            assert c.exec_driver_sql("SELECT count(*) FROM image").scalar_one() == 1
        db.lock_timeout = 60.0
        started = threading.Event()

        def edit() -> None:
            started.set()
            log.set_stars(db, [1], 4, author="me")

        thread = threading.Thread(target=edit)
        thread.start()
        assert started.wait(20)
        other.execute("COMMIT")
        thread.join()
    with db.read() as c:
        assert c.exec_driver_sql("SELECT stars FROM state").scalar_one() == 4


def test_an_interrupt_while_waiting_for_the_lock_leaves_nothing_locked(
    db: Database, monkeypatch: pytest.MonkeyPatch
):
    fill(db, 1)

    def interrupted(_connection: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(dialect, "begin_write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            log.set_stars(db, [1], 3, author="me")
    log.set_stars(db, [1], 3, author="me")


def test_a_file_nobody_may_write_opens_read_only_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with Database.open(tmp_path) as db:
        fill(db, 1)
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    with Database.open(tmp_path) as db:
        assert db.readonly
        with pytest.raises(ReadOnlyError, match="cannot be written"):
            log.set_stars(db, [1], 3, author="me")


def test_a_full_disk_costs_thumbnails_but_not_the_cache(tmp_path: Path):
    with ThumbnailCache(tmp_path / "thumbnails.db") as cache:
        cache.put_many([(b"a" * 32, b"x")])
        cache._writer.execute("PRAGMA max_page_count = 4")
        with pytest.raises(StoreError, match="disk is full"):
            cache.put_many([(bytes([n]) * 32, b"x" * 5000) for n in range(50)])
        assert cache.get_many([b"a" * 32, bytes([1]) * 32]) == {b"a" * 32: b"x"}
        cache._writer.execute("PRAGMA max_page_count = 4000")
        cache.put_many([(b"b" * 32, b"y")])
        assert len(cache.get_many([b"b" * 32])) == 1


def test_ctrl_c_during_a_large_write_is_an_interrupt_and_undoes_it(tmp_path: Path):
    code = """
        import signal, threading
        with Database.open(sys.argv[1]) as db:
            ids = fill(db, 20_000)
            kinds = set()
            for delay in range(12):
                try:
                    threading.Timer(delay * 0.03, signal.raise_signal, [signal.SIGINT]).start()
                    while True:
                        log.add_tags(db, ids, ["smile"], author="me")
                        log.undo(db, author="me")
                except BaseException as error:
                    kinds.add(type(error).__name__)
            print(kinds, db.check())
            log.refold(db)
    """
    out, errors = child(code, tmp_path).communicate()
    assert errors == ""
    assert out == "{'KeyboardInterrupt'} []\n"
