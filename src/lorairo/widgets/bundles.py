"""The built front end: a script and a style sheet per widget, and the parts that the workbench asks for."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from lorairo.errors import Error
from lorairo.widgets.wire import Answer, Route, WireError

_STATIC = Path(__file__).parent / "static"
PARTS = (
    "filters",
    "tag-editor",
    "caption-panels",
    "model-picker",
    "history",
    "compare",
    "passes",
    "duplicates",
    "embedding-map",
)
"""Bundles that stand in other widgets as panels; they travel when a panel opens for the first time."""


@cache
def bundle(name: str) -> tuple[str, str]:
    """Return script and style of a widget, read once.

    Raises
    ------
    Error
        When the front end is not built.
    """
    try:
        script = (_STATIC / f"{name}.js").read_text(encoding="utf-8")
        style = (_STATIC / f"{name}.css").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise Error(
            f"the widget bundle {name!r} is not built: install lorairo with pip (pip install -e . builds it)"
        ) from error
    return script + "\n", style + "\n"  # the newline keeps anywidget from taking a text for a path


@cache
def digest(name: str) -> str:
    """Return what a page knows a part by: the same digest is the same code."""
    script, style = bundle(name)
    return hashlib.sha256(f"{script}\0{style}".encode()).hexdigest()[:16]


def parts() -> dict[str, str]:
    """Return the digest of each part."""
    return {name: digest(name) for name in PARTS}


def routes(version: Any) -> dict[str, Route]:
    """Return the handler of ``part``; `version` gives the version that every reply carries."""

    def part(payload: dict[str, Any]) -> Answer:
        name = str(payload.get("name", ""))
        if name not in PARTS:
            raise WireError(f"the workbench has no part {name!r}")
        script, style = (text.encode() for text in bundle(name))
        return Answer({"version": version(), "lengths": [len(script), len(style)]}, [script + style])

    return {"part": Route(part)}
