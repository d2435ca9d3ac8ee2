from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime
import pytest
from PIL import Image

from lorairo.annotators.onnx_tagger import OnnxTagger
from lorairo.errors import ModelError
from lorairo.images import Rejected
from lorairo.inference.registry import find, specs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BLUE, GREEN, RED, TOP, CORNER = 4, 5, 6, 7, 8


def flat(colour: tuple[int, ...], size: tuple[int, int] = (40, 40), mode: str = "RGB") -> Image.Image:
    return Image.new(mode, size, colour)


def test_channels_are_blue_green_red_from_0_to_255(tmp_path: Path, echo: Callable[..., Path]):
    (scores,) = OnnxTagger(echo(tmp_path / "m")).predict([flat((255, 102, 51))])
    assert scores[[BLUE, GREEN, RED, TOP]].tolist() == pytest.approx([0.2, 0.4, 1.0, 1.0], abs=1e-4)


def test_pads_to_a_white_square(tmp_path: Path, echo: Callable[..., Path]):
    tagger = OnnxTagger(echo(tmp_path / "m"))
    wide, square = tagger.predict([flat((0, 0, 0), (64, 32)), flat((0, 0, 0), (64, 64))])
    assert wide[CORNER] == 1.0
    assert wide[RED] == pytest.approx(0.5, abs=0.02)
    assert square[CORNER] == 0.0


def test_transparent_is_white(tmp_path: Path, echo: Callable[..., Path]):
    (scores,) = OnnxTagger(echo(tmp_path / "m")).predict([flat((0, 0, 0, 0), mode="RGBA")])
    assert scores[[BLUE, GREEN, RED]].tolist() == [1.0, 1.0, 1.0]


def test_turns_a_file_upright(tmp_path: Path, echo: Callable[..., Path]):
    picture = Image.new("RGB", (32, 32), "white")
    picture.paste((0, 0, 0), (0, 0, 16, 16))
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down: the black quarter is not the first
    picture.save(tmp_path / "turned.png", exif=exif)
    (scores,) = OnnxTagger(echo(tmp_path / "m")).predict([(tmp_path / "turned.png").read_bytes()])
    assert scores[CORNER] == 1.0


def test_reads_size_and_batch_from_the_model(tmp_path: Path, echo: Callable[..., Path]):
    fixed = OnnxTagger(echo(tmp_path / "fixed", side=24, batch=1))
    assert (fixed.size, fixed.fixed_batch, fixed.batch) == ((24, 24), 1, 1)
    loose = OnnxTagger(echo(tmp_path / "loose", side="side"))
    assert (loose.size, loose.fixed_batch) == ((448, 448), None)
    three = OnnxTagger(echo(tmp_path / "three", batch=3))
    pictures = [flat((value, 0, 0)) for value in (0, 51, 102, 153, 204)]
    for tagger in (fixed, three):
        assert tagger.predict(pictures)[:, RED].tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8], abs=1e-4)


def test_a_row_can_ask_for_another_contract(tmp_path: Path, echo: Callable[..., Path]):
    spec = find(echo(tmp_path / "m", layout="NCHW", logits=True))
    with pytest.raises(ModelError, match="NCHW"):
        OnnxTagger(spec)
    rules = spec.preprocess.model_copy(
        update={
            "layout": "NCHW",
            "channels": "RGB",
            "scale": "0-1",
            "mean": (0.2, 0.0, 0.0),
            "std": (1.0, 2.0, 1.0),
        }
    )
    output = spec.output.model_copy(update={"activation": "sigmoid"})
    tagger = OnnxTagger(spec.model_copy(update={"preprocess": rules, "output": output}))
    (scores,) = tagger.predict([flat((255, 255, 51))])
    expected = [0.8 / 255, 0.5 / 255, 0.2 / 255]  # the echo divides by 255 once more
    assert scores[4:7].tolist() == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(("fit", "expected"), [("pad", 0.5), ("resize", 0.5), ("crop", 1.0)])
