"""Torch: the device a network runs on, the numbers it calculates in, one clear error for what fails there.

Nothing here imports torch before a model of it is loaded.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import warnings
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lorairo.config import load
from lorairo.errors import MissingExtra, ModelError
from lorairo.inference.devices import failed, first_line
from lorairo.inference.memory import ran_out_of_memory

if TYPE_CHECKING:
    from collections.abc import Iterator

EXTRA = "torch"
_declared: list[Any] = []  # a library of operators lasts as long as it is held
_turn = threading.Lock()
_DEAD = ("cuda error", "cudnn_status", "cublas_status", "mps backend", "device-side assert")


def import_torch(extra: str = EXTRA) -> Any:
    """Return torch.

    Parameters
    ----------
    extra
        The extra of lorairo that the model belongs to.

    Raises
    ------
    MissingExtra
        When it is not installed.
    ModelError
        When it is, but broken.
    """
    torch = _imported("torch", extra)
    with _turn:
        _mend_torchvision(torch)
    return torch


def import_transformers() -> Any:
    """Return transformers, which then prints nothing into a cell but its errors.

    Raises
    ------
    MissingExtra
        When it is not installed.
    ModelError
        When it is, but broken.
    """
    import_torch()
    transformers = _imported("transformers", EXTRA)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    return transformers


def import_spandrel() -> Any:
    """Return spandrel, which loads upscalers.

    Raises
    ------
    MissingExtra
        When it is not installed.
    ModelError
        When it is, but broken.
    """
    import_torch("upscalers")
    return _imported("spandrel", "upscalers", "torch torchvision spandrel")  # it imports torchvision


def import_timm() -> Any:
    """Return timm, which knows how many taggers are built.

    Raises
    ------
    MissingExtra
        When it is not installed.
    ModelError
        When it is, but broken.
    """
    import_torch("timm")
    return _imported("timm", "timm", "torch torchvision timm")  # it imports torchvision


def _mend_torchvision(torch: Any) -> None:
    """Let torchvision be imported where it was built for a GPU and torch was not, as pip installs them.

    Its operators cannot be loaded then, and importing it dies of that; transformers and spandrel use the rest
    of it, for which it is enough that the operators have been declared.
    """
    found = find_spec("torchvision")
    if found is None or found.origin is None or "torchvision" in sys.modules or _declared:
        return
    for operators in Path(found.origin).parent.glob("_C.*"):
        try:
            torch.ops.load_library(str(operators))
        except OSError:
            library = torch.library.Library("torchvision", "DEF")
            for name in ("nms", "qnms"):
                library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
            _declared.append(library)


def _imported(name: str, extra: str, again: str = "") -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or name, extra=extra) from error
    except (ImportError, OSError, RuntimeError) as error:  # a build that does not fit its neighbours
        raise ModelError(
            f"{name} is installed and cannot be loaded: {error}. Run: pip install --force-reinstall "
            f"{again or name}"
        ) from error


@dataclass(frozen=True)
class Runtime:
    """Where networks run.

    Attributes
    ----------
    device
        ``cuda``, ``cuda:1``, ``mps`` or ``cpu``.
    dtype
        A ``torch.dtype``: what floating numbers are.
    notice
        What the user should know about it, if anything.
    """

    device: str
    dtype: Any
    notice: str | None = None

    @property
    def on_gpu(self) -> bool:
        """Whether it is not the processor."""
        return self.device != "cpu"

    def batch(self, *, gpu: int, cpu: int = 1) -> int:
        """Return the batch that suits the device."""
        return gpu if self.on_gpu else cpu

    def sent(self, inputs: Any) -> dict[str, Any]:
        """Bring tensors by name to the device; floating ones become numbers of `dtype`, others stay whole."""
        return {
            name: tensor.to(self.device, self.dtype) if tensor.is_floating_point() else tensor.to(self.device)
            for name, tensor in inputs.items()
        }

    @contextlib.contextmanager
    def running(self, name: str) -> Iterator[None]:
        """Run a network in this block: no gradients, and a device that died is one clear error.

        Parameters
        ----------
        name
            Of the model.

        Raises
        ------
        ModelError
            When the device, not the picture, failed. Memory that does not suffice is raised as it is.
        """
        torch = import_torch()
        try:
            with torch.inference_mode():
                yield
        except Exception as error:
            if ran_out_of_memory(error) or not _died(torch, error):
                raise
            raise failed(name, self.device, error) from error


def runtime(*, half: bool = True, float16: bool = True) -> Runtime:
    """Return where networks run, by the settings ``models.device`` and ``models.dtype``.

    Parameters
    ----------
    half
        False for a network that needs float32 everywhere.
    float16
        False for one whose numbers leave the range of float16; bfloat16 is wide enough for all.

    Raises
    ------
    MissingExtra
        When torch is not installed.
    ModelError
        When the device that is asked for is not there, or does not answer.
    """
    torch = import_torch()
    asked = load().models
    device = _best(torch) if asked.device == "auto" else asked.device
    try:
        dtype = _dtype(torch, device, half=half, float16=float16)
        if asked.dtype != "auto":
            dtype = getattr(torch, asked.dtype)
        torch.ones(1, device=device, dtype=dtype).add(1).cpu()
    except (RuntimeError, AssertionError, TypeError) as error:  # torch raises each of them for it
        raise ModelError(
            f"{device} does not answer: {first_line(error)} Check the driver and which device this torch is "
            'for, or run without a GPU: lr.config.set("models.device", "cpu")'
        ) from error
    return Runtime(device, dtype, _notice(torch, device) if asked.device == "auto" else None)


def _best(torch: Any) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a driver that is too old: `_notice` says it
        if torch.cuda.is_available():
            return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _dtype(torch: Any, device: str, *, half: bool, float16: bool) -> Any:
    if device == "cpu" or not half:
        return torch.float32
    if device.startswith("cuda"):
        if torch.cuda.is_bf16_supported(including_emulation=False):
            return torch.bfloat16
        return torch.float16 if float16 else torch.float32
    try:
        torch.ones(1, device=device, dtype=torch.bfloat16)
    except (RuntimeError, TypeError):  # before macOS 14
        return torch.float32
    return torch.bfloat16


def _notice(torch: Any, device: str) -> str | None:
    """Say when this torch is built for a GPU that it does not find."""
    if device != "cpu" or torch.version.cuda is None:
        return None
    return "no GPU answers, so the model runs on the processor: check the driver and its age"


def _died(torch: Any, error: Exception) -> bool:
    accelerator = getattr(torch, "AcceleratorError", None)  # since torch 2.8
    if accelerator is not None and isinstance(error, accelerator):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _DEAD)
