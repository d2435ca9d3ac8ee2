"""The index kept on disk: equal to the one read from the database, or not used at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from eight_images import AUTHOR, add
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from test_index import same

from lorairo.errors import GuardError
from lorairo.query import Index, cache
from lorairo.query import keeper as keeping
from lorairo.query.keeper import Keeper
from lorairo.query.load import everything
from lorairo.store import commits, evidence, forget, jobs, log, migrate
from lorairo.store import settings as remembered
from lorairo.store.database import Database
from lorairo.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from lorairo.query.load import Parts
    from lorairo.store import Change

COUNT = 12


def snapshot(database: Database) -> tuple[str, Parts]:
    with database.read() as c:
        commit = commits.current(c)
        assert commit is not None
        return commit, everything(c)


def mark(database: Database) -> str | None:
    with database.read() as c:
        return commits.current(c)


def kept(database: Database) -> Path:
    """Open and close once, so that there is a file of the present commit."""
    keeper = Keeper(database, least=0)
    keeper.load()
    keeper.close()
    assert is_used(database)
    return keeper.file


def is_used(database: Database) -> bool:
    commit = mark(database)
    return commit is not None and cache.read(database.folder / commits.INDEX_CACHE, commit) is not None


def opened(database: Database) -> Index:
    keeper = Keeper(database)
    index = keeper.load()
    keeper.close()
    return index


# ------------------------------------------------------------------------------------ it says the same

NAMES = st.lists(st.sampled_from(["dog", "cat", "re:zero", "saber_(fate)", "新しい", ":d"]), min_size=1)
IDS = st.lists(st.integers(1, COUNT), min_size=1, unique=True)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
EDITS = st.one_of(
    st.tuples(st.just("tag"), IDS, NAMES),
    st.tuples(st.just("untag"), IDS, NAMES),
    st.tuples(st.just("stars"), IDS, st.integers(0, 5)),
    st.tuples(st.just("exclude"), IDS, TEXTS),
    st.tuples(st.just("reviewed"), IDS, st.booleans()),
    st.tuples(st.just("score"), IDS, st.floats(width=32)),
    st.tuples(st.just("add"), st.just([]), st.integers(1, 3)),
    st.tuples(st.just("forget"), st.lists(st.integers(1, COUNT), min_size=1, max_size=2), st.none()),
    st.tuples(st.just("undo"), st.just([]), st.none()),
)


def edit(database: Database, what: str, ids: list[int], value: object) -> None:
    told = {"author": AUTHOR}
    there = Index.load(database).ids
    ids = [i for i in ids if i in there]
    match what, value:
        case "tag", list(names):
            log.add_tags(database, ids, names, **told)
        case "untag", list(names):
            log.remove_tags(database, ids, names, **told)
        case "stars", int(stars):
            log.set_stars(database, ids, stars, **told)
        case "exclude", str(reason):
            log.exclude(database, ids, reason, **told)
        case "reviewed", bool(value):
            log.set_reviewed(database, ids, value, **told)
        case "score", float(score):
            with database.write(curated=True) as c:
                scorer = evidence.scorer_id(c, "taste", "1", ["aesthetic", "skin tone"])
                values = np.array([[score, np.nan]] * len(ids), dtype=np.float32).reshape(-1, 2)
                evidence.record_scores(c, scorer, np.array(ids, dtype=np.int64), values)
        case "add", int(count):
            add(database, range(100 + len(there), 100 + len(there) + count))
        case "forget", _:
            with database.write(curated=True) as c:
                forget.forget(c, ids)
        case _:
            log.undo(database, **told)


class Amended:
    """An index from the file, brought along with every change."""

    def __init__(self, database: Database) -> None:
        self.index = opened(database)
        self._database = database
        database.changed.connect(self.follow)

    def follow(self, change: Change) -> None:
        self.index = self.index.updated(self._database, change)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # each example makes a project: no shrinking
)
@given(before=st.lists(EDITS, max_size=6), after=st.lists(EDITS, max_size=3))
def test_what_is_kept_equals_what_is_read(
    tmp_path_factory: pytest.TempPathFactory, before: list[Any], after: list[Any]
):
    with Database.open(tmp_path_factory.mktemp("project")) as database:
        add(database, range(COUNT))
        for step in before:
            edit(database, *step)
        kept(database)
        amended = Amended(database)
        same(amended.index, Index.load(database))
        for step in after:
            edit(database, *step)
        same(amended.index, Index.load(database))  # what came from the file can be amended like the rest
        same(opened(database), Index.load(database))


def test_an_empty_project(database: Database):
    with database.write() as c:
        evidence.tag_ids(c, [("dog", 0)])
    cache.write(database.folder / commits.INDEX_CACHE, *snapshot(database)[::-1])
    assert is_used(database)
    same(opened(database), Index.load(database))


def test_every_column_comes_back_of_the_same_kind_and_read_only(filled: Database):
    kept(filled)
    one, other = opened(filled), Index.load(filled)
    assert one.column_names == other.column_names
    for name in one.column_names:
        assert one.column(name).dtype == other.column(name).dtype, name
        assert not one.column(name).flags.writeable, name
    assert one.column("reason").tolist() == other.column("reason").tolist()
    assert one.hashes.dtype == other.hashes.dtype
    assert one.tag_categories.tolist() == other.tag_categories.tolist()
    for name in other.tag_names:
        if name is not None:
            tag = other.tag_id(name)
            assert one.tag_id(name) == tag
            assert tag is not None
            assert one.postings(tag).tolist() == other.postings(tag).tolist()


def test_text_that_the_file_cannot_hold_is_left_to_the_database(filled: Database):
    log.exclude(filled, [1], "a\0b", author=AUTHOR)
    with pytest.raises(ValueError, match="NUL"):
        cache.write(filled.folder / commits.INDEX_CACHE, *snapshot(filled)[::-1])
    keeper = Keeper(filled, least=0)
    keeper.load()
    keeper.close()
    assert [file.name for file in filled.folder.glob("*index.cache*")] == []


# --------------------------------------------------------------------------------- it may be out of date


def test_any_edit_makes_it_stale_and_closing_writes_it_again(filled: Database):
    kept(filled)
    keeper = Keeper(filled, least=0)
    keeper.load()
    log.set_stars(filled, [8], 5, author=AUTHOR)
    assert not is_used(filled)
    assert opened(filled).column("stars")[7] == 5
    keeper.changed()
    keeper.close()
    assert is_used(filled)
    keeper.close()  # harmless


def test_evidence_makes_it_stale_but_settings_and_jobs_do_not(filled: Database):
    kept(filled)
    with filled.write() as c:
        remembered.put(c, "cell", 200)
        job = jobs.create(c, kind="annotate", label="", parameters={}, images=[1], author=AUTHOR)
        jobs.update(c, job, done=1)
    assert is_used(filled)
    with filled.write() as c:
        jobs.update(c, job, done=2)
        evidence.model_id(c, "a", "b", "1", {})
    assert not is_used(filled)


def test_a_transaction_that_changes_nothing_is_no_commit_to_others(filled: Database):
    before = mark(filled)
    with Database.open(filled.folder) as other:
        seen = other._external_version()
        with filled.write() as c:
            assert commits.current(c) == before
        assert log.set_stars(filled, [1], 5, author=AUTHOR).count == 0
        assert (mark(filled), other._external_version()) == (before, seen)
        log.set_stars(filled, [1], 4, author=AUTHOR)
        assert mark(filled) != before
        assert other._external_version() != seen
    before = mark(filled)
    with pytest.raises(GuardError), filled.write() as c:
        c.exec_driver_sql("UPDATE state SET stars = 1")
    assert mark(filled) == before


def test_another_process_makes_it_stale(filled: Database):
    kept(filled)
    code = (
        "import sys; from lorairo.store import Database, log\n"
        "with Database.open(sys.argv[1]) as database: log.set_stars(database, [8], 3, author='other')"
    )
    subprocess.run([sys.executable, "-c", code, filled.folder], check=True, env=child_environment())
    assert not is_used(filled)
    same(opened(filled), Index.load(filled))


def child_environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_a_backup_put_back_never_meets_the_file_of_another_history(filled: Database, tmp_path: Path):
    copy = filled.backup(tmp_path / "copy.db")
    log.set_stars(filled, [8], 1, author=AUTHOR)
    file = kept(filled)
    filled.close()
    for left in filled.folder.glob("database.db*"):
        left.unlink()
    shutil.copy(copy, filled.path)
    with Database.open(filled.folder) as restored:
        assert file.is_file()
        assert not is_used(restored)
        log.set_stars(restored, [8], 2, author=AUTHOR)  # as many commits as the lost history had
        assert not is_used(restored)
        assert opened(restored).column("stars")[7] == 2


def test_another_lorairo_does_not_use_it(filled: Database, monkeypatch: pytest.MonkeyPatch):
    kept(filled)
    monkeypatch.setattr(cache, "__version__", "99.0")
    assert not is_used(filled)


def test_a_migration_makes_it_stale(filled: Database):
    kept(filled)
    filled.close()
    with migrate._exclusively(filled.path) as c:
        c.exec_driver_sql("UPDATE alembic_version SET version_num = 'x'")
        c.exec_driver_sql("COMMIT")
    with Database.open(filled.folder, readonly=True) as newer:
        assert is_used(newer)  # a newer schema that can be read, and the same commit
    with migrate._exclusively(filled.path) as c:
        c.exec_driver_sql("UPDATE alembic_version SET version_num = ?", (migrate.HEAD,))
        commits.renew(c)
        c.exec_driver_sql("COMMIT")
    with Database.open(filled.folder) as again:
        assert not is_used(again)


def test_a_database_without_a_mark_is_read(filled: Database):
    with filled.write() as c:
        c.exec_driver_sql("DELETE FROM meta WHERE key = 'commit'")
        c.info["lorairo.rows_aside"] += 1
    assert mark(filled) is None
    keeper = Keeper(filled, least=0)
    assert len(keeper.load()) == 8
    keeper.close()
    assert not keeper.file.exists()


def test_what_was_forgotten_is_in_no_file(filled: Database):
    file = kept(filled)
    with filled.write(curated=True) as c:
        forget.forget(c, [1])
    assert not file.exists()


def test_a_file_that_was_overtaken_while_it_was_written_goes(
    filled: Database, monkeypatch: pytest.MonkeyPatch
):
    write = cache.write

    def overtaken(file: Path, parts: Parts, commit: str) -> None:
        with filled.write(curated=True) as c:
            forget.forget(c, [1])
        write(file, parts, commit)

    monkeypatch.setattr(keeping.cache, "write", overtaken)
    keeper = Keeper(filled, least=0)
    keeper.load()
    keeper.close()
    assert not keeper.file.exists()


# ----------------------------------------------------------------------------------- it may be damaged


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_not_used(filled: Database, data: st.DataObject):
    file = filled.folder / commits.INDEX_CACHE
    sound = file.read_bytes() if file.exists() else kept(filled).read_bytes()
    place = data.draw(st.integers(0, len(sound) - 1))
    damaged = data.draw(
        st.sampled_from(
            [
                sound[:place],
                sound + b"\0",
                sound[:place] + bytes([sound[place] ^ 0x10]) + sound[place + 1 :],
                b"",
                bytes(len(sound)),
            ]
        )
    )
    try:
        file.write_bytes(damaged)
        assert not is_used(filled)
    finally:
        file.write_bytes(sound)
    assert is_used(filled)


def test_a_folder_in_its_place_and_leftovers_do_no_harm(filled: Database):
    left = filled.folder / f".{commits.INDEX_CACHE}.1.part"
    left.touch()
    young = filled.folder / f".{commits.INDEX_CACHE}.2.part"
    young.touch()
    os.utime(left, (time.time() - 7200,) * 2)
    kept(filled)
    assert not left.exists()
    assert young.exists()
    (filled.folder / commits.INDEX_CACHE).unlink()
    (filled.folder / commits.INDEX_CACHE).mkdir()
    keeper = Keeper(filled, least=0)
    assert len(keeper.load()) == 8
    keeper.close()
    assert (filled.folder / commits.INDEX_CACHE).is_dir()


# -------------------------------------------------------------------------------- when it is written


def test_it_is_written_in_the_background_after_loading(filled: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keeping, "_AFTER_LOADING", 0.0)
    keeper = Keeper(filled, least=0)
    keeper.load()
    thread = keeper._thread
    if thread is not None:  # else it is done already
        thread.join()
    with keeper._writing:
        assert is_used(filled)
    monkeypatch.setattr(keeping, "_QUIET", 0.0)
    monkeypatch.setattr(keeping, "_SHARE", 0.0)
    log.set_stars(filled, [8], 5, author=AUTHOR)
    keeper.changed()
    thread = keeper._thread
    if thread is not None:
        thread.join()
    with keeper._writing:
        assert is_used(filled)
    keeper.close()


def test_small_and_large_projects_spare_the_time(filled: Database, monkeypatch: pytest.MonkeyPatch):
    small = Keeper(filled, least=9)
    small.load()
    small.close()
    assert not small.file.exists()
    monkeypatch.setattr(keeping, "_AT_CLOSING", 7)
    large = Keeper(filled, least=0)
    large.load()
    log.set_stars(filled, [8], 5, author=AUTHOR)
    large.close()  # would have to read eight images again
    assert not large.file.exists()


def test_a_read_only_project_uses_it_and_writes_none(filled: Database):
    file = kept(filled)
    with Database.open(filled.folder, readonly=True) as database:
        assert is_used(database)
        same(opened(database), Index.load(database))
        file.unlink()
        keeper = Keeper(database, least=0)
        keeper.load()
        keeper.changed()
        assert keeper._thread is None
        keeper.close()
    assert not file.exists()


def test_a_disk_that_refuses_costs_nothing(filled: Database, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(keeping.cache, "write", refuse)
    keeper = Keeper(filled, least=0)
    assert len(keeper.load()) == 8
    keeper._write()
    keeper.changed()
    assert keeper._over
    keeper.close()


def test_a_project_keeps_its_index_and_a_clone_does_not_take_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(keeping.Keeper.__init__, "__kwdefaults__", {"least": 0})
    workspace = Workspace(tmp_path)
    with workspace.create("one") as project:
        add(project.database, range(8))
        assert len(project) == 8
    assert (tmp_path / "one" / commits.INDEX_CACHE).is_file()
    with workspace.open("one") as project:
        assert len(project) == 8
        assert project.live._keeper._kept == mark(project.database)
        with project.database.write(curated=True) as c:
            forget.forget(c, [1])
        assert len(project) == 7
    leftover = tmp_path / "one" / f".{commits.INDEX_CACHE}.1.part"
    leftover.touch()
    with workspace.clone("one", "two") as clone:
        assert not [file.name for file in clone.location.iterdir() if commits.INDEX_CACHE in file.name]
