"""Where an image lies, and the texts that were found beside it when it was imported."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Document:
    """A file that speaks of many pictures: ``metadata.jsonl``, or the metadata JSON of sd-scripts.

    Attributes
    ----------
    file
        Its path below the folder of the import, with forward slashes.
    kind
        ``metadata.jsonl`` or ``kohya.json``.
    rows
        What it says of each picture of the project, byte for byte, by the picture's path in `Place.file`.
    read
        Gives the bytes of the file, or raises an OSError or `lorairo.Error`.
    """

    file: str
    kind: str
    rows: Mapping[str, bytes]
    read: Callable[[], bytes] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Beside:
    """A text beside an image, as it was when last imported.

    Attributes
    ----------
    number
        Earlier numbers come first in the tags of the image.
    file
        Its path below the folder of the import, with forward slashes.
    kind
        ``txt``, ``caption``, ``metadata.jsonl``, ``kohya.json``.
    raw
        Its bytes; of a document those of the line or entry.
    understood
        Whether it could be read as text.
    caption, tags
        What it was understood to say.
    document
        The file of many pictures that it is from.
    """

    number: int
    file: str
    kind: str
    raw: bytes
    understood: bool = True
    caption: str | None = None
    tags: tuple[str, ...] = ()
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an image lies.

    Attributes
    ----------
    path
        Absolute path of a file; None for members of archives and pictures from memory.
    file
        Its path below the folder of the import, with forward slashes.
    beside
        Texts that belong to it.
    """

    path: str | None
    file: str
    beside: tuple[Beside, ...] = ()
