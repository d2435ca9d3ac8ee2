"""Sentences of models in the tag editor, judged by keyboard and mouse, in light and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect
from test_looks import LUMINANCE, OUTSIDE

import lorairo as lr

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bare_host import BarePage

SAID = "A dog on grass. A watermark is visible in the corner. It runs to the left, ears up."
EDITOR = (
    f"(view.annotate({{'talker': lambda _: {SAID!r}}}, background=False), "
    "view.annotate({'other': lambda _: 'A hound with a red collar. It has long ears.'}, background=False), "
    "setattr(view, 'selected', view.head(1)), lr.TagEditor(view))[-1]"
)


def test_sentences_are_judged_where_the_caption_stands(
    open_bare: Callable[..., BarePage], pictures_folder: Path
) -> None:
    page = open_bare(EDITOR)
    root = page.output(0).get_by_role("region", name="Tags, project")
    shell = page.output(0).locator(".lr").first
    caption = root.get_by_role("textbox", name="Caption", exact=True)
    expect(caption).to_have_value("A hound with a red collar. It has long ears.")
    root.get_by_role("button", name="Sentences", exact=True).click()
    panel = root.get_by_role("region", name="Sentences of models")
    rows = panel.get_by_role("listitem")
    expect(rows).to_have_count(5)
    expect(rows.first).to_be_focused()
    for key in ("ArrowDown", "-", "ArrowDown", "Enter"):
        page.page.keyboard.press(key)
    expect(rows.nth(1)).to_have_attribute("data-state", "struck")
    expect(rows.nth(2)).to_have_attribute("data-state", "accepted")
    expect(caption).to_have_value("A hound with a red collar. A dog on grass.")
    rows.nth(3).get_by_role("button", name="Strike (-)").click()
    expect(rows.nth(3)).to_have_attribute("data-state", "struck")
    for theme in ("light", "dark"):
        page.theme(theme)
        expect(shell).to_have_attribute("data-theme", theme)
        luminance = shell.evaluate(LUMINANCE)
        assert luminance < 0.1 if theme == "dark" else luminance > 0.9
        assert shell.evaluate(OUTSIDE) == []
        page.screenshot(pictures_folder / f"sentences-{theme}.png")
    page.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(root.get_by_role("button", name="Sentences", exact=True)).to_be_focused()
    page.page.keyboard.press("u")
    page.page.set_viewport_size({"width": 380, "height": 900})
    assert shell.evaluate(OUTSIDE) == []
    page.screenshot(pictures_folder / "sentences-narrow.png")
    expect(root.get_by_role("button", name="Redo: struck 1 sentence of 1 image")).to_be_visible()
    with lr.open_project(page.server.root / "project") as project:
        states = project.view().head(1).sentences()["state"].tolist()
    assert sorted(states) == ["", "", "", "accepted", "struck"]
