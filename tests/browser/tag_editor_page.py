"""A tag editor in a notebook's output, under the keyboard."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from lab import Lab
    from playwright.sync_api import Locator


class EditorPage:
    """One tag editor.

    Parameters
    ----------
    lab
        The page it is on.
    cell
        The cell whose output it is.
    """

    def __init__(self, lab: Lab, cell: int) -> None:
        self.lab, self.page = lab, lab.page
        self.root = lab.output(cell).get_by_role("region", name=re.compile("^Tags, "))
        self.toast = self.root.locator(".lr-toast")
        self.field = self.root.get_by_role("combobox")
        self.caption = self.root.get_by_role("textbox", name="Caption", exact=True)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        """Type a text."""
        self.page.keyboard.type(text)

    def begin(self) -> None:
        """Give the editor the keyboard, as a click beside its controls does."""
        self.root.focus()

    def chips(self, label: str) -> Locator:
        """Find the chips of a list by how its name begins."""
        return self.root.get_by_role("listbox", name=re.compile(label)).get_by_role("option")

    def chip(self, name: str) -> Locator:
        """Find the chip of a tag in the list that shows it."""
        return self.root.locator(f'[data-name="{name}"]').filter(visible=True)

    def expect_chips(self, label: str, *names: str) -> None:
        """Wait until a list has these tags, in this order."""
        expect(self.chips(label).locator(".lr-chip-name")).to_have_text(list(names))

    def expect_toast(self, text: str) -> None:
        """Wait until the toast says something."""
        expect(self.toast).to_contain_text(text)

    def select(self, expression: str, says: str) -> None:
        """Select images from a cell, and wait until the editor has them."""
        self.lab.kernel_exec(f"view.selected = {expression}")
        expect(self.root.get_by_role("button", name=says)).to_be_visible()
        self.begin()

    def ask(self, expression: str) -> Any:
        """Ask the kernel."""
        return json.loads(self.lab.kernel_exec(f"import json; print(json.dumps({expression}))"))
