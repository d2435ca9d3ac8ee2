from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lorairo import config
from lorairo.config import load, user_file
from lorairo.errors import ModelError, NotFoundError
from lorairo.inference import registry, run
from lorairo.inference.specs import read_specs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FAMILY = [f"wd-{name}-tagger-v3" for name in ("vit", "convnext", "swinv2", "vit-large", "eva02-large")]


def own_rows(text: str) -> None:
    (user_file().parent / "models.toml").write_text(text, encoding="utf-8")


def row(name: str) -> registry.ModelRow:
    return next(row for row in registry.models() if row.id == name)


def test_the_family_is_there_with_its_contract():
    specs = registry.specs()
    assert list(specs)[:5] == FAMILY
    for name in FAMILY:
        spec = specs[name]
        assert spec.repo == f"SmilingWolf/{name}"
        assert spec.key == f"local/{name}"
        rules = spec.preprocess
        assert (rules.size, rules.layout, rules.channels, rules.scale) == (448, "NHWC", "BGR", "0-255")
        assert (rules.fit, rules.pad_color, rules.resample) == ("pad", (255, 255, 255), "bicubic")
        assert (spec.thresholds.general, spec.thresholds.character, spec.thresholds.mcut) == (
            0.35,
            0.85,
            False,
        )
        assert (spec.output.activation, spec.output.index) == ("none", 0)


def test_what_is_missing_is_said_in_words():
    found = row("wd-vit-tagger-v3")
    assert not found.available
    assert found.why_not == "Not on this machine, and HF_HUB_OFFLINE is set"
    assert "selected_tags.csv" in found.remedy
    assert (found.size, found.price, found.licence) == ("379 MB", "free", "apache-2.0")


def test_what_can_be_fetched_is_available(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("HF_HUB_OFFLINE")
    assert row("wd-vit-tagger-v3").available


def test_without_onnxruntime(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(registry, "find_spec", lambda _name: None)
    found = row("wd-vit-tagger-v3")
    assert (found.available, found.why_not) == (False, "Needs onnxruntime")
    assert "lorairo[local]" in found.remedy


def test_what_nothing_here_runs_is_listed():
    own_rows('[[model]]\nname = "words"\nkind = "captioner"\nbackend = "oracle"\n')
    found = row("words")
    assert (found.available, found.why_not) == (False, "Nothing here runs 'oracle'")
    assert "plug-in" in found.remedy


def test_code_of_others_runs_only_where_somebody_agreed(tmp_path: Path):
    (tmp_path / "theirs").mkdir()
    for name in ("config.json", "model.safetensors"):
        (tmp_path / "theirs" / name).write_text("{}", encoding="utf-8")
    files = 'files = { patterns = ["*.json", "*.safetensors", "*.py"] }'
    start = '[[model]]\nname = "theirs"\nbackend = "chat"\nremote_code = true\n'
    own_rows(f"{start}path = '{tmp_path / 'theirs'}'\n{files}\n")
    assert "nobody has agreed" in row("theirs").why_not
    assert 'models.allow_remote_code", ["theirs"]' in row("theirs").remedy
    config.set("models.allow_remote_code", ["theirs"])
    assert row("theirs").available
    own_rows(f'{start}repo = "them/theirs"\n{files}\n')
    with pytest.raises(ModelError, match="pin its revision to a commit"):
        row("theirs")


def test_own_rows_override_by_name(tmp_path: Path, echo: Callable[..., Path]):
    echo(tmp_path / "weights")
    own_rows(
        f'[[model]]\nname = "wd-vit-tagger-v3"\npath = "{(tmp_path / "weights").as_posix()}"\n'
        "[model.thresholds]\ngeneral = 0.5\n"
        '[[model]]\nname = "mine"\nrepo = "me/mine"\n'
    )
    spec = registry.find("wd-vit-tagger-v3")
    assert (spec.thresholds.general, spec.repo) == (0.5, None)
    assert row("wd-vit-tagger-v3").available
    assert registry.find("local/mine").name == "mine"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[model]\n", "not TOML"),
        ('[[models]]\nname = "a"\n', "unknown table 'models': did you mean 'model'"),
        ('[model]\nname = "a"\n', "two brackets"),
        ('[[model]]\nname = "a"\nrevison = "b"\n', "a: unknown key 'revison': did you mean 'revision'"),
        (
            '[[model]]\nname = "a"\n[model.preprocess]\nchanels = "RGB"\n',
            "'preprocess.chanels': did you mean 'channels'",
        ),
        ('[[model]]\nname = "a"\n[model.preprocess]\nlayout = "HWC"\n', "preprocess.layout"),
        ('[[model]]\nname = "a"\n[model.thresholds]\nmcut = "often"\n', "mcut"),
        ("[[model]]\nbackend = 'onnx'\n", "without a name: name"),
    ],
)
def test_a_mistake_in_a_row_is_named(text: str, said: str):
    own_rows(text)
    with pytest.raises(ModelError) as caught:
        registry.models()
    assert said in str(caught.value)
    assert "models.toml" in str(caught.value)


def test_a_relative_path_starts_at_its_file(tmp_path: Path):
    (tmp_path / "rows.toml").write_text('[[model]]\nname = "a"\npath = "weights"\n', encoding="utf-8")
    assert read_specs(tmp_path / "rows.toml")[0].path == (tmp_path / "weights").resolve()


