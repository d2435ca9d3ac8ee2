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
    author = choose.choice(["me", "you"])
    names = choose.sample(TAGS, choose.randint(1, 3))
    match choose.randrange(10):
        case 0 | 1:
            return log.add_tags(db, ids, names, author=author).operation_id
        case 2:
            return log.remove_tags(db, ids, names, everywhere=True, author=author).operation_id
        case 3:
            return log.set_captions(db, dict.fromkeys(ids, f"{names}"), author=author).operation_id
        case 4:
            return log.set_stars(db, ids, choose.randint(0, 5), author=author).operation_id
        case 5:
            return log.add_to_dataset(db, ids, choose.choice(TAGS), author=author).operation_id
        case 6:
            with log.batch(db, "two at once", author) as batch:
                log.order_tags(db, ids, names, author=author)
                log.exclude(db, ids, names[0], author=author)
            return batch.last_operation
        case 7:
            return log.undo(db, author=author).operation_id
        case 8:
            return log.redo(db, author=author, anyone=True).operation_id
        case _:
            return log.compact(db, keep=choose.randint(5, 15), days=0, author=author).operation_id


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
