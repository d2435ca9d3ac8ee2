from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from lorairo.annotators.onnx_tagger import OnnxTagger
from lorairo.demo.tagger import HUES, NAME, make_tagger
from lorairo.errors import MissingExtra
from lorairo.inference import registry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> OnnxTagger:
    return OnnxTagger(make_tagger(tmp_path_factory.mktemp("model") / "tagger"))


def tags(tagger: OnnxTagger, *pictures: Image.Image) -> list[set[str]]:
    return [{name for name, _ in tagger.labels.ranked(row, 0.35)} for row in tagger.predict(pictures)]


def plain(*colour: int, size: tuple[int, int] = (300, 200)) -> Image.Image:
    return Image.new("RGB", size, colour)


COLOURS = {
    "red": (210, 20, 25),
    "orange": (245, 140, 20),
    "yellow": (240, 220, 30),
    "green": (40, 160, 50),
    "aqua": (40, 200, 210),
    "blue": (30, 70, 200),
    "purple": (120, 40, 190),
    "pink": (240, 130, 180),
    "brown": (110, 65, 30),
    "white": (250, 250, 250),
    "black": (8, 8, 8),
    "grey": (128, 128, 128),
}


@pytest.mark.parametrize("name", COLOURS)
def test_names_the_colour_and_no_other(tagger: OnnxTagger, name: str):
    for size in ((300, 200), (200, 300), (256, 256)):
        (found,) = tags(tagger, plain(*COLOURS[name], size=size))
        assert found & set(COLOURS) == {name}


def test_padding_is_no_part_of_the_picture(tagger: OnnxTagger):
    wide, tall = tags(tagger, plain(20, 60, 200, size=(900, 200)), plain(20, 60, 200, size=(200, 900)))
    assert {"blue"} == wide & set(COLOURS) == tall & set(COLOURS)
    assert not {"bright", "high_contrast", "detailed"} & (wide | tall)


def test_white_ground_of_a_square_picture_counts(tagger: OnnxTagger):
    picture = plain(255, 255, 255, size=(400, 400))
    picture.paste((200, 20, 20), (150, 150, 250, 250))
    assert {"white", "bright"} <= tags(tagger, picture)[0]


def test_blurred_is_blurry_and_sharp_is_not(tagger: OnnxTagger, draw: Callable[..., Image.Image]):
    for seed in range(5):
        sharp = draw(seed, (640, 480))
        blurred = sharp.filter(ImageFilter.GaussianBlur(6))
        first, second = tags(tagger, sharp, blurred)
        assert "blurry" not in first
        assert "blurry" in second


def test_dark_is_dark_and_bright_is_bright(tagger: OnnxTagger, draw: Callable[..., Image.Image]):
    picture = draw(1, (640, 480))
    dark, bright = (
        ImageEnhance.Brightness(picture).enhance(0.2),
        Image.eval(picture, lambda value: 200 + value // 5),
    )
    assert [found & {"dark", "bright"} for found in tags(tagger, dark, picture, bright)] == [
        {"dark"},
        set(),
        {"bright"},
    ]


def test_a_dark_sharp_picture_is_not_blurry(tagger: OnnxTagger, draw: Callable[..., Image.Image]):
    (found,) = tags(tagger, ImageEnhance.Brightness(draw(1, (640, 480))).enhance(0.2))
    assert "blurry" not in found


def test_without_colour_is_monochrome(tagger: OnnxTagger, draw: Callable[..., Image.Image]):
    picture = draw(2, (640, 480))
    coloured, grey = tags(tagger, picture, picture.convert("L"))
    assert {"monochrome", "greyscale"} <= grey
    assert not {"monochrome", "greyscale", "muted_color"} & coloured


def test_contrast_and_colourfulness(tagger: OnnxTagger):
    halves = plain(0, 0, 0, size=(400, 400))
    halves.paste((255, 255, 255), (0, 0, 200, 400))
    stripes = plain(255, 0, 0, size=(400, 400))
    stripes.paste((0, 0, 255), (0, 0, 130, 400))
    stripes.paste((0, 220, 0), (130, 0, 260, 400))
    first, second, third = tags(tagger, halves, stripes, plain(120, 125, 130))
    assert "high_contrast" in first
    assert "colorful" in second
    assert {"low_contrast", "grey_card_(lorairo)"} <= third
    assert "colorful" not in first | third


def test_says_nothing_of_ratings(tagger: OnnxTagger):
    assert tagger.predict([plain(1, 2, 3)])[0, :4].tolist() == [0.25] * 4


def test_keeps_the_contract_of_the_family(tagger: OnnxTagger):
    assert (tagger.size, tagger.fixed_batch, tagger.notice) == ((448, 448), None, None)
    pictures = [plain(*colour) for colour in COLOURS.values()]
    together = tagger.predict(pictures)
    assert together.shape == (len(pictures), len(tagger.labels))
    assert together.min() >= 0
    assert together.max() <= 1
    assert np.allclose(
        together, np.concatenate([tagger.predict([picture]) for picture in pictures]), atol=1e-5
    )
    assert set(HUES) < set(tagger.labels.names)


def test_is_the_same_each_time_and_knows_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LORAIRO_MODEL_DIR", str(tmp_path / "none"))
    first, second = make_tagger(tmp_path / "tagger"), make_tagger(tmp_path / "again")
    for name in ("model.onnx", "selected_tags.csv", "model.toml"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    assert registry.find(first).name == NAME
    monkeypatch.chdir(tmp_path)
    row = next(row for row in registry.models() if row.id == NAME)
    assert (row.available, row.licence, row.price) == (True, "mit", "free")


def test_without_onnx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtra, match=r"lorairo\[local\]"):
        make_tagger(tmp_path)
