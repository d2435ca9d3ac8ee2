"""A face detector that finds what it is told to, with the contract of the real one, made on the spot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from pathlib import Path

ROW = """
[[model]]
name = "spot"
kind = "scorer"
backend = "faces"
scores = ["faces", "face_share"]
files = { model = "version-RFB-320.onnx", labels = "" }
[model.preprocess]
layout = "NCHW"
fit = "resize"
"""


def write_detector(
    folder: Path,
    found: list[tuple[list[float], float]],
    *,
    outputs: tuple[str, str] = ("scores", "boxes"),
) -> Path:
    """Write a detector that finds these boxes in bright pictures and none in dark ones."""
    scores = np.array([[[1 - score, score] for _, score in found]], np.float32)
    boxes = np.array([[box for box, _ in found]], np.float32)
    node = helper.make_node
    nodes = [
        node("GlobalAveragePool", ["input"], ["means"]),
        node("ReduceMean", ["means"], ["mean"], axes=[1, 2, 3], keepdims=0),
        node("Greater", ["mean", "zero"], ["bright"]),
        node("Cast", ["bright"], ["on"], to=TensorProto.FLOAT),
        node("Mul", ["on", "all_scores"], [outputs[0]]),
        node("Identity", ["all_boxes"], [outputs[1]]),
    ]
    values = {"zero": np.float32([0]), "all_scores": scores, "all_boxes": boxes}
    graph = helper.make_graph(
        nodes,
        "detector",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, 240, 320])],
        [
            helper.make_tensor_value_info(outputs[0], TensorProto.FLOAT, scores.shape),
            helper.make_tensor_value_info(outputs[1], TensorProto.FLOAT, boxes.shape),
        ],
        [numpy_helper.from_array(value, name) for name, value in values.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(folder / "version-RFB-320.onnx"))
    return folder


def write_spot(folder: Path) -> Path:
    """Write a folder with a scorer that finds one face in bright pictures, and its row."""
    write_detector(folder, [([0.1, 0.1, 0.5, 0.6], 0.9)])
    (folder / "model.toml").write_text(ROW, encoding="utf-8")
    return folder
