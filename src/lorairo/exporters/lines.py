"""The line a trainer reads about one image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lorairo.captions import render_caption, single_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lorairo.exporters.options import Form
    from lorairo.tags.render import Target


def line_of(
    names: Sequence[str],
    caption: str | None,
    *,
    form: Form,
    target: Target,
    trigger: str | None,
    separator: str,
) -> str | None:
    """Compose the line; None when there is nothing but the trigger to say.

    Parameters
    ----------
    names, caption
        Tags in order, and the caption variant.
    form
        Which of them the line is made of.
    target, trigger, separator
        As `render_caption` has them.
    """
    tagged = form != "prose" and names
    written = form != "tags" and single_line(caption or "")
    if not (tagged or written):
        return None
    return render_caption(names, caption, style=form, target=target, trigger=trigger, separator=separator)
