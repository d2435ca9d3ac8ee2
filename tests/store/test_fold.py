from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from filling import answer, curated, fill, tags_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lorairo.store import Database, catalog, columns, log, sheet, state
from lorairo.store import evidence as told
from lorairo.store.blobs import DECISION, Ragged, find
from lorairo.store.cuts import Combining, Cuts, cut_of
from lorairo.store.evidence import pack_scores
from lorairo.store.fold import overlaid, overlay
from lorairo.store.said import Evidence, TagTable

if TYPE_CHECKING:
    from collections.abc import Callable

    Policy = dict[str, dict[str, Any]]

NAMES = ["bear", "alice", "dog", "cat", "explicit", "ears", "zebra"]
CATEGORIES = [0, 4, 0, 0, 9, 0, 0]
TABLE = TagTable.of(range(1, len(NAMES) + 1), NAMES, CATEGORIES)
TAGS = st.integers(1, len(NAMES))

# ------------------------------------------------------------------- the pure fold, against its description


@st.composite
def evidence(draw: st.DrawFn):
    found = []
    for model in draw(
        st.lists(st.sampled_from(["file/txt", "file/json", "local/a", "local/b"]), max_size=4, unique=True)
    ):
        tags = draw(st.lists(TAGS, unique=True, max_size=6))
        scores = [
            1.0 if model.startswith("file") else draw(st.sampled_from([0.1, 0.4, 0.5, 0.9])) for _ in tags
        ]
        found.append(Evidence(0, model, pack_scores(tags, scores)))
    return found


@st.composite
def decisions(draw: st.DrawFn):
    tags = draw(st.lists(TAGS, unique=True, max_size=6))
    records = np.zeros(len(tags), dtype=DECISION)
    orders = draw(st.permutations(range(1, len(tags) + 1)))
    for k, tag in enumerate(tags):
        decision = draw(st.sampled_from([1, -1, 0]))
        rank = draw(st.sampled_from([0, 0, k + 1])) if decision != -1 else 0
        place = draw(st.sampled_from([0, draw(TAGS)])) if decision == 1 else 0
        records[k] = (tag, 0 if place == tag else place, orders[k], 0, rank, decision, 1)
    return records[(records["state"] != 0) | (records["rank"] != 0)]


LIMITS = st.sampled_from([0.3, 0.45, 0.9])
OWN = st.dictionaries(st.sampled_from(NAMES), LIMITS, max_size=2)
POLICY = st.dictionaries(
    st.sampled_from(["local/a", "local/b"]),
    st.builds(
        lambda limits, more: limits | more,
        st.dictionaries(st.sampled_from(["general", "character", "rating"]), LIMITS),
        st.fixed_dictionaries(
            {},
            optional={
                "per_tag": OWN,
                "calibrated": OWN,
                "method": st.sampled_from(["mcut", "pr", "fixed"]),
            },
        ),
    ),
)
COMBINING = st.one_of(
    st.just(Combining()),
    st.just(Combining("intersection")),
    st.builds(
        lambda weights, share: Combining("vote", weights, share),
        st.dictionaries(st.sampled_from(["local/a", "local/b"]), st.sampled_from([0.0, 1.0, 3.0])),
        st.sampled_from([0.25, 0.5, 1.0]),
    ),
)


def described(
    policy: Policy, said: list[Evidence], people: np.ndarray, combining: Combining
) -> list[tuple[int, int]]:
    """The rules in words of one image, without numpy."""
    base = filed(said)
    base += [(tag, 0) for tag in passing(policy, said, combining) if (tag, 3) not in base]
    in_base = {tag for tag, _ in base}
    people = people[np.argsort(people["order"])]
    accepted = {int(r["tag"]): int(r["place"]) for r in people if r["state"] == 1}
    rejected = {int(r["tag"]) for r in people if r["state"] == -1}
    gone = leaving(accepted, rejected, in_base)
    added = {tag: place for tag, place in accepted.items() if tag not in in_base - gone}
    slots: dict[int, int] = {}
    for tag, place in added.items():
        if place in in_base & (rejected | gone):
            slots.setdefault(place, tag)
    found = [
        (slots.get(tag, tag), 1 if tag in slots or tag in accepted else source)
        for tag, source in base
        if tag in slots or tag not in rejected | gone
    ]
    found += [(tag, 1) for tag in added if tag not in slots.values()]
    rank = {int(r["tag"]): int(r["rank"]) for r in people if r["rank"]}
    return sorted(found, key=lambda entry: rank.get(entry[0], 10**6))


