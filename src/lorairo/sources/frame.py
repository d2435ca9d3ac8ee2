"""A DataFrame that names pictures, and perhaps says something about them."""

from __future__ import annotations

from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any, Final

from PIL import Image

from lorairo.errors import ArgumentError
from lorairo.images import Rejected, recognise
from lorairo.sources.files import absolute, find_file
from lorairo.sources.items import Found, Readable, SourceItem
from lorairo.sources.memory import find_images, item_of_bytes

if TYPE_CHECKING:
    import pandas as pd

_PICTURES: Final = ("path", "image", "file_name", "image_path", "file", "filename")
_CAPTIONS: Final = ("caption", "text")
_TAGS: Final = ("tags",)


def find_in_frame(frame: pd.DataFrame) -> Found:
    """Take the pictures a frame names, row by row.

    Parameters
    ----------
    frame
        With a column ``path`` or ``image`` (also ``file_name``, ``image_path``, ``file``, ``filename``) of
        paths, Pillow images, bytes, or ``{"bytes": ..., "path": ...}`` as Hugging Face datasets give them;
        ``caption`` (or ``text``) and ``tags`` (text or lists) may stand beside it.

    Raises
    ------
    ArgumentError
        When there is no such column.
    """
    column = _first(frame, _PICTURES)
    if column is None:
        names = ", ".join(map(str, frame.columns)) or "none"
        raise ArgumentError(f"a frame to add needs a column 'path' or 'image'; it has {names}")
    captions, tags = _first(frame, _CAPTIONS), _first(frame, _TAGS)
    parts: list[Found] = []
    for label, row in zip(frame.index, frame.to_dict("records"), strict=True):
        part = _picture(row[column], f"row {label}")
        for item in part.items:
            item.beside += tuple(_texts(item, row, captions, tags))
        parts.append(part)
    return Found.joined(parts)


def _first(frame: pd.DataFrame, names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in frame.columns), None)


def _picture(value: Any, label: str) -> Found:
    if isinstance(value, dict):
        value = value.get("bytes") or value.get("path")
    if isinstance(value, Image.Image):
        return find_images([value])
    if isinstance(value, (bytes, bytearray)):
        try:
            suffix = f".{recognise(bytes(value)).lower()}"
        except Rejected as error:
            return Found(problems=[(label, error.reason)])
        return Found(items=[item_of_bytes(bytes(value), suffix)])
    if isinstance(value, (str, PathLike)) and str(value):
        return find_file(absolute(value))
    return Found(problems=[(label, f"no picture: {type(value).__name__}")])


def _texts(item: SourceItem, row: dict[Any, Any], captions: str | None, tags: str | None) -> list[Readable]:
    texts: list[Readable] = []
    for column, kind in ((captions, "caption"), (tags, "tags")):
        if column is None:
            continue
        value = row[column]
        if isinstance(value, (list, tuple, set)):
            value = ", ".join(map(str, value))
        if isinstance(value, str) and value.strip():
            data = value.encode("utf-8", "replace")
            texts.append(
                Readable(f"{item.path}#{column}", column, f"frame.{kind}", len(data), 0, partial(bytes, data))
            )
    return texts
