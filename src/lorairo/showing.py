"""A view in a notebook without a widget: the static contact sheet, and the way to the gallery."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any, cast

from PIL import Image

from lorairo.plaintext import markup

if TYPE_CHECKING:
    from lorairo.view import View
    from lorairo.widgets.gallery import Gallery

_SHEET_IMAGES = 24
_SHEET_BYTES = 280_000  # with the markup it stays under 300 KB, so notebooks stay small
_CELL = 112
_LATE = 3  # seconds: until then the script and style of a live widget are there


def contact_sheet(view: View) -> str:
    """Draw the first images of a view as static HTML without scripts; all text is escaped."""
    total = len(view)
    ids = view.ids[:_SHEET_IMAGES].tolist()
    thumbnails = view.project.thumbnails_of(ids)
    cells: list[str] = []
    size = 0
    for image_id in ids:
        if image_id not in thumbnails:
            continue
        data = base64.b64encode(thumbnails[image_id]).decode()
        size += len(data)
        if size > _SHEET_BYTES:
            break
        width, height = _fitted(thumbnails[image_id])
        cells.append(
            f'<img alt="image {image_id}" width="{width}" height="{height}" loading="lazy" '
            f'style="border-radius:4px" src="data:image/jpeg;base64,{data}">'
        )
    noun = "image" if total == 1 else "images"
    query = f" · <code>{markup(view.query)}</code>" if view.query else ""
    more = f" · first {len(cells)} shown" if total > len(cells) > 0 else ""
    if not cells:
        cells = [f"<span>{_nothing(view, total)}</span>"]
    return (
        '<div style="font:12px/16px system-ui,sans-serif">'
        f"<p><strong>{total:,}</strong> {noun} in {markup(view.project.name)}{query}{more}</p>"
        f'<div style="display:flex;flex-wrap:wrap;align-items:start;gap:8px">{"".join(cells)}</div></div>'
    )


def late(sheet: str) -> str:
    """Let a sheet appear after a moment, so that a live widget beside it can hide it before it is seen."""
    hidden = "{visibility:hidden;max-height:0}"
    return (
        f"<style>@keyframes lorairo-late{{from{hidden}to{hidden}}}</style>"
        f'<div class="lorairo-sheet" style="overflow:hidden;animation:lorairo-late {_LATE}s">{sheet}</div>'
    )


def _fitted(thumbnail: bytes) -> tuple[int, int]:
    """Fit a picture into a cell by its attributes alone: who shows a notebook of others takes styles away."""
    with Image.open(io.BytesIO(thumbnail)) as picture:
        scale = _CELL / max(picture.size)
        return max(1, round(picture.width * scale)), max(1, round(picture.height * scale))


def _nothing(view: View, total: int) -> str:
    """Say why there is nothing to see."""
    if total:
        return 'None of their files can be read now; if they moved: <code>project.relink("new/place")</code>'
    if len(view.project):
        return "Nothing matches"
    return 'No images yet: <code>project.add("photos/")</code>'


class Showing:
    """Mixed into `View`: how it looks as the last line of a cell."""

    def _repr_html_(self) -> str:
        return contact_sheet(cast("View", self))

    def show(self, **options: Any) -> Gallery:
        """Open the view in a live gallery."""
        from lorairo.widgets.gallery import Gallery  # noqa: PLC0415 - widgets load on use

        return Gallery(cast("View", self), **options)
