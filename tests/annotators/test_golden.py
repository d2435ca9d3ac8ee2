"""Each family's preprocessing against what its authors publish, written down here once more by hand.

A mutated row has to be told from the right one: a wrong step of preprocessing gives plausible nonsense.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
import pytest
from mirror_model import write_mirror
from PIL import Image

from lorairo.annotators.onnx_tagger import OnnxTagger
from lorairo.errors import ModelError
from lorairo.inference import registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from lorairo.inference.specs import ModelSpec

    Pixels = NDArray[np.float32]


def over(image: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """Lay what is transparent over a colour."""
    image = image.convert("RGBA")
    ground = Image.new("RGBA", image.size, (*colour, 255))
    ground.alpha_composite(image)
    return ground.convert("RGB")


def in_square(image: Image.Image, side: int, colour: tuple[int, int, int]) -> Image.Image:
    square = Image.new("RGB", (side, side), colour)
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return square


def wd(image: Image.Image) -> Pixels:
    """Alpha on white, pad to a white square, bicubic; blue first, 0..255."""
    image = over(image, (255, 255, 255))
    square = in_square(image, max(image.size), (255, 255, 255)).resize((448, 448), Image.BICUBIC)
    return np.asarray(square, np.float32)[:, :, ::-1]


def letterboxed(image: Image.Image, colour: tuple[int, int, int]) -> Image.Image:
    """Shrink the longer side to 512 by Lanczos, then pad."""
    image = over(image, colour)
    ratio = image.width / image.height
    size = (512, int(512 / ratio)) if ratio > 1 else (int(512 * ratio), 512)
    return in_square(image.resize(size, Image.LANCZOS), 512, colour)


def camie(image: Image.Image) -> Pixels:
    return (np.asarray(letterboxed(image, (0, 0, 0)), np.float32) / 255).transpose(2, 0, 1)


def camie_v2(image: Image.Image) -> Pixels:
    pixels = np.asarray(letterboxed(image, (124, 116, 104)), np.float32) / 255
    return ((pixels - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]).transpose(2, 0, 1).astype(np.float32)


def cl(image: Image.Image) -> Pixels:
    """As WD, then channels first, to -1..1."""
    return (wd(image).transpose(2, 0, 1) / 255 - 0.5) / 0.5


def pixai(image: Image.Image) -> Pixels:
    """Squeezed into the square, red first, to -1..1."""
    squeezed = over(image, (255, 255, 255)).resize((448, 448), Image.BILINEAR)
    return (np.asarray(squeezed, np.float32).transpose(2, 0, 1) / 255 - 0.5) / 0.5


def deepdanbooru(image: Image.Image) -> Pixels:
    """Fitted by area, centred, the pixels at the edges repeated; 0..1."""
    image = over(image, (255, 255, 255))
    scale = min(512 / image.width, 512 / image.height)
    size = (round(image.width * scale), round(image.height * scale))
    inside = np.asarray(image.resize(size, Image.BOX), np.float32) / 255
    rows = np.clip(np.arange(512) - (512 - size[1]) // 2, 0, size[1] - 1)
    columns = np.clip(np.arange(512) - (512 - size[0]) // 2, 0, size[0] - 1)
    return inside[rows][:, columns]


@dataclass(frozen=True)
class Family:
    """A row, what its authors do to a picture, and what the outputs of the network make of its input."""

    row: str
    published: Callable[[Image.Image], Pixels]
    outputs: dict[str, tuple[float, float] | None]
    answer: str


LOGITS: dict[str, tuple[float, float] | None] = {"output": None}
FAMILIES = [
    Family("wd-vit-tagger-v3", wd, {"output": (0, 255)}, "output"),
    Family("wd-v1-4-moat-tagger-v2", wd, {"output": (0, 255)}, "output"),
    Family("idolsankaku-swinv2-tagger-v1", wd, {"output": (0, 255)}, "output"),
    Family("z3d-e621-convnext", wd, {"output": (0, 255)}, "output"),
    Family("camie-tagger", camie, LOGITS, "output"),
    Family("camie-tagger-v2", camie_v2, {"initial": (-9, 9), "refined": None, "chosen": (-9, 9)}, "refined"),
    Family("cl-tagger-1.02", cl, LOGITS, "output"),
    Family(
        "pixai-tagger-v0.9", pixai, {"embedding": None, "logits": None, "prediction": (-1, 1)}, "prediction"
    ),
    Family("deepdanbooru", deepdanbooru, {"output": (0, 1)}, "output"),
]


@pytest.fixture(scope="module")
def pictures(draw: Callable[..., Image.Image]) -> list[Image.Image]:
    """Wide, tall, larger and smaller than the input, odd sides, and one that is half transparent."""
    sizes = [(640, 480), (201, 411), (97, 60)]
    made = [draw(seed, size) for seed, size in enumerate(sizes)]
    clear = draw(9, (500, 400)).convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize((500, 400)))
    return [*made, clear]


@pytest.fixture(params=FAMILIES, ids=lambda family: family.row)
def family(request: pytest.FixtureRequest) -> Family:
    return request.param


@pytest.fixture
def row(family: Family, tmp_path: Path) -> ModelSpec:
    return write_mirror(tmp_path / "model", registry.specs()[family.row], family.outputs)


def expected(family: Family, row: ModelSpec, pictures: list[Image.Image]) -> Pixels:
    session = onnxruntime.InferenceSession(
        str(row.path / row.files.model), providers=["CPUExecutionProvider"]
    )
    batch = np.stack([family.published(picture) for picture in pictures])
    (answer,) = session.run([family.answer], {"input": batch})
    return 1 / (1 + np.exp(-answer)) if row.output.activation == "sigmoid" else answer


def agrees(row: ModelSpec, pictures: list[Image.Image], answer: Pixels) -> bool:
    try:
        found = OnnxTagger(row).predict(pictures)
    except ModelError:
        return False
    return found.shape == answer.shape and bool(np.abs(found - answer).max() < 2e-3)


def changed(row: ModelSpec, part: str, **values: Any) -> ModelSpec:
    return row.model_copy(update={part: getattr(row, part).model_copy(update=values)})


def mutants(row: ModelSpec) -> dict[str, ModelSpec]:
    """Rows that are wrong by one step."""
    rules = row.preprocess
    fits = {"pad", "letterbox", "edge", "resize", "crop"} - {rules.fit}
    wrong = {f"fit {fit}": changed(row, "preprocess", fit=fit) for fit in fits}
    wrong["channels"] = changed(row, "preprocess", channels="RGB" if rules.channels == "BGR" else "BGR")
    wrong["scale"] = changed(row, "preprocess", scale="0-1" if rules.scale == "0-255" else "0-255")
    wrong["mean"] = changed(row, "preprocess", mean=(0.1, 0.2, 0.3) if rules.scale == "0-1" else (9, 9, 9))
    wrong["std"] = changed(row, "preprocess", std=tuple(part * 1.2 for part in rules.std))
    wrong["resample"] = changed(row, "preprocess", resample="nearest")
    wrong["layout"] = changed(row, "preprocess", layout="NCHW" if rules.layout == "NHWC" else "NHWC")
    wrong["padding"] = changed(row, "preprocess", pad_color=tuple(255 - part for part in rules.pad_color))
    sigmoid = row.output.activation == "sigmoid"
    wrong["sigmoid"] = changed(row, "output", activation="none" if sigmoid else "sigmoid")
    return wrong


def test_equals_what_the_authors_publish(family: Family, row: ModelSpec, pictures: list[Image.Image]):
    assert agrees(row, pictures, expected(family, row, pictures))


@pytest.mark.parametrize(
    "family", {family.published: family for family in FAMILIES}.values(), ids=lambda family: family.row
)
def test_one_wrong_step_is_seen(family: Family, row: ModelSpec, pictures: list[Image.Image]):
    answer = expected(family, row, pictures)
    assert [name for name, wrong in mutants(row).items() if agrees(wrong, pictures, answer)] == []


@pytest.mark.parametrize("name", ["camie-tagger-v2", "pixai-tagger-v0.9"])
def test_another_output_is_seen(name: str, tmp_path: Path, pictures: list[Image.Image]):
    family = next(family for family in FAMILIES if family.row == name)
    row = write_mirror(tmp_path / "model", registry.specs()[name], family.outputs)
    answer = expected(family, row, pictures)
    for wrong in set(family.outputs) - {family.answer}:
        assert not agrees(changed(row, "output", name=wrong), pictures, answer)
