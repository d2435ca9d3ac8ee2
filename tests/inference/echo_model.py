"""A tagger that says back what it is given, with the contract of the real ones, made on the spot."""

from __future__ import annotations

import csv
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

TAGS = [
    ("general", 9),
    ("sensitive", 9),
    ("questionable", 9),
    ("explicit", 9),
    ("mean_blue", 0),
    ("mean_green", 0),
    ("mean_red", 0),
    ("^_^", 0),
    ("corner_blue", 0),
    ("Saber_(Fate)", 4),
]


@pytest.fixture(autouse=True)
def alone(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings, models or caches of whoever runs the tests."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("LORAIRO_CONFIG", str(home / "config.toml"))
    monkeypatch.setenv("LORAIRO_MODEL_DIR", str(home / "models"))
    monkeypatch.setenv("HF_HOME", str(home / "hf"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.chdir(home)


def write_model(
    folder: Path,
    *,
    side: int | str = 32,
    batch: int | str = "batch",
    layout: str = "NHWC",
    tags: Sequence[tuple[str, int]] = TAGS,
    logits: bool = False,
) -> Path:
    """Write a tagger that says back what it is given, so that a test can see each step of the preprocessing.

    Columns 4 to 6 are the means of the input channels over 255, column 7 is their largest value, column 8
    the first channel of the corner pixel; the rest is fixed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    nhwc = layout == "NHWC"
    shape = [batch, side, side, 3] if nhwc else [batch, 3, side, side]

    def constant(name: str, values: object, kind: type = np.float32) -> onnx.TensorProto:
        return numpy_helper.from_array(np.asarray(values, dtype=kind), name)

    initial = [
        constant("over", [255.0]),
        constant("starts", [0, 0], np.int64),
        constant("ends", [1, 1], np.int64),
        constant("axes", [1, 2] if nhwc else [2, 3], np.int64),
        constant("flat", [0, -1], np.int64),
        constant("first", [0], np.int64),
        constant("front", [[0.1, 0.6, 0.2, 0.05]]),
        constant("back", [[0.9]]),
        constant("zero", [[0.0]]),
    ]
    spatial = [1, 2] if nhwc else [2, 3]
    node = helper.make_node
    nodes = [
        node("Div", ["input", "over"], ["unit"]),
        node("ReduceMean", ["unit"], ["means"], axes=spatial, keepdims=0),
        node("ReduceMax", ["unit"], ["top3"], axes=spatial, keepdims=0),
        node("ReduceMax", ["top3"], ["top"], axes=[1], keepdims=1),
        node("Slice", ["unit", "starts", "ends", "axes"], ["corner"]),
        node("Reshape", ["corner", "flat"], ["corner3"]),
        node("Gather", ["corner3", "first"], ["corner1"], axis=1),
        node("Mul", ["top", "zero"], ["nothing"]),
        node("Add", ["nothing", "front"], ["ratings"]),
        node("Add", ["nothing", "back"], ["rest"]),
        node("Concat", ["ratings", "means", "top", "corner1", "rest"], ["output"], axis=1),
    ]
    if logits:
        nodes[-1] = node("Concat", ["ratings", "means", "top", "corner1", "rest"], ["probability"], axis=1)
        initial.append(constant("one", [1.0]))
        nodes += [
            node("Clip", ["probability", "low", "high"], ["safe"]),
            node("Sub", ["one", "safe"], ["against"]),
            node("Div", ["safe", "against"], ["odds"]),
            node("Log", ["odds"], ["output"]),
        ]
        initial += [constant("low", 1e-6), constant("high", 1 - 1e-6)]
    graph = helper.make_graph(
        nodes,
        "echo",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, [batch, len(TAGS)])],
        initial,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, str(folder / "model.onnx"))
    with (folder / "selected_tags.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["tag_id", "name", "category", "count"])
        writer.writerows((number, name, category, 1) for number, (name, category) in enumerate(tags))
    return folder


@pytest.fixture
def echo() -> Callable[..., Path]:
    """Write an echoing model."""
    return write_model


@pytest.fixture(scope="session")
def tiny(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shared stand-in of a WD v3 tagger."""
    return made(shared, tmp_path_factory, "wd") / "wd-tiny-tagger-v3"


@pytest.fixture(scope="session")
def tiny_danbooru(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shared stand-in of DeepDanbooru."""
    return made(shared, tmp_path_factory, "deepdanbooru") / "deepdanbooru-tiny"


def made(shared: Path, folders: pytest.TempPathFactory, kind: str) -> Path:
    """Make a shared stand-in."""
    out = folders.mktemp("tiny")
    script = shared / "tools" / "make_tiny_models.py"
    subprocess.run([sys.executable, str(script), str(out), "--only", kind], check=True, capture_output=True)
    return out