def leaving(accepted: dict[int, int], rejected: set[int], in_base: set[int]) -> set[int]:
    """Replacements that evidence names, too: they go where the replaced tag stood, once it is free."""
    gone: set[int] = set()
    while True:
        more = {
            tag
            for tag, place in accepted.items()
            if tag in in_base - gone
            and place not in {0, tag}
            and (place not in in_base or place in rejected | gone)
        }
        if not more:
            return gone
        gone |= more


def filed(said: list[Evidence]) -> list[tuple[int, int]]:
    tags = [
        t for e in said if e.model.startswith("file/") for t in np.frombuffer(e.tags, "<u4")[::2].tolist()
    ]
    return [(tag, 3) for tag in dict.fromkeys(tags)]


def passing(policy: Policy, said: list[Evidence], combining: Combining) -> list[int]:
    best: dict[int, float] = {}
    sayers: dict[int, list[str]] = {}
    models = [entry for entry in said if not entry.model.startswith("file/")]
    for entry in models:
        scores = dict(np.frombuffer(entry.tags, [("t", "<u4"), ("s", "<f4")]).tolist())
        for tag, score in scores.items():
            if holds(policy.get(entry.model, {}), tag, score, scores):
                best[tag] = max(score, best.get(tag, 0))
                sayers.setdefault(tag, []).append(entry.model)
    answered = [entry.model for entry in models]
    agreed = [tag for tag in best if enough(sayers[tag], answered, combining)]
    return sorted(agreed, key=lambda tag: (-best[tag], NAMES[tag - 1]))


def holds(policy: dict[str, Any], tag: int, score: float, scores: dict[int, float]) -> bool:
    method, kinds = policy.get("method", "fixed"), {0: "general", 4: "character", 9: "rating"}
    calibrated = policy.get("calibrated", {}) if method == "pr" else {}
    own = {**calibrated, **policy.get("per_tag", {})}
    if NAMES[tag - 1] in own:
        return score >= np.float32(own[NAMES[tag - 1]])
    category = CATEGORIES[tag - 1]
    kind = kinds[category]
    if method == "mcut" and kind != "rating":
        own_names = {number for number, name in enumerate(NAMES, 1) if name in own}
        mine = [s for t, s in scores.items() if CATEGORIES[t - 1] == category and t not in own_names]
        ladder = [*sorted(mine, reverse=True), 0.0]
        gaps = [high - low for high, low in pairwise(ladder)]
        at = gaps.index(max(gaps))
        return score > max((ladder[at] + ladder[at + 1]) / 2, 0.15 if kind == "character" else 0)
    limits = {"general": 0.35, "character": 0.85, **policy}
    return score >= np.float32(limits.get(kind, float("inf")))


def enough(sayers: list[str], answered: list[str], combining: Combining) -> bool:
    if combining.how == "union":
        return True
    if combining.how == "intersection":
        return sayers == answered
    votes = [sum(combining.weights.get(model, 1) for model in some) for some in (sayers, answered)]
    return votes[0] > 0 and votes[0] >= combining.at_least * votes[1]


NUMBERS = {name: number for number, name in enumerate(NAMES, 1)}


@given(POLICY, evidence(), decisions(), COMBINING)
def test_effective_tags_follow_the_rules(
    policy: Policy, said: list[Evidence], people: np.ndarray, combining: Combining
):
    cuts = Cuts({model: cut_of(row, numbers=NUMBERS) for model, row in policy.items()}, combining)
    found = state.effective(cuts, said, people, TABLE)
    assert [tuple(entry) for entry in found.tolist()] == described(policy, said, people, combining)


@given(st.lists(st.tuples(evidence(), decisions()), min_size=1, max_size=5), POLICY, COMBINING)
def test_images_folded_together_come_out_as_each_alone(
    images: list[tuple[list[Evidence], np.ndarray]], policy: Policy, combining: Combining
):
    cuts = Cuts({model: cut_of(row, numbers=NUMBERS) for model, row in policy.items()}, combining)
    alone = [state.effective(cuts, said, people, TABLE).tobytes() for said, people in images]
    every = [Evidence(row, e.model, e.tags) for row, (said, _) in enumerate(images) for e in said]
    under = state.base(len(images), every, cuts, TABLE)
    parts = [people[np.argsort(people["order"])] for _, people in images]
    together = Ragged.join([part.tobytes() for part in parts], DECISION)
    assert overlay(under, together).split() == alone
    assert overlaid(under.split(), under, together) == alone


def test_a_score_equal_to_the_threshold_counts():
    said = [Evidence(0, "local/a", pack_scores([1, 3], [0.35, 0.3499]))]
    assert state.effective(Cuts({}), said, np.zeros(0, DECISION), TABLE)["tag"].tolist() == [1]


