"""A kernel that is killed in the middle of a run: nothing is lost, nothing is done twice."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import tiny_captioners
from detector_model import write_spot
from echo_model import write_model
from folder_source import filled, ids_of

from lorairo.inference.run import resume
from lorairo.jobs import mark_interrupted
from lorairo.store import Database, evidence, jobs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

CHILD = """
import sys
from pathlib import Path
import numpy as np
from lorairo.inference import pipeline
from lorairo.inference.run import annotate
from lorairo.store import Database

pipeline._COMMIT = 0.0    # each batch is a transaction
files = {int(k): Path(v) for k, v in (pair.split("=", 1) for pair in sys.argv[4:])}
count = 0
commit = pipeline.Pipeline._commit

def stopping(self, answers):
    global count
    count += 1
    if count == 3:
        print("third batch", flush=True)
        sys.stdin.read()
    return commit(self, answers)

pipeline.Pipeline._commit = stopping
source = lambda ids: ((i, files[i].read_bytes()) for i in ids)
database = Database.open(sys.argv[1])
annotate(database, source, np.array(sorted(files)), [sys.argv[3]], author="ada", kind=sys.argv[2],
         background=False, batch=2)
"""

MAKERS = {"tagger": write_model, "captioner": tiny_captioners.brief, "scorer": write_spot}


@pytest.mark.parametrize("gives", MAKERS)
def test_the_same_job_does_only_the_rest(tmp_path: Path, draw: Callable[..., Image.Image], gives: str):
    kind = "score" if gives == "scorer" else "annotate"
    # the first scorer is what measured the pictures as they were added
    row_id, answered = (2, evidence.scored) if gives == "scorer" else (1, evidence.answered)

    def done(database: Database) -> NDArray[np.int64]:
        with database.read() as connection:
            return answered(connection, row_id)

    photos = tmp_path / "photos"
    photos.mkdir()
    for number in range(12):
        draw(number, (60, 40 + number)).save(photos / f"{number:02}.jpg", quality=90)
    model = MAKERS[gives](tmp_path / "model")
    with Database.open(tmp_path / "project") as database:
        source = filled(database, photos)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path / "project"), kind, str(model)]
        + [f"{image_id}={file}" for image_id, file in source.files.items()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert child.stdout.readline() == "third batch\n"
    child.kill()
    child.communicate()
    with Database.open(tmp_path / "project") as again:
        assert again.check() == []
        before = done(again).tolist()
        assert len(before) == 4  # two batches
        with again.read() as connection:
            (row,) = jobs.list_jobs(connection)
        assert (row["state"], mark_interrupted(again)) == ("running", [row["id"]])
        job = resume(again, source, row["id"], background=False)
        assert sorted(source.asked) == sorted(set(ids_of(source).tolist()) - set(before))
        assert (job.id, job.state, job.progress.done) == (row["id"], "done", 12)
        assert done(again).tolist() == ids_of(source).tolist()
