"""The import run, against a real database."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lorairo.errors import ArgumentError
from lorairo.images import Limits
from lorairo.importers import adding, examining
from lorairo.sources import read_path
from lorairo.store import catalog, log
from lorairo.store.evidence import tags_of_image
from lorairo.store.index_columns import load_effective
from lorairo.store.sidecars import known_sidecars

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL import Image

    Draw = Callable[..., Image.Image]


def records(target: Any) -> list[dict[str, Any]]:
    with target.database.read() as c:
        return [
            catalog.image_record(c, image_id)
            for image_id in sorted(catalog.images_by_sha(c, catalog.content_hashes(c)).values())
        ]


def tags(target: Any, image_id: int) -> list[str]:
    with target.database.read() as c:
        return [row[3] for row in tags_of_image(c, image_id)]


def test_first_import_and_again(target: Any, photos: Path):
    seen: list[tuple[int, int, int]] = []
    report = target.add(photos, progress=lambda *step: seen.append(step), workers=2)
    assert report.added.tolist() == list(range(1, 13))
    assert not len(report.rejected)
    assert seen[-1] == (12, 12, 0)
    assert [Path(row["paths"][0]["path"]).name for row in records(target)] == [
        f"{n:02}.jpg" for n in range(12)
    ]
    hashes = [row["sha256"] for row in records(target)]
    assert len(target.thumbnails.get_many(hashes)) == 12
    again = target.add(photos)
    assert len(again.unchanged) == 12
    assert not len(again.added)
    assert "12 unchanged" in repr(again)


def test_ids_follow_paths_whatever_the_threads_do(target: Any, photos: Path, monkeypatch: pytest.MonkeyPatch):
    """Later files finish first; the order of ids does not care."""
    read = examining.read_facts
    order: list[str] = []

    def slow(data: bytes, *args: Any, **options: Any) -> Any:
        facts = read(data, *args, **options)
        for _ in range(12 - int(options["name"][:2])):
            read(data, *args, **options)
        order.append(options["name"])
        return facts

    monkeypatch.setattr(examining, "read_facts", slow)
    target.add(photos, workers=4)
    assert [row["name"] for row in records(target)] == sorted(order)


def test_rejected_files_are_remembered_and_still_reported(
    target: Any, photos: Path, monkeypatch: pytest.MonkeyPatch
):
    (photos / "05b.jpg").write_bytes(b"<html>not found</html>")
    (photos / "06b.jpg").write_bytes((photos / "06.jpg").read_bytes()[:200])
    report = target.add(photos)
    assert len(report.added) == 12
    assert report.rejected["reason"].str.contains("web page|truncated").all()
    assert [Path(path).name for path in report.rejected["path"]] == ["05b.jpg", "06b.jpg"]

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("an unchanged file was decoded again")

    monkeypatch.setattr(examining, "read_facts", never)
    again = target.add(photos)
    assert again.rejected.equals(report.rejected)
    assert len(again.unchanged) == 12


def test_lifted_limits_let_in_what_they_kept_out(target: Any, photos: Path):
    first = target.add(photos, limits=Limits(max_pixels=1000))
    assert len(first.rejected) == 12
    assert len(target.add(photos).added) == 12


def test_what_cannot_be_read_now_may_be_read_later(
    target: Any, photos: Path, monkeypatch: pytest.MonkeyPatch
):
    from lorairo.sources import items  # noqa: PLC0415 - only to plant the fault

    def denied(path: str, size: int) -> bytes:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as planted:
        planted.setattr(items, "read_file", denied)
        report = target.add(photos)
    assert report.rejected["reason"].eq("cannot be read: Permission denied").all()
    assert len(target.add(photos).added) == 12


def test_unforeseen_errors_cost_one_file(target: Any, photos: Path, monkeypatch: pytest.MonkeyPatch):
    read = examining.read_facts

    def broken(data: bytes, *args: Any, **options: Any) -> Any:
        if options["name"] == "03.jpg":
            raise ZeroDivisionError("bug")
        return read(data, *args, **options)

    monkeypatch.setattr(examining, "read_facts", broken)
    report = target.add(photos)
    assert len(report.added) == 11
    assert report.rejected["reason"].tolist() == ["cannot be read: ZeroDivisionError: bug"]


def test_changed_content_gets_a_new_identity(target: Any, photos: Path, draw: Draw):
    target.add(photos)
    draw(99).save(photos / "03.jpg")
    report = target.add(photos)
    assert report.changed.tolist() == [13]
    assert len(report.unchanged) == 11
    os.utime(photos / "04.jpg", (1, 1))
    touched = target.add(photos)
    assert len(touched.unchanged) == 12
    assert not len(touched.changed)


def test_files_that_come_back_are_no_longer_missing(target: Any, photos: Path):
    target.add(photos)
    with target.database.write() as c:
        catalog.mark_missing(c, [str(photos / "03.jpg")])
    assert len(target.add(photos).unchanged) == 12
    assert not any(place["missing"] for row in records(target) for place in row["paths"])


def test_verify_reads_again(target: Any, photos: Path, draw: Draw):
    target.add(photos)
    place = photos / "03.jpg"
    before = place.stat()
    draw(99).save(io.BytesIO(), "JPEG")
    raw = bytearray(place.read_bytes())
    raw[-20] ^= 1  # same size, and the time is put back
    place.write_bytes(raw)
    os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert len(target.add(photos).unchanged) == 12
    report = target.add(photos, verify=True)
    assert len(report.unchanged) == 11
    assert len(report.changed) + len(report.rejected) == 1


def test_duplicates_with_different_captions_keep_both(target: Any, photos: Path):
    shutil.copy(photos / "00.jpg", photos / "zz.jpg")
    (photos / "zz.txt").write_text("cat, indoors", encoding="utf-8")
    report = target.add(photos)
    assert report.duplicates.tolist() == [1]
    assert report.warnings["reason"].str.contains("both are kept").sum() == 1
    assert tags(target, 1) == ["dog", "outdoors", "cat", "indoors"]
    with target.database.read() as c:
        assert len(known_sidecars(c)) == 4


def test_sidecars_are_evidence_and_their_changes_are_seen(target: Any, photos: Path):
    (photos / "01.txt").write_text("A dog is standing on the beach.", encoding="utf-8")
    target.add(photos)
    assert tags(target, 1) == ["dog", "outdoors"]
    assert tags(target, 2) == []
    with target.database.read() as c:
        effective = load_effective(c, np.arange(1, 13))
    assert (np.flatnonzero(effective.counts) + 1).tolist() == [1, 5, 9]
    assert set(effective.values["source"].tolist()) == {3}
    (photos / "00.txt").write_text("cat", encoding="utf-8")
    os.utime(photos / "00.txt", (5, 5))
    report = target.add(photos)
    assert len(report.unchanged) == 12
    assert tags(target, 1) == ["cat"]
    (photos / "02.caption").write_text("tree, sky", encoding="utf-8")
    target.add(photos)
    assert tags(target, 3) == ["tree", "sky"]


def test_rejected_tags_stay_rejected_when_the_text_changes(target: Any, photos: Path):
    target.add(photos)
    log.remove_tags(target.database, [1], ["dog"], author="me")
    (photos / "00.txt").write_text("dog, tree", encoding="utf-8")
    os.utime(photos / "00.txt", (5, 5))
    target.add(photos)
    with target.database.read() as c:
        assert load_effective(c, np.array([1])).counts.tolist() == [1]


def test_captions_can_be_told_to_be_prose(target: Any, photos: Path):
    target.add(photos, captions="prose")
    assert tags(target, 1) == []
    with pytest.raises(ArgumentError, match="auto"):
        target.add(photos, captions="poem")


def test_tables_speak_for_their_pictures(target: Any, photos: Path):
    lines = [
        '{"file_name": "01.jpg", "text": "1girl, solo"}',
        '{"file_name": "../../etc/passwd", "text": "x"}',
        "not json",
        '{"file_name": "02.jpg", "text": "A dog is sitting on the grass.", "tags": ["dog", "grass"]}',
    ]
    (photos / "metadata.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (photos / "meta_clean.json").write_text('{"03": {"tags": "tree, sky"}}', encoding="utf-8")
    report = target.add(photos)
    assert tags(target, 2) == ["1girl", "solo"]
    assert tags(target, 3) == ["dog", "grass"]
    assert tags(target, 4) == ["tree", "sky"]
    assert report.warnings["reason"].str.contains("line [23]").sum() == 2
    (photos / "metadata.jsonl").write_text(lines[0].replace("solo", "smile"), encoding="utf-8")
    assert len(target.add(photos).unchanged) == 12
    assert tags(target, 2) == ["1girl", "smile"]
    assert tags(target, 3) == ["dog", "grass"]  # what was said is kept


def test_archives_memory_and_copies(target: Any, photos: Path, tmp_path: Path, draw: Draw):
    archive = tmp_path / "set.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for name in ("00.jpg", "00.txt", "01.jpg"):
            made.write(photos / name, f"inner/{name}")
    report = target.add(archive, copy=True)
    assert len(report.added) == 2
    assert tags(target, 1) == ["dog", "outdoors"]
    assert len(target.add(archive).unchanged) == 2
    assert len(target.add([draw(50), draw(51)]).added) == 2
    assert len(target.add([draw(50)]).unchanged) == 1
    archive.unlink()
    for record in records(target):
        readable = [place for place in record["paths"] if place["kind"] != "zip"]
        assert readable
        for place in readable:
            assert len(read_path(place["path"], place["kind"], target.folder, record["bytes"]))


def test_an_interrupt_keeps_what_was_committed(target: Any, photos: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(adding, "_BATCH", 3)

    def interrupt(done: int, _total: int, _rejected: int) -> None:
        if done >= 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        target.add(photos, progress=interrupt, workers=2)
    assert len(records(target)) == 6
    report = target.add(photos)
    assert len(report.unchanged) == 6
    assert len(report.added) == 6
    assert [row["name"] for row in records(target)] == [f"{n:02}.jpg" for n in range(12)]


def test_a_failing_batch_leaves_nothing_half_written(
    target: Any, photos: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(catalog, "add_rejected", full)
    with pytest.raises(OSError, match="space"):
        target.add(photos)
    assert records(target) == []


def test_reports_show_markup_as_text(target: Any, tmp_path: Path):
    folder = tmp_path / "evil"
    folder.mkdir()
    (folder / "<img src=x onerror=alert(1)>.jpg").write_bytes(b"no")
    (folder / "new\nline.jpg").write_bytes(b"no")
    report = target.add(folder)
    assert "<img src" not in report._repr_html_()
    assert "&lt;img" in report._repr_html_()
    assert "\\n" in repr(report)


def test_project_change_is_announced_per_batch(target: Any, photos: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(adding, "_BATCH", 4)
    told: list[Any] = []
    target.database.changed.connect(told.append)
    target.add(photos)
    assert len(told) == 3
    assert all("images" in change.kind for change in told)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=8))
def test_adding_twice_changes_nothing(
    target: Any, tmp_path_factory: pytest.TempPathFactory, draw: Draw, wanted: list[tuple[int, bool]]
):
    folder = tmp_path_factory.mktemp("set")
    for number, (seed, with_text) in enumerate(wanted):
        draw(seed, (40, 30)).save(folder / f"{number}.png")
        if with_text:
            (folder / f"{number}.txt").write_text(f"tag_{seed}", encoding="utf-8")
    first = target.add(folder)
    assert len(first.added) + len(first.duplicates) == len(wanted)
    with target.database.read() as c:
        before = load_effective(c, np.arange(1, 5)).split()
    again = target.add(folder)
    assert len(again.unchanged) == len(wanted)
    assert not len(again.added) + len(again.duplicates) + len(again.changed) + len(again.rejected)
    with target.database.read() as c:
        assert load_effective(c, np.arange(1, 5)).split() == before
