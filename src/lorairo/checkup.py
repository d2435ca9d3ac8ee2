"""``lr.doctor()``: what is installed and reachable here, and what to do about what is not."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Literal, NamedTuple

import pandas as pd

from lorairo import keys
from lorairo._version import __version__
from lorairo.config import load
from lorairo.errors import ConfigError
from lorairo.servers import running_servers

if TYPE_CHECKING:
    from collections.abc import Iterator

State = Literal["ok", "missing", "problem"]

_CORE = ("numpy", "pandas", "pillow", "SQLAlchemy", "simplejpeg", "anywidget", "ipywidgets", "ipykernel")
_OPTIONAL = {
    "onnxruntime": "local",
    "huggingface_hub": "local",
    "tokenizers": "tokens",
    "openai": "openai",
    "anthropic": "anthropic",
    "google-genai": "google",
    "jupyterlab": "lab",
}
# Two builds of one library overwrite each other's files.
_RIVALS = (
    ("onnxruntime", "onnxruntime-gpu"),
    ("opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless"),
)
_PATIENCE = 10.0  # seconds; a driver in trouble can keep nvidia-smi waiting


class Row(NamedTuple):
    """One line of the report."""

    part: str
    state: State
    found: str
    remedy: str = ""


def doctor() -> pd.DataFrame:
    """Report what works here.

    Returns
    -------
    DataFrame
        part, state (``ok``, ``missing``: optional and not there, ``problem``), found, remedy. Of keys it
        names which there are, and never shows one.
    """
    rows = [*_python(), *_packages(), *_onnx(), *_gpu(), *_settings(), *_host(), *_servers()]
    return pd.DataFrame(rows, columns=list(Row._fields))


def _python() -> Iterator[Row]:
    yield Row("lorairo", "ok", __version__)
    yield Row("Python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield Row("SQLite", "ok", sqlite3.sqlite_version)


def _packages() -> Iterator[Row]:
    for name in _CORE:
        found = _version(name)
        if found is None:
            yield Row(name, "problem", "not installed", f"pip install {name}")
        elif name == "ipykernel" and found.startswith("7.0.0"):
            yield Row(name, "problem", found, "widgets break in it: pip install -U ipykernel")
        else:
            yield Row(name, "ok", found)
    for name, extra in _OPTIONAL.items():
        found = _version(name) or (_version("onnxruntime-gpu") if name == "onnxruntime" else None)
        if found is None:
            yield Row(name, "missing", "not installed", f'pip install "lorairo[{extra}]"')
        else:
            yield Row(name, "ok", found)
    for rivals in _RIVALS:
        present = [name for name in rivals if _version(name) is not None]
        if len(present) > 1:
            yield Row(
                present[0],
                "problem",
                f"installed together with {', '.join(present[1:])}",
                f"pip uninstall -y {' '.join(present)}, then install one of them",
            )


def _onnx() -> Iterator[Row]:
    if importlib.util.find_spec("onnxruntime") is None:
        return
    try:
        import onnxruntime  # noqa: PLC0415 - an extra

        providers = list(onnxruntime.get_available_providers())
    except (ImportError, AttributeError, OSError) as error:  # a broken build shows here
        yield Row(
            "onnxruntime providers", "problem", str(error), 'pip install --force-reinstall "lorairo[local]"'
        )
        return
    fast = [name for name in providers if name not in ("CPUExecutionProvider", "AzureExecutionProvider")]
    remedy = "" if fast or _gpu_name() is None else 'use the graphics card: pip install "lorairo[local-gpu]"'
    yield Row("onnxruntime providers", "problem" if remedy else "ok", ", ".join(providers), remedy)


def _gpu() -> Iterator[Row]:
    name = _gpu_name()
    if name is None:
        yield Row(
            "graphics card", "missing", "no NVIDIA card found", "local models run on the processor, slower"
        )
    else:
        yield Row("graphics card", "ok", name)


def _gpu_name() -> str | None:
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return None
    command = [tool, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=True)  # noqa: S603 - found by us, fixed arguments
    except (OSError, subprocess.SubprocessError):
        return None
    return "; ".join(line.strip() for line in done.stdout.splitlines() if line.strip()) or None


def _settings() -> Iterator[Row]:
    try:
        settings = load()
    except ConfigError as error:
        yield Row("settings", "problem", str(error), "correct the setting")
        return
    yield Row("models folder", "ok", str(settings.model_dir))
    for name in keys.names():
        found = keys.find(name)
        if found is not None:
            yield Row(f"key: {name}", "ok", f"in {found.where}")
        else:
            yield Row(f"key: {name}", "missing", "not set", keys.advice(name))


def _host() -> Iterator[Row]:
    host = host_name()
    notes = {
        "Colab": "live progress shows after the next cell: pass background=False to see it at once",
        "VS Code": "the widgets need the Jupyter extension; large galleries are slower over a remote link",
    }
    yield Row("host", "ok", host, notes.get(host, ""))


def host_name() -> str:
    """Name where this runs: ``Colab``, ``Kaggle``, ``VS Code``, ``Jupyter``, ``IPython`` or ``Python``."""
    if "google.colab" in sys.modules or "COLAB_RELEASE_TAG" in os.environ:
        return "Colab"
    if "KAGGLE_KERNEL_RUN_TYPE" in os.environ:
        return "Kaggle"
    if "ipykernel" in sys.modules and "VSCODE_PID" in os.environ:
        return "VS Code"
    if "ipykernel" in sys.modules and "JPY_PARENT_PID" in os.environ:
        return "Jupyter"
    return "IPython" if "IPython" in sys.modules else "Python"


def _servers() -> Iterator[Row]:
    for server in running_servers():
        part = f"server {server.url}"
        if server.missing is None:
            yield Row(part, "problem", "does not answer", "start it again, or reload the page")
        elif server.missing:
            yield Row(
                part,
                "problem",
                f"does not serve {', '.join(server.missing)}",
                "pip install lorairo in the environment JupyterLab was started from, and reload the page",
            )
        else:
            yield Row(part, "ok", "serves the parts that widgets need")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
