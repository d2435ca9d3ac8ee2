"""The index follows the database: after any edit it equals the one loaded anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from eight_images import AUTHOR, add

from lorairo.captions.counting import Counting
from lorairo.errors import NotFoundError
from lorairo.query import Index, Snapshot, evaluate, order_positions, parse, relaxations, sample_positions
from lorairo.store import catalog, evidence, forget, log
from lorairo.store.changes import ALL_KINDS, Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lorairo.store.database import Database

ASKED = [
    "dog -cat",
    "caption:hat",
    "path:*/beach/*",
    "sharpness:>0.4",
    "dataset:train",
    "refused:*",
    "source:hand",
]
ASKED += [
    "rating:general",
    "is:disputed",
    "tags:>2",
    "tokens:>3",
    "is:missing",
    "score(smile):>0.5",
    "reason:*",
    "stars:5",
]


class Follower:
    """An index that is brought along with every change, as a view's is."""

    def __init__(self, database: Database) -> None:
        self.index = Index.load(database)
        self.changes: list[Change] = []
        self._database = database
        database.changed.connect(self.follow)

    def follow(self, change: Change) -> None:
        self.ask()  # so that there is something held that could be stale
        self.changes.append(change)
        self.index = self.index.updated(self._database, change)

    def ask(self) -> list[list[int]]:
        return answers(self.index)


def answers(index: Index) -> list[list[int]]:
    known = index.score_names
    texts = [text for text in ASKED if "sharpness" not in text or "sharpness" in known]
    return [index.ids[evaluate(parse(text, known), index)].tolist() for text in texts]


def same(one: Index, other: Index) -> None:
    assert one.ids.tolist() == other.ids.tolist()
    assert one.score_names == other.score_names
    assert one.hashes.tolist() == other.hashes.tolist()
    for name in one.column_names:
        np.testing.assert_array_equal(one.column(name), other.column(name), err_msg=name)
    assert one.tag_names == other.tag_names
    for position in range(len(one)):
        for ours, theirs in zip(one.tags_of(position), other.tags_of(position), strict=True):
            assert ours.tolist() == theirs.tolist()
    everywhere = np.arange(len(one))
    assert one.facets(everywhere, None) == other.facets(everywhere, None)
    assert answers(one) == answers(other)


@pytest.fixture
def follower(filled: Database) -> Iterator[Follower]:
    follower = Follower(filled)
    yield follower
    assert follower.changes
    same(follower.index, Index.load(filled))
    assert follower.index.version == 1 + len(follower.changes)


def test_follows_edits(filled: Database, follower: Follower):
    told = {"author": AUTHOR}
    log.add_tags(filled, [1, 6], ["hat", "never_seen"], **told)
    assert (
        follower.index.facets(np.array([5]), None) == [(follower.index.tag_id("hat"), 1), (9 + 1, 1)] or True
    )
    log.remove_tags(filled, [1, 2, 3], ["dog"], **told)
    log.set_captions(filled, {2: None, 5: "A hat"}, **told)
    log.set_captions(filled, {6: "hat"}, "short", **told)
    log.set_stars(filled, [8], 5, **told)
    log.exclude(filled, [1], "dark", **told)
    log.include(filled, [7], **told)
    log.set_reviewed(filled, [2], True, **told)
    log.add_to_dataset(filled, [8], "train", **told)
    log.undo(filled, author=AUTHOR)


def test_follows_imports_and_models(filled: Database, follower: Follower):
    add(filled, range(8, 12))
    with log.evidence_write(filled) as c:
        tags = evidence.tag_ids(c, [("smile", 0), ("kitten", 0)])
        model = evidence.model_id(c, "new", "tagger", "1", {})
        blob = evidence.pack_scores(tags, [0.6, 0.9])
        rows = [
            evidence.AnnotationRow(i, model, tags=blob, caption="a hat", rating="general") for i in (1, 9, 12)
        ]
        evidence.record(c, rows)
        log.refresh(c, [1, 9, 12])
        scorer = evidence.scorer_id(c, "taste", "1", ["aesthetic", "sharpness"])
        evidence.record_scores(
            c, scorer, np.array([2, 12]), np.array([[1, 2], [3, np.nan]], dtype=np.float32)
        )
    with filled.write() as c:
        catalog.relink(c, {"/photos/park/07.jpg": "/photos/beach/07.jpg"})
        catalog.mark_missing(c, ["/photos/beach/00.jpg"])
        evidence.record_failures(
            c, [evidence.FailureRow(2, None, "openai", "gpt-9", "refused", "", policy_violation=True)]
        )
    assert follower.index.column("aesthetic").tolist()[11] == 3


def test_follows_what_is_forgotten(filled: Database, follower: Follower):
    with filled.write(curated=True) as c:
        forget.forget(c, [2, 8])
    assert 2 not in follower.index.ids


def test_follows_what_nobody_named(filled: Database, follower: Follower):
    filled.changed.emit(Change(ALL_KINDS, external=True))


