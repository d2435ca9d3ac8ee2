"""Jupyter servers of this user, and whether they can show widgets."""

from __future__ import annotations

import http.client
import json
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

# What JupyterLab must serve before a widget can appear, as the folders of its extensions.
_PARTS = {"anywidget": "anywidget", "ipywidgets": "@jupyter-widgets/jupyterlab-manager"}
_PATIENCE = 3.0  # seconds for one answer of a server on this machine


@dataclass(frozen=True, slots=True)
class Server:
    """A Jupyter server that runs on this machine.

    Attributes
    ----------
    url
        Its address, without the token.
    missing
        Names of the parts it does not serve; None when it does not answer.
    """

    url: str
    missing: tuple[str, ...] | None


def running_servers() -> list[Server]:
    """Ask every running server of this user for the parts that widgets need."""
    found = []
    for url, token in _listed():
        try:
            missing = tuple(name for name, folder in _PARTS.items() if not _serves(url, token, folder))
        except (OSError, http.client.HTTPException):
            found.append(Server(url, None))
        else:
            found.append(Server(url, missing))
    return found


def _listed() -> Iterator[tuple[str, str]]:
    """Read address and token of each server from where Jupyter writes them down."""
    try:
        from jupyter_core.paths import jupyter_runtime_dir  # noqa: PLC0415 - there where a notebook is

        folder = Path(jupyter_runtime_dir())
    except ImportError:
        return
    for file in sorted(folder.glob("jpserver-*.json")):
        try:
            facts = json.loads(file.read_text(encoding="utf-8"))
            alive = _alive(int(facts["pid"]))
        except (OSError, ValueError, KeyError, TypeError):  # it ended meanwhile, or an older Jupyter wrote it
            continue
        if alive and str(facts["url"]).startswith(
            ("http:", "https:")
        ):  # the rest are sockets in the file system
            yield str(facts["url"]), str(facts.get("token", ""))


def _alive(pid: int) -> bool:
    import psutil  # noqa: PLC0415 - costs more than the rest of this module

    return bool(psutil.pid_exists(pid))


def _serves(url: str, token: str, folder: str) -> bool:
    address = urlsplit(url)
    host = address.hostname or "localhost"
    connection: http.client.HTTPConnection
    if address.scheme == "https":
        # Servers on this machine sign their own certificates; nothing secret but their own token is sent.
        context = ssl._create_unverified_context()  # noqa: S323, SLF001
        connection = http.client.HTTPSConnection(host, address.port, timeout=_PATIENCE, context=context)
    else:
        connection = http.client.HTTPConnection(host, address.port, timeout=_PATIENCE)
    try:
        headers = {"Authorization": f"token {token}"} if token else {}
        connection.request(
            "GET", f"{address.path.rstrip('/')}/lab/extensions/{folder}/package.json", headers=headers
        )
        return int(connection.getresponse().status) == http.client.OK
    finally:
        connection.close()
