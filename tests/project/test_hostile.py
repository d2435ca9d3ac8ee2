"""The whole hostile set through `project.add`: each entry its verdict, nothing hangs, the rest comes in."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import lorairo as lr
from lorairo.importers.examining import Examined, Examiner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lorairo.importers.offered import Item
    from lorairo.importers.report import AddReport

SECONDS = 10.0  # for one file, and the manifest's own limit
CAPTIONS = (".txt", ".caption", ".jsonl")


@dataclass
class Verdicts:
    """What a project made of files: who came in, who was rejected, what was said about each."""

    known: set[str]
    texts: set[str]
    rejected: dict[str, str]
    warnings: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, project: lr.Project, report: AddReport) -> Verdicts:
        with project.database.read() as connection:
            known = set(connection.exec_driver_sql("SELECT path FROM path WHERE image_id > 0").scalars())
            texts = set(connection.exec_driver_sql("SELECT source FROM sidecar").scalars())
        found = cls(known, texts, dict(report.rejected.itertuples(index=False)))
        for path, reason in report.warnings.itertuples(index=False):
            found.warnings[path].append(reason)
        return found

    def picture(self, path: str) -> str:
        if path in self.rejected:
            return "reject"
        if path not in self.known:
            return "skip"
        return "loads_with_warning" if path in self.warnings else "loads"

    def text(self, path: str) -> str:
        """A text that is said to be unread is rejected; the picture beside it has a verdict of its own."""
        said = self.warnings.get(path, [])
        if any("not read" in reason for reason in said):
            return "reject"
        if said:
            return "loads_with_warning"
        return "loads" if path in self.texts else "skip"


@pytest.fixture
def slowest(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Seconds that each file took."""
    seconds: dict[str, float] = {}
    whole = Examiner.__call__

    def timed(self: Examiner, item: Item) -> Examined:
        started = time.perf_counter()
        examined = whole(self, item)
        seconds[item.path] = time.perf_counter() - started
        return examined

    monkeypatch.setattr(Examiner, "__call__", timed)
    return seconds


@pytest.fixture
def project(tmp_path: Path) -> Iterator[lr.Project]:
    with lr.open_project(tmp_path / "project") as project:
        yield project


def assert_sound(project: lr.Project, report: AddReport, seconds: dict[str, float]) -> None:
    """No trace of what failed, nothing half-written, one line for each thing that is said."""
    assert max(seconds.values()) < SECONDS, max(seconds, key=seconds.__getitem__)
    assert project.database.check() == []
    left = {path.name for path in project.location.rglob("*") if path.is_file()}
    assert not [name for name in left if name.startswith(".") or name.endswith((".part", ".partial"))]
    for path, reason in [*report.rejected.itertuples(index=False), *report.warnings.itertuples(index=False)]:
        assert path, reason
        assert re.search(r"[a-z]{3} ", reason), f"no words: {reason!r}"
        assert reason.isprintable(), f"{reason!r} is more than one line, or moves the cursor"
        assert "Traceback" not in reason
    hashes = [bytes.fromhex(record.sha256) for record in project.view(everything=True)]
    assert not project.thumbnails.missing(hashes)


def test_every_hostile_file_is_added_or_named(
    shared: Path,
    project: lr.Project,
    slowest: dict[str, float],
    recwarn: pytest.WarningsRecorder,
    capfd: pytest.CaptureFixture[str],
):
    root = shared / "data" / "hostile"
    report = project.add(root / "files")
    assert_sound(project, report, slowest)
    entries = json.loads((root / "manifest.json").read_text(encoding="utf-8"))["files"]
    verdicts = Verdicts.of(project, report)
    wrong = [
        (entry["path"], found, entry["verdict"])
        for entry in entries
        if (found := verdicts.picture(str(root / entry["path"]))) not in (entry["verdict"], *entry["also_ok"])
    ]
    assert not wrong
    assert len(entries) == 196
    assert len(project) == len({e["sha256"] for e in entries if str(root / e["path"]) in verdicts.known})
    assert (capfd.readouterr().err, recwarn.list) == ("", []), "what is odd stands in the report, by its file"
    again = project.add(root / "files")
    assert len(again.added) == len(again.changed) == 0
    assert again.rejected.equals(report.rejected), "what was rejected is named again, not forgotten"


