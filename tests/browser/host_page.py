"""A page of a notebook host, and what it complained about."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Request
    from server_process import ServerProcess

# a fresh Jupyter asks its own server for state that is not there yet, and says so
PROBES = re.compile(r"/(?:api|lab/api)/|favicon")
LOCAL = re.compile(r"^(?:https?|wss?)://127\.0\.0\.1[:/]|^(?:data|blob|about|file|chrome|chrome-extension):")
# scripts of the hosts themselves; a widget's own come from a blob: or from /lab/extensions
HOST_SCRIPTS = re.compile(r"https?://[^\s)]+/static/(?:lab|notebook)/")
FRAME = re.compile(r"(?:https?|blob):[^\s)]+")


def is_own_fault_of_host(error: Error) -> bool:
    """Tell whether every frame of an uncaught error lies in the host's own scripts."""
    frames = FRAME.findall(error.stack or "")
    return bool(frames) and all(HOST_SCRIPTS.match(frame) for frame in frames)


class HostPage(ABC):
    """One page over a server. A subclass says where the output of a cell is.

    Attributes
    ----------
    folder
        A folder of this page alone inside the server's root; its notebooks run there.
    page
        The Playwright page, for everything that has no method here.
    """

    def __init__(
        self, server: ServerProcess, browser: Browser, folder: Path, *, width: int = 1440, height: int = 1000
    ) -> None:
        self.server, self.folder = server, folder
        self._complaints: list[str] = []
        self.context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="light")
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.page.on("console", self._heard)
        self.page.on("pageerror", self._broke)
        self.page.on("request", self._asked)

    def take_complaints(self) -> list[str]:
        """Return, and forget, console errors, uncaught exceptions and requests that leave the machine.

        Requests of the page and of the kernel's side alike.
        """
        told = self._complaints + self.server.attempts()
        self._complaints = []
        return told

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "assert"):
            where = message.location.get("url", "")
            if not (message.text.startswith("Failed to load resource") and PROBES.search(where)):
                self._complaints.append(f"console: {message.text[:500]} ({where})")

    def _broke(self, error: Error) -> None:
        if not is_own_fault_of_host(error):
            self._complaints.append(f"uncaught: {error} {error.stack or ''}"[:1000])

    def _asked(self, request: Request) -> None:
        if not LOCAL.match(request.url):
            self._complaints.append(f"left the machine: {request.url}")

    @abstractmethod
    def output(self, index: int) -> Locator:
        """Find the output of a cell."""

    def show(self, index: int) -> Locator:
        """Bring the output of a cell into the window and return it."""
        self.output(index).scroll_into_view_if_needed()
        return self.output(index)

    def theme(self, name: str) -> None:
        """Switch to the ``light`` or ``dark`` theme, as the person's system asks for it."""
        self.page.emulate_media(color_scheme="dark" if name == "dark" else "light")

    def screenshot(self, file: Path, locator: Locator | None = None) -> Path:
        """Take a picture of the page or of a part of it."""
        (locator or self.page).screenshot(path=str(file), animations="disabled")
        return file

    def close(self) -> None:
        """Close the page and end what ran for it."""
        self.context.close()
        self.server.end_kernels(self.folder)