def test_ways_to_fit(tmp_path: Path, echo: Callable[..., Path], fit: str, expected: float):
    spec = find(echo(tmp_path / "m"))
    rules = spec.preprocess.model_copy(update={"fit": fit, "pad_color": (0, 0, 0)})
    picture = flat((0, 0, 0), (80, 40))
    picture.paste((255, 0, 0), (20, 0, 60, 40))  # the middle half
    (scores,) = OnnxTagger(spec.model_copy(update={"preprocess": rules})).predict([picture])
    assert scores[RED] == pytest.approx(expected if fit != "pad" else expected / 2, abs=0.03)


def test_memory_that_is_not_there_halves_the_batch(tmp_path: Path, echo: Callable[..., Path]):
    tagger = OnnxTagger(echo(tmp_path / "m"))
    run, sizes = tagger._run, []

    def scarce(squares: list[np.ndarray]) -> np.ndarray:
        sizes.append(len(squares))
        if len(squares) > 3:
            raise RuntimeError("Failed to allocate memory for requested buffer of size 9")
        return run(squares)

    tagger._run = scarce
    tagger.batch = 16
    scores = tagger.predict([flat((value, 0, 0)) for value in range(0, 200, 10)])
    assert scores[:, RED].tolist() == pytest.approx([value / 255 for value in range(0, 200, 10)], abs=1e-4)
    assert sizes[:4] == [16, 8, 4, 2]
    assert set(sizes[3:]) == {2}


def test_a_gpu_that_failed_is_one_error(tmp_path: Path, echo: Callable[..., Path]):
    tagger = OnnxTagger(echo(tmp_path / "m"))

    class Dead:
        """A session on a GPU that fell off the bus."""

        @staticmethod
        def run(*_: object) -> None:
            raise RuntimeError(
                "Non-zero status code: CUDA failure 999: unknown error ; GPU=0\nfile=cuda_call.cc"
            )

        @staticmethod
        def get_providers() -> list[str]:
            return ["CUDAExecutionProvider", "CPUExecutionProvider"]

    tagger._network._session = Dead()
    with pytest.raises(
        ModelError, match=r"m: CUDA failed and cannot be used again.*GPU=0\. Restart"
    ) as caught:
        tagger.predict([flat((0, 0, 0))] * 3)
    assert 'lr.config.set("models.device", "cpu")' in str(caught.value)


def test_not_even_one_fits(tmp_path: Path, echo: Callable[..., Path]):
    tagger = OnnxTagger(echo(tmp_path / "m"))

    def none(_squares: list[np.ndarray]) -> np.ndarray:
        raise RuntimeError("CUDA out of memory")

    tagger._run = none
    with pytest.raises(ModelError, match="does not fit"):
        tagger.predict([flat((0, 0, 0))] * 5)


def test_files_that_do_not_belong_together(tmp_path: Path, echo: Callable[..., Path]):
    folder = echo(tmp_path / "m", tags=[("general", 9), ("solo", 0)])
    with pytest.raises(ModelError, match=r"10 numbers.*2 tags"):
        OnnxTagger(folder)


