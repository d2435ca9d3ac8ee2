"""JupyterLab and Jupyter Notebook as servers of the test's own."""

from __future__ import annotations

import json
import sys
import urllib.parse
from pathlib import Path
from typing import Any

from server_process import ServerProcess

QUIET = {
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    # a browser that saves while a test looks makes pictures differ
    "@jupyterlab/docmanager-extension/plugin.jupyterlab-settings": {"autosave": False},
}
# how a host without subshells behaves (ipykernel 6): a running cell holds up every widget message
WITHOUT_SUBSHELLS = {
    "@jupyterlab/apputils-extension/kernels-settings.jupyterlab-settings": {"commsOverSubshells": "disabled"}
}
LAB = ("jupyterlab", "LabApp", "lab/tree")
NOTEBOOK = ("notebook", "JupyterNotebookApp", "notebooks")


class LabServer(ServerProcess):
    """JupyterLab over one folder.

    Parameters
    ----------
    place
        An empty folder; the server's root is ``place / "root"``.
    settings
        JupyterLab settings by plug-in file, over the quiet defaults.
    app
        `LAB` or `NOTEBOOK`: the module, its settings and where its pages are.
    python
        The interpreter of server and kernels.
    before
        Folders that Python looks into first: packages older than those of the environment.
    kernels
        False for a machine that has none: notebooks are only read there.
    """

    probe = "api/status"

    def __init__(
        self,
        place: Path,
        settings: dict[str, Any] | None = None,
        *,
        app: tuple[str, str, str] = LAB,
        python: Path = Path(sys.executable),
        before: tuple[Path, ...] = (),
        kernels: bool = True,
    ) -> None:
        super().__init__(place)
        module, application, self._pages = app
        for name, values in {**QUIET, **(settings or {})}.items():
            file = place / "settings" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values), encoding="utf-8")
        options = {
            "ServerApp.ip": "127.0.0.1",
            "ServerApp.port": self.port,
            "ServerApp.port_retries": 0,
            "ServerApp.root_dir": self.root,
            "IdentityProvider.token": self.token,
            f"{application}.expose_app_in_browser": True,
        }
        if not kernels:
            options |= {
                "KernelSpecManager.ensure_native_kernel": False,
                "KernelSpecManager.allowed_kernelspecs": "none",
            }
        command = [str(python), "-m", module, "--no-browser", "--allow-root"]
        self.start([*command, *(f"--{key}={value}" for key, value in options.items())], *before)

    def ask(self, path: str, method: str = "GET") -> Any:
        """Send one request to the server's REST interface."""
        body = self.request(path, method)
        return json.loads(body) if body else None

    def url(self, notebook: Path) -> str:
        """Return the address that opens a notebook in a fresh workspace."""
        path = urllib.parse.quote(notebook.relative_to(self.root).as_posix())
        return f"{self.base}/{self._pages}/{path}?token={self.token}&reset"

    def end_kernels(self, folder: Path) -> None:
        """Shut down the kernels of the notebooks in a folder."""
        inside = folder.relative_to(self.root).as_posix() + "/"
        for session in self.ask("api/sessions"):
            if session["path"].startswith(inside):
                self.ask(f"api/sessions/{session['id']}", "DELETE")
