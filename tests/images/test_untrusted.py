"""Every hostile file gets its verdict, and arbitrary damage never more than a refusal."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import imagehash
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from lorairo.images import PICTURE_SUFFIXES, Limits, Rejected, flatten, open_upright, read_facts, recognise

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def verdict(data: bytes, name: str) -> tuple[str, object]:
    try:
        facts = read_facts(data, name=name)
    except Rejected as error:
        return "reject" if error.reason else "reject without a reason", error.reason
    return ("loads_with_warning" if facts.warnings else "loads"), facts


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_every_hostile_file_gets_its_verdict(shared: Path):
    root = shared / "data" / "hostile"
    wrong = []
    for entry in json.loads((root / "manifest.json").read_text(encoding="utf-8"))["files"]:
        if entry["verdict"] == "skip":  # a matter of names: see the folder source
            continue
        found, detail = verdict((root / entry["path"]).read_bytes(), entry["path"].rsplit("/", 1)[-1])
        if found not in (entry["verdict"], *entry["also_ok"]):
            wrong.append((entry["path"], entry["verdict"], found, detail))
        upright = entry["observed"].get("size_upright")
        if found != "reject" and upright:
            assert [detail.width, detail.height] == upright, entry["path"]
    assert not wrong


_READ_ALL = """
import sys
from pathlib import Path
from lorairo.images import Rejected, read_facts
for file in sorted(Path(sys.argv[1]).rglob("*")):
    if file.is_file():
        try:
            read_facts(file.read_bytes(), name=file.name)
        except Rejected:
            pass
status = Path("/proc/self/status").read_text()
print(status.split("VmHWM:")[1].split()[0])
"""


def test_reading_every_hostile_file_takes_bounded_memory(shared: Path):
    """In a process of its own: this one may hold the libraries of other tests."""
    command = [sys.executable, "-c", _READ_ALL, str(shared / "data" / "hostile" / "files")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    assert int(done.stdout) < 1_500_000  # KB


def test_eight_orientations_of_one_photograph_look_alike(shared: Path):
    found = [read_facts(path.read_bytes()) for path in sorted((shared / "data/hostile/files/exif").iterdir())]
    assert {(facts.width, facts.height) for facts in found} == {(1800, 1200)}
    assert max((a.phash ^ b.phash).bit_count() for a in found for b in found) <= 4


def test_the_swapped_profile_is_applied(shared: Path):
    folder = shared / "data/hostile/files/made"
    swapped = read_facts((folder / "icc_swapped_red_green.png").read_bytes()).mean_rgb
    base = read_facts((folder / "ok_base.png").read_bytes()).mean_rgb
    assert all(abs((swapped >> shift & 255) - (base >> shift & 255)) < 8 for shift in (16, 8, 0))


def test_hash_agrees_with_imagehash_on_real_photographs(shared: Path):
    for path in sorted((shared / "data" / "photos").rglob("*")):
        if path.suffix.lower() not in PICTURE_SUFFIXES:
            continue
        data = path.read_bytes()
        image = flatten(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
        expected = int(str(imagehash.phash(image)), 16)
        assert ((read_facts(data).phash ^ expected) & (1 << 64) - 1).bit_count() <= 2, path.name


_SMALL = Limits(max_pixels=1_000_000)  # damage in a header can announce any size


@pytest.fixture(scope="module")
def samples(draw: Callable[..., Image.Image]) -> list[bytes]:
    made = []
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"):
        buffer = io.BytesIO()
        exif = Image.Exif()
        exif[0x0112], exif[0x010F] = 6, "maker"
        draw(1, (48, 40)).save(buffer, kind, exif=exif)
        made.append(buffer.getvalue())
    return made


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_damage_is_refused_or_survived(samples: list[bytes], data: st.DataObject):
    raw = bytearray(data.draw(st.sampled_from(samples)))
    for place, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(raw) - 1), st.integers(0, 255)), max_size=8)
    ):
        raw[place] = value
    damaged = bytes(raw[: data.draw(st.integers(0, len(raw)))])
    try:
        facts = read_facts(damaged, _SMALL)
        open_upright(damaged, _SMALL)
    except Rejected:
        return
    assert facts.width > 0
    json.dumps(facts.exif, allow_nan=False)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"<!DOCTYPE html><html>", "web page"),
        (b'{"error": "no"}', "JSON"),
        (b"version https://git-lfs.github.com/spec/v1\n", "LFS"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\xff\x0a\0\0", "JPEG XL"),
        (b"just some text", "text"),
        (b"\x01\x02\x03\x04\x05", "no known"),
    ],
)
def test_what_is_no_picture_is_named(data: bytes, word: str):
    with pytest.raises(Rejected, match=word):
        recognise(data)
