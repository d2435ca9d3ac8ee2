"""The gallery in a notebook's output, as a person meets it: by role, by name, by what it says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from host_page import HostPage
    from playwright.sync_api import Frame, Locator

# every cell that is in sight shows a decoded picture, or says why not
ALL_PAINTED = """
grid => {
  const box = grid.getBoundingClientRect();
  const cells = [...grid.querySelectorAll('[role=gridcell]')].filter(cell => {
    const {top, bottom, width} = cell.getBoundingClientRect();
    return !cell.hidden && width > 0 && bottom > box.top + 1 && top < box.bottom - 1;
  });
  return cells.length > 0 && cells.every(cell => {
    const picture = cell.querySelector('img');
    const painted = picture && picture.complete && picture.naturalWidth > 0;
    return painted || cell.textContent.includes('Cannot be read');
  });
}
"""


class GalleryPage:
    """One gallery.

    Parameters
    ----------
    lab
        The page it is on.
    cell
        The cell whose output it is.
    """

    def __init__(self, lab: HostPage, cell: int) -> None:
        self.lab, self.index = lab, cell
        self.root = lab.output(cell).get_by_role("region", name=re.compile("^lorairo (gallery|workbench)"))
        self.grid = self.root.get_by_role("grid", name="Images")
        self.search_field = self.root.get_by_label("Search", exact=True)
        self.toast = self.root.locator(".lr-dock .lr-toast")
        self.selection_bar = self.root.get_by_role("toolbar", name="Selection")

    def _frame(self) -> Frame:
        """Find the frame it is in: some hosts give each output one of its own."""
        frame = self.grid.element_handle().owner_frame()
        assert frame is not None
        return frame

    def focus(self) -> None:
        """Bring it into the window and give it the keyboard."""
        self.lab.show(self.index)
        self.grid.focus()

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.lab.page.keyboard.press(key)

    def await_painted(self) -> None:
        """Wait until every cell in sight shows its picture."""
        self.grid.wait_for(state="visible")
        self._frame().wait_for_function(ALL_PAINTED, arg=self.grid.element_handle())

    def cells(self) -> Locator:
        """Find the mounted cells."""
        return self.grid.get_by_role("gridcell")

    def active(self) -> str:
        """Return the accessible name of the active cell."""
        name = self.grid.evaluate(
            """grid => grid.getRootNode()
                .getElementById(grid.getAttribute('aria-activedescendant'))?.ariaLabel ?? ''"""
        )
        return str(name)

    def await_active(self, text: str) -> None:
        """Wait until the active cell's name holds a text."""
        self._frame().wait_for_function(
            """([grid, text]) => grid.getRootNode().getElementById(grid.getAttribute('aria-activedescendant'))
                ?.getAttribute('aria-label')?.includes(text)""",
            arg=[self.grid.element_handle(), text],
        )

    def scroll_to_end(self) -> None:
        """Turn the wheel over the grid until it does not move any more; all pictures come on the way."""
        self.grid.hover()
        bottom = "grid => grid.scrollTop + grid.clientHeight >= grid.scrollHeight - 1"
        while not self.grid.evaluate(bottom):
            before = self.grid.evaluate("grid => grid.scrollTop")
            self.lab.page.mouse.wheel(0, 600)
            self._frame().wait_for_function(
                "([grid, before]) => grid.scrollTop > before", arg=[self.grid.element_handle(), before]
            )
        self.await_painted()

    def search(self, query: str) -> None:
        """Type a query after `/`, as the keyboard sheet says, and go back to the pictures."""
        self.press("/")
        expect(self.search_field).to_be_focused()
        self.search_field.fill(query)
        self.press("Enter")

    def expect_count(self, text: str) -> None:
        """Wait until the search field says how many there are."""
        expect(self.root.locator(".lr-search-counts")).to_have_text(text)

    def select_first(self, count: int) -> None:
        """Select the first images with the keyboard alone."""
        self.focus()
        self.press("Home", "Space")
        self.press(*["Shift+ArrowRight"] * (count - 1))
        expect(self.selection_bar).to_contain_text(f"{count:,} selected")

    def add_tag(self, tag: str) -> None:
        """Press T, type a tag, confirm."""
        self.press("t")
        field = self.root.get_by_label(re.compile("^Tag for "))
        expect(field).to_be_focused()
        field.fill(tag)
        self.press("Shift+Enter")

    def expect_toast(self, text: str) -> None:
        """Wait until the toast says something."""
        expect(self.toast).to_contain_text(text)
