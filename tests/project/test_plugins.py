"""A plug-in package, built and installed by pip: one of each kind, used as a user does."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from lorairo.errors import ArgumentError, NotFoundError
from lorairo.sources import plugins, source_of

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint
    from pathlib import Path

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "lorairo-stars"
version = "1.0"
[project.entry-points."lorairo.annotators"]
stars = "lorairo_stars:Stars"
poet = "lorairo_stars:Poet"
[project.entry-points."lorairo.scorers"]
light = "lorairo_stars:Light"
[project.entry-points."lorairo.exporters"]
names = "lorairo_stars:Names"
[project.entry-points."lorairo.sources"]
drawn = "lorairo_stars:drawn"
"""

PACKAGE = """
import hashlib
import io
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PIL import Image

import lorairo as lr
from lorairo.inference.labels import Labels


class _Model:
    revision, batch, notice = "1", 2, None
    made = 0

    def __init__(self, spec):
        type(self).made += 1

    def prepare(self, image):
        return np.asarray(Image.open(io.BytesIO(image)).convert("L"), np.float32) / 255


class Stars(_Model):
    labels = Labels(("sky", "star"), np.array([0, 0], np.uint8))

    def infer(self, pictures):
        return np.tile(np.float32([0.9, 0.1]), (len(pictures), 1))


class Poet(_Model):
    def infer(self, pictures):
        return [lr.Said(caption=f"{picture.shape[1]} wide") for picture in pictures]


class Light(_Model):
    names = ["light", "contrast"]

    def infer(self, pictures):
        return np.array([[picture.mean(), picture.std()] for picture in pictures], np.float32)


class Names:
    wants_places = False

    def plan(self, items, out, *, record=None, workers=None, **options):
        text = "".join(f"{item.name}\\n" for item in items)

        def write():
            Path(out).mkdir()
            (Path(out) / "names.txt").write_text(text, encoding="utf-8")
            digest = hashlib.sha256(text.encode()).digest()
            result = SimpleNamespace(path=out, count=len(items), manifest_sha256=digest, settings={})
            record(result)
            return result

        return SimpleNamespace(write=write)


def drawn(address):
    count = int(address.partition("://")[2])
    return [Image.new("RGB", (64, 48), (40 * number, 90, 200)) for number in range(count)]
"""

USE = """
import sys
import lorairo as lr
from lorairo.exporters.registry import exporters
from lorairo.sources import plugins

rows = lr.models()
assert rows.loc[["stars", "poet", "light"], "available"].all()
assert rows.loc[["stars", "poet", "light"], "kind"].tolist() == ["annotator", "annotator", "scorer"]
assert "names" in exporters() and plugins.schemes() == ["drawn"]
assert "lorairo_stars" not in sys.modules

with lr.open_project("project") as project:
    assert len(project.add("drawn://4").added) == 4
    view = project.view()
    view.annotate(["stars", "poet"], background=False)
    view.score("light", background=False)
    assert len(project.view("sky")) == 4 and len(project.view("star")) == 0
    assert set(view.annotations["caption"].dropna()) == {"64 wide"}
    assert len(project.view("light:>0.1")) == 4 and len(project.view("contrast:<0.01")) == 4
    view.threshold("plugin/stars", general=0.05)
    assert len(project.view("star")) == 4
    view.score("light", background=False)
    assert view.export("names", "out").count == 4
    assert len(open("out/names.txt").readlines()) == 4
    assert project.exports["exporter"].tolist() == ["names"]
assert sys.modules["lorairo_stars"].Light.made == 1  # it stayed loaded
assert sorted(lr.unload()) == ["light", "poet", "stars"] and lr.unload("light") == []
print("fine")
"""


def test_a_package_adds_one_of_each_kind(tmp_path: Path):
    source, site = tmp_path / "source", tmp_path / "site"
    (source / "lorairo_stars").mkdir(parents=True)
    (source / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (source / "lorairo_stars" / "__init__.py").write_text(PACKAGE, encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    built = subprocess.run(
        [*pip, "--no-deps", "--no-build-isolation", "--target", str(site), str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    done = subprocess.run(
        [sys.executable, "-c", USE],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(site), *sys.path]),
            "LORAIRO_CONFIG": str(tmp_path / "config.toml"),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.endswith("fine\n"), done.stderr


class Point:
    """An entry point of a source."""

    name, value = "drawn", "somewhere:drawn"

    def __init__(self, load: object) -> None:
        self.load = load


def install(monkeypatch: pytest.MonkeyPatch, load: object) -> None:
    def points(group: str) -> list[EntryPoint | Point]:
        return [Point(load)] if group == "lorairo.sources" else []

    monkeypatch.setattr(plugins, "entry_points", points)


def test_an_address_that_no_plugin_takes_names_the_nearest(monkeypatch: pytest.MonkeyPatch):
    install(monkeypatch, lambda: pytest.fail("loaded"))
    with pytest.raises(NotFoundError, match=r"nothing here adds drwn:// addresses: did you mean 'drawn'"):
        source_of("drwn://1")


def test_a_source_that_fails_is_named_with_what_it_raised(monkeypatch: pytest.MonkeyPatch):
    def missing() -> None:
        raise ImportError("no module named 'ink'")

    install(monkeypatch, missing)
    with pytest.raises(ArgumentError, match=r"drawn://1: the plug-in somewhere:drawn failed: ImportError"):
        source_of(["drawn://1"])
