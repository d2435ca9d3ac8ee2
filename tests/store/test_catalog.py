from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest
from filling import answer, content, curated, facts, fill, place, tags_of

from lorairo.errors import NotFoundError, StoreError
from lorairo.store import (
    ThumbnailCache,
    catalog,
    columns,
    evidence,
    exports,
    jobs,
    log,
    packing,
    settings,
    sidecars,
    state,
)
from lorairo.store.catalog import SidecarRow
from lorairo.store.evidence import AnnotationRow, FailureRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from lorairo.store import Change, Database
    from lorairo.store.catalog import Added, ImageRow, PathRow

    Row = tuple[PathRow, ImageRow | None, bytes | None]


def add(db: Database, *rows: Row) -> list[Added]:
    with db.write() as c:
        return catalog.add_images(c, list(rows))


def test_each_path_says_what_became_of_it(db: Database, seen: Callable[[], list[Change]]):
    first = add(
        db,
        (place("/a.jpg"), facts("A"), None),
        (place("/b.jpg"), facts("A"), None),
        (place("/c.jpg"), facts("C"), None),
    )
    assert [(e.image_id, e.status) for e in first] == [(1, "added"), (1, "duplicate"), (2, "added")]
    second = add(
        db,
        (place("/a.jpg", mtime_ns=8), None, content("A")),
        (place("/c.jpg", bytes=7), facts("D"), None),
        (place("/e.jpg"), None, content("C")),
    )
    assert [(e.image_id, e.status) for e in second] == [(1, "unchanged"), (3, "changed"), (2, "duplicate")]
    assert seen()[0].images.tolist() == [1, 2]
    assert {"images", "paths"} <= seen()[0].kind
    with db.read() as c:
        known = catalog.known_paths(c)
        assert known["/a.jpg"].mtime_ns == 8
        assert (known["/c.jpg"].image_id, known["/c.jpg"].bytes) == (3, 7)
        assert catalog.known_paths(c, ["/e.jpg", "/none"]).keys() == {"/e.jpg"}
        assert catalog.images_by_sha(c, [content("A"), content("none")]) == {content("A"): 1}


def test_facts_are_needed_for_what_is_new(db: Database):
    with pytest.raises(StoreError, match=r"/a\.jpg.*no facts"):
        add(db, (place("/a.jpg"), None, content("A")))
    with pytest.raises(StoreError, match=r"/a\.jpg.*neither"):
        add(db, (place("/a.jpg"), None, None))


def test_a_record_holds_facts_flags_and_paths_that_are_there_first(db: Database):
    add(db, (place("/one/a.jpg"), facts("A", prompt="a dog"), None), (place("/two/b.jpg"), facts("A"), None))
    log.exclude(db, [1], "blurry", author="me")
    with db.write() as c:
        catalog.mark_missing(c, ["/one/a.jpg", "/nowhere"])
    with db.read() as c:
        record = catalog.image_record(c, 1)
        with pytest.raises(NotFoundError, match="no image 9"):
            catalog.image_record(c, 9)
    assert (record["sha256"], record["phash"], record["exif"]) == (content("A"), 2**64 - 3, {"Make": "Köln"})
    assert (record["excluded"], record["reason"], record["prompt"], record["name"]) == (
        True,
        "blurry",
        "a dog",
        "b.jpg",
    )
    assert [(entry["path"], entry["missing"]) for entry in record["paths"]] == [
        ("/two/b.jpg", False),
        ("/one/a.jpg", True),
    ]


def test_rejected_paths_are_remembered_until_they_are_good(db: Database):
    with db.write() as c:
        catalog.add_rejected(c, [(place("/bad.jpg"), "truncated file")])
    with db.read() as c:
        assert catalog.known_paths(c)["/bad.jpg"].reason == "truncated file"
    (entry,) = add(db, (place("/bad.jpg"), facts("A"), None))
    assert entry.status == "added"
    with db.read() as c:
        assert catalog.known_paths(c)["/bad.jpg"] == catalog.KnownPath(1, 1000, 7, None)
    with db.write() as c:
        catalog.add_rejected(c, [(place("/bad.jpg"), "not an image")])
    with db.read() as c:
        assert catalog.known_paths(c)["/bad.jpg"].image_id is None


