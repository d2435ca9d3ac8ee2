"""Folders, files, archives, frames and pictures in memory."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from PIL import Image

from lorairo.errors import ArgumentError, NotFoundError
from lorairo.sources import read_path, source_of

if TYPE_CHECKING:
    from collections.abc import Callable

    Draw = Callable[..., Image.Image]


def jpeg(draw: Draw, seed: int = 1) -> bytes:
    buffer = io.BytesIO()
    draw(seed, (40, 30)).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def tree(tmp_path: Path, draw: Draw) -> Path:
    root = tmp_path / "tree"
    for name in (
        "b.jpg",
        "a/z.JPG",
        "a/y.png",
        ".hidden.jpg",
        "__MACOSX/x.jpg",
        "noname",
        "folder.jpg/in.jpg",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(jpeg(draw))
    (root / "b.txt").write_text("dog")
    (root / "b.jpg.txt").write_text("longer match")
    (root / "a/z.CAPTION").write_text("a cat")
    (root / "readme.md").write_text("no picture")
    (root / "notes").write_text("no picture either")
    (root / "metadata.jsonl").write_text("{}")
    return root


def names(found: object, root: Path) -> list[str]:
    return [os.path.relpath(item.path, root).replace(os.sep, "/") for item in found.items]


def test_a_folder_is_walked_in_path_order(tree: Path):
    found = source_of(tree)
    assert names(found, tree) == ["a/y.png", "a/z.JPG", "b.jpg", "folder.jpg/in.jpg", "noname"]
    assert [item.path for item in found.items] == sorted(item.path for item in found.items)
    assert found.skipped == 4  # two hidden or litter, two without picture
    assert [table.kind for table in found.tables] == ["metadata.jsonl"]
    texts = {item.name: [(text.kind, text.name) for text in item.beside] for item in found.items}
    assert texts["b.jpg"] == [("txt", "b.jpg.txt")]
    assert texts["z.JPG"] == [("caption", "z.CAPTION")]
    assert names(source_of(tree, recursive=False), tree) == ["b.jpg", "noname"]


def test_items_read_what_they_promise(tree: Path):
    item = source_of(tree).items[0]
    assert item.read() == Path(item.path).read_bytes()
    assert item.bytes == len(item.read())
    Path(item.path).write_bytes(item.read() + b"grown")
    with pytest.raises(OSError, match="changed while"):
        item.read()


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_neither_loop_nor_lead_texts_out(tree: Path, tmp_path: Path, draw: Draw):
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "outside.jpg").write_bytes(jpeg(draw))
    (tree / "up").symlink_to("..")
    (tree / "self.jpg").symlink_to("self.jpg")
    (tree / "loop").symlink_to("loop")
    (tree / "gone.jpg").symlink_to("nowhere.jpg")
    (tree / "out.jpg").symlink_to(tmp_path / "outside.jpg")
    (tree / "out.txt").symlink_to(tmp_path / "secret.txt")
    (tree / "dir.png").symlink_to(tree / "a")
    os.mkfifo(tree / "pipe.jpg")
    found = source_of(tree)
    problems = {Path(path).name: reason for path, reason in found.problems}
    assert set(problems) == {"self.jpg", "gone.jpg", "pipe.jpg"}
    notes = {Path(path).name for path, _reason in found.notes}
    assert notes == {"up", "out.txt", "dir.png"}
    out = next(item for item in found.items if item.name == "out.jpg")
    assert out.beside == ()


def test_two_pictures_that_claim_one_text_are_named(tree: Path, draw: Draw):
    (tree / "c.txt").write_text("whose?")
    for suffix in (".jpg", ".png"):
        (tree / f"c{suffix}").write_bytes(jpeg(draw))
    assert any("c.jpg" in reason and "c.png" in reason for _path, reason in source_of(tree).notes)


def test_the_hostile_tree(shared: Path, tmp_path: Path):
    """Names, links, devices: listed without a hang, and each entry accounted for."""
    target = tmp_path / "hostile"
    script = shared / "data" / "hostile" / "make_hostile_tree.py"
    subprocess.run([sys.executable, str(script), str(target)], check=True, capture_output=True)
    try:
        found = source_of(target / "tree")
        listed = {os.fsencode(os.path.relpath(item.path, target / "tree")) for item in found.items}
        for entry in json.loads((target / "expected.json").read_text(encoding="utf-8"))["entries"]:
            raw = bytes.fromhex(entry["path_hex"]) if entry["path_hex"] else b""
            if not raw.lower().endswith((b".jpg", b".png")) or "skip" in (
                entry["verdict"],
                *entry["also_ok"],
            ):
                continue
            if "reject" not in (entry["verdict"], *entry["also_ok"]):
                assert raw in listed, entry
        assert any("too long" in reason for _path, reason in found.problems)
    finally:
        subprocess.run(["chmod", "-R", "u+rwX", str(target)], check=False)


def test_single_files_and_lists(tree: Path):
    found = source_of([tree / "b.jpg", str(tree / "a"), tree / "b.jpg", tree / "missing.jpg"])
    assert names(found, tree) == ["a/y.png", "a/z.JPG", "b.jpg"]
    assert [Path(path).name for path, _reason in found.problems] == ["missing.jpg"]
    assert [text.name for text in source_of(tree / "b.jpg").items[0].beside] == ["b.jpg.txt"]


def test_an_archive_is_read_in_place(tmp_path: Path, draw: Draw):
    path = tmp_path / "set.zip"
    data = jpeg(draw)
    with zipfile.ZipFile(path, "w") as archive:
        for name in (
            "inner/b.jpg",
            "a.png",
            "../up.jpg",
            "/abs.jpg",
            "C:/drive.jpg",
            "x/../../y.jpg",
            "__MACOSX/._a.jpg",
        ):
            archive.writestr(name, data)
        archive.writestr("inner/b.txt", "dog")
        archive.writestr("inner/metadata.jsonl", "{}")
        archive.writestr("notes.md", "text")
    found = source_of(path)
    base = f"{path}!/"
    assert [item.path for item in found.items] == [f"{base}a.png", f"{base}inner/b.jpg"]
    assert len(found.problems) == 4
    assert all("unsafe" in reason for _path, reason in found.problems)
    item = found.items[1]
    assert item.kind == "zip"
    assert item.read() == data
    assert [text.read() for text in item.beside] == [b"dog"]
    assert found.tables[0].base == f"{base}inner/"
    assert read_path(item.path, "zip", tmp_path, len(data)) == data
    with pytest.raises(NotFoundError, match="does not hold"):
        read_path(f"{base}gone.jpg", "zip", tmp_path, len(data))


def test_a_damaged_or_lying_archive_is_a_reason(tmp_path: Path, draw: Draw):
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.jpg", jpeg(draw))
    raw = bytearray(path.read_bytes())
    raw[60] ^= 255
    path.write_bytes(raw)
    with pytest.raises(OSError, match="damaged"):
        source_of(path).items[0].read()


def test_frames_bring_texts(tree: Path, draw: Draw):
    frame = pd.DataFrame(
        {
            "image": [
                str(tree / "b.jpg"),
                draw(2),
                {"bytes": jpeg(draw, 3), "path": None},
                None,
                str(tree / "no.jpg"),
            ],
            "caption": ["a dog", None, "third", "x", "y"],
            "tags": [["dog", "red hat"], "cat, tree", None, "x", "y"],
        }
    )
    found = source_of(frame)
    assert len(found.items) == 3
    assert len(found.problems) == 2
    texts = {(text.kind, text.read()) for item in found.items for text in item.beside}
    assert ("frame.caption", b"a dog") in texts
    assert ("frame.tags", b"dog, red hat") in texts
    assert ("frame.tags", b"cat, tree") in texts
    with pytest.raises(ArgumentError, match="path"):
        source_of(pd.DataFrame({"other": [1]}))


def test_pictures_in_memory_are_named_by_their_content(draw: Draw):
    found = source_of([draw(1), draw(2), draw(1), draw(3).convert("CMYK")])
    assert len(found.items) == 3
    for item in found.items:
        assert item.path == f"memory/{item.name}"
        with Image.open(io.BytesIO(item.read())) as image:
            assert image.format == "PNG"


def test_what_is_no_source_is_refused():
    with pytest.raises(ArgumentError, match="folder"):
        source_of(42)
    with pytest.raises(ArgumentError, match="address"):
        source_of("https://example.org/a.jpg")
    with pytest.raises(ArgumentError, match="empty"):
        source_of(" ")
    with pytest.raises(NotFoundError, match="does not exist"):
        source_of("/no/such/place")
