"""Where a model in ONNX Runtime runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lorairo import config
from lorairo.errors import ModelError
from lorairo.inference.session import _by_default, _notice, _options, open_session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CPU, CUDA, COREML = "CPUExecutionProvider", "CUDAExecutionProvider", "CoreMLExecutionProvider"


@pytest.mark.parametrize(
    ("device", "there", "asked"),
    [
        ("auto", [CPU], [CPU]),
        ("auto", [CPU, CUDA], [CUDA, CPU]),
        ("auto", [COREML, CPU], [COREML, CPU]),
        ("cpu", [CUDA, CPU], [CPU]),
        ("mps", [COREML, CPU], [COREML, CPU]),
        ("cuda", [CPU], [CUDA, CPU]),
    ],
)
def test_the_setting_says_where(device: str, there: list[str], asked: list[str]):
    assert _by_default(device, there) == asked


def test_the_second_gpu_is_asked_for_by_number():
    assert _options(CUDA, "1") == {"device_id": "1"}
    assert _options(CPU, "1") == _options(CUDA, "") == {}


def test_a_device_that_is_not_there_is_said_and_the_model_runs(tmp_path: Path, echo: Callable[..., Path]):
    file = echo(tmp_path / "m") / "model.onnx"
    config.set("models.device", "cuda:1")
    session, notice = open_session(file)
    assert session.get_providers() == [CPU]
    assert "CUDA could not be loaded, so the model runs on CPU" in notice
    config.set("models.device", "cpu")
    assert open_session(file)[1] is None


def test_a_provider_that_is_named_has_to_be_there(tmp_path: Path, echo: Callable[..., Path]):
    file = echo(tmp_path / "m") / "model.onnx"
    with pytest.raises(ModelError, match=f"no MoonExecutionProvider; it has .*{CPU}"):
        open_session(file, ["MoonExecutionProvider"])
    assert open_session(file, [CPU])[1] is None


def test_a_provider_that_failed_to_load_is_said():
    assert "CUDA could not be loaded" in _notice([CUDA, CPU], [CPU])
    assert _notice([CPU], [CPU]) is None