def test_relinking_moves_paths_and_joins_those_that_are_known(db: Database):
    add(
        db,
        (place("/old/a.jpg"), facts("A"), None),
        (place("/old/b.jpg"), facts("B"), None),
        (place("/new/b.jpg"), facts("B"), None),
    )
    with db.write() as c:
        (number,) = catalog.add_sidecars(
            c, [SidecarRow("/old/b.jpg", "/old/b.txt", "txt", b"dog", "dog", 3, 1)]
        )
        catalog.mark_missing(c, ["/old/a.jpg", "/old/b.jpg"])
        assert catalog.relink(c, {"/old/a.jpg": "/new/a.jpg", "/old/b.jpg": "/new/b.jpg", "/none": "/x"}) == 2
        assert catalog.relink(c, {}) == 0
    with db.read() as c:
        assert [(e["path"], e["image_id"], e["missing"]) for e in catalog.file_paths(c)] == [
            ("/new/a.jpg", 1, False),
            ("/new/b.jpg", 2, False),
        ]
        assert catalog.image_record(c, 1)["name"] == "a.jpg"
        (known,) = catalog.known_sidecars(c)
        assert (known.id, known.path) == (number, "/new/b.jpg")


def test_sidecars_are_replaced_in_place_and_forgotten_with_what_they_said(db: Database):
    fill(db, 1)
    row = SidecarRow("/photos/00000.jpg", "/photos/00000.txt", "txt", b"dog\xff", None, 4, 1)
    with log.evidence_write(db) as c:
        (number,) = catalog.add_sidecars(c, [row])
        model = evidence.model_id(c, "file", "txt", "", {})
        dog = evidence.tag_ids(c, [("dog", 0)])
        evidence.record(c, [AnnotationRow(1, model, tags=evidence.pack_scores(dog, [1]), sidecar_id=number)])
        log.refresh(c, [1])
    assert tags_of(db, 1) == ["dog"]
    with db.write() as c:
        assert catalog.add_sidecars(c, [SidecarRow(row.path, row.source, "txt", b"cat", "cat", 3, 2)]) == [
            number
        ]
        with pytest.raises(StoreError, match=r"none\.txt.*none\.jpg"):
            catalog.add_sidecars(c, [SidecarRow("/none.jpg", "/none.txt", "txt", b"", "", 0, 0)])
        (known,) = sidecars.known_sidecars(c, [row.path])
        assert (known.bytes, known.mtime_ns) == (3, 2)
        catalog.remove_sidecars(c, [number])
        log.refresh(c, [1])
    assert tags_of(db, 1) == []


def test_quality_figures_become_scores(db: Database):
    add(db, (place("/a.jpg"), facts("A", quality=tuple(k / 8 for k in range(8))), None))
    with db.read() as c:
        blob = c.exec_driver_sql('SELECT "values" FROM score').scalar_one()
    assert np.frombuffer(blob, "<f4").tolist() == [k / 8 for k in range(8)]


# -------------------------------------------------------------------------------------------- evidence


def test_models_tags_and_scorers_are_made_once(db: Database):
    with db.write() as c:
        one = evidence.model_id(c, "local", "wd", "r1", {"floor": 0.001, "a": 1}, defaults={"general": 0.4})
        assert evidence.model_id(c, "local", "wd", "r1", {"a": 1, "floor": 0.001}) == one
        assert evidence.model_id(c, "local", "wd", "r2", {}) != one
        ids = evidence.tag_ids(c, [("dog", 0), ("rex", 4), ("dog", 0)])
        assert ids.dtype == np.uint32
        assert ids[0] == ids[2] != ids[1]
        assert evidence.tag_ids(c, [("rex", 4), ("cat", 0)])[0] == ids[1]
        scorer = evidence.scorer_id(c, "aesthetic", "1", ["aesthetic"])
        assert evidence.scorer_id(c, "aesthetic", "1", ["aesthetic"]) == scorer
        with pytest.raises(StoreError, match="raise its version"):
            evidence.scorer_id(c, "aesthetic", "1", ["beauty"])
        assert catalog.model_keys(c) == ["local/wd"]


