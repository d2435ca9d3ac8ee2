"""Processors, memory, graphics cards, and what runs models on them."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lorairo.checkup.packages import installed
from lorairo.checkup.report import Row
from lorairo.config.quota import memory_mb, processors
from lorairo.errors import Error
from lorairo.inference.session import open_session

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

_PATIENCE: Final = 10.0  # seconds; a driver in trouble can keep nvidia-smi waiting
_PATIENCE_TORCH: Final = 60.0
_LITTLE_MEMORY: Final = 1024  # megabytes
_SLOW: Final = ("CPUExecutionProvider", "AzureExecutionProvider")
_GPU_BUILD: Final = 'pip uninstall -y onnxruntime && pip install "lorairo[local-gpu]"'
_TORCH: Final = (
    "import torch; cuda = torch.cuda.is_available(); mps = torch.backends.mps.is_available(); "
    "print(torch.cuda.get_device_name() if cuda else 'Apple GPU' if mps else 'processor')"
)


def look() -> Iterator[Row]:
    """Look at what this process may use."""
    yield from _size()
    card = yield from _card()
    yield from _onnx(has_card=card)
    yield from _torch(has_card=card)


def _size() -> Iterator[Row]:
    import psutil  # noqa: PLC0415 - only the doctor asks

    mine, all_there = processors(), os.cpu_count() or 1
    share = (
        f"{mine} of {all_there}: this container or process may use no more" if mine < all_there else f"{mine}"
    )
    yield Row("processors", "ok", share)
    limit = memory_mb()
    free = min(limit, int(psutil.virtual_memory().available) // 2**20)
    found = f"{free / 1024:,.1f} GB free of {limit / 1024:,.1f} GB"
    if free < _LITTLE_MEMORY:
        yield Row(
            "memory", "problem", found, "shut other kernels down, or lr.config.set('limits.workers', 1)"
        )
    else:
        yield Row("memory", "ok", found)


def _card() -> Generator[Row, None, bool]:
    """Find a graphics card that models can use, and return whether there is one."""
    slower = "local models run on the processor, slower; nothing to do"
    tool = shutil.which("nvidia-smi")
    if tool is not None:
        names = _said(tool, "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader")
        if names:
            yield Row("graphics card", "ok", f"NVIDIA: {'; '.join(names)} (driver)")
            return True
        yield Row(
            "graphics card",
            "problem",
            "NVIDIA's driver does not answer",
            "run nvidia-smi, and do what it says",
        )
        return False
    if Path("/dev/kfd").exists() or shutil.which("rocminfo"):
        yield Row("graphics card", "ok", "AMD, with ROCm")
        return True
    if sys.platform == "darwin" and platform.machine() == "arm64":
        yield Row("graphics card", "ok", "Apple GPU")
        return True
    yield Row("graphics card", "missing", "none that models can use", slower)
    return False


def _said(*command: str) -> list[str]:
    """Lines of what a tool prints; none when it fails or takes too long."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=True)  # noqa: S603 - found by us, fixed arguments
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]


def _onnx(*, has_card: bool) -> Iterator[Row]:
    """Name the execution providers, and the one that a model really runs on: libraries may be missing."""
    part = "onnxruntime providers"
    try:
        import onnxruntime  # noqa: PLC0415 - an extra

        there = list(onnxruntime.get_available_providers())
    except (ImportError, AttributeError, OSError) as error:  # a broken build shows here
        if isinstance(error, ModuleNotFoundError) and error.name == "onnxruntime":
            return  # its extra is named as missing
        yield Row(part, "problem", str(error), 'pip install --force-reinstall "lorairo[local]"')
        return
    fast = [name for name in there if name not in _SLOW]
    build = "" if fast or not has_card else _GPU_BUILD
    yield Row(part, "problem" if build else "ok", ", ".join(there), build)
    if installed("onnx") is None:
        return
    try:
        used, notice = _tried()
    except Error as error:
        yield Row(
            "execution provider", "problem", str(error), 'pip install --force-reinstall "lorairo[local]"'
        )
        return
    lost = has_card and bool(fast) and used in _SLOW
    remedy = "pip install -U onnxruntime-gpu[cuda,cudnn]" if lost else ""
    yield Row(
        "execution provider", "problem" if lost else "ok", f"{used}{f' ({notice})' if notice else ''}", remedy
    )


def _tried() -> tuple[str, str | None]:
    """Load the smallest of models as an annotator would, and return where it runs and what is said of it."""
    from onnx import TensorProto, helper, save  # noqa: PLC0415 - an extra

    places = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "try", places[:1], places[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "try.onnx"
        save(model, str(file))
        session, notice = open_session(file)
        return str(session.get_providers()[0]), notice


def _torch(*, has_card: bool) -> Iterator[Row]:
    """Ask torch in a process of its own: importing it here would cost every kernel its memory."""
    found = installed("torch")
    if found is None:
        return
    try:
        done = subprocess.run(  # noqa: S603 - this Python, our own words
            [sys.executable, "-c", _TORCH],
            capture_output=True,
            text=True,
            timeout=_PATIENCE_TORCH,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        yield Row(
            "torch", "problem", f"{found}, which cannot be imported", "pip install --force-reinstall torch"
        )
        return
    device = done.stdout.strip()
    lost = has_card and device == "processor"
    remedy = "install the torch build for your card: pytorch.org/get-started/locally" if lost else ""
    yield Row("torch", "problem" if lost else "ok", f"{found}, on: {device}", remedy)
