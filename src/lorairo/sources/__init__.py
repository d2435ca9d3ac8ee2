"""Where images come from: one module per kind of source."""

from lorairo.sources.items import Found, Readable, SourceItem, Table
from lorairo.sources.opening import source_of
from lorairo.sources.reading import read_path

__all__ = ["Found", "Readable", "SourceItem", "Table", "read_path", "source_of"]