def test_scores_survive_packing():
    ids, scores = evidence.unpack_scores(evidence.pack_scores([7, 3, 2**32 - 1], [0.25, 1.0, 0.001]))
    assert ids.tolist() == [7, 3, 2**32 - 1]
    assert scores.tolist() == np.array([0.25, 1.0, 0.001], dtype=np.float32).tolist()


def test_an_answer_replaces_the_same_models_earlier_one(db: Database):
    fill(db, 3)
    answer(db, "local/wd", {1: {"dog": 0.9}, 2: {"dog": 0.9}})
    answer(db, "local/wd", {1: {"cat": 0.9}})
    assert (tags_of(db, 1), tags_of(db, 2)) == (["cat"], ["dog"])
    with db.read() as c:
        number = c.exec_driver_sql("SELECT id FROM model").scalar_one()
        assert evidence.answered(c, number, None).tolist() == [1, 2]
        assert evidence.answered(c, number, np.array([3, 2])).tolist() == [2]
        assert c.exec_driver_sql("SELECT count(*) FROM annotation").scalar_one() == 2


def test_of_one_models_revisions_the_newest_answer_counts(db: Database):
    fill(db, 1)
    with log.evidence_write(db) as c:
        for revision, name in (("1", "dog"), ("2", "cat")):
            model = evidence.model_id(c, "local", "wd", revision, {})
            tags = evidence.pack_scores(evidence.tag_ids(c, [(name, 0)]), [0.9])
            evidence.record(c, [AnnotationRow(1, model, tags=tags)])
        log.refresh(c, [1])
    assert tags_of(db, 1) == ["cat"]


def test_a_tag_that_turns_out_to_be_a_character_follows_that_threshold(db: Database):
    fill(db, 2)
    answer(db, "local/loose", {1: {"alice": 0.5}})
    assert tags_of(db, 1) == ["alice"]
    answer(db, "local/wd", {2: {"character:alice": 0.9}})
    assert (tags_of(db, 1), tags_of(db, 2)) == ([], ["alice"])
    before = curated(db)
    log.refold(db)
    assert curated(db) == before


def test_long_form_names_state_source_model_and_score(db: Database):
    fill(db, 2)
    answer(db, "file/txt", {1: {"my_dog": 1}})
    answer(db, "local/wd", {1: {"smile": 0.9, "hat": 0.2, "blurry": 0.5}, 2: {"hat": 0.3}})
    answer(db, "local/other", {1: {"hat": 0.3, "smile": 0.4}})
    log.remove_tags(db, [1], ["blurry"], author="me")
    log.add_tags(db, [1], ["snow"], author="me")
    with db.read() as c:
        rows = columns.load_tag_rows(c, np.array([1]))
        assert len(columns.load_tag_rows(c)) == len(rows) + 1
        said = evidence.tags_of_image(c, 1)
    assert [(*row[1:5], None if row[5] is None else round(row[5], 2)) for row in rows] == [
        ("my_dog", "effective", "file", None, None),
        ("smile", "effective", "model", "wd", 0.9),
        ("snow", "effective", "hand", None, None),
        ("blurry", "rejected", None, "wd", 0.5),
        ("hat", "suggested", "model", "other", 0.3),
    ]
    assert [entry[3] for entry in said] == ["my_dog", "smile", "blurry", "hat", "smile", "hat"]


