from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from lorairo import config
from lorairo.errors import ConfigError, MissingExtra, ModelError
from lorairo.inference import torch_runtime
from lorairo.inference.memory import ran_out_of_memory
from lorairo.inference.torch_runtime import Runtime, import_torch, import_transformers, runtime


def test_without_a_gpu_networks_run_on_the_processor_in_full_numbers():
    found = runtime()
    assert (found.device, found.dtype, found.on_gpu) == ("cpu", torch.float32, False)
    assert found.batch(gpu=8, cpu=2) == 2


def test_settings_name_device_and_numbers():
    config.set("models.dtype", "bfloat16")
    assert runtime().dtype == torch.bfloat16
    config.set("models.device", "cuda:3")
    with pytest.raises(
        ModelError, match=r'cuda:3 does not answer: .*lr\.config\.set\("models\.device", "cpu"\)'
    ):
        runtime()
    with pytest.raises(ConfigError, match=r"models\.device"):
        config.set("models.device", "toaster")


@pytest.mark.parametrize(
    ("bfloat16", "told", "dtype"),
    [
        (True, {}, torch.bfloat16),
        (True, {"float16": False}, torch.bfloat16),
        (True, {"half": False}, torch.float32),
        (False, {}, torch.float16),
        (False, {"float16": False}, torch.float32),
    ],
)
def test_a_gpu_calculates_in_the_widest_half_it_has(
    bfloat16: bool, told: dict[str, bool], dtype: torch.dtype
):
    card = SimpleNamespace(is_bf16_supported=lambda *, including_emulation: bfloat16 or including_emulation)
    names = {name: getattr(torch, name) for name in ("float32", "float16", "bfloat16")}
    defaults = {"half": True, "float16": True}
    assert torch_runtime._dtype(SimpleNamespace(cuda=card, **names), "cuda", **{**defaults, **told}) == dtype


def test_only_floating_numbers_become_those_of_the_device():
    sent = Runtime("cpu", torch.bfloat16).sent({"ids": torch.tensor([7]), "pixels": torch.ones(1)})
    assert (sent["ids"].dtype, sent["pixels"].dtype) == (torch.int64, torch.bfloat16)


def test_nothing_is_remembered_for_gradients():
    with Runtime("cpu", torch.float32).running("net"):
        assert torch.is_inference_mode_enabled()
    assert not torch.is_inference_mode_enabled()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (torch.OutOfMemoryError("CUDA out of memory"), torch.OutOfMemoryError),
        (RuntimeError("CUDA error: out of memory"), RuntimeError),
        (RuntimeError("CUDA error: unspecified launch failure"), ModelError),
        (torch.AcceleratorError("CUDA error: device-side assert triggered"), ModelError),
        (ValueError("a picture of its own"), ValueError),
    ],
)
def test_memory_and_pictures_are_told_from_a_dead_device(error: Exception, kind: type[Exception]):
    with pytest.raises(kind) as caught, Runtime("cuda", torch.float16).running("net"):
        raise error
    if kind is ModelError:
        assert str(caught.value).startswith(
            "net: cuda failed and cannot be used again in this kernel: CUDA error"
        )
    assert ran_out_of_memory(caught.value) == ("memory" in str(error))


@pytest.mark.parametrize("name", ["torch", "transformers"])
def test_what_is_not_installed_is_named_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, name: str
):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtra, match=rf'{name} is not installed\. Run: pip install "lorairo\[torch\]"'):
        import_transformers()


def test_what_is_installed_and_broken_is_told_apart(monkeypatch: pytest.MonkeyPatch):
    def broken(_name: str) -> Any:
        raise RuntimeError("undefined symbol")

    monkeypatch.setattr(torch_runtime, "import_module", broken)
    with pytest.raises(ModelError, match="torch is installed and cannot be loaded: undefined symbol"):
        import_torch()


def test_torchvision_loads_whatever_it_was_built_for():
    code = (
        "from lorairo.inference.torch_runtime import import_torch; import_torch(); "
        "import torchvision; print(torchvision.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "torchvision\n", done.stderr
