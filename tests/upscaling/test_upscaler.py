from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

import lorairo as lr
from lorairo.config import load
from lorairo.errors import ArgumentError, MissingExtra, ModelError
from lorairo.inference import torch_runtime
from lorairo.inference.torch_runtime import import_spandrel
from lorairo.upscaling import Upscaler, upscale

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def compact(scale: int = 2, channels: int = 3) -> dict[str, torch.Tensor]:
    """The tensors of a compact super-resolution network: it adds to the picture enlarged by repetition."""
    torch.manual_seed(0)
    tensors: dict[str, torch.Tensor] = {}

    def layer(place: int, inner: int, outer: int, spread: float) -> None:
        tensors[f"body.{place}.weight"] = torch.randn(outer, inner, 3, 3) * spread
        tensors[f"body.{place}.bias"] = torch.zeros(outer)

    layer(0, channels, 8, 0.2)
    for place in (2, 4):
        tensors[f"body.{place - 1}.weight"] = torch.full((8,), 0.25)
        layer(place, 8, 8, 0.2)
    tensors["body.5.weight"] = torch.full((8,), 0.25)
    layer(6, 8, channels * scale * scale, 0.1)
    return tensors


@pytest.fixture
def file(tmp_path: Path) -> Path:
    save_file(compact(), tmp_path / "2x-tiny.safetensors")
    return tmp_path / "2x-tiny.safetensors"


def apart(first: Image.Image, second: Image.Image) -> int:
    """Return the largest difference of a pixel."""
    return int(np.abs(np.asarray(first).astype(int) - np.asarray(second).astype(int)).max())


def test_a_picture_is_what_spandrel_makes_of_it(file: Path, draw: Callable[..., Image.Image]):
    picture = draw(1, (60, 40))
    network = import_spandrel().ModelLoader(device="cpu").load_from_file(file)
    tensor = torch.from_numpy(np.asarray(picture, np.float32) / 255).permute(2, 0, 1)[None]
    expected = network(tensor)[0].permute(1, 2, 0).numpy()
    made = upscale(picture, file)
    assert (made.size, made.mode) == ((120, 80), "RGB")
    assert np.abs(np.asarray(made) / 255 - expected).max() < 0.5 / 255 + 1e-6
    assert apart(made, picture.resize(made.size, Image.Resampling.NEAREST)) > 5  # it does something


def test_tiles_show_no_seams(file: Path, draw: Callable[..., Image.Image]):
    picture = draw(2, (300, 220))
    assert apart(Upscaler(file, tile=64).upscale(picture), Upscaler(file, tile=512).upscale(picture)) <= 1


def test_half_precision_is_used_where_it_is_asked_for(file: Path, draw: Callable[..., Image.Image]):
    picture = draw(6, (60, 40))
    exact = Upscaler(file).upscale(picture)
    lr.config.set("models.dtype", "bfloat16")
    upscaler = Upscaler(file)
    assert upscaler._network.dtype == torch.float16  # which has more digits than what was asked for
    assert 0 < apart(upscaler.upscale(picture), exact) <= 3


def test_transparency_is_kept_apart_and_grey_stays_grey(file: Path, draw: Callable[..., Image.Image]):
    picture = draw(3, (40, 40))
    upscaler = Upscaler(file)
    clear = picture.copy()
    mask = Image.new("L", picture.size, 0)
    mask.paste(255, (0, 0, 20, 40))
    clear.putalpha(mask)
    made = upscaler.upscale(clear)
    assert made.mode == "RGBA"
    assert apart(made.convert("RGB"), upscaler.upscale(picture)) == 0
    alpha = np.asarray(made.getchannel("A"))
    assert (alpha[:, :36] == 255).all()
    assert (alpha[:, 44:] == 0).all()
    grey = upscaler.upscale(picture.convert("L"))
    assert (grey.mode, grey.size) == ("L", (80, 80))
    assert upscaler.upscale(clear.convert("LA")).mode == "LA"


def test_other_scales_are_reached_by_several_runs_and_reduction(file: Path, tmp_path: Path):
    upscaler = Upscaler(file)
    picture = Image.new("RGB", (41, 30), "olive")
    assert upscaler.upscale(picture, 1.5).size == (62, 45)
    assert upscaler.upscale(picture, 3).size == (123, 90)
    assert upscaler.upscale(picture, 4).size == (164, 120)
    with pytest.raises(ArgumentError, match="scale=0"):
        upscaler.upscale(picture, 0)
    save_file(compact(scale=1), tmp_path / "1x.safetensors")
    restorer = Upscaler(tmp_path / "1x.safetensors")
    assert restorer.upscale(picture).size == (41, 30)
    with pytest.raises(ArgumentError, match="scale=2 cannot be reached: 1x makes pictures 1x"):
        restorer.upscale(picture, 2)


