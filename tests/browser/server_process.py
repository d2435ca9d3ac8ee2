"""A server of the test's own: a random port, throw-away folders, and everything it started ended with it."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import psutil

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parents[1] / "src"
START_LIMIT = 90.0  # seconds
STOP_LIMIT = 15.0
POLL = 0.1  # seconds between two looks at a process that has no way to tell us
FOLDERS = {
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


def free_port() -> int:
    """Ask the system for a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def python_environment(*before: Path) -> dict[str, str]:
    """Return this process's variables, with lorairo's sources importable whether it is installed or not.

    Parameters
    ----------
    *before
        Folders that Python looks into first.
    """
    path = [*map(str, before), str(SOURCES), os.environ.get("PYTHONPATH")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))}


class ServerProcess:
    """A Python process that serves pages on this machine and can reach no other.

    Parameters
    ----------
    place
        An empty folder; the server's root is ``place / "root"``.

    Attributes
    ----------
    root
        What it serves; tests put their files there.
    """

    probe = ""  # a path that is answered once the server is up

    def __init__(self, place: Path) -> None:
        self.place, self.root = place, place / "root"
        self.root.mkdir(parents=True, exist_ok=True)
        self.port, self.token = free_port(), secrets.token_hex(16)
        self.log, self._refused = place / "server.log", place / "network.log"

    def start(self, command: list[str], *before: Path, environment: dict[str, str] | None = None) -> None:
        """Start it and wait until it answers.

        Parameters
        ----------
        command
            What to run, in the root.
        *before
            Folders that Python looks into before lorairo's sources.
        environment
            Variables beside those of this process.
        """
        variables = {**self.environment(*before), **(environment or {})}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=self.root, env=variables, stdout=log, stderr=subprocess.STDOUT
            )
        self._await_start()

    def environment(self, *before: Path) -> dict[str, str]:
        """Return the variables it runs with, Jupyter's folders among them."""
        inherited = python_environment(HERE / "network_guard", *before)
        own = {key: str(self.place / name) for key, name in FOLDERS.items()}
        for folder in own.values():
            Path(folder).mkdir(exist_ok=True)
        kept = {key: value for key, value in inherited.items() if not key.startswith("JUPYTER")}
        return {**kept, **own, "JUPYTER_PLATFORM_DIRS": "1", "LORAIRO_NETWORK_LOG": str(self._refused)}

    def _await_start(self) -> None:
        end = time.monotonic() + START_LIMIT
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self.request(self.probe)
            except OSError:
                time.sleep(POLL)  # the server has no other sign of being up than its answer
            else:
                return
        self.stop()
        raise RuntimeError(f"The server did not start:\n{self.log.read_text(encoding='utf-8')[-3000:]}")

    @property
    def base(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self.port}"

    def request(self, path: str, method: str = "GET") -> bytes:
        """Send one request and return the body of the answer."""
        asked = urllib.request.Request(
            f"{self.base}/{path}", method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return bytes(answer.read())

    def attempts(self) -> list[str]:
        """Return, and forget, what the server or a kernel of it tried to reach beyond this machine."""
        if not self._refused.exists():
            return []
        lines = self._refused.read_text(encoding="utf-8").splitlines()
        self._refused.unlink()
        return [f"the kernel's side left the machine: {line}" for line in lines]

    def end_kernels(self, folder: Path) -> None:
        """End what runs for the pages of a folder; a server with kernels does more."""

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
