"""Killed without warning, again and again, somewhere in a loop of changes: the project is whole each time.

One process has the store imported and forks the writers, so that a hundred of them cost little.
"""

from __future__ import annotations

import multiprocessing
import random
from typing import TYPE_CHECKING

from filling import answer, curated, fill

from lorairo.store import Database, log

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from pathlib import Path

KILLS = 100
SEED = 20261125
PATIENCE = 60  # seconds after which a writer that says nothing fails the test; none takes a tenth of it
TAGS = ["bear", "cat", "dog", "ears", "fox"]


def write_until_killed(folder: Path, seed: int, tell: Connection) -> None:
    """Change the project at random, and say after each commit which operation was the last."""
    choose = random.Random(seed)
    with Database.open(folder) as db:
        while True:
            tell.send(change(db, choose))


def change(db: Database, choose: random.Random) -> int | None:
    ids = choose.sample(range(1, 7), choose.randint(1, 6))
    names = choose.sample(TAGS, choose.randint(1, 3))
    author = choose.choice(["me", "you"])
    verb = choose.choice(list(VERBS))
    return VERBS[verb](db, ids, names, author)


def two_at_once(db: Database, ids: list[int], names: list[str], author: str) -> int | None:
    with log.batch(db, "two at once", author) as batch:
        log.order_tags(db, ids, names, author=author)
        log.exclude(db, ids, names[0], author=author)
    return batch.last_operation


VERBS: dict[str, Callable[[Database, list[int], list[str], str], int | None]] = {
    "tag": lambda db, ids, names, who: log.add_tags(db, ids, names, author=who).operation_id,
    "reject": lambda db, ids, names, who: (
        log.remove_tags(db, ids, names, everywhere=True, author=who).operation_id
    ),
    "caption": lambda db, ids, names, who: (
        log.set_captions(db, dict.fromkeys(ids, f"{names}"), author=who).operation_id
    ),
    "rate": lambda db, ids, names, who: log.set_stars(db, ids, len(names), author=who).operation_id,
    "collect": lambda db, ids, names, who: log.add_to_dataset(db, ids, names[0], author=who).operation_id,
    "batch": two_at_once,
    "undo": lambda db, _ids, _names, who: log.undo(db, author=who).operation_id,
    "redo": lambda db, _ids, _names, who: log.redo(db, author=who, anyone=True).operation_id,
    "compact": lambda db, ids, _names, who: (
        log.compact(db, keep=5 + len(ids), days=0, author=who).operation_id
    ),
}


def assert_whole(folder: Path, told: int, trial: int) -> None:
    """The file is sound, what was committed is there, and state is the fold of the log."""
    with Database.open(folder) as db:
        assert db.check() == [], f"kill {trial} of seed {SEED}"
        before = curated(db)
        with db.read() as c:
            newest = log.history(c)[0]["id"] if told else 0
        assert newest >= told, f"kill {trial} of seed {SEED}: an operation that was committed is lost"
        log.refold(db)
        assert curated(db) == before, f"kill {trial} of seed {SEED}: log and state disagree"


def test_killed_a_hundred_times_the_project_is_whole_each_time(tmp_path: Path):
    folder = tmp_path / "project"
    with Database.open(folder) as db:
        fill(db, 6)
        answer(db, "local/wd", {n: {"bear": 0.9, "dog": 0.5} for n in (1, 2, 3)})
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    context.set_forkserver_preload(["lorairo.store", "filling"])
    choose, told = random.Random(SEED), 0
    for trial in range(KILLS):
        hear, tell = context.Pipe(duplex=False)
        writer = context.Process(target=write_until_killed, args=(folder, choose.randrange(2**32), tell))
        writer.start()
        tell.close()
        for _ in range(choose.randint(1, 5)):
            assert hear.poll(PATIENCE), f"kill {trial} of seed {SEED}: the writer hangs"
            told = max(told, hear.recv() or 0)
        hear.poll(choose.random() * 0.01)  # into the change after it, more or less far
        writer.kill()
        writer.join()
        while hear.poll():  # what it said before it died
            try:
                told = max(told, hear.recv() or 0)
            except EOFError:
                break
        assert_whole(folder, told, trial)