def test_networks_for_grey_pictures_work_too(tmp_path: Path):
    save_file(compact(channels=1), tmp_path / "grey.safetensors")
    made = upscale(Image.new("RGB", (30, 20), "red"), tmp_path / "grey.safetensors")
    assert (made.size, made.mode) == ((60, 40), "RGB")


class Scarce:
    """A network on a device that holds only tiles up to a side."""

    def __init__(self, network: Any, side: int) -> None:
        self.network = network
        self.side = side

    def __call__(self, tensor: torch.Tensor) -> torch.Tensor:
        if max(tensor.shape[2:]) > self.side:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return self.network(tensor)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.network, name)


def test_tiles_shrink_until_they_fit_into_memory(file: Path, draw: Callable[..., Image.Image]):
    picture = draw(4, (300, 220))
    expected = Upscaler(file).upscale(picture)
    upscaler = Upscaler(file)
    upscaler._network = Scarce(upscaler._network, 128)
    assert apart(upscaler.upscale(picture), expected) <= 1
    assert upscaler.tile == 128
    upscaler._network = Scarce(upscaler._network, 10)
    with pytest.raises(ModelError, match="2x-tiny does not fit into memory"):
        upscaler.upscale(picture)


def test_a_network_that_cuts_pictures_itself_gets_them_whole(
    file: Path, draw: Callable[..., Image.Image], monkeypatch: pytest.MonkeyPatch
):
    spandrel = import_spandrel()
    load_network = spandrel.ModelLoader.load_from_state_dict

    def internal(self: Any, tensors: Any) -> Any:
        network = load_network(self, tensors)
        network.tiling = spandrel.ModelTiling.INTERNAL
        return network

    monkeypatch.setattr(spandrel.ModelLoader, "load_from_state_dict", internal)
    upscaler = Upscaler(file, tile=64)
    upscaler._network = Scarce(upscaler._network, 100)
    assert upscaler.tile is None
    assert upscaler.upscale(draw(5, (100, 80))).size == (200, 160)
    with pytest.raises(ModelError, match="take a smaller model or a smaller picture"):
        upscaler.upscale(draw(5, (101, 80)))


def test_files_that_are_no_upscaler_are_named(file: Path, tmp_path: Path):
    wrapped = tmp_path / "wrapped.pth"
    torch.save({"params_ema": compact()}, wrapped)  # as they are published
    assert Upscaler(wrapped).scale == 2
    code = tmp_path / "code.pth"
    torch.save({**compact(), "extra": np.random.default_rng}, code)
    with pytest.raises(ModelError, match=r"code\.pth cannot be read as weights"):
        Upscaler(code)
    other = tmp_path / "other.safetensors"
    save_file({"nothing.weight": torch.zeros(3)}, other)
    with pytest.raises(ModelError, match="is no network that spandrel"):
        Upscaler(other)
    file.write_bytes(file.read_bytes()[:500])
    with pytest.raises(ModelError, match="cannot be read as weights"):
        Upscaler(file)
    with pytest.raises(ModelError, match="is of the kind 'tagger': an upscaler is needed"):
        Upscaler("wd-vit-tagger-v3")
    with pytest.raises(ModelError, match="real-esrgan-x4plus cannot run here: Not on this machine"):
        Upscaler("real-esrgan-x4plus")


def test_upscalers_are_listed_and_found_by_name():
    row = lr.models().loc["real-esrgan-x4plus"]
    assert (row.kind, row.licence) == ("upscaler", "bsd-3-clause")
    folder = load().model_dir / "real-esrgan-x4plus"
    folder.mkdir(parents=True)
    save_file(compact(scale=4), folder / "RealESRGAN_x4plus.safetensors")
    assert lr.models().loc["real-esrgan-x4plus"].available
    assert upscale(Image.new("RGB", (10, 8)), "real-esrgan-x4plus").size == (40, 32)


@pytest.mark.parametrize("error", [ImportError("libcudart"), RuntimeError("operator nms does not exist")])
def test_a_torchvision_that_does_not_fit_is_one_error(
    file: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
):
    real = torch_runtime.import_module

    def broken(name: str) -> Any:
        if name == "spandrel":
            raise error
        return real(name)

    monkeypatch.setattr(torch_runtime, "import_module", broken)
    with pytest.raises(ModelError, match=r"cannot be loaded: .* --force-reinstall torch torchvision"):
        Upscaler(file)


def test_without_spandrel_the_extra_is_named(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "spandrel", None)
    with pytest.raises(MissingExtra, match=r"lorairo\[upscalers\]"):
        Upscaler(file)