@given(st.lists(st.lists(TAGS, unique=True)), st.data())
def test_find_says_where_and_only_where(rows: list[list[int]], data: st.DataObject):
    within = Ragged.join(
        [pack_scores(row, [1.0] * len(row)) for row in rows], np.dtype([("tag", "<u4"), ("s", "<f4")])
    )
    asked = (
        data.draw(st.lists(st.tuples(st.integers(0, max(0, len(rows) - 1)), st.integers(0, 9))))
        if rows
        else []
    )
    row = np.array([a for a, _ in asked], dtype=np.int64)
    tag = np.array([b for _, b in asked], dtype=np.uint32)
    for (r, t), at in zip(asked, find(within, row, tag).tolist(), strict=True):
        assert (at >= 0) == (t in rows[r])
        if at >= 0:
            assert within.rows[at] == r
            assert within.values["tag"][at] == t


# ---------------------------------------------------------------- the database, through random histories

SIZE = 4
IDS = st.lists(st.integers(1, SIZE), unique=True, min_size=1)
SOME = st.lists(st.sampled_from(NAMES[:4]), unique=True, min_size=1, max_size=3)
LISTS = st.dictionaries(
    st.integers(1, SIZE), st.lists(st.sampled_from(NAMES[:5]), unique=True, max_size=4).map(tuple), min_size=1
)
AUTHORS = st.sampled_from(["me", "you"])
SCORES = st.dictionaries(
    st.integers(1, SIZE),
    st.dictionaries(st.sampled_from([*NAMES[2:4], "character:alice"]), st.sampled_from([0.2, 0.4, 0.9])),
)


def gapped(db: Database, limits: dict[str, float], **told: str) -> object:
    return log.set_policy(db, "local/a", limits, method="mcut", **told)


def own_limits(db: Database, limits: dict[str, float], **told: str) -> object:
    return log.set_policy(db, "local/b", limits, per_tag={"dog": 0.3, "zebra": None}, **told)


TEXTS = st.dictionaries(
    st.integers(1, SIZE), st.sampled_from(["A dog. It runs.", "A cat.", "It runs. A dog."]), min_size=1
)
SENTENCES = st.lists(st.sampled_from(["A dog.", "a DOG!", "It runs.", "A cat."]), min_size=1, max_size=2)
EDITS = st.one_of(
    st.tuples(st.just(log.add_tags), IDS, SOME),
    st.tuples(st.just(log.remove_tags), IDS, SOME),
    st.tuples(st.just(log.clear_tags), IDS, SOME),
    st.tuples(st.just(log.order_tags), IDS, SOME),
    st.tuples(
        st.just(log.replace_tags),
        IDS,
        st.dictionaries(st.sampled_from(NAMES[:4]), st.sampled_from(NAMES), min_size=1),
    ),
    st.tuples(st.just(log.set_tags), LISTS),
    st.tuples(st.just(log.set_stars), IDS, st.integers(0, 5)),
    st.tuples(st.just(log.exclude), IDS, st.sampled_from([None, "blurry"])),
    st.tuples(st.just(log.include), IDS),
    st.tuples(st.just(log.set_reviewed), IDS, st.booleans()),
    st.tuples(
        st.just(log.set_captions),
        st.dictionaries(st.integers(1, SIZE), st.sampled_from([None, "a", "b"]), min_size=1),
    ),
    st.tuples(st.just(log.accept_sentences), IDS, SENTENCES),
    st.tuples(st.just(log.strike_sentences), IDS, SENTENCES),
    st.tuples(st.just(log.clear_sentences), IDS, st.one_of(st.just([]), SENTENCES)),
    st.tuples(st.just(log.mark_pairs), IDS, st.sampled_from(["different", "variant"])),
    st.tuples(st.just(log.unmark_pairs), IDS),
    st.tuples(st.just(log.add_to_dataset), IDS, st.sampled_from(["train", "test"])),
    st.tuples(st.just(log.remove_from_dataset), IDS, st.sampled_from(["train", "test"])),
    st.tuples(
        st.just(log.set_policy),
        st.just("local/a"),
        st.dictionaries(
            st.sampled_from(["general", "character"]), st.sampled_from([0.1, 0.5, 0.95]), min_size=1
        ),
    ),
    st.tuples(st.sampled_from([gapped, own_limits]), st.sampled_from([{}, {"general": 0.5}])),
    st.tuples(st.just(log.combine), st.sampled_from(["union", "intersection", "vote"])),
)
STEPS = st.one_of(
    st.tuples(st.just("edit"), AUTHORS, EDITS),
    st.tuples(st.just("edit"), AUTHORS, EDITS),
    st.tuples(st.just("undo"), AUTHORS, st.booleans()),
    st.tuples(st.just("redo"), AUTHORS, st.booleans()),
    st.tuples(st.just("undo one"), AUTHORS, st.integers(0, 30)),
    st.tuples(st.just("batch"), AUTHORS, st.lists(EDITS, min_size=2, max_size=3)),
    st.tuples(st.just("compact"), AUTHORS, st.integers(0, 4)),
    st.tuples(st.just("answer"), st.sampled_from(["local/a", "local/b", "file/txt"]), SCORES),
    st.tuples(st.just("describe"), st.sampled_from(["local/c", "local/d"]), TEXTS),
)
STEPS_AND_LOSSES = st.one_of(STEPS, STEPS, STEPS, st.tuples(st.just("delete"), AUTHORS, st.integers(1, SIZE)))
CALM = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def take(db: Database, step: tuple) -> object:
    kind, who, what = step
    return TAKE[kind](db, who, what)