def test_finds_folders(tmp_path: Path, echo: Callable[..., Path], monkeypatch: pytest.MonkeyPatch):
    folder = echo(tmp_path / "near" / "my-tagger")
    for given in (folder, str(folder)):
        assert registry.find(given).key == "local/my-tagger"
    monkeypatch.chdir(tmp_path / "near")
    assert row("my-tagger").available
    assert registry.find("my-tagger").path == folder.resolve()
    echo(load().model_dir / "another")
    assert registry.find("local/another").name == "another"


def test_what_is_no_model_is_named(tmp_path: Path):
    with pytest.raises(NotFoundError, match="did you mean 'wd-swinv2-tagger-v3'"):
        registry.find("wd-swin2-tagger-v3")
    with pytest.raises(NotFoundError, match=r"holds no model\.onnx and no selected_tags\.csv"):
        registry.find(tmp_path)
    with pytest.raises(NotFoundError, match="does not exist"):
        registry.find(tmp_path / "nowhere")


def test_what_does_not_fit_into_memory_says_how_much_is_lacking(
    tmp_path: Path, echo: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("lorairo.inference.memory.memory_mb", lambda: 8 * 1024)
    monkeypatch.delenv("HF_HUB_OFFLINE")
    own_rows('[[model]]\nname = "big"\nrepo = "me/big"\nmegabytes = 17000\n')
    assert (row("big").available, row("big").why_not) == (
        False,
        "Needs 17.0 GB of memory, this machine has 8.6",
    )
    with pytest.raises(ModelError, match=r"cannot run here: Needs 17\.0 GB"):
        run.annotate(None, None, np.array([1]), ["big"], author="ada")
    folder = echo(tmp_path / "weights").as_posix()
    own_rows(f'[[model]]\nname = "small"\npath = "{folder}"\nmegabytes = 17000\n')
    assert row("small").available  # files that are here are measured


def test_a_head_takes_the_memory_of_its_embedder_too(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lorairo.inference.memory.memory_mb", lambda: 8 * 1024)
    monkeypatch.setattr(registry, "find_spec", lambda _name: object())
    monkeypatch.delenv("HF_HUB_OFFLINE")
    files = 'files = { model = "h.pth", labels = "" }\n'
    head = f'[[model]]\nname = "NAME"\nkind = "scorer"\nbackend = "head"\nrepo = "me/head"\n{files}'
    over = '[model.head]\nover = "eyes"\nlayers = [""]\n'
    own_rows(
        '[[model]]\nname = "eyes"\nkind = "embedder"\nbackend = "embedder"\nrepo = "me/eyes"\n'
        "megabytes = 6000\n"
        + head.replace("NAME", "small")
        + "megabytes = 4\n"
        + over
        + head.replace("NAME", "large")
        + "megabytes = 3000\n"
        + over
    )
    assert (row("small").available, row("small").size) == (True, "6,004 MB with eyes")
    assert (row("large").why_not, row("large").size) == (
        "Needs 9.0 GB of memory, this machine has 8.6",
        "9,000 MB with eyes",
    )


@pytest.mark.parametrize("second", ["lorairo.scorers", "lorairo.annotators"])
def test_plugins_of_one_name_are_told_and_none_is_taken(monkeypatch: pytest.MonkeyPatch, second: str):
    points = [
        metadata.EntryPoint("stars", "one:Stars", "lorairo.annotators"),
        metadata.EntryPoint("stars", "two:Stars", second),
    ]

    def installed(group: str) -> list[metadata.EntryPoint]:
        return [point for point in points if point.group == group]

    monkeypatch.setattr(metadata, "entry_points", installed)
    assert (row("stars").available, row("stars").why_not) == (
        False,
        f"Several plug-ins are called stars: one:Stars (lorairo.annotators) and two:Stars ({second})",
    )
    with pytest.raises(ModelError, match="Several plug-ins are called stars"):
        run.annotate(None, None, np.array([1]), ["stars"], author="ada")
    del points[1]
    assert row("stars").available


PLUGIN = """
import numpy as np
from lorairo.inference.labels import Labels

class Stars:
    labels = Labels(("sky", "star"), np.array([0, 0], np.uint8))
    revision, batch, notice = "1", 2, None
    def __init__(self, spec):
        self.spec = spec
    def prepare(self, image):
        return np.zeros((4, 4, 3), np.uint8)
    def infer(self, squares):
        return np.tile(np.float32([0.9, 0.1]), (len(squares), 1))
"""

LIST = """
import sys
from lorairo.inference import registry
rows = {row.id: row for row in registry.models()}
assert rows["stars"].available and rows["stars"].provider == "plugin", rows
assert "stars_plugin" not in sys.modules
assert not {"onnxruntime", "huggingface_hub", "torch", "onnx"} & set(sys.modules)
from lorairo.inference.loading import Loader
tagger = Loader(registry.find("stars")).load()
assert tagger.spec.name == "stars" and tagger.infer([0])[0][0] > 0.8
print("fine")
"""


def test_plugins_are_listed_without_importing_them(tmp_path: Path):
    site = tmp_path / "site"
    info = site / "stars_plugin-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "stars_plugin.py").write_text(PLUGIN, encoding="utf-8")
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: stars-plugin\nVersion: 1.0\n", encoding="utf-8"
    )
    (info / "entry_points.txt").write_text(
        "[lorairo.annotators]\nstars = stars_plugin:Stars\n", encoding="utf-8"
    )
    path = os.pathsep.join([str(site), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", LIST],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "fine\n", done.stderr
