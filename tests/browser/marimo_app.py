"""A marimo app, run as its reader sees it: no code, only outputs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from host_page import HostPage
from server_process import ServerProcess

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator


class MarimoServer(ServerProcess):
    """``marimo run`` over one app.

    Parameters
    ----------
    place
        An empty folder; the app runs in ``place / "root"``.
    app
        The source of the app.
    """

    probe = "health"

    def __init__(self, place: Path, app: str) -> None:
        super().__init__(place)
        (self.root / "app.py").write_text(app, encoding="utf-8")
        command = [sys.executable, "-m", "marimo", "-y", "run", "app.py", "--headless", "--no-token"]
        self.start([*command, "--host", "127.0.0.1", "--port", str(self.port)])


class MarimoPage(HostPage):
    """One session of the app."""

    def open(self) -> None:
        """Open the app; marimo runs it from the top for each page."""
        self.page.goto(self.server.base, wait_until="domcontentloaded")

    def output(self, index: int) -> Locator:
        """Find a widget by its place among the widgets of the app."""
        return self.page.locator("marimo-anywidget").nth(index)
