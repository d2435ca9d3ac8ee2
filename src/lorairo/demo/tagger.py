"""A tagger small enough to be made on the spot, that measures what it names: colours, light, sharpness.

The graph keeps the contract of the WD family (448 pixels, NHWC, BGR, 0..255, probabilities,
``selected_tags.csv``), so all that runs those runs this. Nothing in it is learnt: each tag is a formula, and
what cannot be measured is not named. The four ratings score alike, as it cannot tell them apart.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import numpy as np

from lorairo.errors import MissingExtra

if TYPE_CHECKING:
    from pathlib import Path

NAME = "lorairo-demo-tagger"
SIDE = 448
_POOL = 4  # colours are measured on a quarter of the side
_BLOCK = 16  # sharpness is measured block by block
_SHARPEST = 32  # of these, the mean of the sharpest counts: one sharp thing makes a sharp picture

RATINGS = ("general", "sensitive", "questionable", "explicit")

# Degrees on the colour wheel, from and to.
HUES = {
    "red": (-15, 15),
    "orange": (15, 42),
    "yellow": (42, 68),
    "green": (68, 165),
    "aqua": (165, 195),
    "blue": (195, 255),
    "purple": (255, 292),
    "pink": (292, 345),
}


class _Graph:
    """Writes an ONNX graph as one writes formulas: each call adds a node and names its result."""

    def __init__(self) -> None:
        try:
            import onnx  # noqa: PLC0415 - optional
        except ImportError as error:
            raise MissingExtra("onnx", extra="local") from error
        self._onnx = onnx
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def constant(self, value: Any, kind: Any = np.float32) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(self._onnx.numpy_helper.from_array(np.asarray(value, dtype=kind), name))
        return name

    def __call__(self, operator: str, *inputs: str | float, outputs: int = 1, **attributes: Any) -> Any:
        names = [value if isinstance(value, str) else self.constant(value) for value in inputs]
        results = [f"n{len(self._nodes)}_{k}" for k in range(outputs)]
        self._nodes.append(self._onnx.helper.make_node(operator, names, results, **attributes))
        return results[0] if outputs == 1 else results

    def true(self, condition: str) -> str:
        """Return 1 where a condition holds, 0 elsewhere."""
        return str(self("Cast", condition, to=self._onnx.TensorProto.FLOAT))

    def between(self, value: str, low: float, high: float) -> str:
        return str(
            self("Mul", self.true(self("Greater", value, low)), self.true(self("LessOrEqual", value, high)))
        )

    def save(self, file: Path, output: str, width: int) -> None:
        helper, kind = self._onnx.helper, self._onnx.TensorProto.FLOAT
        self._nodes.append(helper.make_node("Identity", [output], ["output"]))
        graph = helper.make_graph(
            self._nodes,
            "lorairo_demo_tagger",
            [helper.make_tensor_value_info("input", kind, ["batch", SIDE, SIDE, 3])],
            [helper.make_tensor_value_info("output", kind, ["batch", width])],
            self._constants,
        )
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="lorairo", ir_version=8
        )
        self._onnx.checker.check_model(model)
        self._onnx.save(model, str(file))


def make_tagger(folder: Path) -> Path:
    """Write the demo tagger into a folder; the same bytes every time. Its name is `NAME`, wherever it lies.

    Returns
    -------
    Path
        The model folder, which ``view.annotate`` takes as it is.

    Raises
    ------
    MissingExtra
        When ``onnx`` is not installed.
    """
    g = _Graph()
    measured = _measured(g)
    ratings = g.constant(np.full((1, len(RATINGS)), 0.25))
    first = next(iter(measured.values()))
    shape = g("Concat", g("Shape", first, start=0, end=1), g.constant([len(RATINGS)], np.int64), axis=0)
    output = g("Concat", g("Expand", ratings, shape), *measured.values(), axis=1)
    folder.mkdir(parents=True, exist_ok=True)
    rows = [(name, 9) for name in RATINGS]
    rows += [(name, 4 if name.endswith("(lorairo)") else 0) for name in measured]
    g.save(folder / "model.onnx", output, len(rows))
    with (folder / "selected_tags.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["tag_id", "name", "category", "count"])
        writer.writerows((number, name, category, 0) for number, (name, category) in enumerate(rows, start=1))
    row = f'[[model]]\nname = "{NAME}"\nlicence = "mit"\n'
    (folder / "model.toml").write_text(row, encoding="utf-8", newline="\n")
    return folder


def _measured(g: _Graph) -> dict[str, str]:
    """Return the tags and the nodes, [batch, 1], that score them."""
    picture = g("Div", g("Transpose", "input", perm=[0, 3, 1, 2]), 255.0)
    there = _not_padding(g, picture)
    small = g("AveragePool", picture, kernel_shape=[_POOL, _POOL], strides=[_POOL, _POOL])
    blue, green, red = g("Split", small, outputs=3, axis=1)
    mask = g("AveragePool", there, kernel_shape=[_POOL, _POOL], strides=[_POOL, _POOL])
    mask = g.true(g("Greater", mask, 0.99))
    area = g("Max", _sum(g, mask), 1.0)

    def mean(value: str) -> str:
        return str(g("Div", _sum(g, g("Mul", value, mask)), area))

    def deviation(value: str) -> str:
        away = g("Sub", value, mean(value))
        return str(g("Sqrt", mean(g("Mul", away, away))))

    luma = g("Add", g("Add", g("Mul", red, 0.299), g("Mul", green, 0.587)), g("Mul", blue, 0.114))
    value, chroma = (
        g("Max", red, green, blue),
        g("Sub", g("Max", red, green, blue), g("Min", red, green, blue)),
    )
    saturation = g("Div", chroma, g("Add", value, 1e-4))
    shares = _colours(g, (red, green, blue), value, chroma, saturation)
    scores = {name: _above(g, mean(share), 0.20, 14.0) for name, share in shares.items()}
    light, contrast = mean(luma), deviation(luma)
    scores["dark"] = _below(g, light, 0.20, 45.0)
    scores["bright"] = _above(g, light, 0.68, 45.0)
    scores["high_contrast"] = _above(g, contrast, 0.27, 60.0)
    scores["low_contrast"] = _below(g, contrast, 0.07, 120.0)
    scores["monochrome"] = scores["greyscale"] = _below(g, mean(chroma), 0.018, 500.0)
    pale = g("Mul", g.between(saturation, 0.10, 0.45), g.true(g("Greater", value, 0.68)))
    scores["pastel_colors"] = _above(g, mean(pale), 0.55, 20.0)
    drab = g("Mul", _above(g, mean(chroma), 0.035, 300.0), _below(g, mean(chroma), 0.11, 150.0))
    scores["muted_color"] = drab
    scores["colorful"] = _above(g, _colourfulness(g, (red, green, blue), mean, deviation), 0.36, 40.0)
    sharpness, busy = _sharpness(g, picture, there, contrast)
    # A plain surface has nothing that could be sharp: it is not blurry.
    scores["blurry"] = g("Mul", _below(g, sharpness, 0.22, 40.0), _above(g, contrast, 0.025, 300.0))
    scores["detailed"] = _above(g, busy, 0.05, 160.0)
    flat = _below(g, contrast, 0.02, 400.0)
    scores["grey_card_(lorairo)"] = g("Mul", flat, _above(g, mean(shares["grey"]), 0.97, 300.0))
    scores["white_card_(lorairo)"] = g("Mul", flat, _above(g, mean(shares["white"]), 0.97, 300.0))
    return {name: g("Reshape", score, g.constant([-1, 1], np.int64)) for name, score in scores.items()}


def _sum(g: _Graph, value: str) -> str:
    return str(g("ReduceSum", value, g.constant([1, 2, 3], np.int64), keepdims=1))


def _above(g: _Graph, value: str, middle: float, slope: float) -> str:
    return str(g("Sigmoid", g("Mul", g("Sub", value, middle), slope)))


def _below(g: _Graph, value: str, middle: float, slope: float) -> str:
    return _above(g, value, middle, -slope)


def _not_padding(g: _Graph, picture: str) -> str:
    """Return 1 where the picture is, 0 on the white it was padded with, [batch, 1, side, side].

    Padding is a band of pure white along two opposite sides. Where all four sides are white the
    picture itself is, and nothing is left out.
    """
    rows = g.true(g("Less", g("ReduceMin", picture, axes=[1, 3], keepdims=1), 0.998))
    columns = g.true(g("Less", g("ReduceMin", picture, axes=[1, 2], keepdims=1), 0.998))
    ends = g.constant([0, SIDE - 1], np.int64)
    # 1 unless the two outermost rows (columns) are white.
    row = g("ReduceMax", g("Gather", rows, ends, axis=2), axes=[2], keepdims=1)
    column = g("ReduceMax", g("Gather", columns, ends, axis=3), axes=[3], keepdims=1)
    rows = g("Max", rows, row, g("Sub", 1.0, column))
    columns = g("Max", columns, column, g("Sub", 1.0, row))
    return str(g("Mul", rows, columns))


def _colours(
    g: _Graph, channels: tuple[str, str, str], value: str, chroma: str, saturation: str
) -> dict[str, str]:
    """Say of each pixel which colours it has, as planes of 0 and 1."""
    red, green, blue = channels
    safe = g("Add", chroma, 1e-6)
    # The colour wheel in degrees, in three pieces by which channel is largest.
    by_red = g("Mul", g("Div", g("Sub", green, blue), safe), 60.0)
    by_green = g("Add", g("Mul", g("Div", g("Sub", blue, red), safe), 60.0), 120.0)
    by_blue = g("Add", g("Mul", g("Div", g("Sub", red, green), safe), 60.0), 240.0)
    hue = g("Where", g("GreaterOrEqual", green, blue), by_green, by_blue)
    largest_red = g("And", g("GreaterOrEqual", red, green), g("GreaterOrEqual", red, blue))
    hue = g("Where", largest_red, by_red, hue)
    hue = g("Where", g("Less", hue, -15.0), g("Add", hue, 360.0), hue)

    coloured = g("Mul", g.true(g("Greater", saturation, 0.22)), g.true(g("Greater", value, 0.16)))
    found = {name: g("Mul", coloured, g.between(hue, low, high)) for name, (low, high) in HUES.items()}
    # Brown is dark orange, pink is also pale red.
    warm = g("Add", found["red"], found["orange"])
    brown = g("Mul", g("Mul", g.between(hue, 8.0, 45.0), coloured), g.true(g("Less", value, 0.58)))
    pale = g(
        "Mul", g("Mul", found["red"], g.true(g("Less", saturation, 0.6))), g.true(g("Greater", value, 0.72))
    )
    found["red"] = g("Mul", g("Sub", found["red"], pale), g("Sub", 1.0, brown))
    found["orange"] = g("Mul", found["orange"], g("Sub", 1.0, brown))
    found["pink"] = g("Add", found["pink"], pale)
    found["brown"] = g("Mul", brown, warm)
    plain = g("Sub", 1.0, g.true(g("Greater", saturation, 0.13)))
    found["white"] = g("Mul", plain, g.true(g("Greater", value, 0.84)))
    found["black"] = g.true(g("Less", value, 0.13))
    found["grey"] = g("Mul", plain, g.between(value, 0.16, 0.82))
    return found


def _colourfulness(g: _Graph, channels: tuple[str, str, str], mean: Any, deviation: Any) -> str:
    """Hasler and Süsstrunk, Measuring colourfulness in natural images (2003), on a scale of 0..1."""
    red, green, blue = channels
    across = g("Sub", red, green)
    along = g("Sub", g("Mul", g("Add", red, green), 0.5), blue)

    def length(one: str, other: str) -> str:
        return str(g("Sqrt", g("Add", g("Mul", one, one), g("Mul", other, other))))

    spread = length(deviation(across), deviation(along))
    return str(g("Add", spread, g("Mul", length(mean(across), mean(along)), 0.3)))


def _sharpness(g: _Graph, picture: str, there: str, contrast: str) -> tuple[str, str]:
    """Return how sharp the sharpest parts are against the contrast of the whole, and the mean detail."""
    weights = np.array([0.114, 0.587, 0.299]).reshape(1, 3, 1, 1)
    cross = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])
    edges = g("Abs", g("Conv", picture, g.constant(weights * cross), kernel_shape=[3, 3], pads=[1, 1, 1, 1]))
    # Where the picture ends and the padding begins is an edge too: nothing within a block of it counts.
    inner = g("Neg", g("MaxPool", g("Neg", there), kernel_shape=[9, 9], pads=[4, 4, 4, 4]))
    frame = [g.constant(place, np.int64) for place in ([4, 4], [-4, -4], [2, 3])]
    inner, edges = g("Slice", inner, *frame), g("Slice", edges, *frame)
    pool: dict[str, Any] = {"kernel_shape": [_BLOCK, _BLOCK], "strides": [_BLOCK // 2, _BLOCK // 2]}
    blocks = g("AveragePool", g("Mul", edges, inner), **pool)
    whole = g.true(g("Greater", g("AveragePool", inner, **pool), 0.99))
    blocks = g("Reshape", g("Mul", blocks, whole), g.constant([0, -1], np.int64))
    sharpest, _ = g("TopK", blocks, g.constant([_SHARPEST], np.int64), outputs=2, axis=1)
    top = g("Reshape", g("ReduceMean", sharpest, axes=[1], keepdims=1), g.constant([-1, 1, 1, 1], np.int64))
    count = g("Max", _sum(g, inner), 1.0)
    busy = g("Div", _sum(g, g("Mul", edges, inner)), count)
    return str(g("Div", top, g("Add", contrast, 0.02))), str(busy)
