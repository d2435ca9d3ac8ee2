"""An ONNX Runtime session that says where it runs, and that makes do with less memory when it must."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import joblib

from lorairo.config import load
from lorairo.errors import MissingExtra, ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_CPU, _CUDA, _COREML = "CPUExecutionProvider", "CUDAExecutionProvider", "CoreMLExecutionProvider"
_PREFERRED = (_CUDA, "ROCMExecutionProvider", "DmlExecutionProvider", _COREML)
_OF_DEVICE = {"cpu": (), "cuda": (_CUDA,), "mps": (_COREML,)}


def open_session(file: Path, providers: Sequence[str] | None = None) -> tuple[Any, str | None]:
    """Load a model.

    Parameters
    ----------
    file
        The ``.onnx`` file.
    providers
        Execution providers, best first. By default those of the setting ``models.device``, then the CPU;
        for ``auto`` a GPU where this onnxruntime has one.

    Returns
    -------
    session, notice
        The session, and what to tell the user when it runs elsewhere than asked.

    Raises
    ------
    MissingExtra
        When onnxruntime is not installed.
    ModelError
        When the file is no model that onnxruntime can load, or a provider is not installed.
    """
    try:
        import onnxruntime  # noqa: PLC0415 - optional, and slow to import
    except ImportError as error:
        raise MissingExtra("onnxruntime", extra="local") from error
    there = onnxruntime.get_available_providers()
    if unknown := [name for name in providers or () if name not in there]:
        raise ModelError(f"this onnxruntime has no {', '.join(unknown)}; it has {', '.join(there)}")
    device, _, number = load().models.device.partition(":")
    asked = list(providers) if providers else _by_default(device, there)
    usable = [(name, _options(name, number)) for name in asked if name in there]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = joblib.cpu_count(only_physical_cores=True)
    options.log_severity_level = 3  # its warnings go past Python to stderr; `notice` says what matters
    if usable[0][0] == _CUDA and find_spec("torch") is not None and hasattr(onnxruntime, "preload_dlls"):
        onnxruntime.preload_dlls()  # torch's CUDA libraries serve both
    try:
        session = onnxruntime.InferenceSession(str(file), options, providers=usable)
    except Exception as error:  # its exceptions share no base but this
        raise ModelError(
            f"{file} cannot be loaded by onnxruntime: {error}. Where it was cut short or damaged, delete it "
            "and fetch or copy it again; where it is newer than this onnxruntime: pip install -U onnxruntime"
        ) from error
    return session, _notice(asked, session.get_providers())


def _by_default(device: str, there: Sequence[str]) -> list[str]:
    """Return what a setting asks for; a device that is named is asked for though it may not be there."""
    if device == "auto":
        return [*(name for name in _PREFERRED if name in there), _CPU]
    return [*_OF_DEVICE[device], _CPU]


def _options(name: str, number: str) -> dict[str, str]:
    return {"device_id": number} if name == _CUDA and number else {}


def _notice(asked: Sequence[str], got: Sequence[str]) -> str | None:
    """Say when a provider failed to load: onnxruntime only warns, and the run is ten times slower."""
    lost = [name for name in asked if name not in got]
    if not lost:
        return None
    said = ", ".join(name.removesuffix("ExecutionProvider") for name in lost)
    return (
        f"{said} could not be loaded, so the model runs on {got[0].removesuffix('ExecutionProvider')}: "
        "check that this onnxruntime is one for it, and the driver, CUDA and cuDNN those it was built for"
    )