def test_a_model_asked_for_a_variant_comes_before_a_file(db: Database):
    fill(db, 2)
    with db.write() as c:
        offered = evidence.model_id(c, "local", "captioner", "1", {}, kind="captioner")
        short = evidence.model_id(c, "local", "captioner", "1", {"variant": "short"}, kind="captioner")
        default = evidence.model_id(c, "local", "captioner", "2", {"variant": "default"}, kind="captioner")
        file = evidence.model_id(c, "file", "txt", "", {})
        evidence.record(c, [AnnotationRow(n, file, caption="by a file") for n in (1, 2)])
        evidence.record(c, [AnnotationRow(n, short, caption="briefly") for n in (1, 2)])
        evidence.record(c, [AnnotationRow(1, default, caption="as asked for")])
        evidence.record(c, [AnnotationRow(1, offered, caption="unasked")])
    log.set_captions(db, {2: "by me"}, "short", author="me")
    with db.read() as c:
        assert columns.load_captions(c) == {1: "as asked for", 2: "by a file"}
        assert columns.load_captions(c, "short") == {1: "briefly", 2: "by me"}
        rows = columns.load_caption_rows(c, np.array([2, 1]))
    assert rows == [
        (2, "default", "by a file", "file", None, True),
        (2, "short", "by me", "hand", None, True),
        (2, "short", "briefly", "model", "captioner", False),
        (1, "default", "as asked for", "model", "captioner", True),
        (1, "default", "by a file", "file", None, False),
        (1, "default", "unasked", "model", "captioner", False),
        (1, "short", "briefly", "model", "captioner", True),
    ]


def test_captions_by_people_come_before_files_and_files_before_models(db: Database):
    fill(db, 3)
    with db.write() as c:
        model = evidence.model_id(c, "local", "captioner", "1", {}, kind="captioner")
        file = evidence.model_id(c, "file", "txt", "", {})
        evidence.record(c, [AnnotationRow(n, model, caption="by a model") for n in (1, 2, 3)])
        evidence.record(c, [AnnotationRow(n, file, caption="by a file") for n in (2, 3)])
    log.set_captions(db, {3: "by me"}, author="me")
    log.set_captions(db, {3: "longer"}, "long", author="me")
    with db.read() as c:
        assert columns.load_captions(c) == {1: "by a model", 2: "by a file", 3: "by me"}
        said = columns.captions_in_force(c)
        assert [said[n]["default"][1] for n in (1, 2, 3)] == ["captioner", "file", "hand"]
        assert "long" not in said[1]
        assert catalog.captions_of(c, 3) == {"default": "by me", "long": "longer"}
        assert catalog.captions_of(c, 1) == {"default": "by a model"}
        assert columns.load_captions(c, "long", np.array([2, 3])) == {3: "longer"}
        runs = columns.load_annotations(c, np.array([2]))
    assert [(run["provider"], run["caption"], run["tags"]) for run in runs] == [
        ("local", "by a model", 0),
        ("file", "by a file", 0),
    ]


def test_failures_exports_settings_and_jobs_are_kept(db: Database, seen: Callable[[], list[Change]]):
    fill(db, 2)
    with db.write() as c:
        evidence.record_failures(
            c, [FailureRow(2, None, "openai", "gpt", "refused", "content policy", policy_violation=True)]
        )
        exports.record_export(
            c,
            author="me",
            exporter="kohya",
            path="out",
            query=None,
            count=2,
            manifest_sha256=b"\1" * 32,
            settings={"r": 1},
        )
        settings.put(c, "cell", 120)
        settings.put(c, "cell", {"size": 160})
        number = jobs.create(c, kind="annotate", label="wd", parameters={"p": 1}, images=[2, 1], author="me")
        jobs.update(c, number, done=1)
    with db.read() as c:
        (failure,) = catalog.failures(c)
        assert (failure["image_id"], failure["policy_violation"]) == (2, True)
        assert exports.list_exports(c)[0]["manifest_sha256"] == "01" * 32
        assert (settings.get(c, "cell"), settings.get(c, "none", 3)) == ({"size": 160}, 3)
        assert settings.everything(c) == {"cell": {"size": 160}}
        (row,) = jobs.list_jobs(c)
        assert (row["done"], row["total"], row["state"], "images" in row) == (1, 2, "running", False)
        assert jobs.job(c, number)["images"].tolist() == [2, 1]
        with pytest.raises(NotFoundError, match="no job 9"):
            jobs.job(c, 9)
    with db.write() as c:
        with pytest.raises(NotFoundError, match="no job 9"):
            jobs.update(c, 9, done=2)
        assert jobs.interrupt(c, silent_for=1000) == []
        assert jobs.interrupt(c, silent_for=-1) == [number]
    assert {"jobs", "failures"} <= seen()[1].kind