def edit(db: Database, who: str, what: tuple) -> object:
    verb, *arguments = what
    return verb(db, *arguments, author=who)


def undo_one(db: Database, who: str, what: int) -> object:
    numbers = in_force(db)
    return log.undo(db, author=who, operation_id=numbers[what % len(numbers)]) if numbers else None


def batch(db: Database, who: str, what: list[tuple]) -> object:
    with log.batch(db, "several", who):
        return [edit(db, who, one) for one in what]


def delete(db: Database, _who: str, image_id: int) -> object:
    with db.write() as c:
        there = state.all_ids(c).tolist()
        return catalog.forget(c, [image_id]) if image_id in there and len(there) > 1 else None


def describe(db: Database, who: str, what: dict[int, str]) -> object:
    with db.write(curated=True) as c:
        there = state.all_ids(c).tolist()
        number = told.model_id(c, *who.split("/"), "1", {}, "captioner")
        rows = [told.AnnotationRow(n, number, caption=text) for n, text in what.items() if n in there]
        told.record(c, rows)
    return None


def say(db: Database, who: str, what: dict[int, dict[str, float]]) -> object:
    with db.read() as c:
        there = state.all_ids(c).tolist()
    said = {image_id: scores for image_id, scores in what.items() if image_id in there}
    return answer(db, who, said) if said else None


TAKE: dict[str, Callable[..., object]] = {
    "edit": edit,
    "undo": lambda db, who, anyone: log.undo(db, author=who, anyone=anyone),
    "redo": lambda db, who, anyone: log.redo(db, author=who, anyone=anyone),
    "undo one": undo_one,
    "batch": batch,
    "compact": lambda db, who, keep: log.compact(db, keep=keep, days=0, author=who),
    "delete": delete,
    "answer": say,
    "describe": describe,
}


def in_force(db: Database) -> list[int]:
    """Return the operations that an undo may name."""
    with db.read() as c:
        rows = log.history(c)
    return [row["id"] for row in rows if row["kind"] not in {"undo", "redo", "compact"} and not row["undone"]]


def history_of(steps: list[tuple], then: Callable[[Database], None]) -> None:
    with tempfile.TemporaryDirectory() as folder, Database.open(Path(folder)) as db:
        fill(db, SIZE)
        for step in steps:
            take(db, step)
        then(db)


@CALM
@given(st.lists(STEPS_AND_LOSSES, max_size=14))
def test_state_is_the_fold_of_evidence_and_log(steps: list[tuple]):
    def then(db: Database) -> None:
        before = curated(db)
        log.refold(db)
        assert curated(db) == before
        with db.write() as c:
            assert state.refresh(c).tolist() == []

    history_of(steps, then)


@CALM
@given(st.lists(STEPS, max_size=8), EDITS, SCORES)
def test_undo_restores_what_was_and_redo_what_became(
    steps: list[tuple], last: tuple, later: dict[int, dict[str, float]]
):
    def then(db: Database) -> None:
        before = curated(db)
        outcome = edit(db, "me", last)
        after = curated(db)
        if outcome.operation_id is None:
            assert before == after
            return
        log.undo(db, author="me")
        assert curated(db) == before
        log.redo(db, author="me")
        assert curated(db) == after
        if later:  # evidence that arrives in between is kept by both
            log.undo(db, author="me")
            answer(db, "local/b", later)
            expected = curated(db)
            log.redo(db, author="me")
            log.undo(db, author="me")
            assert curated(db) == expected

    history_of(steps, then)


