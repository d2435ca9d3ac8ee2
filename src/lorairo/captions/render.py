"""The effective caption: what stands in the file a trainer reads, on one line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, get_args

from lorairo.errors import ArgumentError
from lorairo.tags import canonical, render_tag

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lorairo.tags.render import Target

Style = Literal["tags", "prose", "both"]
STYLES: tuple[Style, ...] = get_args(Style)
"""``tags``; ``prose``: the written caption; ``both``: prose, then tags, as sd-scripts joins them."""

_INNER_BLANK = re.compile(r"(?<=[^\s_])[\s_]+(?=[^\s_])")


def single_line(text: str) -> str:
    """Put a text on one line: sd-scripts reads the first only, others take lines for alternatives."""
    return " ".join(text.replace("\0", " ").split())


def has_trigger(text: str, trigger: str) -> bool:
    """Whether a trigger stands in a text as a token of its own.

    ``man`` stands in ``a man, hat`` and neither in ``woman`` nor in ``spider-man``. Case does not matter, and
    blanks and underscores are alike: a tag list may have been written with either.
    """
    pattern = r"[\s_]+".join(map(re.escape, _INNER_BLANK.split(single_line(trigger))))
    return bool(pattern) and re.search(rf"(?<![\w-]){pattern}(?![\w-])", text, re.IGNORECASE) is not None


def render_caption(
    names: Iterable[str] = (),
    text: str | None = None,
    *,
    style: Style = "tags",
    target: Target = "kohya",
    trigger: str | None = None,
    separator: str = ", ",
) -> str:
    """Render the caption of one image.

    Parameters
    ----------
    names
        Its tags: canonical names, in order.
    text
        Its written caption.
    style
        One of `STYLES`.
    target
        How tags are written: one of `lorairo.tags.TARGETS`.
    trigger
        The dataset's trigger, kept as written. It stands first, and once: a tag of the same name is
        dropped, and nothing is put before prose that says it already.
    separator
        Between trigger, prose and tags.

    Returns
    -------
    str
        One line, without a line end; empty when there is nothing to say.

    Raises
    ------
    ArgumentError
        For an unknown style or target.
    """
    if style not in STYLES:
        raise ArgumentError(f"unknown caption style {style!r}: use one of {', '.join(STYLES)}")
    first = single_line(trigger or "")
    owned = {canonical(part) for part in first.split(",")}
    prose = single_line(text or "") if style != "tags" else ""
    chosen = names if style != "prose" else ()
    tags = [render_tag(name, target) for name in dict.fromkeys(chosen) if name not in owned]
    if has_trigger(prose, first):
        first = ""
    return separator.join(part for part in (first, prose, *tags) if part)