def test_refreshing_more_images_than_fit_one_part(db: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(state, "PART", 7)
    ids = fill(db, 30)
    answer(db, "local/wd", {n: {"dog": 0.9, "cat": 0.4} for n in ids})
    assert all(tags_of(db, n) == ["dog", "cat"] for n in ids)
    assert log.set_policy(db, "local/wd", {"general": 0.5}, author="me").count == 30


# ------------------------------------------------------------------------------------------ forgetting


def test_forgetting_leaves_nothing_of_an_image(db: Database, seen: Callable[[], list[Change]]):
    fill(db, 3)
    with db.write() as c:
        catalog.add_sidecars(
            c, [SidecarRow("/photos/00001.jpg", "/photos/00001.txt", "txt", b"SIDECAR-SECRET", "x", 3, 1)]
        )
    answer(db, "local/wd", {1: {"dog": 0.9}, 2: {"dog": 0.9}})
    log.set_captions(db, {1: "stays", 2: "CAPTION-SECRET"}, author="me")
    log.add_tags(db, [1, 2], ["cat"], author="me")
    log.exclude(db, [2], "REASON-SECRET", author="me")
    log.add_to_dataset(db, [1, 2], "train", author="me")
    with ThumbnailCache(db.folder / "thumbnails.db") as cache:
        hashes = [content(f"/photos/0000{n}.jpg") for n in range(3)]
        cache.put_many([(sha, b"THUMBNAIL-SECRET" if sha == hashes[1] else b"x") for sha in hashes])
        with db.write() as c:
            assert catalog.forget(c, [2, 99]) == [hashes[1]]
            assert catalog.forget(c, [99]) == []
        assert cache.missing(hashes) == [hashes[1]]
    assert seen()[-1].images.tolist() == [2, 99]
    with db.read() as c:
        for table in ("image", "path", "annotation", "score", "state", "caption", "membership"):
            column = "id" if table == "image" else "image_id"
            assert c.exec_driver_sql(f"SELECT count(*) FROM {table} WHERE {column} = 2").scalar_one() == 0
        assert c.exec_driver_sql("SELECT count(*) FROM sidecar").scalar_one() == 0
        assert log.history_of(c, 2) == []
        assert len(log.history_of(c, 1)) == 3
        for payload in c.exec_driver_sql("SELECT payload FROM operation").scalars():
            assert "-SECRET" not in str(packing.unpack(payload))
    assert db.check() == []
    before = curated(db)
    log.refold(db)
    assert curated(db) == before
    for _ in range(4):
        log.undo(db, author="me")
    assert tags_of(db, 1) == ["dog"]
    folder = db.folder
    db.close()
    with closing(sqlite3.connect(folder / "database.db")) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in folder.glob("*.db"):
        assert b"-SECRET" not in file.read_bytes()


def test_an_id_is_never_given_twice(db: Database):
    fill(db, 3)
    with db.write() as c:
        catalog.forget(c, [3])
    assert fill(db, 2, start=10) == [4, 5]
    with db.write() as c:
        catalog.forget(c, [1, 4])
    assert fill(db, 1, start=20) == [6]
