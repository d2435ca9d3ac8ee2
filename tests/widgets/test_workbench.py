"""The workbench's parts travel over the wire, each once per page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lorairo.widgets import bundles

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


@pytest.mark.parametrize("name", bundles.PARTS)
def test_a_part_comes_as_script_and_style(browse: Callable[..., Any], name: str):
    workbench = browse(kind="Workbench")
    hello, _ = workbench.ask("hello", client="c")
    assert set(hello["parts"]) == set(bundles.PARTS)
    ok, buffers = workbench.ask("part", name=name)
    script, style = (
        buffers[0][: ok["lengths"][0]].decode(),
        buffers[0][ok["lengths"][0] :].decode(),
    )
    assert (script, style) == bundles.bundle(name)
    assert "part" in script.rpartition("export")[2]
    assert "var(--" in style


@pytest.mark.parametrize("name", ["../workbench", "gallery", "", None])
def test_nothing_else_can_be_asked_for(browse: Callable[..., Any], name: str | None):
    reply, _ = browse(kind="Workbench").reply("part", name=name)
    assert "has no part" in reply["error"]["message"]


def test_folded_panels_are_remembered_per_project(browse: Callable[..., Any]):
    first = browse(kind="Workbench")
    first.ask("setting", key="panels", value={"filters": True})
    hello, _ = browse(kind="Workbench").ask("hello", client="c")
    assert hello["settings"] == {"filters": True}
