"""Where images come from: one module per kind of source."""

from lorairo.sources.items import Found, Readable, SourceItem, Table
from lorairo.sources.opening import source_of
from lorairo.sources.reading import INSIDE_PROJECT, read_path

__all__ = ["INSIDE_PROJECT", "Found", "Readable", "SourceItem", "Table", "read_path", "source_of"]
