"""A small project in a real database, whose contents are known by heart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from eight_images import AUTHOR, add, facts

from lorairo.query import Index, evaluate, parse
from lorairo.store import catalog, evidence, log, state
from lorairo.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty project."""
    with Database.open(tmp_path / "project") as opened:
        yield opened


@pytest.fixture
def filled(database: Database) -> Database:
    """Eight images, 1 to 8: see the calls here."""
    add(database, range(8))
    told = {"author": AUTHOR}
    log.add_tags(database, [1, 2, 3, 4], ["dog", "outdoors"], **told)
    log.add_tags(database, [3, 4, 5], ["cat", "saber_(fate)"], **told)
    log.add_tags(database, [5], ["re:zero", ":d", "(o)_(o)"], **told)
    log.set_captions(database, {1: "A Red hat\non a dog", 2: "a blue hat"}, **told)
    log.set_stars(database, [1, 2], 5, **told)
    log.set_stars(database, [3], 4, **told)
    log.set_reviewed(database, [1], True, **told)
    log.add_to_dataset(database, [1, 2, 3], "train", **told)
    log.exclude(database, [7], "blurry", **told)
    with database.write(curated=True) as c:
        scorer = evidence.scorer_id(c, "quality", "test", ["sharpness", "skin tone"])
        values = np.array([[0.1, 1], [0.5, 2], [0.4, 3], [np.nan, 4], [0.9, np.nan]], dtype=np.float32)
        evidence.record_scores(c, scorer, np.array([1, 2, 3, 4, 5]), values)
        ids = evidence.tag_ids(c, [("smile", 0), ("hat", 0), ("link", 4)])
        wd = evidence.model_id(c, "wd", "wd-vit", "1", {})
        other = evidence.model_id(c, "wd", "wd-swin", "1", {})
        said = [
            (1, wd, [0.9, 0.2, 0.01], "general"),
            (2, wd, [0.3, 0.8, 0.99], "sensitive"),
            (1, other, [0.7, 0.1], "general"),
            (2, other, [0.2, 0.01], "explicit"),
            (3, other, [0.5], "explicit"),
        ]
        rows = [
            evidence.AnnotationRow(i, model, tags=evidence.pack_scores(ids[: len(s)], s), rating=rating)
            for i, model, s, rating in said
        ]
        evidence.record(c, rows)
        state.refresh(c, [1, 2, 3])
        refusal = evidence.FailureRow(6, None, "openai", "gpt-9", "refused", "no", policy_violation=True)
        broken = evidence.FailureRow(8, None, "openai", "gpt-9", "http", "502")
        evidence.record_failures(c, [refusal, broken])
        second = catalog.PathRow("/copies/04.jpg", "04.jpg", 1003, 0)
        catalog.add_images(c, [(second, None, facts(3).sha256)])
        catalog.mark_missing(c, ["/photos/park/07.jpg"])
    return database


@pytest.fixture
def index(filled: Database) -> Index:
    """The index of `filled`."""
    return Index.load(filled)


@pytest.fixture
def find(index: Index) -> Callable[[str], list[int]]:
    """Search `index`, giving ids."""

    def ids(text: str) -> list[int]:
        found: list[int] = index.ids[evaluate(parse(text, index.score_names), index)].tolist()
        return found

    return ids