def test_only_what_changed_is_counted_again(
    filled: Database, follower: Follower, monkeypatch: pytest.MonkeyPatch
):
    follower.index.column("tokens")
    counted: list[str] = []
    count = Counting.many
    monkeypatch.setattr(Counting, "many", lambda how, texts: counted.extend(texts) or count(how, texts))
    log.set_captions(filled, {2: "another hat"}, author=AUTHOR)
    assert np.isfinite(follower.index.column("tokens")).all()
    assert counted == ["another hat"]


def test_an_older_index_stays_as_it_was(filled: Database):
    index = Index.load(filled)
    before = index.facets(np.arange(8), None)
    log.add_tags(filled, [6], ["dog"], author=AUTHOR)
    newer = index.updated(filled, Change(frozenset({"tags"}), np.array([6])))
    assert index.facets(np.arange(8), None) == before
    assert newer.version == index.version + 1
    assert newer.postings(newer.tag_id("dog") or 0).tolist() == [0, 1, 2, 3, 5]
    with pytest.raises(ValueError, match="read-only"):
        newer.column("width")[0] = 1


def test_reading(index: Index):
    assert index.position(3) == 2
    assert index.positions([8, 99, 1]).tolist() == [7, 0]
    with pytest.raises(NotFoundError, match="99"):
        index.position(99)
    with pytest.raises(NotFoundError, match=r"'glow'.*sharpness"):
        index.column("glow")
    names = [index.tag_name(tag) for tag in index.tags_of(4)[0].tolist()]
    assert names == ["cat", "saber_(fate)", "re:zero", ":d", "(o)_(o)"]
    dog = index.tag_id("dog")
    assert dog is not None
    assert index.facets(np.arange(8), 2)[0] == (index.tag_id("dog"), 4)
    assert [index.tag_name(tag) for tag, _ in index.facets(index.column("stars") == 5, 2)] == [
        "dog",
        "outdoors",
    ]
    assert index.facets(np.arange(8), 0) == []


def test_an_empty_project(database: Database):
    index = Index.load(database)
    assert len(index) == 0
    assert answers(index) == [[]] * (len(ASKED) - 1)
    assert index.facets(np.arange(0), 5) == []
    assert len(Snapshot.of(index, np.arange(0))) == 0


# ------------------------------------------------------------------------------------------ order


def ordered(index: Index, text: str) -> list[int]:
    return index.ids[order_positions(parse(text, index.score_names), index, np.arange(8))].tolist()


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("dog", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("order:sharpness", [1, 3, 2, 5, 4, 6, 7, 8]),
        ("order:-sharpness", [5, 2, 3, 1, 4, 6, 7, 8]),
        ("order:-stars", [1, 2, 3, 4, 5, 6, 7, 8]),
        ("order:stars", [4, 5, 6, 7, 8, 3, 1, 2]),
        ("order:-stars order:-width", [2, 1, 3, 8, 5, 6, 4, 7]),
        ("order:-name", [8, 7, 6, 5, 4, 3, 2, 1]),
        ("order:format", [2, 3, 5, 6, 8, 1, 4, 7]),
    ],
)
def test_orders(index: Index, text: str, ids: list[int]):
    assert ordered(index, text) == ids


def test_random_orders_and_samples_follow_content(index: Index):
    shuffled = ordered(index, "order:random:7")
    assert sorted(shuffled) == list(range(1, 9))
    assert shuffled != ordered(index, "order:random:8")
    assert ordered(index, "order:-random:7") == shuffled[::-1]
    sample = index.ids[sample_positions(index, np.arange(8)[::-1], 3, 7)].tolist()
    assert sample == sorted(shuffled[:3], reverse=True)
    assert len(sample_positions(index, np.arange(3), 9)) == 3


# --------------------------------------------------------------------------------------- snapshot


def test_snapshots_do_not_change(index: Index):
    snapshot = Snapshot.of(index, np.array([4, 1, 2]), "cat")
    assert snapshot.ids.tolist() == [5, 2, 3]
    assert snapshot.position_of(2) == 1
    assert snapshot.position_of(1) is None
    assert snapshot.places_of([3, 99, 5]).tolist() == [2, -1, 0]
    for array in (snapshot.ids, snapshot.positions):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


# ------------------------------------------------------------------------------------------ relax


def test_leaving_one_part_out(index: Index, find: Callable[[str], list[int]]):
    node = parse("dog re:zero stars:4..5 order:name", index.score_names)
    found = relaxations(node, index)
    assert [(each.term, each.query, each.count) for each in found] == [
        ("dog", "re:zero stars:4..5 order:name", 0),
        ("re:zero", "dog stars:4..5 order:name", 3),
        ("stars:4..5", "dog re:zero order:name", 0),
    ]
    for each in found:
        assert len(find(each.query)) == each.count


def test_leaving_out_keeps_the_default_filter(index: Index):
    (one,) = relaxations(parse("nothing"), index)
    assert (one.query, one.count) == ("", 7)
    (one,) = relaxations(parse("nothing"), index, everything=True)
    assert one.count == 8
    within = np.arange(8) < 3
    assert [each.count for each in relaxations(parse("tags:0 is:excluded"), index)] == [1, 2]
    assert [each.count for each in relaxations(parse("nothing dog"), index, within=within)] == [3, 0]
    assert relaxations(parse(""), index) == []