@pytest.fixture
def tree(shared: Path, tmp_path: Path) -> Iterator[Path]:
    """Names, links, devices, permissions, captions that no repository can carry."""
    target = tmp_path / "hostile"
    script = shared / "data" / "hostile" / "make_hostile_tree.py"
    subprocess.run([sys.executable, str(script), str(target)], check=True, capture_output=True)
    yield target
    subprocess.run(["chmod", "-R", "u+rwX", str(target)], check=False)


def test_the_hostile_tree_comes_in_but_for_what_is_named(
    tree: Path, project: lr.Project, slowest: dict[str, float], tmp_path: Path
):
    before = {path: path.lstat().st_mtime_ns for path in (tree / "tree/links").iterdir()}
    report = project.add(tree / "tree")
    assert_sound(project, report, slowest)
    verdicts = Verdicts.of(project, report)
    wrong = []
    for entry in json.loads((tree / "expected.json").read_text(encoding="utf-8"))["entries"]:
        found = verdict_of(entry, verdicts, str(tree / "tree"))
        if found not in (entry["verdict"], *entry["also_ok"]):
            wrong.append((entry["shown"], found, entry["verdict"], entry["why"]))
    assert not wrong
    assert before == {path: path.lstat().st_mtime_ns for path in (tree / "tree/links").iterdir()}
    assert not list(Path.cwd().glob("pwned"))
    with project.database.read() as connection:
        texts = [row[0] for row in connection.exec_driver_sql("SELECT coalesce(text, '') FROM sidecar")]
    assert not [text for text in texts if "root:" in text], "no table brings in files from outside"
    plan = project.view(everything=True).plan_export("sidecars", tmp_path / "out", preserve=True)
    out = plan.write().path
    read = [Path(path).relative_to(tree / "tree") for path in verdicts.texts]
    assert len(read) > 20
    assert [path for path in read if (out / path).read_bytes() != (tree / "tree" / path).read_bytes()] == []


def verdict_of(entry: dict[str, Any], verdicts: Verdicts, root: str) -> str:
    if entry["path_hex"] is None:  # the path that is too long for any call: its folder is named instead
        return "reject" if any("too long" in reason for reason in verdicts.rejected.values()) else "skip"
    path = os.path.join(root, os.fsdecode(bytes.fromhex(entry["path_hex"])))  # noqa: PTH118 - names of any bytes
    shown = os.fsencode(path).decode("utf-8", "backslashreplace")
    if entry["shown"].endswith(CAPTIONS):
        return verdicts.text(shown)
    return verdicts.picture(shown)


def test_a_hostile_archive_gives_what_is_good_in_it_and_names_the_rest(
    project: lr.Project, slowest: dict[str, float], tmp_path: Path, draw: Callable[..., Any]
):
    draw(1, (64, 48)).save(tmp_path / "good.jpg")
    good = (tmp_path / "good.jpg").read_bytes()
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("../../escape.jpg", "/etc/absolute.jpg", "C:\\drive.jpg", "x/../../y.jpg"):
            archive.writestr(name, good)
        link = zipfile.ZipInfo("link.jpg")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("bomb.jpg", bytes(60 * 2**20))
        archive.writestr("bomb.txt", bytes(60 * 2**20))
        archive.writestr("bomb/metadata.jsonl", b"{}\n" * 2**20)
        archive.writestr("inner.zip", good)
        archive.writestr("good.jpg", good)
        archive.writestr("good.txt", "dog, outdoors")
    data = bytearray(path.read_bytes())
    place = data.rindex(b"good.jpg") - 46 + 24  # its size in the directory: the archive lies about it
    data[place : place + 4] = (len(good) + 1).to_bytes(4, "little")
    (tmp_path / "lying.zip").write_bytes(data)
    report = project.add([path, tmp_path / "lying.zip"])
    assert_sound(project, report, slowest)
    said = {
        place.removeprefix(f"{tmp_path}/"): reason
        for place, reason in report.rejected.itertuples(index=False)
    }
    assert len(project) == len(report.added) == 1
    assert said["set.zip!/../../escape.jpg"] == "unsafe name in an archive: it leads outside"
    assert sum("unsafe name" in reason for reason in said.values()) == 8
    assert said["set.zip!/link.jpg"].startswith("not an image: text")
    assert said["set.zip!/bomb.jpg"] == "file of 60.0 MB is over the limit of 50 MB (limits= lifts it)"
    assert "size is not what the archive says" in said["lying.zip!/good.jpg"]
    assert len(report.warnings) < 250, "a million faulty lines are told shortly"
    assert project.view("dog outdoors").ids.tolist() == report.added.tolist()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [
        "good.jpg",
        "lying.zip",
        "project",
        "set.zip",
    ]
