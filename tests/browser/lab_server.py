"""A JupyterLab server of the test's own: random port and token, throw-away folders, kernels ended with it."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import psutil

SOURCES = Path(__file__).resolve().parents[2] / "src"
START_LIMIT = 90.0  # seconds
STOP_LIMIT = 15.0
POLL = 0.1  # seconds between two looks at a process that has no way to tell us

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


def free_port() -> int:
    """Ask the system for a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def python_environment() -> dict[str, str]:
    """Return this process's variables, with lorairo's sources importable whether it is installed or not."""
    path = os.pathsep.join(filter(None, [str(SOURCES), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path}


class LabServer:
    """JupyterLab over one folder.

    Parameters
    ----------
    place
        An empty folder; the server's root is ``place / "root"``.
    settings
        JupyterLab settings by plug-in file, over the quiet defaults.
    environment
        Variables for the server and its kernels.
    """

    def __init__(
        self, place: Path, settings: dict[str, Any] | None = None, environment: dict[str, str] | None = None
    ) -> None:
        self.root = place / "root"
        self.root.mkdir(parents=True)
        self.port, self.token = free_port(), secrets.token_hex(16)
        self.log = place / "server.log"
        for name, values in {**QUIET, **(settings or {})}.items():
            file = place / "settings" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values), encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            "--ServerApp.ip=127.0.0.1",
        ]
        command += [
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
            "--LabApp.expose_app_in_browser=True",
        ]
        command += [f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={self.root}"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self.root,
                env={**self._environment(place), **(environment or {})},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._await_start()

    def _environment(self, place: Path) -> dict[str, str]:
        inherited = {
            key: value for key, value in python_environment().items() if not key.startswith("JUPYTER")
        }
        folders = {
            "HOME": "home",
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "IPYTHONDIR": "ipython",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "XDG_CACHE_HOME": "cache",
            "XDG_CONFIG_HOME": "xdg",
            "XDG_DATA_HOME": "xdg-data",
        }
        own = {key: str(place / name) for key, name in folders.items()}
        for folder in own.values():
            Path(folder).mkdir(exist_ok=True)
        return {**inherited, **own, "JUPYTER_PLATFORM_DIRS": "1"}

    def _await_start(self) -> None:
        end = time.monotonic() + START_LIMIT
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                self.ask("api/status")
            except OSError:
                time.sleep(POLL)  # the server has no other sign of being up than its answer
            else:
                return
        self.stop()
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text(encoding='utf-8')[-3000:]}")

    @property
    def base(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, method: str = "GET") -> Any:
        """Send one request to the server's REST interface."""
        url = f"{self.base}/{path}"
        request = urllib.request.Request(url, method=method, headers={"Authorization": f"token {self.token}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            body = answer.read()
        return json.loads(body) if body else None

    def url(self, notebook: Path) -> str:
        """Return the address that opens a notebook in a fresh workspace."""
        path = urllib.parse.quote(notebook.relative_to(self.root).as_posix())
        return f"{self.base}/lab/tree/{path}?token={self.token}&reset"

    def end_kernels(self, folder: Path) -> None:
        """Shut down the kernels of the notebooks in a folder."""
        inside = folder.relative_to(self.root).as_posix() + "/"
        for session in self.ask("api/sessions"):
            if session["path"].startswith(inside):
                self.ask(f"api/sessions/{session['id']}", "DELETE")

    def stop(self) -> None:
        """End the server and whatever it started."""
        try:
            own = psutil.Process(self.process.pid)
            started = own.children(recursive=True)
        except psutil.NoSuchProcess:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        _gone, alive = psutil.wait_procs(started, timeout=2)
        for process in alive:  # a kernel outlives a server that had to be killed
            process.kill()