@pytest.mark.parametrize("damage", ["page", "cut", "empty"])
def test_a_damaged_file_is_named_with_what_helps(tmp_path: Path, echo: Callable[..., Path], damage: str):
    file = echo(tmp_path / "m") / "model.onnx"
    whole = file.read_bytes()
    file.write_bytes(
        {"page": b"<html>not found</html>", "cut": whole[: len(whole) // 2], "empty": b""}[damage]
    )
    with pytest.raises(ModelError, match="cannot be loaded by onnxruntime") as caught:
        OnnxTagger(file.parent)
    assert str(file) in str(caught.value)
    assert "delete it and fetch or copy it again" in str(caught.value)


def test_answers_that_are_no_probabilities_are_named(tmp_path: Path, echo: Callable[..., Path]):
    with pytest.raises(
        ModelError, match=r'm answers with .* no probabilities: set output.activation = "sigmoid"'
    ):
        OnnxTagger(echo(tmp_path / "m", logits=True)).predict([flat((0, 0, 0))])


@pytest.mark.parametrize(
    ("output", "said"),
    [({"index": 1}, r"has 1 outputs: output\.index = 1"), ({"name": "logits"}, "one of output")],
)
def test_an_output_that_is_not_there_is_named(
    tmp_path: Path, echo: Callable[..., Path], output: dict[str, object], said: str
):
    spec = find(echo(tmp_path / "m"))
    with pytest.raises(ModelError, match=said):
        OnnxTagger(spec.model_copy(update={"output": spec.output.model_copy(update=output)}))


def test_a_row_without_a_list_of_tags_is_named(tmp_path: Path, echo: Callable[..., Path]):
    spec = find(echo(tmp_path / "m"))
    with pytest.raises(ModelError, match=r"add files\.labels"):
        OnnxTagger(spec.model_copy(update={"files": spec.files.model_copy(update={"labels": ""})}))
    with pytest.raises(ModelError, match="runs taggers, and its row says captioner"):
        OnnxTagger(spec.model_copy(update={"kind": "captioner"}))


def test_a_network_of_half_precision_is_given_halves(tmp_path: Path, echo: Callable[..., Path]):
    folder = echo(tmp_path / "m")
    file = folder / "model.onnx"
    model = onnx.load(str(file))
    graph = model.graph
    graph.input[0].type.tensor_type.elem_type = onnx.TensorProto.FLOAT16
    graph.input[0].name = "halves"
    graph.node.insert(0, onnx.helper.make_node("Cast", ["halves"], ["input"], to=onnx.TensorProto.FLOAT))
    onnx.save(model, str(file))
    (scores,) = OnnxTagger(folder).predict([flat((255, 102, 51))])
    assert scores[[BLUE, GREEN, RED]].tolist() == pytest.approx([0.2, 0.4, 1.0], abs=1e-3)


def test_a_page_saved_as_picture_is_rejected(tmp_path: Path, echo: Callable[..., Path]):
    with pytest.raises(Rejected):
        OnnxTagger(echo(tmp_path / "m")).predict([b"<!doctype html><html></html>"])


def reference_input(image: Image.Image) -> np.ndarray:
    """The published preprocessing, written down once more and independently."""
    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, (255, 255, 255))
    white.alpha_composite(image)
    image = white.convert("RGB")
    side = max(image.size)
    square = Image.new("RGB", (side, side), (255, 255, 255))
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    if side != 448:
        square = square.resize((448, 448), Image.BICUBIC)
    return np.asarray(square, dtype=np.float32)[:, :, ::-1]


def test_equals_the_published_preprocessing(tiny: Path, draw: Callable[..., Image.Image]):
    pictures = [
        draw(seed, size) for seed, size in enumerate([(640, 480), (300, 511), (448, 448), (97, 1200)])
    ]
    clear = draw(9, (500, 400)).convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize((500, 400)))
    pictures.append(clear)
    session = onnxruntime.InferenceSession(str(tiny / "model.onnx"), providers=["CPUExecutionProvider"])
    expected = session.run(None, {"input": np.stack([reference_input(picture) for picture in pictures])})[0]
    tagger = OnnxTagger(tiny)
    assert np.allclose(tagger.predict(pictures), expected, atol=2e-3)
    with (tiny / "selected_tags.csv").open(encoding="utf-8") as file:
        assert [row["name"] for row in csv.DictReader(file)] == list(tagger.labels.names)


def test_deepdanbooru_as_its_row_describes_it(tiny_danbooru: Path, draw: Callable[..., Image.Image]):
    folder = tiny_danbooru
    row = specs()["deepdanbooru"]
    files = row.files.model_copy(update={"model": "model.onnx", "others": {}})
    tagger = OnnxTagger(row.model_copy(update={"path": folder, "files": files}))
    assert tagger.labels.names[-3:] == ("safe", "questionable", "explicit")
    pictures = [draw(seed, (512, 512)) for seed in range(3)]
    session = onnxruntime.InferenceSession(str(folder / "model.onnx"), providers=["CPUExecutionProvider"])
    batch = np.stack([np.asarray(picture, np.float32) / 255 for picture in pictures])
    (expected,) = session.run(None, {"input": batch})
    found = tagger.predict(pictures)
    assert np.allclose(found, expected, atol=1e-4)
    worded = {"safe": "general", "questionable": "questionable", "explicit": "explicit"}
    likeliest = [tagger.labels.names[-3:][place] for place in expected[:, -3:].argmax(axis=1)]
    assert [said for said, _ in tagger.labels.ratings(found)] == [worded[word] for word in likeliest]