@CALM
@given(st.lists(STEPS, max_size=10), LISTS, st.booleans())
def test_each_image_gets_just_the_tags_it_is_given_in_their_order(
    steps: list[tuple], lists: dict[int, tuple[str, ...]], alike: bool
):
    if alike:
        lists = dict.fromkeys(lists, next(iter(lists.values())))

    def then(db: Database) -> None:
        before = {image_id: tags_of(db, image_id) for image_id in range(1, SIZE + 1)}
        expected = {image_id: list(lists.get(image_id, before[image_id])) for image_id in before}
        outcome = log.set_tags(db, lists, author="me")
        assert {image_id: tags_of(db, image_id) for image_id in before} == expected
        assert outcome.count == sum(before[image_id] != expected[image_id] for image_id in before)
        assert log.set_tags(db, lists, author="me").operation_id is None
        if outcome.operation_id is not None:
            log.undo(db, author="me")
            assert {image_id: tags_of(db, image_id) for image_id in before} == before

    history_of(steps, then)


@CALM
@given(
    st.lists(STEPS, max_size=6),
    st.sampled_from(NAMES[:4]),
    st.integers(1, SIZE),
    st.lists(SCORES, min_size=1, max_size=3),
)
def test_a_rejected_tag_stays_rejected_whatever_models_say_later(
    steps: list[tuple], name: str, image_id: int, answers: list[dict[int, dict[str, float]]]
):
    def then(db: Database) -> None:
        log.remove_tags(db, [image_id], [name], everywhere=True, author="me")
        for said in answers:
            answer(db, "local/a", {image_id: {name: 0.99}, **said})
            log.set_policy(db, "local/a", {"general": 0.01, "character": 0.01}, author="me")
            assert name not in tags_of(db, image_id)
        with db.read() as c:
            rows = columns.load_tag_rows(c, np.array([image_id]))
        assert [row[2] for row in rows if row[1] == name] == ["rejected"]

    history_of(steps, then)


@CALM
@given(st.lists(STEPS, max_size=8), st.floats(0, 1), st.floats(0, 1))
def test_moving_a_threshold_there_and_back_changes_no_tag(steps: list[tuple], first: float, other: float):
    def then(db: Database) -> None:
        log.set_policy(db, "local/a", {"general": first}, author="me")
        before = curated(db)
        log.set_policy(db, "local/a", {"general": other}, author="me")
        log.set_policy(db, "local/a", {"general": first}, author="me")
        assert curated(db) == before

    history_of(steps, then)


@CALM
@given(st.lists(STEPS_AND_LOSSES, min_size=4, max_size=12), st.integers(0, 5))
def test_what_a_compaction_kept_is_undone_as_without_it(steps: list[tuple], keep: int):
    def then(db: Database) -> None:
        copy = db.backup(db.folder / "copy" / "database.db")
        log.compact(db, keep=keep, days=0, author="me")
        with Database.open(copy) as whole:
            assert curated(db) == curated(whole)
            while log.undo(db, author="me", anyone=True).operation_id is not None:
                log.undo(whole, author="me", anyone=True)
                assert curated(db) == curated(whole)

    history_of(steps, then)


@CALM
@given(st.lists(STEPS_AND_LOSSES, max_size=8), st.integers(1, 3))
def test_a_policy_is_foreseen_as_it_is_then_saved(steps: list[tuple], part: int):
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory() as folder,
        Database.open(Path(folder)) as db,
    ):
        patch.setattr(state, "PART", part)  # so that few images are enough for the sheet to be used
        fill(db, SIZE)
        answer(db, "local/a", {1: {"dog": 0.4, "cat": 0.9}, 3: {"dog": 0.2}})
        for step in [*steps, ("edit", "me", (log.set_policy, "local/a", {"general": 0.3}))]:
            with db.read() as c:
                ids, tags = sheet.foreseen(c, state.cuts(c))
            assert dict(zip(ids.tolist(), tags.split(), strict=True)) == stored_tags(db)
            take(db, step)
        after = curated(db)
        log.refold(db)
        assert curated(db) == after


def stored_tags(db: Database) -> dict[int, bytes]:
    with db.read() as c:
        return {row[0]: row[1] for row in c.exec_driver_sql("SELECT image_id, tags FROM state")}


def test_a_lost_state_is_repaired_from_the_log(db: Database):
    fill(db, 3)
    answer(db, "local/a", {1: {"dog": 0.9}})
    log.add_tags(db, [1, 2], ["cat"], author="me")
    log.set_captions(db, {3: "a cat"}, author="me")
    before = curated(db)
    with db.write(curated=True) as c:
        c.exec_driver_sql("DELETE FROM state")
        c.exec_driver_sql("DELETE FROM caption")
    assert log.refold(db) == 2
    assert curated(db) == before
