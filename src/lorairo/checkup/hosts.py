"""Where this runs, and what does not work there."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

from lorairo.checkup.report import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

_RENTED: Final = {"RUNPOD_POD_ID": "RunPod", "BINDER_SERVICE_HOST": "Binder", "BINDER_REPO_URL": "Binder"}

# What is known of each, in a line.
LIMITS: Final = {
    "Colab": "progress of background jobs shows after the next cell: pass background=False to see it at "
    "once; files vanish with the machine: keep the project on a mounted drive",
    "Kaggle": "widgets live only in a running session; only /kaggle/working is kept",
    "VS Code": "anywidget must be installed where the kernel runs; galleries are slower over a remote link",
    "JupyterLab": "after a kernel restart run the cells of widgets again; saved pages show the contact sheet",
    "Notebook 7": "after a kernel restart run the cells of widgets again; saved pages show the contact sheet",
    "Jupyter": "after a kernel restart run the cells of widgets again; saved pages show the contact sheet",
    "marimo": "keep a widget in a variable of its own cell; outputs leave by marimo's own HTML export",
    "RunPod": "only the volume (/workspace, as a rule) is kept when the pod stops: put projects there",
    "Binder": "about 2 GB of memory, no graphics card, ends after ten idle minutes: download your exports",
    "IPython": "no widgets in a terminal: views print, and view.df, view.export and the command lorairo work",
    "Python": "no widgets in a script: views print, and view.df, view.export and the command lorairo work",
}


def look() -> Iterator[Row]:
    """Name the host and its limits."""
    name = host_name()
    yield Row("host", "ok", f"{name}: {LIMITS[name]}")
    for rented in dict.fromkeys(name for variable, name in _RENTED.items() if os.environ.get(variable)):
        yield Row("rented machine", "ok", f"{rented}: {LIMITS[rented]}")


def host_name() -> str:
    """Name where this runs: one of the keys of `LIMITS`, but for those machines that are only rented."""
    if "google.colab" in sys.modules or "COLAB_RELEASE_TAG" in os.environ:
        return "Colab"
    if "KAGGLE_KERNEL_RUN_TYPE" in os.environ:
        return "Kaggle"
    marimo = sys.modules.get("marimo")
    if marimo is not None and marimo.running_in_notebook():
        return "marimo"
    if "ipykernel" in sys.modules and _in_kernel():
        if "VSCODE_PID" in os.environ or "VSCODE_CWD" in os.environ:
            return "VS Code"
        return _jupyter()
    return "IPython" if _shell() is not None else "Python"


def _shell() -> object | None:
    shell = sys.modules.get("IPython")
    return shell.get_ipython() if shell is not None else None


def _in_kernel() -> bool:
    return hasattr(_shell(), "kernel") or "JPY_PARENT_PID" in os.environ


def _jupyter() -> str:
    """Tell JupyterLab from Notebook by the server that started the kernel, where that can be seen."""
    import psutil  # noqa: PLC0415 - only the doctor asks

    try:
        command = " ".join(psutil.Process(int(os.environ["JPY_PARENT_PID"])).cmdline()).lower()
    except (KeyError, ValueError, psutil.Error):
        return "Jupyter"
    if "jupyter-notebook" in command or "notebook" in command.rsplit("-m ", maxsplit=1)[-1].split(" ")[0]:
        return "Notebook 7"
    return "JupyterLab" if "jupyter-lab" in command or "jupyterlab" in command else "Jupyter"
