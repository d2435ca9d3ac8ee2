"""A tagger that shows its input: each label is the value of one channel of one pixel."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from pathlib import Path

    from lorairo.inference.specs import ModelSpec

    Range = tuple[float, float]

STEP = 13  # pixels between those that are shown: no divisor of the sides, so that edges are among them


def write_mirror(folder: Path, spec: ModelSpec, outputs: dict[str, Range | None]) -> ModelSpec:
    """Write the files that a row names, with the contract it states.

    Parameters
    ----------
    folder
        Where.
    spec
        The row.
    outputs
        Name to lowest and highest value of the input, which become 0 and 1; None leaves it as it is.

    Returns
    -------
    ModelSpec
        The row with the folder as its path.
    """
    side, rules = spec.preprocess.size, spec.preprocess
    axes = [1, 2] if rules.layout == "NHWC" else [2, 3]
    shape = ["batch", side, side, 3] if rules.layout == "NHWC" else ["batch", 3, side, side]
    width = 3 * len(range(0, side, STEP)) ** 2
    nodes = [
        helper.make_node("Slice", ["input", "starts", "ends", "axes", "steps"], ["shown"]),
        helper.make_node("Reshape", ["shown", "flat"], ["values"]),
    ]
    initial = [
        numpy_helper.from_array(np.array(values, np.int64), name)
        for name, values in {
            "starts": [0, 0],
            "ends": [side, side],
            "axes": axes,
            "steps": [STEP, STEP],
            "flat": [0, -1],
        }.items()
    ]
    for name, limits in outputs.items():
        low, high = limits or (0.0, 1.0)
        initial += [
            numpy_helper.from_array(np.float32([low]), f"{name}_low"),
            numpy_helper.from_array(np.float32([high - low]), f"{name}_span"),
        ]
        nodes += [
            helper.make_node("Sub", ["values", f"{name}_low"], [f"{name}_from"]),
            helper.make_node("Div", [f"{name}_from", f"{name}_span"], [name]),
        ]
    graph = helper.make_graph(
        nodes,
        "mirror",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", width]) for name in outputs],
        initial,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    for file in spec.files.named:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text("", encoding="utf-8")
    onnx.save(model, str(folder / spec.files.model))
    _write_labels(folder / spec.files.labels, spec, width)
    return spec.model_copy(update={"path": folder})


def _write_labels(file: Path, spec: ModelSpec, width: int) -> None:
    names = [f"pixel_{number}" for number in range(width)]
    if file.suffix == ".txt":
        text = "\n".join([*names[:-3], "rating:safe", "rating:questionable", "rating:explicit"])
    elif file.suffix == ".csv":
        text = "\n".join(["name,category", *(f"{name},0" for name in names)])
    elif "camie" in spec.name:
        mapping = {
            "idx_to_tag": {str(number): name for number, name in enumerate(names)},
            "tag_to_category": dict.fromkeys(names, "general"),
        }
        v2 = {"dataset_info": {"tag_mapping": mapping}}
        text = json.dumps(v2 if spec.name.endswith("v2") else mapping)
    else:
        text = json.dumps({str(n): {"tag": name, "category": "General"} for n, name in enumerate(names)})
    file.write_text(text + "\n", encoding="utf-8")
