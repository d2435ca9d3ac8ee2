"""An ONNX Runtime session that says where it runs, and that makes do with less memory when it must."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import joblib

from lorairo.errors import MissingExtra, ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_CPU = "CPUExecutionProvider"
_PREFERRED = ("CUDAExecutionProvider", "ROCMExecutionProvider", "DmlExecutionProvider")


def open_session(file: Path, providers: Sequence[str] | None = None) -> tuple[Any, str | None]:
    """Load a model.

    Parameters
    ----------
    file
        The ``.onnx`` file.
    providers
        Execution providers, best first. By default a GPU where this onnxruntime has one, then the CPU.

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
    asked = list(providers) if providers else _by_default(onnxruntime)
    if unknown := [name for name in asked if name not in onnxruntime.get_available_providers()]:
        there = ", ".join(onnxruntime.get_available_providers())
        raise ModelError(f"this onnxruntime has no {', '.join(unknown)}; it has {there}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = joblib.cpu_count(only_physical_cores=True)
    options.log_severity_level = 3  # its warnings go past Python to stderr; `notice` says what matters
    if asked[0] == _PREFERRED[0] and find_spec("torch") is not None and hasattr(onnxruntime, "preload_dlls"):
        onnxruntime.preload_dlls()  # torch's CUDA libraries serve both
    try:
        session = onnxruntime.InferenceSession(str(file), options, providers=asked)
    except Exception as error:  # its exceptions share no base but this
        raise ModelError(
            f"{file} cannot be loaded by onnxruntime: {error}. Where it was cut short or damaged, delete it "
            "and fetch or copy it again; where it is newer than this onnxruntime: pip install -U onnxruntime"
        ) from error
    return session, _notice(asked, session.get_providers())


def _by_default(onnxruntime: Any) -> list[str]:
    there = onnxruntime.get_available_providers()
    return [*(name for name in _PREFERRED if name in there), _CPU]


def _notice(asked: Sequence[str], got: Sequence[str]) -> str | None:
    """Say when a provider failed to load: onnxruntime only warns, and the run is ten times slower."""
    lost = [name for name in asked if name not in got]
    if not lost:
        return None
    said = ", ".join(name.removesuffix("ExecutionProvider") for name in lost)
    return (
        f"{said} could not be loaded, so the model runs on {got[0].removesuffix('ExecutionProvider')}: "
        "check that the driver and the CUDA and cuDNN versions are those onnxruntime was built for"
    )
