from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from lorairo.errors import ExportError
from lorairo.exporters import find
from lorairo.exporters.staging import MANIFEST, read_manifest, staged

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lorairo.exporters.plan import ExportItem

    Make = Callable[..., ExportItem]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def written(make_item: Make, out: Path, **options: Any) -> None:
    options = {"resolution": 256, "min_bucket_reso": 128, **options}
    find("kohya").plan([make_item(1), make_item(2)], out, **options).write()


def test_the_folder_appears_whole(tmp_path: Path):
    out = tmp_path / "deep" / "out"
    with staged(out, overwrite=False) as folder:
        (folder / "a.txt").write_text("a", encoding="utf-8")
        assert not out.exists()
    assert names(out.parent) == ["out"]
    assert names(out) == ["a.txt"]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, ValueError])
def test_an_interruption_leaves_nothing(tmp_path: Path, interruption: type[BaseException]):
    def work() -> None:
        with staged(tmp_path / "out", overwrite=False) as folder:
            (folder / "a.txt").write_text("a", encoding="utf-8")
            raise interruption

    with pytest.raises(interruption):
        work()
    assert names(tmp_path) == []


def test_an_interrupted_export_leaves_the_earlier_one(make_item: Make, tmp_path: Path):
    out = tmp_path / "out"
    written(make_item, out)
    before = {path.name: path.stat().st_mtime_ns for path in out.rglob("*")}

    def stop(done: int, total: int, failed: int) -> None:
        raise KeyboardInterrupt

    planned = find("kohya").plan([make_item(3)], out, overwrite=True, resolution=256, min_bucket_reso=128)
    with pytest.raises(KeyboardInterrupt):
        planned.write(stop)
    assert {path.name: path.stat().st_mtime_ns for path in out.rglob("*")} == before
    assert names(tmp_path) == ["out"]


def test_a_failing_disk_is_an_export_error_and_leaves_nothing(tmp_path: Path):
    def work() -> None:
        with staged(tmp_path / "out", overwrite=False):
            raise OSError(28, "No space left on device")

    with pytest.raises(ExportError, match="No space left"):
        work()
    assert names(tmp_path) == []


def test_only_an_earlier_export_is_overwritten_and_only_when_asked(make_item: Make, tmp_path: Path):
    out = tmp_path / "out"
    written(make_item, out)
    with pytest.raises(ExportError, match="overwrite=True"):
        written(make_item, out)
    written(make_item, out, overwrite=True, trigger="zxc")
    manifest = read_manifest(out)
    assert manifest is not None
    assert manifest["settings"]["trigger"] == "zxc"
    assert names(tmp_path) == ["out"]


def test_caches_of_the_trainer_go_with_the_pictures_they_belong_to(make_item: Make, tmp_path: Path):
    out = tmp_path / "out"
    written(make_item, out)
    cache = next(out.glob("10_*")) / "picture-1_0320x0240_sdxl.npz"
    cache.write_bytes(b"latents")
    written(make_item, out, overwrite=True)
    assert not cache.exists()


def test_files_of_others_are_never_removed(make_item: Make, tmp_path: Path):
    out = tmp_path / "out"
    written(make_item, out)
    (out / "my-lora.safetensors").write_bytes(b"hours of work")
    with pytest.raises(ExportError, match=r"my-lora\.safetensors"):
        written(make_item, out, overwrite=True)
    assert (out / "my-lora.safetensors").exists()


def test_a_folder_that_is_no_export_is_refused(make_item: Make, tmp_path: Path):
    out = tmp_path / "out"
    out.mkdir()
    (out / MANIFEST).write_text(json.dumps({"format": "of something else"}), encoding="utf-8")
    with pytest.raises(ExportError, match="no export of lorairo"):
        written(make_item, out, overwrite=True)
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    with pytest.raises(ExportError, match="is a file"):
        written(make_item, file)


def test_an_empty_folder_is_taken(make_item: Make, tmp_path: Path):
    out = tmp_path / "out"
    out.mkdir()
    written(make_item, out)
    assert MANIFEST in names(out)


def test_what_a_killed_export_left_is_swept_after_a_day(tmp_path: Path):
    old, fresh = tmp_path / ".out.partial-old", tmp_path / ".out.partial-fresh"
    for folder in (old, fresh):
        folder.mkdir()
    long_ago = time.time() - 2 * 24 * 3600
    os.utime(old, (long_ago, long_ago))
    with staged(tmp_path / "out", overwrite=False):
        pass
    assert names(tmp_path) == [".out.partial-fresh", "out"]
