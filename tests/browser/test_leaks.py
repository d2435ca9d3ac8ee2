"""Views come and go: 200 of them leave nothing in the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from bare_host import BarePage
    from playwright.sync_api import CDPSession

WIDGETS = {
    "gallery": "lr.Gallery(view, height=440)",
    "tag-editor": "setattr(view, 'selected', view[:3]) or lr.TagEditor(view)",
    "workbench": "lr.Workbench(view)",
}
VIEWS = 200
WARM = 10  # views that fill what a page keeps for good: fonts, compiled code
SPARE_MEGABYTES = 2.0  # of a heap; as many galleries kept would cost 4 and more

# opens and closes views one after the other, each with its pictures painted
COME_AND_GO = """
async count => {
  const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
  for (let n = 0; n < count; n += 1) {
    const leave = await window.show();
    const root = [...document.querySelectorAll('.lr')].at(-1);
    const shown = () => [...root.querySelectorAll('img')].some(picture => picture.naturalWidth > 0);
    while (!shown()) await frame();
    leave();
  }
}
"""


def counters(session: CDPSession) -> dict[str, float]:
    """Collect garbage, then count what is left in the page."""
    for _ in range(3):  # what a finaliser lets go is found by the next round
        session.send("HeapProfiler.collectGarbage")
    found = session.send("Performance.getMetrics")["metrics"]
    return {metric["name"]: metric["value"] for metric in found}


@pytest.mark.parametrize("kind", sorted(WIDGETS))
def test_views_that_are_closed_leave_nothing_in_the_page(
    open_bare: Callable[..., BarePage], kind: str
) -> None:
    page = open_bare(WIDGETS[kind], "views=0")
    session = page.context.new_cdp_session(page.page)
    session.send("Performance.enable")
    page.frame.evaluate(COME_AND_GO, WARM)
    before = counters(session)
    page.frame.evaluate(COME_AND_GO, VIEWS)
    after = counters(session)
    grown = {name: after[name] - before[name] for name in ("Nodes", "JSEventListeners", "JSHeapUsedSize")}
    assert page.frame.evaluate("() => model.listeners") == 0
    assert grown["Nodes"] < VIEWS / 4, grown
    assert grown["JSEventListeners"] < VIEWS / 4, grown
    assert grown["JSHeapUsedSize"] < SPARE_MEGABYTES * 1024 * 1024, grown
