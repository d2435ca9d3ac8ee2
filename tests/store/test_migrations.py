from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from filling import curated, fill, tags_of

from lorairo.errors import ProjectError, ReadOnlyError
from lorairo.store import Database, backups, dialect, log, migrate
from lorairo.store.schema import metadata

if TYPE_CHECKING:
    from pathlib import Path


def test_what_alembic_builds_equals_the_schema(db: Database):
    with db.write() as c:
        context = MigrationContext.configure(c, opts={"compare_type": True, "target_metadata": metadata})
        assert compare_metadata(context, metadata) == []


def test_the_head_named_in_the_code_is_alembics(tmp_path: Path):
    config = Config()
    config.set_main_option("script_location", str(migrate.__file__).replace("migrate.py", "migrations"))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [migrate.HEAD]
    assert all(revision.doc for revision in script.walk_revisions())


def test_a_current_project_opens_without_importing_alembic(tmp_path: Path):
    with Database.open(tmp_path):
        pass
    code = (
        "import sys; from lorairo.store import Database; "
        f"Database.open({str(tmp_path)!r}).close(); print('alembic' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_env())
    assert out.stdout.strip() == "False"


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_down_and_up_again_with_a_copy_before_each(tmp_path: Path):
    with Database.open(tmp_path) as db:
        fill(db, 2)
        log.add_tags(db, [1], ["dog"], author="me")
        before = curated(db)
    path = tmp_path / "database.db"
    migrate.downgrade(path, "base")
    with closing(sqlite3.connect(path)) as plain:
        assert _tables(plain) == {"alembic_version"}
    (copy,) = (tmp_path / backups.FOLDER).glob("*-before-base.db")
    with Database.open(tmp_path) as db:
        assert curated(db)["state"] == []
        with db.read() as c:
            assert len(dialect.guards(c)) == 21
    other = tmp_path / "restored"
    other.mkdir()
    shutil.copy(copy, other / "database.db")
    with Database.open(other) as db:
        assert curated(db) == before
        log.add_tags(db, [2], ["cat"], author="me")
        assert tags_of(db, 2) == ["cat"]


def _tables(plain: sqlite3.Connection) -> set[str]:
    rows = plain.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    return {row[0] for row in rows}


def test_a_project_of_another_schema_is_not_migrated_when_it_is_only_read(tmp_path: Path):
    _project_of_revision(tmp_path, "0000")
    with pytest.raises(ProjectError, match="another schema"), Database.open(tmp_path, readonly=True):
        pass


def _project_of_revision(folder: Path, revision: str, *statements: str) -> None:
    with Database.open(folder) as db:
        fill(db, 2)
    with closing(sqlite3.connect(folder / "database.db")) as plain:
        plain.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        if revision == "0000":
            plain.execute("ALTER TABLE job DROP COLUMN label")
        for statement in statements:
            plain.execute(statement)
        plain.commit()


def test_a_newer_project_opens_read_only_and_says_why(tmp_path: Path):
    _project_of_revision(
        tmp_path, "9999", "ALTER TABLE image ADD COLUMN depth INTEGER", "CREATE TABLE mask (id INTEGER)"
    )
    with Database.open(tmp_path) as db:
        assert db.readonly
        assert db.reason == "Read only: this project was made by a newer lorairo."
        with db.read() as c:
            assert c.exec_driver_sql("SELECT count(*) FROM state").scalar_one() == 2
        with pytest.raises(ReadOnlyError, match="newer lorairo"):
            log.set_stars(db, [1], 1, author="me")
    with closing(sqlite3.connect(tmp_path / "database.db")) as plain:
        assert plain.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)


def test_a_newer_project_that_cannot_be_read_is_refused(tmp_path: Path):
    _project_of_revision(tmp_path, "9999", "ALTER TABLE failure RENAME COLUMN message TO text")
    with pytest.raises(ProjectError, match=r"failure\.message.*upgrade lorairo"):
        Database.open(tmp_path)


