"""A host that offers anywidget's model and nothing else, under Colab's conditions, over a real widget."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from host_page import HostPage
from server_process import ServerProcess

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Locator

KERNEL = Path(__file__).resolve().parent / "bare" / "kernel.py"


class BareServer(ServerProcess):
    """A widget and the page that shows it.

    Parameters
    ----------
    place
        A folder; pictures lie in ``place / "root" / "photos"``.
    expression
        Makes the widget of ``lr`` and ``view``.
    protocols
        The protocols the widget claims in its trait and speaks in its answers, where not its own.
    """

    def __init__(self, place: Path, expression: str, protocols: tuple[int, int] | None = None) -> None:
        super().__init__(place)
        numbers = map(str, protocols or ())
        self.start([sys.executable, str(KERNEL), str(self.port), str(self.root), expression, *numbers])

    def end_kernels(self, folder: Path) -> None:
        """End it: it is its page's own."""
        self.stop()


class BarePage(HostPage):
    """The page, with the one model in an iframe."""

    def open(self, query: str = "") -> None:
        """Open it; the query says how buffers arrive, how many views there are, and what gets lost."""
        self.page.goto(f"{self.server.base}/?{query}", wait_until="domcontentloaded")
        self.frame.wait_for_function("() => window.ready")

    @property
    def frame(self) -> Frame:
        """The iframe."""
        return self.page.frames[1]

    def output(self, index: int) -> Locator:
        """Find a view of the model."""
        return self.frame.locator(".view").nth(index)

    def theme(self, name: str) -> None:
        """Mark the document of the output, as Colab does."""
        self.frame.evaluate("name => document.documentElement.setAttribute('theme', name)", name)