def test_two_processes_may_create_one_project_at_the_same_time(tmp_path: Path):
    code = f"from lorairo.store import Database; Database.open({str(tmp_path)!r}).close()"
    processes = [
        subprocess.Popen([sys.executable, "-c", code], env=_env(), stderr=subprocess.PIPE) for _ in range(3)
    ]
    assert [process.communicate()[1] for process in processes] == [b""] * 3
    with Database.open(tmp_path) as db:
        fill(db, 1)


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*_arguments: object) -> None:
        raise ProjectError("the migration broke")

    monkeypatch.setattr(dialect, "install_guard", fail)
    with pytest.raises(ProjectError, match="broke"):
        Database.open(tmp_path)
    monkeypatch.undo()
    with closing(sqlite3.connect(tmp_path / "database.db")) as plain:
        assert _tables(plain) == set()
    with Database.open(tmp_path) as db:
        fill(db, 1)


# ------------------------------------------------------------------------------------------- backups


def test_a_backup_is_whole_while_somebody_writes(db: Database, tmp_path: Path):
    fill(db, 50)
    with db.write() as c:
        c.exec_driver_sql("INSERT INTO setting VALUES ('half', '1')")
        copy = db.backup(tmp_path / "copies" / "copy.db")
    assert [entry.name for entry in copy.parent.iterdir()] == ["copy.db"]
    with Database.open(copy, readonly=True) as other, other.read() as c:
        assert c.exec_driver_sql("SELECT count(*) FROM image").scalar_one() == 50
        assert c.exec_driver_sql("SELECT count(*) FROM setting").scalar_one() == 0
    assert db.check() == []


def test_daily_copies_are_made_once_and_only_the_newest_stay(tmp_path: Path):
    db = Database.open(tmp_path)
    fill(db, 1)
    made = [backups.daily(db.path, keep=3, interval=0)]
    assert backups.daily(db.path, keep=3) is None  # young enough
    assert backups.daily(db.path, keep=3, interval=0) is None  # nothing changed since
    for number in range(1, 5):
        fill(db, 1, start=number)
        os.utime(db.path, (time.time() + number, time.time() + number))
        made.append(backups.daily(db.path, keep=3, interval=0))
    assert None not in made
    kept = sorted((tmp_path / backups.FOLDER).iterdir())
    assert kept == sorted(path for path in made[-3:] if path)
    db.close()


def test_opening_an_existing_project_makes_the_days_copy(tmp_path: Path):
    with Database.open(tmp_path) as db:
        fill(db, 1)
    assert not (tmp_path / backups.FOLDER).exists()
    for _ in range(2):
        Database.open(tmp_path).close()
        (copy,) = (tmp_path / backups.FOLDER).iterdir()
    with Database.open(copy, readonly=True) as other, other.read() as c:
        assert c.exec_driver_sql("SELECT count(*) FROM image").scalar_one() == 1


def test_a_kernel_that_lives_for_days_makes_the_copy_with_a_later_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with Database.open(tmp_path) as db:
        fill(db, 1)
        assert not (tmp_path / backups.FOLDER).exists()
        monkeypatch.setattr(backups, "DAY", -1.0)  # as if a day had gone by
        fill(db, 1, start=1)
    (copy,) = (tmp_path / backups.FOLDER).iterdir()
    with Database.open(copy, readonly=True) as other, other.read() as c:
        assert c.exec_driver_sql("SELECT count(*) FROM image").scalar_one() == 2


def test_copies_before_what_cannot_be_undone_are_kept_apart_from_daily_ones(tmp_path: Path):
    with Database.open(tmp_path) as db:
        fill(db, 1)
        daily = backups.daily(db.path)
        migration = backups.before_migration(db.path, "9999")
        made = [backups.before(db.path, "compact", keep=2) for _ in range(3)]
    assert set((tmp_path / backups.FOLDER).iterdir()) == {daily, migration, *made[1:]}


def test_what_a_killed_kernel_left_of_a_copy_goes_after_a_day(tmp_path: Path):
    folder = tmp_path / backups.FOLDER
    folder.mkdir()
    old, young = folder / ".database-1.daily.db.7.part", folder / ".database-2.daily.db.8.part"
    for partial in (old, young):
        partial.write_bytes(b"half")
    os.utime(old, (time.time() - 2 * backups.DAY,) * 2)
    with Database.open(tmp_path) as db:
        fill(db, 1)
        backups.daily(db.path)
    assert not old.exists()
    assert young.exists(), "another kernel may be writing it"
